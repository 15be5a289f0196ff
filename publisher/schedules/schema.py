"""schedules.yaml and the files that it includes as JSON Schemas: completion, hints and marks in any editor.

They are made of the models that `check` uses, so that both say the same of one file. What needs another part of the
plan is `check`'s alone: whether a name is known, rings, files, which of two dates comes first, times in quiet hours,
channels that have no sessions, holidays without a calendar, mail without a server. So is what a loaded value does not
show: that a number was written as 2.0 or 1.50, and keys that stand there twice.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from channels.base import Channel
from content import patterns
from content.json_schema import DRAFT, schema_of
from content.values import HOST_SCHEMA
from publisher.schedules import schema_rules as rules
from publisher.schedules.facts import FACT_SCHEMA, TAKEN
from publisher.schedules.fields import NAME_SCHEMA
from publisher.schedules.sections import (
    AGENCIES,
    ALERTS,
    ALLOW_HOSTS,
    CAMPAIGNS,
    CHANNELS,
    DEFAULTS,
    GROUPS,
    HOLIDAYS,
    INCLUDE,
    MAIL,
    TIMEZONE,
    AgencySection,
    AlertsSection,
    CampaignSection,
    DefaultsSection,
    MailSection,
    ReceiverSection,
    ScheduleSection,
)
from publisher.schedules.settings import calendar_names

Schema = dict[str, Any]

_HINTS = {
    TIMEZONE: "The time zone of every time in the plan, e.g. `Asia/Ho_Chi_Minh`. — "
    "Múi giờ của mọi mốc thời gian trong kế hoạch, ví dụ `Asia/Ho_Chi_Minh`.",
    HOLIDAYS: "Whose public holidays count, e.g. `VN`. — Lịch ngày nghỉ lễ của một quốc gia, ví dụ `VN`.",
    INCLUDE: "Other files of the same plan, e.g. `[channels.yaml]`. — "
    "Các tệp khác thuộc cùng kế hoạch, ví dụ `[channels.yaml]`.",
    CAMPAIGNS: "What is said, when and where: a name (a-z, 0-9 and -) and below it the campaign, "
    "e.g. `song-va-may-tinh:`. — Các chiến dịch, chuyên mục: tên (a-z, 0-9 và -), bên dưới là các khóa của nó, ví dụ "
    "`song-va-may-tinh:`.",
    AGENCIES: "The bodies that publish or are reported on, e.g. `so-tttt: {name: …}`. — "
    "Các cơ quan, đơn vị, ví dụ `so-tttt: {name: …}`.",
    CHANNELS: "The places where something goes out, e.g. `bao: {kind: inbox, agency: bao-dak-nong}`. — "
    "Các kênh, ví dụ `bao: {kind: inbox, agency: bao-dak-nong}`.",
    GROUPS: "Names for several channels or groups, e.g. `so: [cong-so, telegram-tinh]`. — "
    "Nhóm kênh: một tên chung cho nhiều kênh hoặc nhóm, ví dụ `so: [cong-so, telegram-tinh]`.",
    DEFAULTS: "What holds for every schedule that does not say otherwise: `late` and `quiet`. — "
    "Áp dụng cho mọi lịch không ghi khác: `late` và `quiet`.",
    ALLOW_HOSTS: "Hosts that may be reached although their addresses are private, e.g. `[cms.noi-bo.example]`. — "
    "Những máy chủ được phép truy cập dù có địa chỉ nội bộ, ví dụ `[cms.noi-bo.example]`.",
    MAIL: "The mail server for alerts, e.g. `{host: mail.so.example.gov.vn, from: publisher@so.example.gov.vn}`. — "
    "Máy chủ thư để gửi cảnh báo, ví dụ `{host: mail.so.example.gov.vn, from: publisher@so.example.gov.vn}`.",
    ALERTS: "Who is told what goes wrong, and when, e.g. `{to: [{email: phong.tt@so.example.gov.vn}]}`. — "
    "Cảnh báo: ai được báo khi có sự cố, và khi nào, ví dụ `{to: [{email: phong.tt@so.example.gov.vn}]}`.",
}
_SCHEDULES_HINT = (
    "The lines of the plan: a name (a-z, 0-9 and -) and below it one schedule, or a table of several, a row each. — "
    "Các lịch: tên (a-z, 0-9 và -), bên dưới là một lịch, hoặc một bảng mà mỗi dòng là một lịch."
)
_TO_HINT = (
    "Who is told, e.g. `[{email: phong.tt@so.example.gov.vn}]`. — "
    "Người nhận cảnh báo, ví dụ `[{email: phong.tt@so.example.gov.vn}]`."
)
_KIND_HINT = (
    "What sort of channel it is; the other keys depend on it. E.g. `inbox`. — "
    "Loại kênh; các khóa khác tùy theo loại. Ví dụ `inbox`."
)

_ZONE_HINT = "write a time zone, e.g. Asia/Ho_Chi_Minh — viết một múi giờ, ví dụ Asia/Ho_Chi_Minh"
_CALENDAR_HINT = "write the two letters of the country, e.g. VN — viết hai chữ cái của quốc gia, ví dụ VN"
_NAME: Schema = {"type": "string", "minLength": 1}
_PATH = patterns.text(
    r"(?!/|[\s\S]:)[^\\\x00]+",
    "write a file of the workspace, e.g. channels.yaml — viết một tệp trong thư mục làm việc, ví dụ channels.yaml",
    "channels.yaml",
    spaced=False,
)


def schedules_schema(kinds: Mapping[str, type[Channel]]) -> Schema:
    """Of schedules.yaml. Where an included file says `timezone` or `campaigns`, `included_schema` is the right one."""
    return _document(kinds) | {"type": "object", "required": [TIMEZONE, CAMPAIGNS]}


def included_schema(kinds: Mapping[str, type[Channel]]) -> Schema:
    """Of a file that is included: any part of the plan, or nothing yet."""
    return _document(kinds) | {"type": ["object", "null"]}


def _document(kinds: Mapping[str, type[Channel]]) -> Schema:
    return {
        "$schema": DRAFT,
        "properties": {key: {"description": _HINTS[key], **part} for key, part in _parts(kinds).items()},
        "additionalProperties": False,
        "definitions": {
            "fact": FACT_SCHEMA,
            "schedule": _mapping(ScheduleSection, rules.SCHEDULE),
            **{f"kind-{name}": _kind(name, kind) for name, kind in kinds.items()},
        },
    }


def _parts(kinds: Mapping[str, type[Channel]]) -> Mapping[str, Schema]:
    return {
        TIMEZONE: patterns.words(sorted(files("tzdata").joinpath("zones").read_text("utf-8").split()), _ZONE_HINT),
        HOLIDAYS: patterns.words(sorted(calendar_names()), _CALENDAR_HINT),
        INCLUDE: _one_or_more(_PATH, least=0),
        CAMPAIGNS: _entries(_campaign()),
        AGENCIES: _entries(_mapping(AgencySection)),
        CHANNELS: _entries(_channel(kinds)),
        GROUPS: _entries(_one_or_more(_NAME, least=1)),
        DEFAULTS: _mapping(DefaultsSection) | {"type": ["object", "null"]},
        ALLOW_HOSTS: _one_or_more(HOST_SCHEMA, least=0),
        MAIL: _mapping(MailSection, rules.MAIL),
        ALERTS: _alerts(),
    }


def _mapping(model: type[BaseModel], between: Sequence[rules.Schema] = ()) -> Schema:
    schema = schema_of(model, blank=False)
    return schema | ({"allOf": list(between)} if between else {})


def _entries(entry: Schema) -> Schema:
    """A section: names, and what stands below each; or nothing yet."""
    return {"type": ["object", "null"], "propertyNames": NAME_SCHEMA, "additionalProperties": entry}


def _one_or_more(entry: Schema, least: int) -> Schema:
    return {"anyOf": [entry, {"type": "array", "items": entry, "minItems": least}]}


def _campaign() -> Schema:
    schema = _mapping(CampaignSection, rules.CAMPAIGN)
    properties: Schema = schema["properties"]
    properties["facts"] = {
        "description": properties["facts"]["description"],
        "type": "object",
        "propertyNames": {"not": {"enum": sorted(TAKEN)}},
        "additionalProperties": {"$ref": "#/definitions/fact"},
    }
    schedule = {"$ref": "#/definitions/schedule"}
    entry = {"anyOf": [schedule, {"type": "array", "items": schedule}]}
    return schema | {"properties": properties | {"schedules": {"description": _SCHEDULES_HINT, **_entries(entry)}}}


def _channel(kinds: Mapping[str, type[Channel]]) -> Schema:
    chosen = [
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"$ref": f"#/definitions/kind-{name}"},
        }
        for name in kinds
    ]
    kind = {"description": _KIND_HINT, "enum": list(kinds)}
    return {"type": "object", "required": ["kind"], "properties": {"kind": kind}, "allOf": chosen}


def _kind(name: str, kind: type[Channel]) -> Schema:
    """The settings of a kind; the channel's name is the key above them, and no setting."""
    schema = _mapping(kind)
    settings = {key: part for key, part in schema["properties"].items() if key != "name"}
    required = [key for key in schema["required"] if key != "name"]
    return schema | {"properties": {"kind": {"const": name}, **settings}, "required": required}


def _alerts() -> Schema:
    schema = _mapping(AlertsSection)
    to = _one_or_more(_mapping(ReceiverSection, rules.RECEIVER), least=1)
    return schema | {"properties": {"to": {"description": _TO_HINT, **to}, **schema["properties"]}}
