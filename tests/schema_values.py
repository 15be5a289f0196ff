"""For each key of the files, values that are right and values that are nearly so: a good one comes first."""

from collections.abc import Mapping
from typing import Any

from content.yaml12 import read
from tests.plans import EXAMPLE
from tests.yaml_writer import Path, Raw

SCHEDULES, CHANNELS = "schedules.yaml", "channels.yaml"
_C = ("campaigns", "song-va-may-tinh")

#: What the example leaves unsaid.
_MORE_SCHEDULES: Mapping[str, Any] = {
    "chi-tiet": {
        "content": "loa/", "days": ["mon", "2nd tue", 14, "last"], "every": "1 month", "from": "2022-03-01",
        "until": "2022-04-30", "except": "2022-04-15..2022-04-20", "at": ["08:00", "16:30"], "to": "so",
        "late": {"grace": "2h", "then": "ask"}, "quiet": ["11:30-13:30", "20:00-06:00"], "pick": "latest",
        "rest": "2 weeks",
    },
}  # fmt: skip
_MORE_CHANNELS: Mapping[str, Any] = {
    "allow_hosts": ["cms.example.gov.vn", "10.0.0.7"],
    "mail": {
        "host": "mail.example.gov.vn", "port": 2525, "security": "tls", "username": "publisher",
        "password": "${MAIL_PASSWORD}", "from": "publisher@so.example.gov.vn",
    },
    "alerts": {
        "to": [
            {"email": ["a@so.example.gov.vn", "b@so.example.gov.vn"], "about": ["failed", "missed"]},
            {"apprise": "${SERVICE}", "campaigns": "song-va-may-tinh", "agencies": ["so-tttt"]},
            {"email": "c@so.example.gov.vn"},
        ],
        "lang": "en", "approval_before": "1 day", "oldest_due": "10m", "in_doubt": "5m", "disk_free": "1.5GB",
        "remind": "12h", "digest": "07:30", "ping": "${PING_URL}",
    },
}  # fmt: skip
_MAILS: Mapping[str, Any] = {
    "thu-bao": {"kind": "email", "agency": "bao-dak-nong", "to": "toa-soan@so.example.gov.vn"},
    "thu-rieng": {
        "kind": "email", "agency": "so-tttt", "to": ["a@so.example.gov.vn", "b@so.example.gov.vn"],
        "reply_to": "hoi-dap@so.example.gov.vn", "host": "mail.so.example.gov.vn", "port": 465, "security": "tls",
        "username": "publisher", "password": "${MAIL_PASSWORD}", "from": "tin@so.example.gov.vn", "rate": "10/minute",
    },
}  # fmt: skip


def example() -> dict[str, Any]:
    """The example's two files as values, with every key that it leaves unsaid."""
    files = {name: read((EXAMPLE / name).read_bytes(), name).value for name in (SCHEDULES, CHANNELS)}
    campaign = files[SCHEDULES]["campaigns"]["song-va-may-tinh"]
    campaign["schedules"] |= _MORE_SCHEDULES
    campaign["facts"] |= {"so-may": 20, "noi-nhan": ["Cư Jút", {"ten": "Đắk Mil", "mo": True}]}
    files[CHANNELS]["channels"] |= _MAILS
    files[CHANNELS]["channels"]["loa-cu-jut"]["send_to"] = "phat-thanh@so.example.gov.vn"
    files[CHANNELS]["agencies"]["bao-dak-nong"]["contact"] = ["bao@so.example.gov.vn", "bien-tap@so.example.gov.vn"]
    files[CHANNELS]["channels"]["telegram-tinh"] |= {"api": "https://bot.example.gov.vn", "preview": True}
    files[CHANNELS] |= _MORE_CHANNELS
    return files


def role(path: Path, value: Any) -> str | None:
    """What a mapping of the files is."""
    match path:
        case ():
            return "top"
        case (*_, "campaigns" | "schedules" | "agencies" | "channels" | "groups" as section) if path[:1] != ("alerts",):
            return section
        case ("campaigns", _):
            return "campaign"
        case ("campaigns", _, "schedules", _) | ("campaigns", _, "schedules", _, int()):
            return "schedule"
        case ("channels", name):
            return str(value["channels"][name]["kind"])
        case ("agencies", _):
            return "agency"
        case (*_, "late"):
            return "late"
        case ("alerts", "to", int()):
            return "receiver"
        case ("defaults" | "mail" | "alerts",):
            return path[0]
    return None


