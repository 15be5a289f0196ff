"""Numbers as words of Vietnamese: cardinals, ordinals, decimals, digit by digit."""

from collections.abc import Iterator

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_POWERS = ("", "nghìn", "triệu")
#: The last digit after two tens and more, and what it is after one ten, too.
_AFTER_TENS = {1: "mốt", 5: "lăm"}
_BILLION = 10**9
#: Longer ones are no quantities, but codes: they are read digit by digit.
LONGEST = 15


def cardinal(number: int) -> str:
    """`105` as `một trăm linh năm`, `24` as `hai mươi tư`; of negative ones `âm` comes first."""
    if number < 0:
        return f"âm {cardinal(-number)}"
    if 20 < number < 100 and number % 10 == 4:  # in longer ones `bốn`, which is heard better
        return f"{_DIGITS[number // 10]} mươi tư"
    return " ".join(_words(number)) or _DIGITS[0]


def spelled(digits: str) -> str:
    """`0912` as `không chín một hai`; what is no digit is passed over."""
    return " ".join(_DIGITS[int(digit)] for digit in digits if digit.isdecimal())


def quantity(digits: str) -> str:
    """A run of digits as a number; digit by digit where it is a code: too long, or with noughts before it.

    One nought before a single digit is how offices write numbers below ten (`05 máy tính`), and is not read.
    """
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 2):
        return spelled(digits)
    return cardinal(int(digits))


def decimal(whole: str, fraction: str) -> str:
    """`3`, `5` as `ba phẩy năm`. Two decimals are read as one number, more of them digit by digit."""
    is_number = len(fraction) <= 2 and fraction[0] != "0"
    return f"{cardinal(int(whole))} phẩy {cardinal(int(fraction)) if is_number else spelled(fraction)}"


def ordinal(number: int) -> str:
    """What follows `thứ`: `nhất`, `hai`, …, `tư`."""
    return {1: "nhất", 4: "tư"}.get(number) or cardinal(number)


def month(number: int) -> str:
    """What follows `tháng`: the fourth is `tư`."""
    return "tư" if number == 4 else cardinal(number)


def _words(number: int, *, is_tail: bool = False) -> Iterator[str]:
    """The words of a number above nought; the tail of a larger one names its empty hundreds, too."""
    billions, rest = divmod(number, _BILLION)
    if billions:
        yield from _words(billions, is_tail=is_tail)
        yield "tỷ"
        is_tail = True
    for place in (2, 1, 0):
        group = rest // 1000**place % 1000
        if group:
            yield from _group(group, is_tail=is_tail)
            yield from filter(None, (_POWERS[place],))
            is_tail = True


def _group(group: int, *, is_tail: bool) -> Iterator[str]:
    """The words of 1 to 999."""
    hundreds, (tens, ones) = group // 100, divmod(group % 100, 10)
    if hundreds or is_tail:
        yield from (_DIGITS[hundreds], "trăm")
    if tens > 1:
        yield from (_DIGITS[tens], "mươi")
    elif tens:
        yield "mười"
    elif ones and (hundreds or is_tail):
        yield "linh"
    if ones == 5 and tens:
        yield _AFTER_TENS[5]
    elif ones:
        yield _AFTER_TENS.get(ones, _DIGITS[ones]) if tens > 1 else _DIGITS[ones]
