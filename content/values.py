"""The values that officers write in YAML: durations, times of day, rates, sizes, addresses, references to secrets.

Each is a pydantic type whose mistake says what is wrong and, in brackets, what to write instead. No mistake
repeats a value that may be a secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from content import patterns
from content.json_schema import OneOrMore
from content.patterns import MAY_SPACE, any_case, any_of, at_most, counted

_UNITS = {
    "s": 1, "second": 1, "seconds": 1,
    "m": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_LONGEST = timedelta(days=3660)
_BYTES = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_PER = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")

_WEB_HOST = rf"(?:[^{patterns.SPACE}/?#@:\[\]]+|\[{patterns.IPV6}(?:%[^{patterns.SPACE}/?#@:\[\]]+)?\])"
_WEB_PORT = f"(?::(?:{patterns.NOT_NOUGHT}0*{at_most(65535)})?)?"
_WEB_ADDRESS = rf"[Hh][Tt][Tt][Pp][Ss]?://(?::?@)?{_WEB_HOST}{_WEB_PORT}(?:[/?#][^{patterns.SPACE}]*)?"
_IS_WEB_ADDRESS = re.compile(_WEB_ADDRESS)

#: An e-mail address that every mail server takes: a dot-atom of RFC 5321, section 4.1.2, and a host.
EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


def mistake(code: str, text: str) -> PydanticCustomError:
    """A mistake whose text is shown as it is."""
    return PydanticCustomError(code, "{text}", {"text": text})  # a text with braces must not be a template


def parse_duration(value: object) -> timedelta:
    """`10m`, `12h`, `5 days`: a positive length of time."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"([0-9]{1,6})\s*([a-z]+)", str(value).strip().lower())
    if not found or found[2] not in _UNITS:
        raise mistake("duration", f"{str(value)!r} is not a length of time (write e.g. 10m, 12h or 5 days)")
    length = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if length > _LONGEST:
        raise mistake("duration", f"{str(value)!r} is longer than ten years (write e.g. 30m, 12h or 5 days)")
    return length


def parse_clock_time(value: object) -> time:
    """`08:00`: a time of day from 00:00 to 23:59."""
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", str(value).strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise mistake("clock_time", f"{str(value)!r} is not a time of day (write hours and minutes, e.g. 08:00)")
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Rate:
    """How many requests a server may get: `count` per `seconds`."""

    count: int
    seconds: int

    @property
    def interval(self) -> float:
        """Seconds between two requests."""
        return self.seconds / self.count


def parse_rate(value: object) -> Rate:
    """`30/minute`."""
    if isinstance(value, Rate):
        return value
    found = re.fullmatch(r"([0-9]{1,6})\s*/\s*([a-z]+)", str(value).strip().lower())
    if not found or found[2] not in _PER or int(found[1]) == 0:
        raise mistake("rate", f"{str(value)!r} is not a rate (write e.g. 30/minute; per second, minute, hour or day)")
    return Rate(int(found[1]), _PER[found[2]])


def parse_size(value: object) -> int:
    """`500MB`: a number of bytes."""
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([kmgt]b)", str(value).strip().lower())
    if not found:
        raise mistake("size", f"{str(value)[:60]!r} is not an amount of data (write e.g. 500MB or 2GB)")
    return round(float(found[1]) * _BYTES[found[2]])


def parse_email(value: object) -> str:
    """`phong.thong-tin@so.example.gov.vn`: an e-mail address, without a name before it."""
    text = str(value).strip()
    if not EMAIL.fullmatch(text):
        raise mistake("email", f"{text[:60]!r} is not an e-mail address (write e.g. phong.tt@so.example.gov.vn)")
    return text


def parse_host(value: object) -> str:
    """The name or address of a host, without scheme, port and path."""
    text = str(value).strip().lower()
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        if _HOST.fullmatch(text) and isinstance(value, str):
            return text
    raise mistake("host", f"{str(value)[:60]!r} is not a host (write e.g. cms.example.gov.vn, without https://)")


def parse_url(value: object) -> str:
    """An http or https address without a user name or password in it."""
    text = str(value).strip()
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise mistake("url", "this is not a web address (write e.g. https://www.example.gov.vn)") from None
    if parts.username or parts.password:
        raise mistake("url", "an address may hold no user name or password (use the channel's own keys for them)")
    if not port_is_valid or not _IS_WEB_ADDRESS.fullmatch(text):
        raise mistake("url", f"{text!r} is not a web address (write e.g. https://www.example.gov.vn)")
    return text


