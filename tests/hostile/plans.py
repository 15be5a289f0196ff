"""Plans: schedules.yaml and what it includes, as YAML that is bent, and as a plan that asks for too much."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.hostile.causes import Bench, Case, Family, Seen, write
from tests.hostile.workspaces import BODIES, CAMPAIGNS, CHANNELS, PLAN, SCHEDULES, TOP, checked, furnish


def judge(case: Case, bench: Bench) -> Seen:
    """The workspace with this plan."""
    furnish(bench.folder)
    write(case, bench.folder if callable(case) else bench.folder / "schedules.yaml")
    return checked(bench.folder)


PLANS = Family("plans", judge)


def files(**texts: str | bytes) -> Callable[[Path], None]:
    """A plan of several files: `schedules` is the first, the others are as they are named."""

    def lay_out(folder: Path) -> None:
        for name, text in texts.items():
            (folder / f"{name}.yaml").write_bytes(text.encode() if isinstance(text, str) else text)

    return lay_out


def schedule(text: str) -> bytes:
    """A plan with one schedule more."""
    return f"{PLAN}      x: {{content: ./, to: hop, {text}}}\n".encode()


def campaign(text: str) -> bytes:
    """A plan whose campaign has one key more."""
    return (
        TOP + BODIES + CHANNELS + CAMPAIGNS.replace("    schedules:\n", f"    {text}\n    schedules:\n") + SCHEDULES
    ).encode()


# What is not YAML, or not all of it


@PLANS.refused
def bytes_that_are_no_text(chance: Random) -> Iterator[Case]:
    """A decoder may fail far from where anybody expects it."""
    for _ in range(4):
        yield chance.randbytes(2_000)
    yield b"timezone: " + b"\xff" * 100
    yield PLAN.encode("utf-16")
    yield PLAN.encode("utf-32-le")
    yield PLAN.encode() + "Đắk".encode("latin-1", "ignore") + b"\xc3"


@PLANS.refused
def signs_that_nobody_sees(chance: Random) -> Iterator[Case]:
    """Two readers of one file see two plans; a terminal obeys what it should show."""
    for sign in ("\0", "\x1b[2J", "\x85", "\u2028", "\ufeff", "\x7f"):
        yield PLAN.replace("Chiến", f"Chi{sign}ến").encode()


@PLANS.refused
def brackets_without_end(chance: Random) -> Iterator[Case]:
    """Every bracket is a call within a call, until the stack is full."""
    for piece in ("[", "{a: ", "- ", "? ", "[{", "- - "):
        yield (TOP + "facts: " + piece * (900_000 // len(piece))).encode()


@PLANS.refused
def aliases_that_multiply(chance: Random) -> Iterator[Case]:
    """A thousand million values fit into a few lines when each line names the one above it twice."""
    for width in (2, 9):
        lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, 45)]
        yield ("a0: &a0 [x, x]\n" + "\n".join(lines)).encode()
    yield b"a: &a {b: *a}\n"
    yield b"a: &a [*b]\nb: &b [*a]\n"


@PLANS.refused
def tags_that_make_objects(chance: Random) -> Iterator[Case]:
    """A careless reader builds whatever object a tag names, a command that runs among them."""
    for tag in (
        "!!python/object/apply:os.system ['touch hacked']", "!!python/name:os.system",
        "!!python/object/new:subprocess.Popen [[touch, hacked]]", "!!binary aGFja2Vk", "!include /etc/passwd",
        "!ENV ${CANARY_PASSWORD}", "!<tag:yaml.org,2002:python/none> x",
    ):  # fmt: skip
        yield campaign(f"document: {tag}")


@PLANS.refused
def a_tag_that_lies(chance: Random) -> Iterator[Case]:
    """What says that it is a number and is none fails where numbers are reckoned with."""
    for value in ("!!int abc", "!!float ''", "!!bool 7", "!!map []", "!!seq {}", "!!null x"):
        yield campaign(f"facts: {{a: {value}}}")


@PLANS.refused
def many_directives(chance: Random) -> Iterator[Case]:
    """A parser that looks through all earlier directives at each new one takes half a minute."""
    yield "".join(f"%TAG !a{n}! !\n" for n in range(60_000)).encode()
    yield b"%YAML 1.2\n%TAG ! tag:evil,2022:\n---\n" + PLAN.encode()
    yield b"%YAML 9.9\n---\n" + PLAN.encode()


@PLANS.refused
def a_second_document(chance: Random) -> Iterator[Case]:
    """What is checked is the first document, what is read the second."""
    yield f"{PLAN}---\n{PLAN}".encode()
    yield f"{PLAN}...\n{PLAN}".encode()
    yield f"---\n{PLAN}--- # \n".encode()


@PLANS.refused
def keys_written_twice(chance: Random) -> Iterator[Case]:
    """One reader takes the first, another the last: a review sees another plan than the program."""
    yield PLAN.replace("timezone:", "timezone: UTC\ntimezone:").encode()
    yield PLAN.replace("kind: inbox", "kind: telegram, kind: inbox").encode()
    yield files(schedules=f"include: [b.yaml]\n{PLAN}", b=BODIES)
    yield PLAN.replace("  so:", '  "so": {name: x}\n  so:').encode()


@PLANS.refused
def merged_keys(chance: Random) -> Iterator[Case]:
    """A merge brings in settings that do not stand where they are looked for."""
    yield PLAN.replace("{kind: inbox,", "{<<: {kind: telegram}, kind: inbox,").encode()
    yield PLAN.replace("agencies:\n", "agencies:\n  <<: {x: {name: y}}\n").encode()


@PLANS.refused
def keys_that_are_no_text(chance: Random) -> Iterator[Case]:
    """A number, a list or nothing as a key is found by none of the names that are looked up."""
    for key in ("1", "[a, b]", "{a: b}", "~", "true", "1.5", "? x"):
        yield (TOP + f"agencies:\n  {key}: {{name: x}}\n" + CAMPAIGNS + "      {}\n").encode()


@PLANS.refused
def numbers_without_end(chance: Random) -> Iterator[Case]:
    """Reading a number of a million digits takes minutes."""
    for digits in ("9" * 1_000_000, "0x" + "f" * 400_000, "1." + "3" * 500_000, "1e" + "9" * 400, ".inf", ".nan"):
        yield campaign(f"facts: {{a: {digits}}}")
    yield schedule(f"at: 08:00, limit: {'9' * 200}")


@PLANS.refused
def a_file_that_is_too_large(chance: Random) -> Iterator[Case]:
    """A file of gigabytes is read before anybody asks how large it is."""
    yield PLAN.encode() + b"#" * (2 * 1024 * 1024)
    yield lambda folder: _sparse(folder / "schedules.yaml", 20)
    yield lambda folder: _sparse(folder / "schedules.yaml", 64)


def _sparse(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)


@PLANS.refused
def many_values(chance: Random) -> Iterator[Case]:
    """Each value costs a hundred times its two letters."""
    yield (TOP + "facts: [" + "a," * 700_000 + "]").encode()
    yield (TOP + "facts:\n" + "- a\n" * 450_000).encode()
    yield (TOP + "a: b\n" * 300_000).encode()


# Paths


@PLANS.refused
def includes_that_climb(chance: Random) -> Iterator[Case]:
    """What lies beside the workspace is no part of the plan, and may be secret."""
    for path in (
        "../outside/plan.yaml", "../../outside/plan.yaml", "/etc/passwd", "a/../../outside/plan.yaml",
        "..\\\\outside\\\\plan.yaml", "C:/plan.yaml", "//outside/plan.yaml", "file:///etc/passwd",
        "./../../outside/plan.yaml", "/proc/self/environ",
    ):  # fmt: skip
        yield f'include: ["{path}"]\n{PLAN}'.encode()


@PLANS.refused
def includes_that_go_round(chance: Random) -> Iterator[Case]:
    """Reading would never end."""
    yield f"include: [schedules.yaml]\n{PLAN}".encode()
    yield files(schedules=f"include: [b.yaml]\n{PLAN}", b="include: [schedules.yaml]\n")
    yield files(schedules=f"include: [b.yaml]\n{PLAN}", b="include: [c.yaml]\n", c="include: [./b.yaml]\n")


@PLANS.refused
def contents_that_climb(chance: Random) -> Iterator[Case]:
    """A message from another folder is published as one's own."""
    for path in (
        "../../../outside/message.md", "/etc/hostname", "../d/", "a/../../b.md", "~/x.md", "..\\\\x.md", "C:x.md",
        "./../x/",
    ):  # fmt: skip
        yield f'{PLAN}      x: {{content: "{path}", at: 08:00, to: hop}}\n'.encode()


