"""The small languages of the other keys: times, quiet hours, lengths of time, paths, hosts, names."""

import re
from datetime import date, time, timedelta
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from content import patterns
from content.json_schema import OneOrMore
from content.patterns import CLOCK, MAY_SPACE
from content.validation import nearest
from content.values import CLOCK_SCHEMA, DURATION_SCHEMA, mistake, parse_clock_time, parse_duration
from publisher.cadence import DateRange, Days, Every, Quiet
from publisher.schedules.days import (
    DATE_SCHEMA,
    DAY_SCHEMA,
    EXCEPTION_SCHEMA,
    STEP_SCHEMA,
    parse_date,
    parse_day,
    parse_every,
    parse_exception,
)

SESSIONS = "sessions"
BACKSLASH = "\\"
NAME_RULE = "use a-z, 0-9 and -, begin with a letter or digit, at most 63 characters"

#: The same for editors.
NAME_SCHEMA = patterns.text(
    "[a-z0-9][a-z0-9-]{0,62}",
    f"{NAME_RULE} — chỉ dùng a-z, 0-9 và -, bắt đầu bằng chữ cái hoặc chữ số, không quá 63 ký tự",
    spaced=False,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SPAN = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*-\s*([0-9]{1,2}:[0-9]{2})")

T = TypeVar("T")


def listed(value: object) -> object:
    """One value as a list of one."""
    return value if isinstance(value, list) else [value]


def is_name(text: str) -> bool:
    """Whether a campaign, schedule, channel, group or agency may be called so."""
    return _NAME.fullmatch(text) is not None


def parse_at(value: object) -> time | str:
    """One entry of `at`: a time of day, or SESSIONS."""
    if value == SESSIONS:
        return SESSIONS
    try:
        return parse_clock_time(value)
    except PydanticCustomError:
        if isinstance(value, str) and nearest(value, [SESSIONS]):
            raise mistake("at", f"{value!r} is not a time of day (did you mean {SESSIONS!r}?)") from None
        raise


def parse_quiet(value: object) -> Quiet:
    """`21:00-05:00`."""
    found = _SPAN.fullmatch(str(value).strip())
    if not found:
        raise mistake("quiet", f"{str(value)[:60]!r} is not a span of hours (write e.g. 21:00-05:00)")
    quiet = Quiet(parse_clock_time(found[1]), parse_clock_time(found[2]))
    if quiet.start == quiet.end:
        raise mistake("quiet", f"{found[0]!r} begins and ends at one time (write e.g. 21:00-05:00)")
    return quiet


def parse_content(value: object) -> str:
    """A path below the campaign's folder: a message `….md`, or a folder `…/`."""
    if not isinstance(value, str) or not value:
        raise mistake("content", "a path is expected here (write a file, e.g. tri-an.md, or a folder, e.g. loa/)")
    if BACKSLASH in value:
        raise mistake("content", f"'{value}' has a backslash (write '{value.replace(BACKSLASH, '/')}')")
    if value.startswith(("/", "~")) or re.match(r"[A-Za-z]:", value):
        raise mistake("content", f"{value!r} is not below the campaign's folder (write it without what leads there)")
    parts = value.removesuffix("/").split("/")
    if ".." in parts:
        raise mistake("content", f"{value!r} leaves the campaign's folder (keep the messages in it; write no ..)")
    if value != "./" and ("" in parts or "." in parts):
        plain = "/".join(part for part in parts if part not in ("", ".")) + "/" * value.endswith("/")
        raise mistake("content", f"{value!r} is not written plainly (write {plain!r})")
    if not value.endswith(("/", ".md")):
        raise mistake("content", f"{value!r} is neither a message nor a folder (write '{value}.md' or '{value}/')")
    return value


_PART = r"(?!\.{1,2}(?:/|$))[^/\\]+"
_PATH = rf"\./|(?!~|[A-Za-z]:)(?:{_PART}/)*(?:{_PART}/|[^/\\]*\.md)"
_OTHER_HOURS = rf"(?!0?({CLOCK}){MAY_SPACE}-{MAY_SPACE}0?\1{MAY_SPACE}$)"
_AT_HINT = "write e.g. 08:00, or sessions for loudspeakers — viết giờ, ví dụ 08:00, hoặc sessions với loa truyền thanh"
AT_SCHEMA = {
    "anyOf": [patterns.words((SESSIONS,), _AT_HINT), {**CLOCK_SCHEMA, "patternErrorMessage": _AT_HINT}],
}
QUIET_SCHEMA = patterns.text(
    _OTHER_HOURS + f"{CLOCK}{MAY_SPACE}-{MAY_SPACE}{CLOCK}",
    "write two different times, e.g. 21:00-05:00 — viết giờ đầu và giờ cuối khác nhau, ví dụ 21:00-05:00",
    "21:00-05:00",
)
CONTENT_SCHEMA = patterns.text(
    _PATH,
    "write a message below the campaign's folder, e.g. tri-an.md, or a folder with / at its end, e.g. loa/ — "
    "viết một tệp trong thư mục của chiến dịch, ví dụ tri-an.md, hoặc một thư mục có / ở cuối, ví dụ loa/",
    "tri-an.md",
    "loa/",
    spaced=False,
)

Many = Annotated[tuple[T, ...], Field(min_length=1), BeforeValidator(listed), OneOrMore()]
Some = Annotated[tuple[T, ...], BeforeValidator(listed), OneOrMore()]
Text = Annotated[str, Field(min_length=1)]

Date = Annotated[date, PlainValidator(parse_date), WithJsonSchema(DATE_SCHEMA)]
Day = Annotated[Days, PlainValidator(parse_day), WithJsonSchema(DAY_SCHEMA)]
Excepted = Annotated[DateRange | str, PlainValidator(parse_exception), WithJsonSchema(EXCEPTION_SCHEMA)]
Step = Annotated[Every, PlainValidator(parse_every), WithJsonSchema(STEP_SCHEMA)]
Length = Annotated[timedelta, PlainValidator(parse_duration), WithJsonSchema(DURATION_SCHEMA)]
At = Annotated[time | str, PlainValidator(parse_at), WithJsonSchema(AT_SCHEMA)]
QuietHours = Annotated[Quiet, PlainValidator(parse_quiet), WithJsonSchema(QUIET_SCHEMA)]
Content = Annotated[str, PlainValidator(parse_content), WithJsonSchema(CONTENT_SCHEMA)]
