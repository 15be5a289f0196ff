"""The keys above a message's text, each with the check that it needs."""

import re
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from content.post import Priority
from content.template_language import MARKS
from content.values import Url, mistake

_MOMENT = re.compile(r"((?:19|20|21)\d{2}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2})(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?")
_PICTURE = re.compile(r".+\.(?:jpe?g|png|webp|gif)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

Moment = date | datetime


def parse_moment(value: object) -> Moment:
    """`2022-02-14`, `2022-02-14 08:00`, the latter in the workspace's time zone unless an offset follows."""
    text = str(value).strip()
    found = _MOMENT.fullmatch(text)
    try:
        if found and found[2]:
            return datetime.fromisoformat(f"{found[1]}T{found[2]:0>5}{found[3] or ''}{found[4] or ''}")
        if found:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise mistake("moment", f"{text[:40]!r} is not a date (write e.g. 2022-02-14, or 2022-02-14 08:00)")


def _line(text: str) -> str:
    """Text in one line; it is published as it stands."""
    if any(mark in text for mark in MARKS):
        raise mistake("line", "facts can only stand in the text, not here (write {{ … }} below the front matter)")
    if not text.strip():
        raise mistake("line", "this is empty (write a text, or delete the key)")
    return " ".join(text.split())


def _picture(path: str) -> str:
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ":" in path or ".." in parts or not _PICTURE.fullmatch(path):
        raise mistake("picture", f"{path[:60]!r} is not a picture's path (write e.g. anh/le-trao-may.jpg)")
    return path


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise mistake("language", f"{tag[:40]!r} is not a language (write e.g. vi or en)")
    return tag


def _not_blank(text: str) -> str:
    if not text.strip():
        raise mistake("text", "this text is empty (write it, or delete the key)")
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Line = Annotated[str, AfterValidator(_line)]
_Moment = Annotated[Moment, PlainValidator(parse_moment)]


class Image(BaseModel):
    """The picture of a message: a relative path with `/`, and what it shows for those who do not see it.

    A picture of children needs the consent of their parents or guardians, and of a child of seven or more its own
    (Law on Children 102/2016/QH13, article 6).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, AfterValidator(_picture)]
    alt: _Line
    children: bool = False  # it shows children who can be recognised
    consent: _Line | None = None  # number and date of the document by which they agreed

    @model_validator(mode="after")
    def _has_consent(self) -> Self:
        if self.children and self.consent is None:
            raise mistake(
                "consent",
                "this picture shows children, and nothing says that they and their parents agreed "
                '(add a line `consent: "number and date of the document"`, or take another picture)',
            )
        return self


class FrontMatter(BaseModel):
    """The keys that may stand above a message's text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[_Line, Field(max_length=300)]
    summary: _Line | None = None
    author: _Line | None = None
    date: _Moment | None = None
    link: Url | None = None
    image: Image | None = None
    tags: Annotated[tuple[_Line, ...], BeforeValidator(_as_list)] = ()
    lang: Annotated[str, AfterValidator(_language)] = "vi"
    expires: _Moment | None = None
    priority: Priority = Priority.NORMAL
    texts: dict[str, Annotated[str, AfterValidator(_not_blank)]] = Field(default={}, alias="for")
