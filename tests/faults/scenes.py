"""Scenes: small workspaces, one for each kind, and a town with all of them. Each is laid out and planned once.

All happens on one day, and each message goes out once on each of its channels (to a station: once a session), so what
a server has twice is a mistake. A text names itself in each of its paragraphs, as `[03.2]`: the second of message 3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.kinds import png

START = datetime(2022, 2, 14, 0, 0, tzinfo=UTC)  # 07:00 there
DUE = START + timedelta(hours=1)  # when the first is due
CODE = re.compile(r"\[(\d\d\.\d)\]")
_CAMPAIGN = "content/campaigns/c"
_HEAD = """\
timezone: Asia/Ho_Chi_Minh
agencies: {so: {name: Sở Thông tin}}
defaults: {late: {grace: 12h}}
channels:
"""


@dataclass(frozen=True)
class Scene:
    """A workspace: which channels of which kind, and how many messages when."""

    name: str
    channels: Mapping[str, str]  # name: kind
    messages: int = 2  # each to all channels that are no stations, a schedule each
    gap: timedelta = timedelta(minutes=10)  # between two of them
    bulletins: int = 0  # each in each session of all stations
    paragraphs: Mapping[int, int] = field(default_factory=dict)  # by message: more than one long paragraph
    pictures: frozenset[int] = frozenset()  # messages with an image and tags
    rate: str = "50/second"
    grace: str = "12h"

    @property
    def stations(self) -> tuple[str, ...]:
        return tuple(name for name, kind in self.channels.items() if kind == "loudspeaker")

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(name for name, kind in self.channels.items() if kind != "loudspeaker")

    @property
    def expected(self) -> int:
        """How many deliveries its plan implies."""
        return self.messages * len(self.others) + self.bulletins * len(self.stations) * len(_SESSIONS)

    @property
    def last(self) -> datetime:
        """When the last of them is due."""
        return DUE + max(self.gap * max(self.messages - 1, 0), timedelta(minutes=10))

    def codes(self, message: str) -> frozenset[str]:
        """What a message is known by, of which each has to be out once."""
        number = int(Path(message).stem)
        return frozenset(f"{number:02}.{part}" for part in range(1, self.paragraphs.get(number, 1) + 1))

    def write(self, directory: Path) -> None:
        """Write its files."""
        (directory / _CAMPAIGN / "loa").mkdir(parents=True)
        (directory / _CAMPAIGN / "anh.png").write_bytes(png())
        for number in range(1, self.messages + 1):
            write_message(directory, f"{number:02}.md", self.text(number), number in self.pictures)
        for number in range(51, 51 + self.bulletins):
            write_message(directory, f"loa/{number}.md", self.text(number), False)
        write_plan(directory, self)

    def text(self, number: int, edition: str = "") -> str:
        """The text of a message; another `edition` says the same in other words."""
        long = "Sóng và máy tính cho em. " * 120 if number in self.paragraphs else "Sóng và máy tính cho em."
        parts = range(1, self.paragraphs.get(number, 1) + 1)
        return "\n\n".join(f"[{number:02}.{part}] {edition}{long}" for part in parts)

    def times(self) -> dict[int, datetime]:
        """When each message is due."""
        return {number: DUE + self.gap * (number - 1) for number in range(1, self.messages + 1)}


_SESSIONS = ("08:30", "08:40")
_SETTINGS = {
    "wordpress": 'kind: wordpress, agency: so, url: "https://so.example.vn", username: u, password: "${P}"',
    "telegram": 'kind: telegram, agency: so, chat: "@kenh", token: "${T}"',
    "inbox": "kind: inbox, agency: so",
    "loudspeaker": f"kind: loudspeaker, agency: so, sessions: [{', '.join(_SESSIONS)}], ready: 30m",
}


def write_message(directory: Path, path: str, text: str, has_picture: bool) -> None:
    """Write a message of the campaign."""
    more = "image: {file: anh.png, alt: Lớp học}\ntags: [Sóng, Máy tính]\n" if has_picture else ""
    title = Path(path).stem
    (directory / _CAMPAIGN / path).write_text(f"---\ntitle: Tin {title}\n{more}---\n{text}\n", encoding="utf-8")


def write_plan(directory: Path, scene: Scene, times: Mapping[int, datetime] | None = None) -> None:
    """Write schedules.yaml; `times` replaces those of the messages, and leaves out what it does not name."""
    lines = [_HEAD.replace("12h", scene.grace)]
    for name, kind in scene.channels.items():
        rate = f', rate: "{scene.rate}"' if kind in ("wordpress", "telegram") else ""
        lines.append(f"  {name}: {{{_SETTINGS[kind]}{rate}}}\n")
    lines.append(
        "campaigns:\n  c:\n    title: Chiến dịch\n    from: 2022-02-14\n    until: 2022-02-14\n    schedules:\n"
    )
    for number, at in (scene.times() if times is None else times).items():
        local = at + timedelta(hours=7)
        where = ", ".join(scene.others)
        lines.append(f'      s{number:02}: {{content: {number:02}.md, at: "{local:%H:%M}", to: [{where}]}}\n')
    if scene.bulletins:
        where = ", ".join(scene.stations)
        lines.append(f"      loa: {{content: loa/, pick: all, at: sessions, to: [{where}]}}\n")
    (directory / "schedules.yaml").write_text("".join(lines), encoding="utf-8")


_MINUTE = timedelta(minutes=1)
SCENES: Mapping[str, Scene] = {
    scene.name: scene
    for scene in (
        Scene("wordpress", {"web": "wordpress"}, pictures=frozenset({1})),
        Scene("telegram", {"tg": "telegram"}, paragraphs={1: 3}),
        Scene("album", {"tg": "telegram"}, paragraphs={1: 2}, pictures=frozenset({1})),
        Scene("loudspeaker", {"loa": "loudspeaker"}, messages=0, bulletins=2),
        Scene("hasty", {"web": "wordpress", "tg": "telegram", "hop": "inbox"}, grace="10m"),
        Scene("inbox", {"hop": "inbox"}, pictures=frozenset({1})),
        Scene("many-wordpress", {"web": "wordpress"}, messages=20, gap=_MINUTE),
        Scene("many-telegram", {"tg": "telegram"}, messages=20, gap=_MINUTE),
        Scene(
            "town",
            {"web": "wordpress", "web2": "wordpress", "tg": "telegram", "hop": "inbox", "loa": "loudspeaker"},
            messages=6, gap=5 * _MINUTE, bulletins=2, paragraphs={2: 2}, pictures=frozenset({1, 4}),
        ),
    )
}  # fmt: skip
