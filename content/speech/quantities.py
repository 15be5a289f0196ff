"""Numbers with what they count: decimals, ranges, percentages, money, units; and numbers by themselves."""

import re

from content.speech.numbers import decimal, month, ordinal, quantity, spelled
from content.speech.rules import Place, Reading, Rule, ending

_SPACE = "[ \u00a0\u202f\u2009]"
#: `1.234.567,8`, `1 234 567`, `1,234,567.8`, `3,05`.
NUMBER = (
    r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?:,\d+)?|\d{1,3}(?: \d{3}){2,}"
    r"|\d{1,3}(?: 000)+|\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3}(?:,\d{3})+\.\d+|\d+(?:[.,]\d+)?)"
)
_WHOLE = r"(?![.,]?\d)"  # behind a number: it ends there
_DASH = r"[ \u00a0]?[-–—][ \u00a0]?"

#: What follows a number, as it is written, and how it is read.
UNITS = {
    **{"%": "phần trăm", "‰": "phần nghìn", "°C": "độ xê", "℃": "độ xê", "ºC": "độ xê", "°F": "độ ép", "°": "độ"},
    **{"đ": "đồng", "₫": "đồng", "Đ": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "vnd": "đồng"},
    **{"USD": "đô la Mỹ", "$": "đô la", "US$": "đô la Mỹ", "EUR": "ơ-rô", "€": "ơ-rô", "£": "bảng Anh", "¥": "yên"},
    **{"k": "nghìn", "tr": "triệu", "trđ": "triệu đồng", "tỷđ": "tỷ đồng", "tỉ": "tỉ"},
    **{"mm": "mi-li-mét", "cm": "xăng-ti-mét", "dm": "đề-xi-mét", "m": "mét", "km": "ki-lô-mét", "hm": "héc-tô-mét"},
    **{"ha": "héc-ta", "Ha": "héc-ta", "mg": "mi-li-gam", "g": "gam", "gr": "gam", "kg": "ki-lô-gam"},
    **{"Kg": "ki-lô-gam"},
    **{"µg": "mi-crô-gam", "μg": "mi-crô-gam", "ml": "mi-li-lít", "mL": "mi-li-lít", "l": "lít", "L": "lít"},
    **{"W": "oát", "kW": "ki-lô-oát", "KW": "ki-lô-oát", "MW": "mê-ga-oát", "kWh": "ki-lô-oát giờ", "V": "vôn"},
    **{"KWh": "ki-lô-oát giờ", "kWp": "ki-lô-oát đỉnh", "MWp": "mê-ga-oát đỉnh", "kV": "ki-lô-vôn", "KV": "ki-lô-vôn"},
    **{"kVA": "ki-lô-vôn am-pe", "KVA": "ki-lô-vôn am-pe", "Hz": "héc", "kHz": "ki-lô-héc", "MHz": "mê-ga-héc"},
    **{"GHz": "gi-ga-héc", "KB": "ki-lô-bai", "kB": "ki-lô-bai", "MB": "mê-ga-bai", "GB": "gi-ga-bai"},
    **{"TB": "tê-ra-bai"},
    **{"Mbps": "mê-ga-bít trên giây", "Mb/s": "mê-ga-bít trên giây", "Gbps": "gi-ga-bít trên giây"},
    **{"dB": "đề-xi-ben", "inch": "inh", "ppm": "phần triệu", "mmHg": "mi-li-mét thủy ngân", "kcal": "ki-lô ca-lo"},
    **{"h": "giờ", "s": "giây", "ms": "mi-li giây", "ph": "phút"},
}  # fmt: skip
for _of, _read in (("mm", ""), ("cm", ""), ("dm", ""), ("m", ""), ("km", "")):
    for _power, _words in (("2", "vuông"), ("²", "vuông"), ("3", "khối"), ("³", "khối")):
        UNITS[_of + _power] = f"{UNITS[_of]} {_words}"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_UNIT_END = r"(?![\w²³])"
#: A unit behind a number, and what it is by: `km/h`.
_MEASURE = rf"(?:{_SPACE}?(?P<unit>{_UNIT}){_UNIT_END}(?:/(?P<by>{_UNIT}){_UNIT_END})?)?"

_ORDINAL = ending("thứ", "lần thứ", "hạng thứ")
_MONTH = ending("tháng")
_VERSION = ending("mục", "điểm", "khoản", "tiểu mục", "phần", "chương", "bảng", "hình", "phiên bản", "phụ lục", "điều")
_SHORT_CALLS = ending(
    *("gọi", "gọi số", "điện thoại", "đường dây nóng", "tổng đài", "hotline", "zalo", "số máy", "đầu số", "cứu hộ"),
    *("đt", "sđt", "cấp cứu", "nhắn tin", "gọi ngay", "gọi tới", "gọi đến", "cảnh sát", "chữa cháy", "tel"),
    *("(?:điện thoại|nóng|tổng đài|hotline|đt|sđt|tel|zalo) ?:?(?: số)?", "liên hệ(?: số)?:?"),
    r"(?:gọi|nóng|tổng đài)[ :]*(?:số )?(?:\d{3,4}(?:,| và| hoặc| hay) ?)+",
)
_SCORES = ending("tỷ số", "tỉ số")
_CODES = ending(
    *(rf"(?:{word})(?: số)? ?:?" for word in ("cccd", "cmnd", "căn cước(?: công dân)?", "chứng minh nhân dân", "stk")),
    *("(?:số )?tài khoản(?: số)? ?:?", "mã số(?: thuế)? ?:?", "mst ?:?", "mã ?:?", "mã hồ sơ ?:?"),
)


