"""Days that a text speaks of as still to come: until when to register, when an event will be held.

Only full dates count, and only where the sentence itself says that it looks ahead; the dates of documents and of what
has been done do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from content.proofreading.sheet import Passage, Sheet

_DATE = re.compile(
    r"(?<![\d/.-])(?:(\d{1,2})([/.-])(\d{1,2})\2(\d{4})|(\d{1,2}) [Tt]háng (\d{1,2}) [Nn]ăm (\d{4}))(?![\d/]|[.-]\d)"
)
_SENTENCE = re.compile(r"[.!?…][\"”»)]*\s+|\n[ \t]*\n|\n[ \t]*(?=[-*+] |\d+[.)] )")
_AHEAD = re.compile(
    r"\b(?:sẽ|sắp|dự kiến|hạn chót|hạn cuối|thời hạn|hạn nộp|hạn đăng ký|hạn gửi|hạn nhận|chậm nhất|muộn nhất|deadline)"
    r"\b",
    re.IGNORECASE,
)
#: Directly before the date; `trước ngày` also tells how it was before.
_UNTIL = re.compile(
    r"\b(?:(?:đến hết|cho đến|hết|từ nay đến|hạn|hạn là)|(?:gửi|nộp|đăng ký|hoàn thành|xong|đề nghị|xin|mời|cần|phải)\b"
    r"[^;:]*\btrước)\s+(?:ngày\s+)?$",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\b(?:đã|vừa|từng|tính đến|số liệu|thống kê|lũy kế|luỹ kế|sinh|kết quả)\b", re.IGNORECASE)
#: The date of a document, or of something that happened: directly before the date.
_DATED = re.compile(
    r"(?:\d+/[\w-]*[^\W\d_][\w-]*|\b(?:ban hành|ký|phát động|thành lập|khởi xướng|công bố|ra đời))"
    r"(?:\s+\w+)?,?\s*(?:ngày\s+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ahead:
    """A day that a text speaks of as still to come."""

    sheet: Sheet
    start: int
    day: date
    written: str


def days_ahead(sheet: Sheet, passage: Passage) -> Iterator[Ahead]:
    """The days of a passage that must not be over when it goes out."""
    for found in _DATE.finditer(passage.text):
        day = _day(found)
        if day and _looks_ahead(_sentence_before(passage.text, found.start())):
            yield Ahead(sheet, passage.start + found.start(), day, found[0])


def _day(found: re.Match[str]) -> date | None:
    day, month, year = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _sentence_before(text: str, end: int) -> str:
    """What stands before a place in its sentence, at most 300 characters of it."""
    before = text[max(0, end - 300) : end]
    last = max((found.end() for found in _SENTENCE.finditer(before)), default=0)
    return before[last:]


def _looks_ahead(before: str) -> bool:
    if _BEHIND.search(before) or _DATED.search(before):
        return False
    return bool(_AHEAD.search(before) or _UNTIL.search(before))