#: Where a key may stray to in each file: the role of a mapping there, and its path.
PLACES: Mapping[str, Mapping[str, Path]] = {
    SCHEDULES: {
        "top": (),
        "campaign": _C,
        "schedule": (*_C, "schedules", "nhac-loa"),
        "row": (*_C, "schedules", "moc", 0),
        "late": (*_C, "schedules", "chi-tiet", "late"),
    },
    CHANNELS: {
        "top": (),
        "agency": ("agencies", "bao-dak-nong"),
        "wordpress": ("channels", "cong-so"),
        "telegram": ("channels", "telegram-tinh"),
        "loudspeaker": ("channels", "loa-cu-jut"),
        "inbox": ("channels", "bao"),
        "email": ("channels", "thu-rieng"),
        "defaults": ("defaults",),
        "mail": ("mail",),
        "alerts": ("alerts",),
        "receiver": ("alerts", "to", 0),
    },
}


def spared(own: Mapping[str, Any], other: Mapping[str, Any], path: Path) -> bool:
    """What others refer to; and what the other file says, so that it would be a duplicate here."""
    section = own.get(str(path[0])) if path[0] in ("agencies", "channels", "groups") else None
    named = section is not None and (len(path) == 1 or (len(path) == 2 and path[1] in section))
    return path[0] == "include" or path[0] in other or named


DATES = (
    "2022-03-01", " 2022-03-15\t", "2022-03-31", "2022-02-29", "2022-2-14", "14/03/2022", "2022-04-31", "1899-12-31",
    "2200-01-01", "2022-13-01", "2022-00-10", "2022-03-00", "2022-03-01T08:00", "２０２２-03-01", 20220301,
    "2100-02-29", "1900-02-29", "today",
)  # fmt: skip
_LENGTHS = (
    "30m", "12h", "5 days", "2 Weeks", " 1  day ", "0m", "90s", "3660 days", "87840h", "522w", "1 wee\u212a",
    "3661 days", "87841h", "523w", "1000000s", "5", 5, "-5m", "1.5h", "5 ngày", "m", "10 min", "5day s", "１m", "10m\n",
)  # fmt: skip
_CLOCKS = (
    "08:00",
    "8:00",
    "00:00",
    "23:59",
    " 05:15 ",
    "24:00",
    "08:60",
    "8h",
    "0800",
    800,
    "8:0",
    "08:00:00",
    "25:00",
    "８:00",
)
URLS = (
    "https://www.example.gov.vn", "http://example.gov.vn:8080/a?b#c", "HTTPS://EXAMPLE.VN", "https://[::1]/",
    "https://10.0.0.7", "https://đắk-nông.vn", "https://example.vn:", "https://@example.vn", "http://example.vn:65535/",
    "example.gov.vn", "ftp://example.vn", "https://", "https:///a", "https://a b.vn", "https://u:p@example.vn",
    "https://example.vn:0", "https://example.vn:65536", "https://example.vn:x", "https://[::g]/", "https:/example.vn",
    "https://a[::1]/", "https://u@example.vn", "https://example.vn/a b",
)  # fmt: skip
_SECRETS = ("${TOKEN}", " ${_a1} ", "$TOKEN", "${}", "${1A}", "${A-B}", "hunter2", "${A}${B}", 12345678, "{TOKEN}")
_RATES = (
    "30/minute", "1 / day", "999999/Hour", "0/minute", "30", 30, "30/minutes", "30/week", "1000000/day", "/minute",
    "1.5/hour", "00/second", "007/second",
)  # fmt: skip
_TEXTS = ("Thêm một", "x", " ", "", 56, True)
_REFERENCES = ("so-tttt", ["so-tttt"], "", 7, True, None)
_PICKS = ("all", "next", "Next", "NEXT ", "first", 1)
_QUIETS = (
    "21:00-05:00", ["11:30-13:30", " 20:00 - 6:00 "], [], "21:00-21:00", "5:00-05:00", "21-05", "21:00–05:00",
    "21:00-24:00", "21:00-05:00-06:00", ["21:00-05:00", "x"], ["00:00-12:00", "12:00-00:00"], 21,
)  # fmt: skip
_EMAILS = (
    "a@b.vn", " a.b+c@so.example.gov.vn ", "a@b", "a@", "@b.vn", "a b@c.vn", "Phòng <a@b.vn>", "a@b..vn", "a@b.vn.",
    f"{'a' * 64}@b.vn", f"{'a' * 65}@b.vn", "á@b.vn",
)  # fmt: skip
_HOSTS = (
    "cms.example.gov.vn", "CMS.Example", " 10.0.0.7 ", "::1", "[fe80::1%eth0]", "a" * 63, "https://cms.example",
    "cms.example:80", "-a.vn", "a_b.vn", "a..b", "a" * 64, "::g", "", 10, "đắk.vn", "1::2::3",
)  # fmt: skip