def said(number: str) -> str:
    """A number as it is written, in words."""
    digits = re.sub(r"[ \u00a0\u202f\u2009]", "", number)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}", digits):  # as in English
        digits = digits.replace(",", "").replace(".", ",")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", digits):
        digits = digits.replace(".", "")
    whole, _, fraction = digits.replace(".", ",").partition(",")
    return decimal(whole, fraction) if fraction else quantity(whole)


def _measure(place: Place) -> str:
    """What a number counts, with a space before it; empty if it is a mere number."""
    unit, by = place.found["unit"], place.found["by"]
    return (f" {UNITS[unit]}" if unit else "") + (f" trên {UNITS[by]}" if by else "")


def _quantity(place: Place) -> str | Reading | None:
    sign, number = place.found["sign"], place.found["number"]
    what = _measure(place)
    if not what and not sign and number.isdecimal():
        return _bare(place, number)
    is_section = re.fullmatch(r"\d+\.\d{1,2}", number) and (number.endswith(".0") or place.follows(_VERSION))
    if not what and is_section:
        return " chấm ".join(map(quantity, number.split(".")))
    return {"": "", "+": "cộng ", "±": "cộng trừ "}.get(sign, "âm ") + said(number) + what


def _bare(place: Place, digits: str) -> str:
    """A number that counts nothing that we know."""
    if place.follows(_ORDINAL):
        return ordinal(int(digits))
    if place.follows(_MONTH):
        return month(int(digits))
    if 2 < len(digits) <= 6 and place.follows(_SHORT_CALLS):
        return spelled(digits)
    if len(digits) > 5 and place.follows(_CODES):
        return spelled(digits)
    return quantity(digits) if len(digits) < 9 else spelled(digits)


def _range(place: Place) -> str | None:
    first, last = place.found["first"], place.found["last"]
    what = _measure(place)
    if place.follows(_SCORES) and not what:
        return f"{said(first)} {said(last)}"
    own = place.found["own"]
    if own and UNITS.get(own) == what.strip():
        own = None
    return f"{said(first)}{f' {UNITS[own]}' if own else ''} đến {said(last)}{what}"


def _before_money(place: Place) -> str:
    """`$100`."""
    return f"{said(place.found[2])} {UNITS[place.found[1]]}"


def _product(place: Place) -> str:
    numbers = re.split(r"[ \u00a0]?[x×X*][ \u00a0]?", place.found["product"])
    return " nhân ".join(map(said, numbers)) + _measure(place)


def _ratio(place: Place) -> str | Reading:
    """`1:100`, `2:1`."""
    first, last = place.found.groups()
    if len(last) > 2 or re.search(r"(?:tỷ|tỉ) lệ\s*(?:\w+\s*)?:?$", place.before):
        return f"{quantity(first)} trên {quantity(last)}"
    return place.doubtful(f"{quantity(first)}, {quantity(last)}")


def _share(place: Place) -> str:
    """`71/71`, `150/182`."""
    return " trên ".join(map(said, place.found[0].split("/")))


def _sections(place: Place) -> str:
    """`1.2.3`."""
    return " chấm ".join(map(quantity, place.found[0].split(".")))


def _with_letter(place: Place) -> str | None:
    """`5A`, `14C`."""
    if not place.found[2].isalpha():  # a half is none
        return None
    return f"{quantity(place.found[1])} {place.found[2]}"


RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"(?P<product>{NUMBER}(?:{_SPACE}?[x×X*]{_SPACE}?{NUMBER})+){_WHOLE}{_MEASURE}", _product),
        (rf"(US\$|[$€£¥₫]){_SPACE}?({NUMBER}){_WHOLE}", _before_money),
        (
            rf"(?P<first>{NUMBER})(?:{_SPACE}?(?P<own>{_UNIT}){_UNIT_END})?{_DASH}(?P<last>{NUMBER}){_WHOLE}(?!{_DASH}\d)"
            rf"{_MEASURE}(?!\w)",
            _range,
        ),
        (rf"(?!\d{{1,3}}(?:\.\d{{3}})+{_WHOLE})\d+(?:\.\d+){{2,}}(?!\w)", _sections),
        (rf"{NUMBER}/{NUMBER}{_WHOLE}(?![\w/])", _share),
        (r"(\d{1,3}):(\d{1,7})(?![\w:])", _ratio),
        (r"(\d{1,4})([^\W\d_])(?!\w)(?<![đĐmglVWLhsk])", _with_letter),
        (rf"(?P<sign>[-−–+±]?)(?P<number>{NUMBER}){_WHOLE}{_MEASURE}", _quantity),
        (r"(?P<sign>)(?P<number>\d+)(?P<unit>(?!))?(?P<by>(?!))?", _quantity),
    )
)
