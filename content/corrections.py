"""Correction notices: how a correction or a withdrawal is said where what is out can no longer be changed.

A copied text, a sent e-mail and a bulletin that was read stay as they are; all that can be done is to say so, in the
message's language, as a post of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from content.markdown import literal
from content.markup import shape
from content.post import Format, Post
from content.vietnamese import slug

_BETWEEN = "\n\n"


@dataclass(frozen=True)
class _Words:
    correction_title: str
    corrected: str
    withdrawal_title: str
    withdrawn: str
    reason: str


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "vi": _Words(
            correction_title="Đính chính: {title}",
            corrected="Nội dung “{title}” ngày {day} được đính chính như sau.",
            withdrawal_title="Thu hồi: {title}",
            withdrawn="Nội dung “{title}” ngày {day} đã được thu hồi. Đề nghị không đăng, không phát lại và gỡ bỏ "
            "ở những nơi đã đăng.",
            reason="Lý do: {reason}",
        ),
        "en": _Words(
            correction_title="Correction: {title}",
            corrected="“{title}” of {day} is corrected as follows.",
            withdrawal_title="Withdrawn: {title}",
            withdrawn="“{title}” of {day} is withdrawn. Please do not publish or read it again, and take it down "
            "where it stands.",
            reason="Reason: {reason}",
        ),
    }
)


def correction(new: Post, old: Post, format: Format) -> Post:
    """The corrected post as a notice of its own, which cites the old one. `new` has the notice's key."""
    words = _words(new)
    intro = shape(words.corrected.format(title=literal(old.title), day=_day(old)), format)
    title = words.correction_title.format(title=new.title)
    return replace(new, title=title, text=f"{intro}{_BETWEEN}{new.text}", slug=slug(title, new.key), amends=old.key)


def withdrawal(old: Post, key: str, reason: str, format: Format) -> Post:
    """The notice that a post is withdrawn, and why; with neither its text nor its image."""
    words = _words(old)
    said = words.withdrawn.format(title=literal(old.title), day=_day(old))
    text = shape(f"{said}{_BETWEEN}{words.reason.format(reason=literal(reason))}", format)
    title = words.withdrawal_title.format(title=old.title)
    return replace(
        old, key=key, title=title, text=text, summary="", slug=slug(title, key), link=None, image=None, tags=(),
        amends=old.key,
    )  # fmt: skip


def _day(post: Post) -> str:
    return f"{post.occurrence:%d/%m/%Y}"


def _words(post: Post) -> _Words:
    return _WORDS["en" if post.lang.startswith("en") else "vi"]
