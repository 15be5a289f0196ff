"""The keys above a message's text, each with the check that it needs."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from content import patterns
from content.json_schema import DRAFT, OneOrMore, schema_of
from content.patterns import BLACK, CLOCK, DATE, MAY_SPACE, SPACES, any_case, any_of
from content.post import Priority
from content.template_language import MARKS
from content.values import Url, mistake

_OFFSET = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_MOMENT = re.compile(f"({DATE})(?:[T ]({CLOCK})(:[0-5][0-9])?({_OFFSET})?)?")
_PICTURE = re.compile(r".+\.(?:jpe?g|png|webp|gif)", re.IGNORECASE | re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

Moment = date | datetime


def parse_moment(value: object) -> Moment:
    """`2022-02-14`, `2022-02-14 08:00`, the latter in the workspace's time zone unless an offset follows."""
    text = str(value).strip()
    found = _MOMENT.fullmatch(text)
    if not found:
        raise mistake("moment", f"{text[:40]!r} is not a date (write e.g. 2022-02-14, or 2022-02-14 08:00)")
    if found[2]:
        return datetime.fromisoformat(f"{found[1]}T{found[2]:0>5}{found[3] or ''}{found[4] or ''}")
    return date.fromisoformat(text)


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


def _line_schema(most: str = "") -> dict[str, Any]:
    """Text that is not blank and quotes no facts; of so many signs at most, a run of white space being one."""
    marks = any_of("".join(f"[{sign}]" for sign in mark) for mark in MARKS)
    signs = f"(?:{BLACK}|{SPACES}(?={BLACK})){{1,{most}}}"
    hint = "write a text without {{ … }} — viết chữ, không dùng {{ … }} ở đây" + (f" (≤ {most})" if most else "")
    return {
        "type": "string",
        "pattern": rf"^(?![\s\S]*{marks}){MAY_SPACE}{signs}{MAY_SPACE}$",
        "patternErrorMessage": hint,
    }


_TITLE = 300  # characters of a title
_MOMENT_SCHEMA = patterns.text(
    f"{DATE}(?:[T ]{CLOCK}(?::[0-5][0-9])?{_OFFSET}?)?",
    "write e.g. 2022-02-14, or 2022-02-14 08:00 — viết năm-tháng-ngày, ví dụ 2022-02-14 hoặc 2022-02-14 08:00",
    "2022-02-14",
    "2022-02-14 08:00",
)
_PICTURE_SCHEMA = patterns.text(
    rf"(?!/)(?!(?:[^/]*/)*\.\.(?:/|$))[^\\:\n]+\.{any_of(map(any_case, ('jpg', 'jpeg', 'png', 'webp', 'gif')))}",
    "write a path in the campaign's folder, e.g. anh/le-trao-may.jpg — "
    "viết đường dẫn trong thư mục của chiến dịch, ví dụ anh/le-trao-may.jpg",
    "anh/le-trao-may.jpg",
    spaced=False,
)
_LANGUAGE_SCHEMA = patterns.text(
    _LANGUAGE.pattern, "write e.g. vi or en — viết ví dụ vi hoặc en", "vi", "en", spaced=False
)

_Line = Annotated[str, AfterValidator(_line), WithJsonSchema(_line_schema())]
_Title = Annotated[str, AfterValidator(_line), Field(max_length=_TITLE), WithJsonSchema(_line_schema(str(_TITLE)))]
_Moment = Annotated[Moment, PlainValidator(parse_moment), WithJsonSchema(_MOMENT_SCHEMA)]
_Picture = Annotated[str, AfterValidator(_picture), WithJsonSchema(_PICTURE_SCHEMA)]
_Language = Annotated[str, AfterValidator(_language), WithJsonSchema(_LANGUAGE_SCHEMA)]
_Own = Annotated[str, AfterValidator(_not_blank), WithJsonSchema({"type": "string", "pattern": BLACK})]


