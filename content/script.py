"""The script of one session of a public loudspeaker: the posts, and all that an announcer says around them."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from content.characters import normal
from content.dates import clock, length, spoken_day, written_day
from content.post import Post, Priority
from content.speech import speech

_TO_FILL_IN = "……………………………………"
_MARKS = {Priority.URGENT: "khẩn cấp", Priority.PRIORITY: "ưu tiên"}
_BREATH = 45  # syllables that still read well as one paragraph


@dataclass(frozen=True)
class Part:
    """One part of a script: what it is, which is printed only, and what is said."""

    cue: str
    spoken: tuple[str, ...]  # short paragraphs; the first of a bulletin is its announcement
    seconds: int
    is_bulletin: bool = False


@dataclass(frozen=True)
class Script:
    """A script, ready to be printed."""

    agency: str
    title: str
    subtitle: str  # empty for a session's first script
    head: tuple[tuple[str, str], ...]  # label and value
    notes: tuple[str, ...]  # what the announcer must know before reading
    parts: tuple[Part, ...]
    seconds: int  # estimated, of the whole
    fits: bool  # into the length of its session


@dataclass(frozen=True)
class Air:
    """The time on air that a script is for."""

    session: datetime
    number: int  # 0 for the session's script, 1, 2, … for its supplements
    room: timedelta  # the length of the whole session
    earlier: int = 0  # seconds that the session's earlier scripts take


def compose(posts: tuple[Post, ...], air: Air, syllables_per_minute: int) -> Script:
    """The script that reads `posts` (at least one, their `text` in the spoken form) in this order."""
    pace = 60 / syllables_per_minute
    parts = tuple(
        _part(cue, map(_aloud, paragraphs), pace, is_bulletin) for cue, paragraphs, is_bulletin in _parts(posts, air)
    )
    seconds = sum(part.seconds for part in parts)
    over = air.earlier + seconds - int(air.room.total_seconds())
    return Script(
        agency=_clean(posts[0].agency),
        title="Kịch bản chương trình phát thanh",
        subtitle=f"Phần bổ sung số {air.number}" if air.number else "",
        head=_head(posts, air, seconds),
        notes=(_too_long(air, seconds, over),) if over > 0 else (),
        parts=parts,
        seconds=seconds,
        fits=over <= 0,
    )


def _part(cue: str, said: Iterable[str], pace: float, is_bulletin: bool) -> Part:
    paragraphs = tuple(said)
    return Part(cue, paragraphs, math.ceil(syllables(paragraphs) * pace), is_bulletin)


def _aloud(paragraph: str) -> str:
    """With nothing in it that cannot be read as it stands; what has been spoken already stays as it is."""
    return _capital(speech().speak(paragraph).text)


def syllables(paragraphs: Iterable[str]) -> int:
    """How many syllables are read; in Vietnamese a word between two spaces is one."""
    return sum(any(map(str.isalnum, word)) for text in paragraphs for word in text.split())


def as_text(script: Script) -> str:
    """The script as plain text."""
    lines = [script.agency.upper(), "", script.title.upper()]
    lines += [script.subtitle.upper(), ""] if script.subtitle else [""]
    lines += [f"{label}: {value}" for label, value in script.head]
    lines += [line for note in script.notes for line in ("", f"LƯU Ý: {note}")]
    for part in script.parts:
        lines += ["", "", f"[{part.cue} – khoảng {length(part.seconds)}]"]
        lines += [line for paragraph in part.spoken for line in ("", paragraph)]
    return "\n".join(lines) + "\n"


def _head(posts: tuple[Post, ...], air: Air, seconds: int) -> tuple[tuple[str, str], ...]:
    def each(values: Iterable[str | None], missing: str) -> str:
        return "; ".join(dict.fromkeys(_clean(value) for value in values if value)) or missing

    documents = each((post.document for post in posts), "")
    return (
        ("Chuyên mục", each((post.campaign for post in posts), "")),
        *((("Thực hiện văn bản", documents),) if documents else ()),
        ("Ngày phát", _capital(written_day(air.session.date()))),
        ("Buổi phát", clock(air.session)),
        ("Thời lượng dự kiến", f"{length(seconds)} (buổi phát dài {length(int(air.room.total_seconds()))})"),
        ("Người duyệt", each((post.approver for post in posts), _TO_FILL_IN)),
        ("Văn bản duyệt", each((post.approval_document for post in posts), _TO_FILL_IN)),
    )


def _too_long(air: Air, seconds: int, over: int) -> str:
    whole = "Kịch bản này" if not air.earlier else "Cả buổi phát, kể cả các phần đã gửi trước,"
    return (
        f"{whole} đọc hết khoảng {length(air.earlier + seconds)}, vượt thời lượng buổi phát {length(over)}. "
        "Đề nghị lược bớt hoặc chuyển bớt tin, bài sang buổi sau trước khi phát."
    )


def _parts(posts: tuple[Post, ...], air: Air) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    agency = _clean(posts[0].agency)
    titles = [_sentence(post.spoken_title or post.title) for post in posts]
    yield "Lời chào", _greeting(agency, air), False
    if len(posts) > 1:
        yield "Nội dung chính", ("Chương trình gồm những nội dung chính sau đây:", *titles), False
    for place, post in enumerate(posts):
        yield _bulletin(post, titles[place], place, len(posts))
    yield "Nhắc lại", _recap(posts, titles), False
    yield "Lời kết", _closing(agency, air.number), False


def _greeting(agency: str, air: Air) -> tuple[str, ...]:
    what = "phần bổ sung của chương trình phát thanh" if air.number else "chương trình phát thanh"
    return (
        f"Đây là chương trình phát thanh của {agency}.",
        f"Kính thưa bà con và các bạn! Mời bà con và các bạn nghe {what} lúc {clock(air.session)}, "
        f"{spoken_day(air.session.date())}.",
    )


def _bulletin(post: Post, title: str, place: int, count: int) -> tuple[str, tuple[str, ...], bool]:
    if post.priority is Priority.URGENT:
        lead = "Xin bà con và các bạn chú ý nghe thông báo khẩn cấp:"
    elif count == 1:
        lead = "Sau đây, mời bà con và các bạn nghe nội dung:"
    elif place == 0:
        lead = "Mở đầu chương trình, mời bà con và các bạn nghe:"
    elif place == count - 1:
        lead = "Cuối cùng, mời bà con và các bạn nghe:"
    else:
        lead = "Tiếp theo chương trình, mời bà con và các bạn nghe:"
    mark = f" ({_MARKS[post.priority]})" if post.priority in _MARKS else ""
    return f"Nội dung {place + 1}{mark}", (f"{lead} {title}", *_paragraphs(post.text)), True


def _recap(posts: tuple[Post, ...], titles: list[str]) -> tuple[str, ...]:
    said = (
        f"{title} {_sentence(post.spoken_summary or post.summary)}" if _clean(post.summary) else title
        for post, title in zip(posts, titles, strict=True)
    )
    opening = "Xin nhắc lại những nội dung chính của chương trình:" if posts[1:] else "Xin nhắc lại:"
    return (opening, *said)


def _closing(agency: str, number: int) -> tuple[str, ...]:
    what = "Phần bổ sung của chương trình phát thanh" if number else "Chương trình phát thanh"
    return (
        f"{what} của {agency} đến đây là hết.",
        "Xin cảm ơn bà con và các bạn đã quan tâm theo dõi. Xin kính chào và hẹn gặp lại.",
    )


def _clean(text: str) -> str:
    return " ".join(normal(text).split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    clean = _clean(text)
    return clean if clean.endswith((".", "!", "?", "…", "!”", "?”", ".”")) else f"{clean}."


def _paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs, long ones divided between sentences so that an announcer can breathe and find the line."""
    blocks = (_clean(block) for block in re.split(r"\n\s*\n", speech().speak(text).text))
    return tuple(paragraph for block in blocks if block for paragraph in _divided(block))


def _divided(block: str) -> list[str]:
    paragraphs: list[str] = []
    for sentence in map(_capital, _sentences(block)):
        if paragraphs and syllables((paragraphs[-1], sentence)) <= _BREATH:
            paragraphs[-1] += f" {sentence}"
        else:
            paragraphs.append(sentence)
    return paragraphs


def _sentences(block: str) -> list[str]:
    sentences: list[list[str]] = [[]]
    words = block.split()
    for word, following in zip(words, [*words[1:], ""], strict=True):
        sentences[-1].append(word)
        if following and _ends_sentence(word, following):
            sentences.append([])
    return [" ".join(sentence) for sentence in sentences]


def _ends_sentence(word: str, following: str) -> bool:
    stem = word.rstrip("”\"')")
    # "A. Hà", "Q.P. Một": the full stop of an abbreviation that nobody knows ends nothing
    is_abbreviation = stem.endswith(".") and ("." in stem[:-1] or stem[:-1].isupper())
    goes_on = stem.endswith(("…", "..")) and following[0].islower()
    return stem.endswith((".", "!", "?", "…")) and not is_abbreviation and not goes_on
