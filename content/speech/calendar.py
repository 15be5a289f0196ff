"""Dates and times of day as they are read: `15/02/2022`, `17h30`, `7-11h`."""

import re

from content.speech.numbers import cardinal, month
from content.speech.rules import Place, Reading, Rule, beginning, ending

_DASH = r"[ \u00a0]?[-–—][ \u00a0]?"
_END = r"(?![\w/]|[.,:-]\d)"
_DAY, _YEAR = r"(\d{1,2})", r"(\d{4})"

_OF_DAYS = ending("ngày", "mùng", "mồng", "mống")
_OF_MONTHS = ending("tháng")
_OF_QUARTERS = ending("quý")
#: After these, `2/9` is a day.
_BEFORE_DAYS = ending(
    *("ngày", "mùng", "mồng", "hôm", "sáng", "trưa", "chiều", "tối", "đêm", "hôm nay", "dịp", "lễ", "tết", "đợt"),
    *("thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])[ ,(]*", "chủ nhật[ ,(]*", "quốc khánh", "phụ nữ", "thiếu nhi", "lao động"),
    *("sau", "trước", "hạn", "hết", "từ", "kể từ", "đến", "tới", "vào", "nhà giáo việt nam", "cách mạng tháng tám"),
)
_NUMBERED = ending("lớp", "phòng", "số nhà", "ngõ", "hẻm", "kiệt", "đường")
#: After these, it is a part of something,
_BEFORE_PARTS = ending(
    *("hơn", "gần", "khoảng", "chiếm", "đạt", "giảm", "tăng", "bằng", "còn", "được", "ít nhất", "tối thiểu", "quá"),
    *("tối đa", "có", "thực hiện", "hoàn thành", "đã có", "đã", "cả", "chưa đến", "chưa tới", "mới được", "kết quả"),
)
#: and before these too.
_OF_A_WHOLE = beginning("số", "tổng", "dân số", "diện tích", "quãng", "thời gian", "cơ số", "lượng", "chặng", "vòng")
#: Before these, it says how many of how many.
_COUNTED = beginning(
    *("xã", "phường", "thị trấn", "huyện", "thành phố", "tỉnh", "thôn", "bon", "buôn", "bản", "tổ dân phố", "khối"),
    *("trường", "lớp", "điểm", "đơn vị", "cơ quan", "tổ chức", "chỉ tiêu", "tiêu chí", "mục tiêu", "nhiệm vụ"),
    *("nội dung", "đại biểu", "phiếu", "hộ", "người", "em", "học sinh", "giáo viên", "cán bộ", "máy", "trạm", "cụm"),
    *("chương trình", "dự án", "công trình", "hồ sơ", "ca", "mẫu", "ý kiến", "đảng viên", "hội viên", "sở", "ngành"),
)


def _date(day: int, of_month: int, year: int | None = None, *, named: bool = False) -> str | None:
    """`ngày … tháng … năm …`, without the first word where it stands there already; None if there is no such day."""
    if not (1 <= day <= 31 and 1 <= of_month <= 12) or (year is not None and not 1000 <= year <= 2999):
        return None
    first = cardinal(day) if named else f"ngày {cardinal(day)}"
    return f"{first} tháng {month(of_month)}" + (f" năm {cardinal(year)}" if year is not None else "")


def _full(place: Place) -> str | None:
    day, _, of_month, year = place.found.groups()
    return _date(int(day), int(of_month), int(year), named=place.follows(_OF_DAYS))


def _iso(place: Place) -> str | None:
    year, of_month, day = map(int, place.found.groups())
    return _date(day, of_month, year, named=place.follows(_OF_DAYS))


def _days(place: Place) -> str | None:
    """`15-17/02/2022`."""
    first, last, of_month, year = place.found.groups()
    end = _date(int(last), int(of_month), int(year) if year else None)
    if end is None or not 1 <= int(first) < int(last):
        return None
    return f"{'' if place.follows(_OF_DAYS) else 'ngày '}{cardinal(int(first))} đến {end}"


def _from_day_to_day(place: Place) -> str | None:
    """`28/02-05/03/2022`, `20/12/2021-10/01/2022`."""
    day, of_month, year, last, last_month, last_year = (int(one or 0) for one in place.found.groups())
    start = _date(day, of_month, year or None, named=place.follows(_OF_DAYS))
    end = _date(last, last_month, last_year or None)
    return f"{start} đến {end}" if start and end else None


def _months(place: Place) -> str | None:
    """`2-4/2022` after `tháng`."""
    first, last, year = map(int, place.found.groups())
    if not (1 <= first < last <= 12 and place.follows(_OF_MONTHS)):
        return None
    return f"{month(first)} đến tháng {month(last)} năm {cardinal(year)}"