_LATE = {"grace": _LENGTHS, "then": ("skip", "send", "ask", "wait", "SKIP", True)}
_LATES = ({"grace": "1h"}, {}, {"then": "ask"}, "30m", {"grace": None}, {"graces": "1h"}, [{"grace": "1h"}])


def _entries(good: Any, *others: Any) -> Mapping[str, tuple[Any, ...]]:
    """What may stand below a new name, and names of all kinds."""
    names = ("9", "a-", "a" * 63, "Mới", "moi_2", "-a", "a.b", "", "a" * 64, "a b", "A")
    return {"moi": (good, *others), **dict.fromkeys(names, (good,))}


# fmt: off
VALUES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "top": {
        "timezone": (
            "Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "asia/ho_chi_minh", "Hanoi", "+07:00", "Asia", "../UTC", 7,
        ),
        "holidays": ("VN", "VNM", "US", "vn", "VN ", "Vietnam", "HolidayBase", "XX", 84),
        "allow_hosts": (["cms.example"], *_HOSTS, [], [["a.vn"]]),
        "defaults": ({"late": {"grace": "1h"}}, {"late": {"grace": None}}, {"quiet": "21:00-05:00"}, {"at": "08:00"}),
        "mail": (
            {"host": "m.vn", "from": "a@b.vn"}, {"host": "m.vn"}, {}, {"from": "a@b.vn"},
            {"host": "m.vn", "from": "a@b.vn", "security": "none"},
            {"host": "m.vn", "from": "a@b.vn", "security": "none", "username": "u", "password": "${P}"},
            {"host": "m.vn", "from": "a@b.vn", "username": "u"},
        ),
        "alerts": ({}, {"to": []}, {"to": None}, {"to": [{}]}, {"to": {"apprise": "${S}"}}, {"to": "a@b.vn"}),
    },
    "campaigns": _entries(
        {"title": "C"}, {"title": "C", "schedules": {}}, {}, None, [], "C", {"title": "C", "at": "so"},
    ),
    "schedules": _entries(
        {"content": "a.md", "at": "08:00", "to": "so"}, [{"content": "a.md", "cron": "0 8 * * *", "to": "so"}], [], {},
        [[]], None, "a.md", [None], {"content": "a.md", "at": "08:00"}, [{"content": "a.md", "to": "so"}],
    ),
    "agencies": _entries(
        {"name": "X"}, {"name": "X", "parent": "so-tttt"}, {"name": ""}, {}, None, "X", [], {"nam": "X"},
    ),
    "channels": _entries(
        {"kind": "inbox", "agency": "so-tttt"}, {"kind": "inbox"}, {"kind": "fax", "agency": "so-tttt"}, {}, None, [],
        {"agency": "so-tttt"}, "inbox", {"kind": "loudspeaker", "agency": "so-tttt", "sessions": ["05:00"]},
        {"kind": "loudspeaker", "agency": "so-tttt", "sessions": "05:00"}, {"kind": None, "agency": "so-tttt"},
    ),
    "groups": _entries("bao", ["bao", "so"], [], None, [1], [[]], {}, {"bao": None}, [None], True),
    "campaign": {
        "title": _TEXTS,
        "document": _TEXTS,
        "from": ("2022-02-14", "2000-02-29", "1904-02-29", *DATES[3:]),
        "until": ("2022-05-31", "2096-02-29", " 2199-12-31 ", *DATES[3:]),
        "approval": ("none", "every-post", "once-per-text", "yes", "None", "once per text", True, False),
        "facts": (
            {"a": 1}, {}, {"a": [1, {"b": "c"}]}, {"a": None}, {"a": [None]}, {"facts": 1}, {"channel": "x"},
            {"a": 2**53}, {"a": 2**53 + 1}, {"a": -(2**53) - 1}, {"a": Raw("1.50")}, {"a": Raw(".inf")}, {"": "x"},
            {"a": True}, [],
        ),
        "schedules": (
            {}, None, {"s": None}, {"s": []}, {"S": {"content": "a.md", "at": "08:00", "to": "so"}}, [], False, "",
            {"s": {"content": "a.md", "at": "08:00", "to": "so"}}, {"s": {"content": "a.md", "at": "08:00"}},
            {"s": [{"content": "a.md", "at": "08:00"}]}, {"s": [None]}, {"s": {}},
        ),
    },
    "schedule": {
        "content": (
            "tri-an.md", "loa/", "./", "a/b c.md", ".md", "a.md/", "ă/x.md", "tri-an", "/a.md", "a//b.md", "../a.md",
            "a/../b.md", "a\\b.md", "C:/a.md", "~a.md", "a.md ", "A.MD", "./a.md", "a/./b.md", "a.txt", "//", 5,
            ["a.md"],
        ),
        "feed": URLS,
        "match": ("x", ["a", "b"], [""], [], [1], [["a"]]),
        "limit": (2, 1, 1000, 0, 1001, -1, "2", Raw("2.0"), 2.5, True, [2]),
        "pick": _PICKS,
        "days": (
            "weekdays", "mon", "Monday", " last  FRI ", ["mon", 14], "weekend", "last", 31, "31", "014", "5th sun",
            "2022-03-08", ["2022-03-08", "tue"], "wee\u212adays", 0, 32, "32", -1, 14.5, Raw("14.0"), True, "6th mon",
            "2 tue", "tues", "thứ hai", "2022-02-30", "08/03/2022", "2022-03-01..2022-03-08", [], [[14]], "holidays",
            "0014", "",
        ),
        "every": (
            "3 days", "1 day", "2 weeks", "1 month", "12  Months", "9999 days", "0 days", "10000 days", "days",
            "2weeks", "2 years", 2, "-1 days", "1.5 days", ["2 weeks"], "00 weeks",
        ),
        "except": (
            "holidays", "2022-04-15", "2022-04-30..2022-05-03", ["holidays", "2022-04-15"],
            "2022-04-30 .. 2022-05-03", "2022-04-30..", "..2022-05-03", "2022-05-03..2022-04-30", "2022-04-31",
            "Holidays", "mon", [], 14, "2022-04-30...2022-05-03", ["2022-04-15", "x"],
        ),
        "if_holiday": ("send", "before", "after", "skip", "Skip", "none", False),
        "at": (
            *_CLOCKS, ["08:00", "16:30"], "sessions", ["sessions"], ["sessions", "08:00"], ["sessions", "sessions"],
            "session", " sessions", [], ["08:00", 9], [["08:00"]],
        ),
        "cron": (
            "30 6 1 * *", "0 0 * * MON-FRI", "*/15 8-17 * jan,Jul sun", "0 7 L * *", "0 7 LW * *", "0 7 * * 5L",
            "0 7 * * 2#1", " 0  7 * * 7 ", "5/20 * * * *", "00 07 01 01 1", "30 6 1 *", "60 6 1 * *", "30 24 1 * *",
            "30 6 0 * *", "30 6 32 * *", "30 6 1 13 *", "30 6 1 * 8", "30 6 1 * mon-sun", "17-5 6 1 * *", "a 6 1 * *",
            "@daily", "30 6 1 * * *", "*/0 6 1 * *", "30 6 1 * 1#6", "1,,2 6 1 * *", "30 6 31 2 *", "30 6 30 2 *",
            "-1 6 1 * *", "30 6 1 feb-jan *", ", 6 1 * *", 30, "1, 6 1 * *",
        ),
        "from": DATES,
        "until": DATES,
        "to": ("so", ["so", "bao"], "cong-so", [], "", [""], 5, [["so"]], {"so": 1}, "Sở"),
        "spread": _LENGTHS,
        "rest": _LENGTHS,
        "late": _LATES,
        "quiet": _QUIETS,
    },
    "late": _LATE,
    "agency": {"name": _TEXTS, "parent": _REFERENCES, "contact": (*_EMAILS, ["a@b.vn", "x"], [])},
    "wordpress": {
        "agency": _REFERENCES,
        "rate": _RATES,
        "url": (*URLS, "https://a.vn/wp-admin/", "https://a.vn/wp-json", "https://a.vn/tin/wp-content"),
        "username": _TEXTS,
        "password": _SECRETS,
        "kind": ("inbox", "Wordpress", "blog", 5, None, ["wordpress"]),
    },
    "telegram": {
        "chat": (
            "@kenh", -1001234567890, 42, "-1001234567890", " @Ten_Kenh ", "@ab", "@1abc", "kenh", 0, "0", -0.5, True,
            10**19 - 1, 10**19, -(10**19), f"@{'a' * 32}", f"@{'a' * 33}", "@tên", "https://t.me/x", Raw("5.0"),
        ),
        "token": _SECRETS,
        "api": URLS,
        "preview": (False, True, "yes", "No", "OFF", 1, 0, "t", 2, -1, "oui", "", " yes", 1.5, Raw("1.0"), []),
    },
    "loudspeaker": {
        "send_to": (*_EMAILS, ["a@b.vn", "x"], []),
        "sessions": (["05:15", "17:00"], [" 5:15"], [], "05:15", ["05:15", "x"], [5], ["24:00"], {"a": "05:15"}),
        "length": _LENGTHS,
        "ready": _LENGTHS,
        "syllables_per_minute": (170, 50, 400, 49, 401, "170", Raw("170.0"), 170.5, True, [170]),
        "rate": _RATES,
    },
    "email": {
        "to": (*_EMAILS, ["a@b.vn", "c@d.vn"], [], ["a@b.vn", "x"]),
        "reply_to": _EMAILS,
        "host": _HOSTS,
        "port": (25, 1, 65535, 0, 65536, "25", Raw("25.0"), True),
        "security": ("tls", "starttls", "none", "ssl", "TLS", True),
        "username": _TEXTS,
        "password": _SECRETS,
        "from": _EMAILS,
    },
    "inbox": {"name": ("x",), "agency": _REFERENCES, "url": ("https://a.vn",)},
    "defaults": {"late": _LATES, "quiet": _QUIETS},
    "mail": {
        "host": _HOSTS,
        "port": (25, 1, 65535, 0, 65536, "25", Raw("25.0"), True),
        "security": ("tls", "starttls", "none", "ssl", "TLS", True),
        "username": _TEXTS,
        "password": _SECRETS,
        "from": _EMAILS,
    },
    "alerts": {
        "to": (
            {"email": "a@b.vn"}, [{"email": "a@b.vn"}, {"apprise": "${S}"}], [], {}, [{}], [None], "a@b.vn",
            ["a@b.vn"], {"email": "a@b.vn", "apprise": "${S}"},
        ),
        "lang": ("vi", "en", "VI", "de"),
        "approval_before": _LENGTHS,
        "disk_free": (
            "500MB", "2 gb", "1.5TB", "1.234kB", "500", 500, "500M", "1.2345GB", "1000000MB", "-1GB", "500\u212aB",
        ),
        "digest": _CLOCKS,
        "ping": _SECRETS,
    },
    "receiver": {
        "email": (*_EMAILS, ["a@b.vn", "c@d.vn"], [], ["a@b.vn", "x"]),
        "apprise": _SECRETS,
        "about": ("failed", ["failed", "missed"], [], "everything", ["Failed"], [None]),
        "campaigns": ("song-va-may-tinh", ["song-va-may-tinh"], [], "", [7]),
        "agencies": _REFERENCES,
    },
}
# fmt: on
