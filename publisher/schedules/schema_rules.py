"""What `rules`, `alerts` and `campaigns` demand of the keys of one mapping, as parts of a JSON Schema.

Each says what is wrong in English and Vietnamese; the YAML language server shows that in place of its own words.
"""

from collections.abc import Mapping
from typing import Any

from publisher.schedules.fields import SESSIONS

Schema = Mapping[str, Any]


def _given(*keys: str) -> Schema:
    return {"required": list(keys)}


def _without(message: str, *keys: str) -> Schema:
    return {"properties": dict.fromkeys(keys, False), "errorMessage": message}


def _when(condition: Schema, then: Schema, otherwise: Schema | None = None) -> Schema:
    return {"if": condition, "then": then} | ({"else": otherwise} if otherwise else {})


_CONTENT_AND_FEED = "'feed' cannot stand beside 'content' — không ghi đồng thời 'feed' và 'content'"
_BESIDE_CRON = "this cannot stand beside 'cron' — không ghi khóa này cùng với 'cron'"
_FOR_FEEDS = "this is for feeds — khóa này chỉ dùng với 'feed'"
_FOR_FOLDERS = (
    "this is for folders whose messages take turns — khóa này chỉ dùng với thư mục mà các nội dung lần lượt được đăng"
)
_ONE_WAY = "'apprise' cannot stand beside 'email' — không ghi đồng thời 'apprise' và 'email'"
_IN_THE_CLEAR = "without TLS the password would travel in the clear — không có TLS thì mật khẩu bị lộ trên đường truyền"
_A_FILE = {**_given("content"), "properties": {"content": {"pattern": r"\.md$(?!\n)"}}}

#: `rules.check_keys` and `rules.check_times`.
SCHEDULE: tuple[Schema, ...] = (
    _given("to"),
    _when(_given("content"), _without(_CONTENT_AND_FEED, "feed")),
    _when(_given("feed"), {}, _given("content")),
    _when(_given("cron"), _without(_BESIDE_CRON, "days", "every", "at"), _given("at")),
    _when({"not": _given("feed")}, _without(_FOR_FEEDS, "match", "limit")),
    _when({"anyOf": [_given("feed"), _A_FILE]}, _without(_FOR_FOLDERS, "pick", "rest")),
    {
        "properties": {
            "at": {
                "if": {"type": "array", "contains": {"const": SESSIONS}},
                "then": {"maxItems": 1},
            }
        }
    },
)

_COUNTED: Schema = {"dependencies": {"every": ["from"]}}
#: `rules.check_dates`: `every` counts from the campaign's `from`, or else from the schedule's.
CAMPAIGN: tuple[Schema, ...] = (
    _when(
        {"not": _given("from")},
        {
            "properties": {
                "schedules": {
                    "additionalProperties": _when({"type": "array"}, {"items": _COUNTED}, _COUNTED),
                }
            }
        },
    ),
)

#: `alerts._check`.
RECEIVER: tuple[Schema, ...] = (_when(_given("email"), _without(_ONE_WAY, "apprise"), _given("apprise")),)

#: `alerts.read_mail`.
MAIL: tuple[Schema, ...] = (
    {"dependencies": {"username": ["password"], "password": ["username"]}},
    _when(
        {**_given("security"), "properties": {"security": {"const": "none"}}},
        _without(_IN_THE_CLEAR, "password"),
    ),
)