# What a plan asks for


@PLANS.refused
def times_that_do_not_exist(chance: Random) -> Iterator[Case]:
    """A day that no month has, an hour beyond the day: sums of dates overflow."""
    for text in (
        "at: '24:00'", "at: '99:99'", "at: 08:00, days: 2022-02-30", "at: 08:00, days: 0000-00-00",
        "at: 08:00, from: 9999-12-31", "at: 08:00, until: 0001-01-01", "at: 08:00, days: 32", "at: 08:00, days: -1",
        "at: 08:00, every: 0 days", "at: 08:00, every: 99999999999 weeks", "at: 08:00, days: 6th mon",
        "at: 08:00, except: 2022-02-16..2022-02-14",
    ):  # fmt: skip
        yield schedule(text)


@PLANS.refused
def lengths_without_end(chance: Random) -> Iterator[Case]:
    """A grace of a million years is one beyond the calendar."""
    for text in (
        "spread: 999999 weeks", "rest: 3661 days", "late: {grace: 999999 w}", "spread: -5m",
        "spread: 99999999999999999999 h", "rest: 1e9 d",
    ):  # fmt: skip
        yield schedule(f"at: 08:00, {text}")


@PLANS.refused
def days_that_cron_does_not_know(chance: Random) -> Iterator[Case]:
    """A search for a day that never comes has no end."""
    for text in (
        "* * 31 2 *", "61 * * * *", "* * * * 9", "*/0 * * * *", "5-1-9 * * * *", "² * * * *", "@reboot", "* * * * * *",
        "a b c d e", "1-99999999999 * * * *",
    ):  # fmt: skip
        yield schedule(f"cron: '{text}'")