class Image(BaseModel):
    """The picture of a message: a relative path with `/`, and what it shows for those who do not see it.

    A picture of children needs the consent of their parents or guardians, and of a child of seven or more its own
    (Law on Children 102/2016/QH13, article 6).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={  # `_has_consent`, for editors
            "if": {"required": ["children"], "properties": {"children": {"const": True}}},
            "then": {"required": ["consent"], "properties": {"consent": {"not": {"type": "null"}}}},
        },
    )

    file: _Picture
    """The picture (JPEG, PNG, WebP or GIF) in the campaign's folder, e.g. `anh/trao-may.jpg`. —
    Tệp ảnh (JPEG, PNG, WebP hoặc GIF) trong thư mục của chiến dịch, ví dụ `anh/trao-may.jpg`.
    """
    alt: _Line
    """What it shows, for those who do not see it, e.g. `Các em học sinh nhận máy tính`. —
    Mô tả ảnh cho người không nhìn thấy, ví dụ `Các em học sinh nhận máy tính`.
    """
    children: bool = Field(default=False, strict=True)
    """Whether it shows children who can be recognised: `true`; then `consent` has to say that they agreed. —
    Ảnh có trẻ em nhận ra được không: `true`; khi đó `consent` phải ghi sự đồng ý.
    """
    consent: _Line | None = None
    """Number and date of the document by which children and parents agreed, e.g. `05/GXN ngày 10/02/2022`. —
    Số và ngày của văn bản đồng ý của trẻ em và cha mẹ, ví dụ `05/GXN ngày 10/02/2022`.
    """

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
    """The keys that may stand above a message's text.

    What stands below a key is the hint that editors show for it, in English and Vietnamese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: _Title
    """The title, in one line, e.g. `Thêm 20 máy tính cho học sinh Đắk Mil`. —
    Tiêu đề, một dòng, ví dụ `Thêm 20 máy tính cho học sinh Đắk Mil`.
    """
    summary: _Line | None = None
    """One or two sentences; the announcer repeats them at the end. —
    Tóm tắt một, hai câu; phát thanh viên nhắc lại ở cuối bản tin.
    """
    author: _Line | None = None
    """Who wrote it, and so may not approve it, e.g. `Phòng Thông tin – Báo chí – Xuất bản`. —
    Người viết; người này không được duyệt chính nội dung đó. Ví dụ `Phòng Thông tin – Báo chí – Xuất bản`.
    """
    date: _Moment | None = None
    """The day or moment of the news, by which `pick: latest` chooses; e.g. `2022-02-21` or `2022-02-21 08:00`.
    —
    Ngày hoặc thời điểm của tin, dùng cho `pick: latest`; ví dụ `2022-02-21` hoặc `2022-02-21 08:00`.
    """
    link: Url | None = None
    """The source, shown with the message, e.g. `https://so.example.gov.vn/tin`. —
    Nguồn, hiển thị cùng nội dung, ví dụ `https://so.example.gov.vn/tin`.
    """
    image: Image | None = None
    """A picture: its `file` and, for those who do not see it, `alt`; both are needed. —
    Ảnh: tệp `file` và mô tả `alt` cho người không nhìn thấy; bắt buộc có cả hai.
    """
    tags: Annotated[tuple[_Line, ...], BeforeValidator(_as_list), OneOrMore()] = ()
    """Keywords, e.g. `[Giáo dục, Chuyển đổi số]`. — Từ khóa, ví dụ `[Giáo dục, Chuyển đổi số]`."""
    lang: _Language = "vi"
    """The language: `vi` (the default), `en` and so on. — Ngôn ngữ: `vi` (mặc định), `en`, v.v."""
    expires: _Moment | None = None
    """After this day or moment it is not chosen any more, e.g. `2022-05-31`. —
    Quá ngày hoặc thời điểm này thì không được chọn nữa, ví dụ `2022-05-31`.
    """
    priority: Priority = Priority.NORMAL
    """`normal` (the default); `priority`: read first; `urgent`: waits for no quiet hours and no session, but
    for its approval. —
    `normal` thông thường (mặc định); `priority` ưu tiên, đọc đầu buổi phát; `urgent` khẩn cấp: không chờ giờ yên
    tĩnh hay buổi phát, nhưng vẫn phải được duyệt.
    """
    texts: dict[str, _Own] = Field(default={}, alias="for")
    """A text of its own for a kind or a channel, instead of the text below, e.g. `telegram: …`. —
    Văn bản riêng cho một loại kênh hoặc một kênh, dùng thay phần bên dưới, ví dụ `telegram: …`.
    """


def message_schema() -> dict[str, Any]:
    """The JSON Schema of the keys, for editors."""
    return {"$schema": DRAFT, **schema_of(FrontMatter, blank=True)}
