"""Messages: front matter that is bent, texts that are more than texts, images that are named and are none."""

from collections.abc import Iterator
from random import Random

from tests.hostile.causes import Bench, Case, Family, Seen, write
from tests.hostile.workspaces import CAMPAIGN, checked, furnish


def judge(case: Case, bench: Bench) -> Seen:
    """The workspace with this message, which goes to a channel of every kind."""
    campaign = furnish(bench.folder)
    (campaign / "0.md").unlink()
    write(case, bench.folder / CAMPAIGN / "1.md")
    return checked(bench.folder)


MESSAGES = Family("messages", judge)


def front(text: str, body: str = "Nội dung.") -> bytes:
    """A message with more front matter."""
    return f"---\ntitle: Khai mạc\n{text}\n---\n{body}\n".encode()


def body(text: str) -> bytes:
    """A message with this text."""
    return front("author: Lan", text)


# The file


@MESSAGES.refused
def files_that_are_no_text(chance: Random) -> Iterator[Case]:
    """A decoder may fail far from where anybody expects it."""
    yield b""
    yield b"\0" * 1_000
    yield chance.randbytes(5_000)
    yield front("author: Lan").decode().encode("utf-16")
    yield front("author: Lan") + b"\xff\xfe"
    yield b"---\ntitle: \xed\xa0\x80\n---\nx\n"


@MESSAGES.refused
def front_matter_without_an_end(chance: Random) -> Iterator[Case]:
    """What has no end is searched for it to the end."""
    yield b"---\n" + b"a: b\n" * 40_000
    yield b"---\ntitle: x\n"
    yield b"---"
    yield b"--- \n" * 50_000
    yield b"-" * 200_000


@MESSAGES.refused
def files_that_are_too_large(chance: Random) -> Iterator[Case]:
    """A text of gigabytes is read before anybody asks how large it is."""
    yield body("x" * (1024 * 1024))
    yield body("\n" * (1024 * 1024))
    yield body("ấ" * (400 * 1024))


# The front matter


@MESSAGES.refused
def front_matter_that_makes_objects(chance: Random) -> Iterator[Case]:
    """A careless reader builds whatever object a tag names."""
    yield front("author: !!python/object/apply:os.getenv [CANARY_PASSWORD]")
    yield front("summary: !!python/name:os.system")
    yield front("<<: {author: x}")
    yield front("author: &a [*a]")


@MESSAGES.refused
def front_matter_that_multiplies(chance: Random) -> Iterator[Case]:
    """A thousand million values in a few lines."""
    lines = "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))
    yield front(f"a0: &a0 [x]\n{lines}")
    yield front("tags: " + "[" * 5_000)


@MESSAGES.refused
def keys_of_the_program(chance: Random) -> Iterator[Case]:
    """A key that names a part of the program replaces it."""
    for key in ("source", "body", "sha256", "__class__", "model_config", "own", "file", "key", "texts", "approver"):
        yield front(f"{key}: x")


@MESSAGES.refused
def values_of_another_kind(chance: Random) -> Iterator[Case]:
    """A list where a text is expected is printed as a list, or fails where the text is sent."""
    for line in (
        "summary: [a, b]", "author: {name: x}", "tags: {a: b}", "tags: [[a]]", "date: [2022]", "link: 7", "lang: 1",
        "image: x.png", "image: {file: x.png}", "priority: highest", "for: x", "for: {web: [x]}", "expires: soon",
    ):  # fmt: skip
        yield front(line)
    yield b"---\n- title\n---\nx\n"
    yield b"---\ntitle\n---\nx\n"


@MESSAGES.refused
def moments_beyond_the_calendar(chance: Random) -> Iterator[Case]:
    """Sums of dates overflow at the ends of the calendar."""
    for moment in (
        "0000-00-00", "9999-12-31", "2022-02-30", "2022-02-14 25:61", "2022-02-14T08:00:00+99:99", "-1",
        "2022-02-14T08:00-24:00",
    ):  # fmt: skip
        yield front(f"date: '{moment}'")
        yield front(f"expires: '{moment}'")


@MESSAGES.refused
def addresses_that_run(chance: Random) -> Iterator[Case]:
    """The link below a post leads where its reader did not want to go."""
    for link in (
        "javascript:alert(1)", "data:text/html,<script>x</script>", "file:///etc/passwd", "//evil.example/x", "x",
        "http://", "https://[::1", "http://a b.vn/", "https://user:geheim@so.example.vn/", "http://a.vn:99999/",
        "vbscript:x", "http:evil.example",
    ):  # fmt: skip
        yield front(f"link: '{link}'")


@MESSAGES.refused
def images_that_climb(chance: Random) -> Iterator[Case]:
    """A picture from outside of the campaign is published with its secret."""
    for path in (
        "../../../outside/picture.gif", "/etc/hostname.png", "a/../../../../outside/picture.gif", "..\\\\x.png",
        "C:/x.png", "http://evil.example/x.png", "x.svg", "x", "", "~/x.png", "./..//x.png", "x.png/../../y.png",
    ):  # fmt: skip
        yield front(f'image: {{file: "{path}", alt: x}}')


