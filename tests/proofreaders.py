"""Messages that are proofread, and what is said of them."""

from collections.abc import Callable, Iterable, Iterator

from content.message import parse
from content.proofreading.personal import personal_data
from content.proofreading.sheet import Passage, Sheet
from content.speech import Speech
from content.speech.lexicon import default_lexicon
from content.yaml12 import Mistake

HEAD = "---\ntitle: Tin\n---\n"
LEXICON = default_lexicon()
SPEECH = Speech(LEXICON)

Check = Callable[[Sheet, Passage], Iterator[Mistake]]


def sheet(body: str, file: str = "a.md", head: str = HEAD) -> Sheet:
    return Sheet(parse(f"{head}{body}\n".encode(), file))


def found(check: Check, body: str, head: str = HEAD) -> list[str]:
    """What a check says of a message: `line:column: text` of each finding."""
    read = sheet(body, head=head)
    return told(one for passage in read.passages for one in check(read, passage))


def told(mistakes: Iterable[Mistake]) -> list[str]:
    return [f"{one.line}:{one.column}: {one.text}" for one in sorted(mistakes)]


def places(check: Check, body: str, head: str = HEAD) -> list[str]:
    """Line and column of each finding; the body begins in line 4."""
    return [":".join(one.split(":")[:2]) for one in found(check, body, head)]


def personal(read: Sheet, passage: Passage) -> Iterator[Mistake]:
    return personal_data(read, passage, frozenset())
