"""Settings of channels: keys that stand in the open, addresses that lead elsewhere, names that become headers."""

from collections.abc import Iterator
from random import Random

from tests.hostile.causes import PASSWORD, TOKEN, Bench, Case, Family, Seen, write
from tests.hostile.workspaces import CHANNELS, PLAN, checked, furnish

_WEB = '{kind: wordpress, agency: so, url: "https://so.example.vn", username: u, password: "${CANARY_PASSWORD}"'


def judge(case: Case, bench: Bench) -> Seen:
    """The workspace with these channels in a file of their own."""
    furnish(bench.folder, "include: [channels.yaml]\n" + PLAN.replace(CHANNELS, ""))
    write(case, bench.folder / "channels.yaml")
    return checked(bench.folder)


SETTINGS = Family("settings", judge)


def web(**settings: str) -> bytes:
    """The channels, the website with other settings."""
    values = {"url": '"https://so.example.vn"', "username": "u", "password": '"${CANARY_PASSWORD}"', **settings}
    listed = ", ".join(f"{name}: {value}" for name, value in values.items())
    return _with("web", f"{{kind: wordpress, agency: so, {listed}}}")


def chat(**settings: str) -> bytes:
    """The channels, the chat with other settings."""
    values = {"chat": '"@kenh_so"', "token": '"${CANARY_TOKEN}"', **settings}
    listed = ", ".join(f"{name}: {value}" for name, value in values.items())
    return _with("tg", f"{{kind: telegram, agency: so, {listed}}}")


def station(**settings: str) -> bytes:
    """The channels, the loudspeaker with other settings."""
    listed = ", ".join(f"{name}: {value}" for name, value in {"sessions": "[05:15]", **settings}.items())
    return _with("loa", f"{{kind: loudspeaker, agency: so, {listed}}}")


def _with(name: str, settings: str) -> bytes:
    lines = [f"  {name}: {settings}" if line.startswith(f"  {name}:") else line for line in CHANNELS.splitlines()]
    return ("\n".join(lines) + "\n").encode()


@SETTINGS.refused
def keys_in_the_open(chance: Random) -> Iterator[Case]:
    """A key that somebody typed into the file is repeated by the error about it."""
    for value in (
        PASSWORD, f'"{PASSWORD}"', f"[{PASSWORD}]", f"{{value: {PASSWORD}}}", f"'${{{PASSWORD}'", f"|\n    {PASSWORD}",
        f"!{PASSWORD.split()[0]} {PASSWORD}", f"&x {PASSWORD}",
    ):  # fmt: skip
        yield web(password=value)
        yield web(username=value, password=value) if value == PASSWORD else web(password=f"{value} ")
    yield chat(token=TOKEN)
    yield chat(token=f'"{TOKEN}"')
    yield chat(token=f"'{TOKEN}")


@SETTINGS.refused
def keys_in_addresses(chance: Random) -> Iterator[Case]:
    """A key in an address is shown wherever the address is."""
    for url in (
        f"https://u:{TOKEN}@so.example.vn", f"https://{TOKEN}@so.example.vn", f"ftp://u:{TOKEN}@a.vn",
        f"https://u:{TOKEN}@[x", f"http://u:{TOKEN}@a.vn:99999",
    ):  # fmt: skip
        yield web(url=f'"{url}"')
        yield chat(api=f'"{url}"')


@SETTINGS.refused
def references_that_are_none(chance: Random) -> Iterator[Case]:
    """A reference that a shell would read otherwise, or that names the wrong thing."""
    for value in (
        "${}", "${A B}", "$CANARY_PASSWORD", "${CANARY_PASSWORD:-x}", "${CANARY_PASSWORD}x", "{{ CANARY_PASSWORD }}",
        "${env:CANARY_PASSWORD}", "${CANARY_PASSWORD}${CANARY_TOKEN}", "%CANARY_PASSWORD%", "`cat x`", "${Ấ}", "${1}",
    ):  # fmt: skip
        yield web(password=f'"{value}"')


@SETTINGS.refused
def addresses_that_are_none(chance: Random) -> Iterator[Case]:
    """An address that one reader takes to one host, and another to another."""
    for url in (
        "so.example.vn", "//so.example.vn", "javascript:x", "file:///etc/passwd", "https://", "https://:80",
        "https://a b.vn", "https://a.vn:0x50", "https://a.vn:99999", "https:// a.vn", "https://good.vn\\\\@evil.vn",
        "https://a.vn/?x", "https://a.vn/#x", "https://a.vn/wp-admin/", "unix:/var/run/docker.sock", "https://[::1",
        "",
    ):  # fmt: skip
        yield web(url=f'"{url}"')


@SETTINGS.refused
def chats_that_are_none(chance: Random) -> Iterator[Case]:
    """The name of a chat becomes a part of an address."""
    for value in (
        "kenh", "@", "@a/../b", "@a b", "@" + "x" * 33, "0", "-0", "1e9", "true", "@kênh", "[1]", "https://t.me/kenh",
        "9" * 20, "@a?b=c",
    ):  # fmt: skip
        yield chat(chat=f'"{value}"' if value not in ("true", "[1]") else value)


@SETTINGS.refused
def stations_that_cannot_be(chance: Random) -> Iterator[Case]:
    """No session, a session that no clock shows, a script that is ready before it is written."""
    for settings in (
        {"sessions": "[]"}, {"sessions": "['24:00']"}, {"sessions": "[05:15:00]"}, {"ready": "-1h"},
        {"ready": "99999 weeks"}, {"length": "0x10"}, {"syllables_per_minute": "0"}, {"syllables_per_minute": "1e9"},
        {"sessions": "05:15"}, {"sessions": "{a: b}"}, {"rate": "0/second"}, {"rate": "1/0"},
        {"rate": "9999999/second"},
    ):  # fmt: skip
        yield station(**settings)


@SETTINGS.refused
def settings_of_the_program(chance: Random) -> Iterator[Case]:
    """A key that names a part of the program replaces it."""
    for key in (
        "name", "format", "limits", "settling", "model_config", "_pages", "public_steps", "secrets", "publish",
        "__class__", "effective_rate",
    ):  # fmt: skip
        yield web(**{key: "x"})
    yield chat(_pages="x")


@SETTINGS.refused
def kinds_that_are_none(chance: Random) -> Iterator[Case]:
    """A kind is looked up by its name; not every name of code is a kind."""
    for kind in (
        "Channel", "channels.inbox", "__import__", "../inbox", "", "[inbox]", "~", "INBOX", "inbox;", "webhook",
    ):  # fmt: skip
        yield _with("hop", f"{{kind: {kind or chr(39) * 2}, agency: so}}")


@SETTINGS.endured
def names_that_become_headers(chance: Random) -> Iterator[Case]:
    """A user name goes into a header, and with a line break it is two headers."""
    for name in ("a\\nX-Injected: b", "a\\r\\nb", "a:b", "Ấ", "x" * 50_000, "${CANARY_PASSWORD}", "a\\tb"):
        yield web(username=f'"{name}"')


@SETTINGS.taken
def many_channels(chance: Random) -> Iterator[Case]:
    """As many stations as a country has."""
    lines = "".join(f"  loa-{n}: {{kind: loudspeaker, agency: so, sessions: [05:15, 17:00]}}\n" for n in range(3_000))
    yield (CHANNELS + lines).encode()
