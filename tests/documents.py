"""Reading the documents: their prose, fenced blocks, tables, headings and commands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
OFFICERS = (ROOT / "docs/officers.md", ROOT / "docs/officers.vi.md")
MESSAGE, IMPORT, ALERTS = (
    (ROOT / f"docs/{name}.md", ROOT / f"docs/{name}.vi.md") for name in ("message", "import", "alerts")
)
README, ADMIN, ARCHITECTURE, GLOSSARY = (
    ROOT / path for path in ("README.md", "docs/admin.md", "docs/architecture.md", "docs/glossary.md")
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
#: Pages in both languages, English first.
PAIRS = [(path.with_name(path.name.replace(".vi.md", ".md")), path) for path in DOCUMENTS if ".vi." in path.name]
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def text(path: Path) -> str:
    """A document as it is."""
    return path.read_text(encoding="utf-8")


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a document: what stands behind the fence, and the text."""
    return ((found["info"].strip(), found["text"]) for found in _FENCE.finditer(text(path)))


def prose(path: Path) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", text(path))


def tables(path: Path) -> list[str]:
    """The tables of a document, as they are written."""
    return re.findall(r"^(?:\|.*\n)+", prose(path), re.MULTILINE)


def rows(path: Path, first: str) -> list[list[str]]:
    """The cells of the first table whose first row begins with a cell that holds `first`."""
    for table in tables(path):
        found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
        if first in found[0][0]:
            return found
    raise AssertionError(f"{path.name} has no table that begins with {first!r}")


def named(cells: list[list[str]]) -> list[str]:
    """What stands in backquotes in the first column."""
    return [name for row in cells for name in re.findall(r"`([^`]+)`", row[0])]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of Publisher in the documents: where it stands, and its words."""
    for path in DOCUMENTS:
        lines = [line for info, code in blocks(path) if info == "sh" for line in code.splitlines()]
        lines += [" ".join(code.split()) for code in re.findall(r"`(publisher [^`]+)`", prose(path))]
        for line in lines:
            words = shlex.split(line, comments=True)
            place = next((n for n, word in enumerate(words) if re.fullmatch(r"(/\S+/)?publisher", word)), None)
            if words and words[0] == "sudo":
                place = next(n for n, word in enumerate(words) if word.endswith("/publisher"))
            if place is not None and words[0] in (words[place], "sudo"):
                yield f"{path.name}: {line}", words[place + 1 :]
