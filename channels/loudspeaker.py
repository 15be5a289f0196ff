"""The kind `loudspeaker`: a station's announcer reads a script, so a session is published as a folder of files.

    2022-02-14/0515/              the script of the session at 05:15
    2022-02-14/0515-bo-sung-1/    what came after it: its first supplement

Each folder holds `script.txt`, `script.pdf` and `programme.json`, which says what is in the script and by which
keys it is found again. The station copies folders; it neither changes nor moves them.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from channels.base import (
    Absent,
    CannotTell,
    InDoubt,
    Io,
    Look,
    Piece,
    Receipt,
    Refused,
    SessionChannel,
    Slot,
    TryLater,
)
from channels.files import write_folder
from content.dates import length, short
from content.post import Format, Post
from content.script import Air, Script, as_text, compose, syllables
from content.typeset import TypesetError, pdf, printable
from content.values import Emails
from content.words import phrase, say

_MANIFEST = "programme.json"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SCRIPT = re.compile(r"\d{4}(-bo-sung-\d+)?")


class Loudspeaker(SessionChannel):
    """A public loudspeaker with an announcer."""

    format: ClassVar[Format] = Format.SPOKEN
    omits: ClassVar[tuple[str, ...]] = ("link", "image", "tags")
    offer: ClassVar[str] = phrase("a loudspeaker station, whose announcer reads a script")
    settling: ClassVar[timedelta | None] = timedelta(0)  # a folder appears at once and names our keys

    syllables_per_minute: int = Field(default=170, strict=True, ge=50, le=400)
    """The announcer's speed, e.g. `170` (the default): it tells how much fits into a session. —
    Tốc độ đọc, số âm tiết mỗi phút, ví dụ `170` (mặc định): để biết một buổi phát đọc được bao nhiêu.
    """
    send_to: Emails = ()
    """Who gets each script by e-mail, too: one address or several, e.g. `phat-thanh@so.example.gov.vn`. —
    Ai nhận mỗi kịch bản qua thư điện tử: một hoặc nhiều địa chỉ, ví dụ `phat-thanh@so.example.gov.vn`.
    """

    def publish_slot(self, slot: Slot, io: Io) -> Receipt:
        """Write the session's folder. A slot that is out already gets the receipt that it got then.

        If the slot's place is taken by other posts, it goes into the next free supplement.
        """
        if not slot.posts:
            raise Refused("there is nothing to read in the session")
        day = _programmes(io.folder, f"{slot.session:%Y-%m-%d}")
        out = {name: found for name, found in day if name.startswith(_name(slot, 0))}
        if known := _receipt_of(slot, out):
            return known
        slot = replace(slot, number=_free_number(slot, out))
        name = _name(slot, slot.number)
        files = self._files(slot, earlier=sum(found.get("seconds", 0) for found in out.values() if found))
        if not write_folder(io.folder, name, files):
            raise InDoubt(f"the folder {name} appeared at the same moment from elsewhere")
        return _receipt(name, json.loads(files[_MANIFEST]))

    def takes(self, slot: Slot) -> timedelta:
        """By the syllables of its script, at the announcer's speed."""
        posts = tuple(sorted(slot.posts, key=lambda post: post.priority.rank))
        script = compose(posts, Air(slot.session, slot.number, self.length), self.syllables_per_minute)
        return timedelta(seconds=script.seconds)

    def look(self, post: Post) -> Look:
        """What the announcer reads of it, and how long that takes at the announcer's speed."""
        script = compose((post,), Air(post.occurrence, 0, self.length), self.syllables_per_minute)
        (own,) = (part for part in script.parts if part.is_bulletin)
        text = "\n\n".join(own.spoken)
        return Look((Piece(text, len(text)),), tuple(_remarks(syllables(own.spoken), own.seconds, script)))

    def find(self, post: Post, io: Io) -> Receipt | Absent | CannotTell:
        """Look for the post in every script of this station, by its key; the receipt says with which text."""
        unreadable = []
        for name, programme in _programmes(io.folder):
            if programme is None:
                unreadable.append(name)
            elif post.key in _hashes(programme):
                return _receipt(name, programme)
        # A post is read on its day or, held back by a person, later; never before.
        unreadable = [name for name in unreadable if name >= f"{post.occurrence:%Y-%m-%d}"]
        if unreadable:
            return CannotTell(f"the {_MANIFEST} is missing or damaged in {', '.join(unreadable)}")
        return Absent()

    def _files(self, slot: Slot, earlier: int) -> dict[str, bytes]:
        posts = tuple(sorted(slot.posts, key=lambda post: post.priority.rank))
        air = Air(slot.session, slot.number, self.length, earlier)
        script = compose(posts, air, self.syllables_per_minute)
        printed, lacking = _pdf(script, slot)
        files = {"script.txt": as_text(script).encode(), "script.pdf": printed}
        programme = {
            "channel": self.name,
            "agency": posts[0].agency,
            "session": slot.session.isoformat(),
            "number": slot.number,
            "seconds": script.seconds,
            "fits": script.fits,
            "unprintable": sorted(lacking),
            "posts": [{"key": post.key, "sha256": post.sha256, "title": post.title} for post in posts],
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        }
        return {**files, _MANIFEST: (json.dumps(programme, ensure_ascii=False, indent=2) + "\n").encode()}


