"""Days and times as Vietnamese offices write them and announcers read them."""

from datetime import date, datetime, time

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def written_day(day: date) -> str:
    """`thứ Hai, ngày 07 tháng 02 năm 2022`: days under 10 and the months 1 and 2 are padded (Decree 30/2020)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{_WEEKDAYS[day.weekday()]}, ngày {day.day:02} tháng {month} năm {day.year}"


def spoken_day(day: date) -> str:
    """`thứ Hai, ngày 7 tháng 2 năm 2022`."""
    return f"{_WEEKDAYS[day.weekday()]}, ngày {day.day} tháng {day.month} năm {day.year}"


def clock(moment: time | datetime) -> str:
    """`5 giờ 15 phút`, `17 giờ`."""
    return f"{moment.hour} giờ" + (f" {moment.minute} phút" if moment.minute else "")


def length(seconds: int) -> str:
    """`4 phút 20 giây`, `15 phút`, `40 giây`."""
    minutes, rest = divmod(seconds, 60)
    parts = [f"{minutes} phút"] if minutes else []
    if rest or not parts:
        parts.append(f"{rest} giây")
    return " ".join(parts)


def short(moment: datetime) -> str:
    """`08:00, thứ Hai 14/02/2022`."""
    return f"{moment:%H:%M}, {_WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"
