"""The workspace's files as one value: the schedules and every message that they may use.

What cannot be read is a mistake with its place. Mistakes in the YAML files make the whole version invalid; a
message with mistakes keeps its earlier valid text, if it has one, and takes no part until then.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Protocol

from channels.base import Channel
from channels.registry import KINDS
from content.media import MediaError, describe
from content.message import Message, parse
from content.post import Media
from content.speech.lexicon import Lexicon, read_lexicon
from content.templates import TemplateError, undefined_names
from content.yaml12 import Mistake, Mistakes
from publisher.picking import in_order
from publisher.schedules import Campaign, Schedule, Schedules, load

CAMPAIGNS = "content/campaigns"
#: How the abbreviations of this place are read aloud; need not be there.
LEXICON = "lexicon.csv"
#: What every template may read, beside the campaign's facts by their own names.
ALWAYS_KNOWN = frozenset({"facts", "campaign", "agency", "channel", "occurrence"})


#: Far above every limit on what a file may hold: nothing larger is even read.
_LARGEST = 32 * 1024 * 1024


class Files(Protocol):
    """Where the files come from: a folder, or a version kept in the database."""

    def read(self, path: str) -> bytes:
        """The bytes of a file by its path below the workspace, with `/`; OSError if it cannot be read."""
        ...

    def below(self, folder: str) -> list[str]:
        """The paths of all files below a folder."""
        ...


@dataclass(frozen=True)
class Folder:
    """The files of a folder."""

    directory: Path
    asked: set[str] = field(default_factory=set, compare=False)  # what was ever read, there or not: also includes

    def read(self, path: str) -> bytes:
        self.asked.add(path)
        target = self.directory / path
        status = target.stat()
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would be read for ever
            raise OSError(errno.EINVAL, "it is no ordinary file")
        if status.st_size > _LARGEST:
            raise OSError(errno.EFBIG, "it is larger than 32 MB")
        return target.read_bytes()

    def below(self, folder: str) -> list[str]:
        found = (self.directory / folder).rglob("*")
        return sorted(path.relative_to(self.directory).as_posix() for path in found if path.is_file())

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file of the workspace does: path, time of change and size of each."""
        paths = {self.directory / path for path in (*self.asked, "schedules.yaml")}
        paths |= {path for path in (self.directory / CAMPAIGNS).rglob("*") if path.is_file()}
        return tuple(sorted(_stamp(path) for path in paths))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:  # gone between the listing and now
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size


@dataclass(frozen=True)
class Written:
    """A message with its image."""

    message: Message
    image: Media | None
    source: bytes  # the file
    image_path: str | None = None  # below the workspace


@dataclass(frozen=True)
class Workspace:
    """A valid version of the files."""

    schedules: Schedules
    messages: Mapping[str, Mapping[str, Written]]  # by campaign, then by path below the campaign's folder
    files: Mapping[str, str]  # path: SHA-256, of all that is in force
    mistakes: tuple[Mistake, ...] = field(default=())  # in messages; those take no part, or keep their earlier text
    lexicon: Lexicon = field(default_factory=dict)  # the workspace's own; ours goes without saying
    lexicon_source: bytes | None = None  # the file
    withdrawn: frozenset[tuple[str, str]] = field(default=frozenset())  # campaign and message: chosen no more

    @property
    def sha256(self) -> str:
        """Of all files together."""
        named = "\n".join(f"{path}\t{digest}" for path, digest in sorted(self.files.items()))
        return hashlib.sha256(named.encode()).hexdigest()

    def all_written(self) -> Iterator[Written]:
        """Every message of every campaign."""
        for messages in self.messages.values():
            yield from messages.values()

    def texts(self) -> Iterator[bytes]:
        """The bytes of every text file in force."""
        yield from self.schedules.sources.values()
        if self.lexicon_source is not None:
            yield self.lexicon_source
        for written in self.all_written():
            yield written.source

    def listing(self, schedule: Schedule) -> list[str]:
        """The messages that a schedule chooses from, in the order of their turns."""
        return [path for path in self._named(schedule) if (schedule.campaign, path) not in self.withdrawn]

    def without(self, withdrawn: frozenset[tuple[str, str]]) -> "Workspace":
        """The same with these messages withdrawn, and no others."""
        return self if withdrawn == self.withdrawn else replace(self, withdrawn=withdrawn)

    def is_all_withdrawn(self, schedule: Schedule) -> bool:
        """Whether a schedule has nothing to choose from because it was withdrawn."""
        return bool(self._named(schedule)) and not self.listing(schedule)

    def _named(self, schedule: Schedule) -> list[str]:
        if schedule.content is None:
            return []
        if not schedule.content.endswith("/"):  # a signed plan of thousands of rows names as many files
            return [schedule.content] if self.written(schedule.campaign, schedule.content) else []
        return [path for path in in_order(self.messages.get(schedule.campaign, {})) if is_in(path, schedule.content)]

    def written(self, campaign: str, message: str) -> Written | None:
        """A message by its path below the campaign's folder."""
        return self.messages.get(campaign, {}).get(message)


def is_in(path: str, content: str) -> bool:
    """Whether a message's path is the schedule's file, or lies directly in its folder."""
    return str(PurePosixPath(path).parent) == content.rstrip("/") if content.endswith("/") else path == content