@dataclass(frozen=True)
class Programme:
    """A script that is out."""

    session: datetime
    number: int  # 0: the script; 1, 2, …: its supplements
    agency: str
    files: Mapping[str, bytes]


def programme(folder: Path, name: str) -> Programme | None:
    """A script in a station's folder, by the id of its receipt; None if it is not whole there (any more).

    TryLater if it cannot be read.
    """
    try:
        found = _manifest(folder / name / _MANIFEST)
        if found is None:
            return None
        files = {file: (folder / name / file).read_bytes() for file in found["files"]}
        return Programme(datetime.fromisoformat(found["session"]), found["number"], found["agency"], files)
    except (FileNotFoundError, KeyError, ValueError):
        return None
    except OSError as error:
        raise TryLater(f"the station's folder cannot be read: {error.strerror}") from None


def _remarks(number: int, seconds: int, script: Script) -> Iterator[str]:
    yield say("{number} syllables, read in about {seconds} seconds", number=number, seconds=seconds)
    yield say("a session with it alone takes about {seconds} seconds", seconds=script.seconds)
    if not script.fits:
        yield say("it does not fit into a session (shorten it)")


def _pdf(script: Script, slot: Slot) -> tuple[bytes, frozenset[str]]:
    """The printed script, and the characters that it shows as boxes."""
    _, lacking = printable(as_text(script))
    if lacking:
        note = f"Có {len(lacking)} ký tự không in được, thay bằng dấu □; xem nguyên văn trong tệp script.txt."
        script = replace(script, notes=(*script.notes, note))
    values = asdict(script)
    values["running"] = f"{script.agency} – {short(slot.session)}"
    for part in values["parts"]:
        part["length"] = f"khoảng {length(part['seconds'])}"
    try:
        return pdf("script.typ", _each_text(values), slot.session), lacking
    except TypesetError as error:
        raise Refused(f"the script cannot be printed: {error}") from error


def _each_text(value: Any) -> Any:
    """The same JSON value with every text made printable."""
    if isinstance(value, str):
        return printable(value)[0]
    if isinstance(value, Mapping):
        return {name: _each_text(inner) for name, inner in value.items()}
    return [_each_text(inner) for inner in value] if isinstance(value, list | tuple) else value


def _programmes(folder: Path, only: str | None = None) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Each script folder with its manifest, None for a missing or damaged one. TryLater if it cannot be read."""
    try:
        for day in _names(folder) if only is None else [only]:
            for name in _names(folder / day) if _DAY.fullmatch(day) else ():
                if _SCRIPT.fullmatch(name):
                    yield f"{day}/{name}", _manifest(folder / day / name / _MANIFEST)
    except OSError as error:
        raise TryLater(f"the station's folder cannot be read: {error.strerror}") from None


def _names(folder: Path) -> list[str]:
    # Not `glob`: it takes a folder that may not be read for an empty one.
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        programme = json.loads(path.read_bytes())
        return programme if _hashes(programme) else None
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
        return None


def _hashes(programme: Mapping[str, Any]) -> dict[str, str]:
    return {post["key"]: post["sha256"] for post in programme["posts"]}


def _receipt_of(slot: Slot, out: Mapping[str, dict[str, Any] | None]) -> Receipt | None:
    """The receipt if exactly these posts are out together; None if none of them is out in the session."""
    wanted = {post.key: post.sha256 for post in slot.posts}
    for name, programme in out.items():
        if programme is None:
            raise TryLater(f"the {_MANIFEST} is missing or damaged in {name}: move that folder away, or mend it")
        if _hashes(programme) == wanted:
            return _receipt(name, programme)
    there = {key: sha256 for programme in out.values() if programme for key, sha256 in _hashes(programme).items()}
    if there.items() & wanted.items():
        raise InDoubt("a part of the session is out already: each post must be looked up")
    for post in slot.posts:
        if post.key in there:
            raise Refused(f"the station already has another text of “{post.title}” for the session")
    return None


def _free_number(slot: Slot, taken: Mapping[str, Any]) -> int:
    return next(number for number in count(slot.number) if _name(slot, number) not in taken)


def _name(slot: Slot, number: int) -> str:
    return f"{slot.session:%Y-%m-%d/%H%M}" + (f"-bo-sung-{number}" if number else "")


def _receipt(name: str, programme: Mapping[str, Any]) -> Receipt:
    details = {key: programme[key] for key in ("seconds", "fits", "files", "unprintable") if key in programme}
    return Receipt(name, details={**details, "posts": _hashes(programme)})