def _month_of_year(place: Place) -> str | None:
    """`02/2022`."""
    number, year = map(int, place.found.groups())
    if not 1000 <= year <= 2999:
        return None
    if place.follows(_OF_QUARTERS):
        return f"{cardinal(number)} năm {cardinal(year)}"
    if not 1 <= number <= 12:
        return None
    return f"{'' if place.follows(_OF_MONTHS) else 'tháng '}{month(number)} năm {cardinal(year)}"


def _day_or_part(place: Place) -> str | Reading | None:
    """`2/9`: the second of September, two ninths, or two out of nine."""
    first, last = map(int, place.found.groups())
    if place.found[0] in ("24/7", "24/24") or place.follows(_NUMBERED):
        return f"{cardinal(first)} trên {cardinal(last)}"
    day = _date(first, last, named=place.follows(_OF_DAYS))
    if day and place.follows(_BEFORE_DAYS):
        return day
    part = f"{cardinal(first)} phần {month(last)}"
    of = f"{cardinal(first)} trên {cardinal(last)}"
    if place.precedes(_COUNTED):
        return of
    is_part = 0 < first < last <= 10
    if place.precedes(_OF_A_WHOLE) or place.follows(_BEFORE_PARTS):
        return part if is_part else of
    if day is None or (place.found[0] in ("1/2", "1/3", "2/3", "1/4", "3/4")):
        return part if is_part else of
    return place.doubtful(day) if is_part else day


def _day_with_dash(place: Place) -> str | Reading | None:
    """`2-9` after `ngày`, as newspapers write days; it may also go from one day to another."""
    first, last = map(int, place.found.groups())
    day = _date(first, last, named=True)
    if day is None or not place.follows(_OF_DAYS):
        return None
    return place.doubtful(day) if first < last else day


_MINUTES = r"(?:[ \u00a0]?(?:phút|ph|p|['’′]))?"
_CLOCK = rf"(\d{{1,2}})(?:[ \u00a0]?h(?:[ \u00a0]?(\d\d){_MINUTES})?|g(\d\d){_MINUTES}|:(\d\d)(?::(\d\d))?)"
_CLOCK_END = r"(?!\w|[.,:/]\d)"


def _time(hour: str, *rest: str | None) -> str | None:
    """`… giờ … phút … giây`; None if there is no such time."""
    minute, second = next((one for one in rest[:3] if one), None), rest[3]
    if int(hour) > 24 or int(minute or 0) > 59 or int(second or 0) > 59:
        return None
    said = f"{cardinal(int(hour))} giờ"
    if minute and (int(minute) or second):
        said += f" {cardinal(int(minute))} phút"
    return f"{said} {cardinal(int(second))} giây" if second else said


def _at(place: Place) -> str | None:
    return _time(*place.found.groups())


def _how_many_hours(place: Place) -> str:
    return f"{cardinal(int(place.found[1]))} giờ"


def _from_time_to_time(place: Place) -> str | None:
    groups = place.found.groups()
    start, end = _time(*groups[:5]), _time(*groups[5:])
    return f"{start} đến {end}" if start and end else None


def _hours(place: Place) -> str | None:
    """`7-11h`."""
    start, *rest = place.found.groups()
    end = _time(*rest)
    return f"{cardinal(int(start))} giờ đến {end}" if end else None


def _sixtieths(place: Place) -> str:
    unit = "phút" if place.found[2] in "'’′" else "giây"
    return f"{cardinal(int(place.found[1]))} {unit}"


RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"{_DAY}/{_DAY}(?:/{_YEAR})?{_DASH}{_DAY}/{_DAY}(?:/{_YEAR})?{_END}", _from_day_to_day),
        (rf"{_DAY}{_DASH}{_DAY}/{_DAY}(?:/{_YEAR})?{_END}", _days),
        (rf"{_DAY}([/.-]){_DAY}\2{_YEAR}{_END}", _full),
        (rf"{_YEAR}-(\d\d)-(\d\d){_END}", _iso),
        (rf"{_DAY}{_DASH}{_DAY}/{_YEAR}{_END}", _months),
        (rf"{_DAY}/{_YEAR}{_END}", _month_of_year),
        (rf"{_CLOCK}{_DASH}{_CLOCK}{_CLOCK_END}", _from_time_to_time),
        (rf"(\d{{1,2}}){_DASH}{_CLOCK}{_CLOCK_END}", _hours),
        (rf"{_CLOCK}{_CLOCK_END}", _at),
        (rf"(\d{{1,4}})[ \u00a0]?h{_CLOCK_END}", _how_many_hours),
        (rf"(\d{{1,3}})(['’′\"”″]){_CLOCK_END}", _sixtieths),
        (rf"{_DAY}/{_DAY}{_END}", _day_or_part),
        (rf"{_DAY}[-.]{_DAY}{_END}", _day_with_dash),
    )
)