@dataclass(frozen=True)
class Secret:
    """A reference to a secret, `${NAME}`: the value is read where it is used and kept nowhere."""

    name: str

    def __str__(self) -> str:
        return f"${{{self.name}}}"

    @classmethod
    def parse(cls, value: object) -> "Secret":
        """The reference in `${NAME}`; anything else is taken for a secret and not repeated."""
        if isinstance(value, Secret):
            return value
        found = re.fullmatch(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value.strip()) if isinstance(value, str) else None
        if not found:
            raise mistake(
                "secret",
                "a secret may not stand in a file (write ${A_NAME}, and put the value into the environment "
                "variable A_NAME, or into a file that A_NAME_FILE names)",
            )
        return cls(found[1])

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        hint = "write ${A_NAME}, never the secret itself — viết ${TEN_BIEN}, không ghi trực tiếp mật khẩu"
        return patterns.text(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", hint, "${CONG_SO_PASSWORD}")


def _typed(parse: Callable[[object], Any]) -> BeforeValidator:
    return BeforeValidator(parse)


def _units(seconds: int) -> str:
    return any_of(any_case(unit) for unit, length in _UNITS.items() if length == seconds)


_LENGTHS = any_of(
    f"{counted(6, min(_LONGEST // timedelta(seconds=seconds), 999_999))}{MAY_SPACE}{_units(seconds)}"
    for seconds in dict.fromkeys(_UNITS.values())
)
DURATION_SCHEMA = patterns.text(
    _LENGTHS, "write e.g. 10m, 12h or 5 days — viết ví dụ 10m, 12h hoặc 5 days", "30m", "12h", "5 days"
)
CLOCK_SCHEMA = patterns.text(patterns.CLOCK, "write e.g. 08:00 — viết giờ và phút, ví dụ 08:00", "08:00")
_RATE_SCHEMA = patterns.text(
    f"{patterns.NOT_NOUGHT}[0-9]{{1,6}}{MAY_SPACE}/{MAY_SPACE}{any_of(map(any_case, _PER))}",
    "write e.g. 30/minute; per second, minute, hour or day — viết ví dụ 30/minute (second, minute, hour, day)",
    "30/minute",
)
_SIZE_SCHEMA = patterns.text(
    rf"[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?{MAY_SPACE}{any_of(map(any_case, _BYTES))}",
    "write e.g. 500MB or 2GB — viết ví dụ 500MB hoặc 2GB",
    "500MB",
)
_EMAIL_SCHEMA = patterns.text(
    EMAIL.pattern,
    "write e.g. phong.tt@so.example.gov.vn — viết địa chỉ thư điện tử, ví dụ phong.tt@so.example.gov.vn",
    "phong.tt@so.example.gov.vn",
)
_URL_SCHEMA = patterns.text(
    _WEB_ADDRESS,
    "write e.g. https://www.example.gov.vn — viết địa chỉ web, ví dụ https://www.example.gov.vn",
    "https://www.example.gov.vn",
)

Duration = Annotated[timedelta, _typed(parse_duration), WithJsonSchema(DURATION_SCHEMA)]
ClockTime = Annotated[time, _typed(parse_clock_time), WithJsonSchema(CLOCK_SCHEMA)]
RateValue = Annotated[Rate, _typed(parse_rate), WithJsonSchema(_RATE_SCHEMA)]
Url = Annotated[str, _typed(parse_url), WithJsonSchema(_URL_SCHEMA)]
Email = Annotated[str, _typed(parse_email), WithJsonSchema(_EMAIL_SCHEMA)]
Emails = Annotated[
    tuple[Email, ...],
    Field(min_length=1),
    _typed(lambda value: value if isinstance(value, list | tuple) else [value]),
    OneOrMore(),
]
HOST_SCHEMA = patterns.text(
    patterns.HOST,
    "write e.g. cms.example.gov.vn, without https:// — viết ví dụ cms.example.gov.vn, không có https://",
    "cms.example.gov.vn",
)
Host = Annotated[str, PlainValidator(parse_host), WithJsonSchema(HOST_SCHEMA)]
Size = Annotated[int, _typed(parse_size), WithJsonSchema(_SIZE_SCHEMA)]