@MESSAGES.refused
def facts_in_what_is_published_as_it_stands(chance: Random) -> Iterator[Case]:
    """A template in a title would be published as its own source."""
    for line in (
        "summary: '{{ hotline }}'", "author: '{% x %}'", "tags: ['{# x #}']", "image: {file: a.png, alt: '{{ x }}'}",
    ):  # fmt: skip
        yield front(line)


@MESSAGES.taken
def markup_in_what_is_published_as_it_stands(chance: Random) -> Iterator[Case]:
    """A title is shown on pages, in feeds, in terminals and in chats, each with signs of its own."""
    for text in (
        "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "'\\\"><svg/onload=x>", "]]>",
        "[a](javascript:x)", "=cmd|' /C calc'!A0", "${CANARY_PASSWORD}", "$(id)", "%s%n%x", "&lt;b&gt;&#x3c;", "*_~`|",
    ):  # fmt: skip
        yield f'---\ntitle: "{text}"\nsummary: "{text}"\nauthor: "{text}"\ntags: ["{text}"]\n---\nx\n'.encode()


# The text


@MESSAGES.refused
def texts_that_reach_for_more(chance: Random) -> Iterator[Case]:
    """A template that reads more than its facts reads secrets."""
    for text in (
        "{{ environ }}", "{{ config }}", "{{ ''.__class__ }}", "{{ channel.token }}", "{{ channel.password }}",
        "{{ agency.__init__.__globals__ }}", "{% include '/etc/passwd' %}", "{% import 'os' as os %}",
        "{{ self._TemplateReference__context }}", "{{ request }}", "{% extends '../../outside/message.md' %}",
        "{{ cycler.__init__.__globals__.os.environ }}",
    ):  # fmt: skip
        yield body(text)


@MESSAGES.refused
def texts_that_are_no_templates(chance: Random) -> Iterator[Case]:
    """A parser that is left in the middle of something says where, or fails."""
    for text in (
        "{{", "{% if", "{% for x in %}", "{{ }}", "{% endfor %}", "{{ a b }}", "{#", "{% raw %}",
        "{{ '" + "x" * 10_000, "{% macro %}",
    ):  # fmt: skip
        yield body(text)


@MESSAGES.refused
def texts_that_say_nothing(chance: Random) -> Iterator[Case]:
    """An empty post is published, or a channel refuses it at eight in the morning."""
    for text in ("", " \n\t\n", "{# x #}", "{{ '' }}", "{% if false %}x{% endif %}", "\u00a0\u3000"):
        yield body(text)


@MESSAGES.endured
def texts_without_a_gap(chance: Random) -> Iterator[Case]:
    """What cannot be divided is divided nowhere, or letter by letter in the square of the time."""
    yield body("x" * 100_000)
    yield body("Ấ" * 60_000)
    yield body("🇻🇳" * 20_000)
    yield body("a\u200b" * 30_000)


@MESSAGES.endured
def texts_of_many_paragraphs(chance: Random) -> Iterator[Case]:
    """Each is little, all together fill a chat with a thousand messages and a script with a thousand pages."""
    yield body("a\n\n" * 5_000)
    yield body("- a\n" * 5_000)
    yield body("| a |\n|-|\n" * 2_500)
    yield body("# a\n" * 5_000)


@MESSAGES.refused
def texts_that_run_backwards(chance: Random) -> Iterator[Case]:
    """Marks of direction, and a terminal's controls, show an approver other words than the public gets."""
    yield body("Gọi \u202e3453 3453 1620\u202c ngay.")
    yield body("\u2066\u2067\u2068" * 500 + "x")
    yield body("Gọi\x1b[8m 3453")
    for sign in (r"\u202e", r"\e[8m", r"\x9b31m", r"\a", r"\0"):
        yield f'---\ntitle: "a{sign}b"\n---\nx\n'.encode()


@MESSAGES.taken
def marks_of_direction_that_turn_nothing(chance: Random) -> Iterator[Case]:
    """Some languages need them."""
    yield body("a\u200f" * 5_000)


@MESSAGES.taken
def texts_for_one_channel_alone(chance: Random) -> Iterator[Case]:
    """A text of its own goes to a channel past the eyes that looked at the other."""
    yield front("for: {web: '<script>x</script>', telegram: '</b><a href=x>', hop: '{{ hotline }}', nobody: 'x'}")
    yield front("for: {" + ", ".join(f"k{n}: x" for n in range(2_000)) + "}")


@MESSAGES.taken
def marks_piled_on_a_letter(chance: Random) -> Iterator[Case]:
    """To put the marks on a letter into their order takes the square of their number."""
    yield body("a" + "\u0301" * 40_000 + "\u0323" * 40_000)
    yield body("\u0323\u0301" * 40_000)
    yield body("Đắk " + "o\u0306\u0323" * 500)
    yield front("summary: a" + "\u0301" * 9_000 + "\u0323" * 9_000)
