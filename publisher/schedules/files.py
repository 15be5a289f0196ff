"""Reads schedules.yaml and what it includes as one document whose parts remember their files."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from content.validation import describe_unknown
from content.yaml12 import Document, Mistake, Mistakes, read
from publisher.schedules.fields import BACKSLASH, listed
from publisher.schedules.findings import Findings, Node
from publisher.schedules.sections import INCLUDE, SECTIONS, TOP_KEYS

_BEGIN = "begin with the lines `timezone: Asia/Ho_Chi_Minh` and `campaigns:`"


@dataclass
class Files:
    """The parts of the one document."""

    top: Node | None = None  # of the first file
    sources: dict[str, bytes] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # the top-level keys that stand in any file
    keys: dict[str, Node] = field(default_factory=dict)  # top-level keys that are no sections
    sections: dict[str, list[Node]] = field(default_factory=lambda: {name: [] for name in SECTIONS})

    def entries(self, section: str) -> dict[str, Node]:
        """The entries of a section, from all files, in order; the first of two with one name."""
        found: dict[str, Node] = {}
        for part in self.sections[section]:
            for name in part.value:
                found.setdefault(name, part.child(name))
        return found


def gather(read_file: Callable[[str], bytes], start: str, findings: Findings) -> Files:
    """All files, from `start` on. A key or an entry that stands in two of them is a duplicate key."""
    reader = _Reader(read_file, findings)
    reader.read_first(start)
    return reader.files


class _Reader:
    def __init__(self, read_file: Callable[[str], bytes], findings: Findings) -> None:
        self._read_file = read_file
        self._findings = findings
        self.files = Files()

    def read_first(self, path: str) -> None:
        """The file that includes the others."""
        try:
            data = self._read_file(path)
        except OSError as error:
            reason = _reason(error)
            self._fail(Mistake(path, 1, 1, f"this file cannot be read: {reason} (a workspace has one; {_BEGIN})"))
            return
        document = self._parse(path, data)
        if document is None:
            return
        if document.value is None:
            self._fail(Mistake(path, 1, 1, f"this file is empty ({_BEGIN})"))
        elif isinstance(document.value, dict):
            self.files.top = Node(document, (), document.value)
            self._take(self.files.top)
        else:
            self._fail(document.mistake((), f"keys are expected here ({_BEGIN})"))

    def _fail(self, *mistakes: Mistake) -> None:
        self._findings.mistakes += mistakes
        self._findings.complete = False

    def _parse(self, path: str, data: bytes) -> Document | None:
        self.files.sources[path] = data
        try:
            return read(data, path)
        except Mistakes as found:
            self._fail(*found.mistakes)
            return None

    def _take(self, top: Node) -> None:
        """The parts of one file, and of those that it includes."""
        self.files.given.update(top.value)
        for key in top.value:
            if key == INCLUDE:
                continue
            if key in SECTIONS:
                self._take_section(key, top.child(key))
            elif key not in TOP_KEYS:
                self._findings.mistakes.append(top.mistake(describe_unknown(key, TOP_KEYS), key, key=True))
            elif key in self.files.keys:
                self._duplicate(key, top.child(key), self.files.keys[key])
            else:
                self.files.keys[key] = top.child(key)
        if INCLUDE in top.value:
            self._include(top.child(INCLUDE))

    def _take_section(self, name: str, part: Node) -> None:
        if part.value is None:
            return
        if not isinstance(part.value, dict):
            self._fail(part.mistake(f"names are expected below {name!r} (write lines `name: …`, indented)"))
            return
        earlier = self.files.entries(name)
        for entry in part.value:
            if entry in earlier:
                self._duplicate(entry, part.child(entry), earlier[entry])
        self.files.sections[name].append(part)

    def _duplicate(self, key: str, second: Node, first: Node) -> None:
        file, line, _ = first.place(key=True)
        text = f"duplicate key {key!r} (it stands in {file}, line {line}, already: keep one of them)"
        self._findings.mistakes.append(second.mistake(text, key=True))

    def _include(self, node: Node) -> None:
        paths = listed(node.value)
        for index, path in enumerate(paths if isinstance(paths, list) else []):
            steps = (index,) if isinstance(node.value, list) else ()
            if not isinstance(path, str) or not path:
                self._fail(node.mistake("the name of a file is expected here (write e.g. channels.yaml)", *steps))
                continue
            place = posixpath.normpath(posixpath.join(posixpath.dirname(node.document.file), path))
            problem = self._problem(path, place)
            if problem:
                self._fail(node.mistake(problem, *steps))
            else:
                self._read_included(place, node, steps)

    def _problem(self, path: str, place: str) -> str | None:
        if BACKSLASH in path:
            return f"'{path}' has a backslash (write '{path.replace(BACKSLASH, '/')}')"
        if posixpath.isabs(path) or path[1:2] == ":" or place.split("/")[0] == "..":
            return f"'{path}' lies outside of the workspace (include files that lie in it, e.g. channels.yaml)"
        if place in self.files.sources:
            return f"'{path}' is read already (include each file once, and never the file that includes it)"
        return None

    def _read_included(self, path: str, node: Node, steps: tuple[int, ...]) -> None:
        try:
            data = self._read_file(path)
        except OSError as error:
            text = f"'{path}' cannot be read: {_reason(error)} (paths are relative to the file that includes)"
            self._fail(node.mistake(text, *steps))
            return
        except ValueError:  # a null character in the path
            self._fail(node.mistake("this is no name of a file (write e.g. channels.yaml)", *steps))
            return
        document = self._parse(path, data)
        if document is None or document.value is None:
            return
        if isinstance(document.value, dict):
            self._take(Node(document, (), document.value))
        else:
            self._fail(document.mistake((), f"keys are expected here (known: {', '.join(TOP_KEYS)})"))


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "reading it is not permitted"
    return error.strerror or type(error).__name__
