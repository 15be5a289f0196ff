"""Front matter of messages, and for each of its keys values that are right and values that are nearly so."""

from collections.abc import Mapping
from typing import Any

from tests.schema_values import DATES, URLS
from tests.yaml_writer import Path, Raw

EXAMPLES: tuple[Mapping[str, Any], ...] = (
    {
        "title": "Thêm 20 máy tính cho học sinh Đắk Mil",
        "summary": "Hai mươi học sinh khó khăn vừa được trao máy tính.",
        "author": "Phòng Thông tin – Báo chí – Xuất bản",
        "date": "2022-02-21",
        "link": "https://so.example.gov.vn/tin",
        "image": {"file": "anh/trao-may.jpg", "alt": "Các em học sinh nhận máy tính"},
        "tags": ["Sóng và máy tính cho em", "Giáo dục"],
        "lang": "vi",
        "expires": "2022-05-31 17:00",
        "priority": "priority",
        "for": {"telegram": "20 em ở Đắk Mil đã có máy tính. Xin gọi {{ hotline }}."},
    },
    {"title": "Mẫu tri-an", "author": "Phòng Thông tin"},
)
PLACES: Mapping[str, Path] = {"message": (), "image": ("image",)}

_LINES = (
    "Một dòng",
    " x ",
    "a\nb",
    "a { b } %",
    "",
    " ",
    "{{ hotline }}",
    "{% if a %}",
    "{# a #}",
    7,
    True,
    ["a"],
    None,
)
_MOMENTS = (
    *DATES, "2022-03-01 08:00", "2022-03-01T8:00", "2022-03-01 08:00:59", "2022-03-01T08:00Z", "2022-03-01 08:00+07:00",
    "2022-03-01 24:00", "2022-03-01 08:60", "2022-03-01  08:00", "2022-03-01 08:00 +07:00", "2022-03-01 08:00+24:00",
    "2022-03-01 08:00+05:60", "2022-03-01 08", "08:00", None,
)  # fmt: skip

VALUES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "message": {
        "title": (*_LINES, "a" * 300, "a" * 301, "a " * 151, "a" * 150 + "   " + "b" * 149, "ă" * 300),
        "summary": (*_LINES, "a" * 301),
        "author": _LINES,
        "date": _MOMENTS,
        "link": (*URLS, None),
        "image": ({"file": "a.png", "alt": "x"}, {"file": "a.png"}, {"alt": "x"}, {}, "a.png", None, ["a.png"]),
        "tags": (["a", "b"], "a", [], "", [""], ["{{ a }}"], [7], [["a"]], None, {"a": "b"}),
        "lang": ("vi", "en", "zh-Hant", "VI", "v", "vi_VN", "vi-", "tiếng Việt", "vi\n", " vi", None),
        "expires": _MOMENTS,
        "priority": ("normal", "priority", "urgent", "Urgent", "high", 1, None),
        "for": ({}, {"telegram": "x"}, {"telegram": ""}, {"telegram": " \n"}, {"telegram": None}, {"x": 7}, [], "x"),
    },
    "image": {
        "file": (
            "anh/a.jpg", "a.JPEG", "a.PnG", "ảnh/b c.webp", "./a.gif", "a..b.png", "/a.jpg", "../a.jpg", "a/../b.png",
            "a\\b.png", "C:a.png", "http://a.vn/b.png", "a.bmp", "a", ".png", "a.png ", "a.gıf", "..", "", Raw("7"),
        ),
        "alt": _LINES,
    },
}  # fmt: skip


def role(path: Path, value: Any) -> str | None:
    """What a mapping of the front matter is."""
    return {(): "message", ("image",): "image"}.get(path)