def read_workspace(
    files: Files,
    previous: Workspace | None = None,
    kinds: Mapping[str, type[Channel]] = KINDS,
    *,
    kept: bool = False,
) -> Workspace:
    """The workspace in these files. Mistakes if the YAML files, or what they name, are not right.

    A version that was kept has no messages with mistakes: what they were named for is not missed in it.
    """
    schedules = load(files.read, kinds=kinds)
    reader = _Reader(files, previous)
    messages = {key: reader.campaign(campaign) for key, campaign in schedules.campaigns.items()}
    missing = [mistake for schedule in schedules.schedules for mistake in _missing(schedule, reader.seen)]
    if missing and not kept:
        raise Mistakes((*missing, *reader.mistakes))
    sources = {path: hashlib.sha256(data).hexdigest() for path, data in schedules.sources.items()}
    lexicon, lexicon_source = reader.lexicon()
    return Workspace(schedules, messages, sources | reader.files, tuple(reader.mistakes), lexicon, lexicon_source)


class _Reader:
    """Reads the messages of all campaigns, and gathers mistakes."""

    def __init__(self, files: Files, previous: Workspace | None) -> None:
        self._files = files
        self._previous = previous
        self.mistakes: list[Mistake] = []
        self.files: dict[str, str] = {}
        self.seen: dict[str, set[str]] = {}  # message paths that are there, readable or not, by campaign

    def lexicon(self) -> tuple[Lexicon, bytes | None]:
        """The workspace's own, and its file, if it has one; with mistakes the earlier one stays."""
        found: tuple[Lexicon, bytes | None] = {}, None
        try:
            data = self._files.read(LEXICON)
            found = read_lexicon(data, LEXICON), data
        except FileNotFoundError:
            return found
        except Mistakes as mistakes:
            self.mistakes += mistakes.mistakes
            found = _lexicon_of(self._previous)
        except OSError as error:
            self.mistakes.append(Mistake(LEXICON, 1, 1, f"cannot be read ({error.strerror})"))
            found = _lexicon_of(self._previous)
        if found[1] is not None:
            self.files[LEXICON] = hashlib.sha256(found[1]).hexdigest()
        return found

    def campaign(self, campaign: Campaign) -> dict[str, Written]:
        folder = f"{CAMPAIGNS}/{campaign.key}"
        found_paths = [path for path in self._files.below(folder) if path.endswith(".md") and not _is_hidden(path)]
        paths = [path for path in found_paths if self._is_text(path)]
        self.seen[campaign.key] = {path.removeprefix(f"{folder}/") for path in paths}
        found = {}
        for path in paths:
            written = self._message(campaign, path, folder)
            if written is not None:
                found[path.removeprefix(f"{folder}/")] = written
                self.files[path] = hashlib.sha256(written.source).hexdigest()
                if written.image and written.image_path:
                    self.files[written.image_path] = written.image.sha256
        return found

    def _is_text(self, path: str) -> bool:
        """Whether a file's name can be written down; one from an old archive may be no text at all."""
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode(errors="backslashreplace").decode()
            self.mistakes.append(Mistake(shown, 1, 1, "this file's name is not UTF-8 (give it another name)"))
            return False
        return True

    def _message(self, campaign: Campaign, path: str, folder: str) -> Written | None:
        earlier = self._previous.written(campaign.key, path.removeprefix(f"{folder}/")) if self._previous else None
        try:
            data = self._files.read(path)
            message = parse(data, path)
            _check_names(message, campaign)
            image, image_path = self._image(message, folder, path)
            return Written(message, image, data, image_path)
        except Mistakes as found:
            self.mistakes += found.mistakes
        except OSError as error:
            self.mistakes.append(Mistake(path, 1, 1, f"cannot be read ({error.strerror})"))
        return earlier

    def _image(self, message: Message, folder: str, path: str) -> tuple[Media | None, str | None]:
        if message.image is None:
            return None, None
        image_path = f"{folder}/{message.image.file}"
        try:
            return describe(self._files.read(image_path), message.image.file, message.image.alt), image_path
        except FileNotFoundError:
            text = f"the image {message.image.file!r} is not there (paths are below {folder}/)"
        except OSError as error:
            text = f"the image {message.image.file!r} cannot be read: {error.strerror}"
        except MediaError as error:
            text = f"the image {message.image.file!r} cannot be used: {error}"
        raise Mistakes([Mistake(path, *_position(message, message.image.file), text)])


def _lexicon_of(workspace: Workspace | None) -> tuple[Lexicon, bytes | None]:
    return (workspace.lexicon, workspace.lexicon_source) if workspace else ({}, None)


def _check_names(message: Message, campaign: Campaign) -> None:
    known = ALWAYS_KNOWN | frozenset(campaign.facts)
    found = []
    for part in message.texts:
        try:
            unknown = undefined_names(part.text, known)
        except TemplateError as error:
            found.append(Mistake(message.file, part.line + error.line - 1, 1, f"template: {error.text}"))
            continue
        for name, line, column in unknown:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
            found.append(Mistake(message.file, part.line + line - 1, column, f"{name!r} is not defined ({hint})"))
    if found:
        raise Mistakes(found)


def _position(message: Message, text: str) -> tuple[int, int]:
    """Line and column of a value of the front matter."""
    for number, line in enumerate(message.source.decode("utf-8-sig").splitlines(), 1):
        if text in line:
            return number, line.index(text) + 1
    return 1, 1


def _is_hidden(path: str) -> bool:
    return any(part.startswith((".", "~", "_")) for part in PurePosixPath(path).parts)


def _missing(schedule: Schedule, seen: Mapping[str, set[str]]) -> list[Mistake]:
    if schedule.content is None:
        return []
    paths = seen[schedule.campaign]
    if any(is_in(path, schedule.content) for path in paths):
        return []
    what = "holds no messages (*.md)" if schedule.content.endswith("/") else "is not there"
    folder = f"{CAMPAIGNS}/{schedule.campaign}/"
    return [Mistake(*schedule.content_place, f"content {schedule.content!r} {what} (paths are below {folder})")]