@PLANS.taken
def days_that_cron_hardly_knows(chance: Random) -> Iterator[Case]:
    """Lists and steps that are long, or reach beyond what they divide."""
    for text in ("*/99999999 * * * *", ",".join(["1"] * 10_000) + " * * * *", "0 0 29 2 1#5", "0 0 30 2 1#1"):
        yield schedule(f"cron: '{text}'")


@PLANS.refused
def time_zones_that_are_files(chance: Random) -> Iterator[Case]:
    """The name of a zone is a path below a folder of the system."""
    for name in (
        "../../../../etc/passwd", "/etc/passwd", "Asia", ".", "..", "tzdata.zi", "zone.tab", "Asia/../../etc/hostname",
    ):  # fmt: skip
        yield PLAN.replace("Asia/Ho_Chi_Minh", name).encode()


@PLANS.refused
def calendars_that_are_names_of_code(chance: Random) -> Iterator[Case]:
    """The name of a country is looked up among the names of a library."""
    for name in ("__class__", "country_holidays", "date", "os", "list_supported_countries", "VN.__init__", "XX"):
        yield PLAN.replace("holidays: VN", f"holidays: {name}").encode()


@PLANS.refused
def names_that_are_no_names(chance: Random) -> Iterator[Case]:
    """Names go into addresses and the names of folders."""
    for name in ("../x", "a/b", ".", "-rf", "x" * 64, "SO", "a b", "<script>", "$(id)", "%2e%2e", "''"):
        yield PLAN.replace("  hop:", f'  "{name}":').replace("[hop,", f'["{name}",').encode()


@PLANS.refused
def bodies_that_stand_above_themselves(chance: Random) -> Iterator[Case]:
    """Whoever follows the line upwards never arrives."""
    yield PLAN.replace("{name: Sở Thông tin}", "{name: Sở, parent: so}").encode()
    yield PLAN.replace("{name: Sở Thông tin}", "{name: Sở, parent: b}\n  b: {name: B, parent: so}").encode()


@PLANS.refused
def groups_that_hold_themselves(chance: Random) -> Iterator[Case]:
    """Whoever unfolds them never ends."""
    yield f"{PLAN}groups: {{g: [g]}}\n".encode()
    yield f"{PLAN}groups: {{a: [b], b: [c], c: [a, hop]}}\n".encode()
    yield f"{PLAN}groups: {{hop: [tg], g: []}}\n".encode()


@PLANS.refused
def hosts_that_open_everything(chance: Random) -> Iterator[Case]:
    """A host that is allowed by a pattern lets feeds into the whole inside network."""
    for host in ("*", "*.example.vn", "10.0.0.0/8", "http://a.vn", "a.vn/x", "", "a b", "..", "a.vn:99999"):
        yield f'allow_hosts: ["{host}"]\n{PLAN}'.encode()


@PLANS.refused
def facts_that_hide_names(chance: Random) -> Iterator[Case]:
    """A fact of the name of something else shows other words than the approver saw."""
    for name in ("facts", "campaign", "agency", "channel", "occurrence"):
        yield PLAN.replace("facts: {", f"facts: {{{name}: x, ").encode()
