"""What a cron expression is to an editor: a pattern of the five fields as the library `cronsim` reads them.

It accepts what `rules.check_times` accepts, but for days that no month in the expression has ("30 6 31 2 *").
"""

from collections.abc import Sequence

from content import patterns
from content.patterns import SPACE, SPACES, any_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_UPPER = {"s": "\\u017f", "i": "\\u0131"}  # what `str.upper` makes a plain letter of


def _word(word: str) -> str:
    return "".join(f"[{sign}{sign.upper()}{_UPPER.get(sign, '')}]" for sign in word)


def _from(first: int, last: int) -> str:
    """The whole numbers from first to last, of two digits at most."""
    ways = []
    for tens in range(first // 10, last // 10 + 1):
        low, high = max(first - 10 * tens, 0), min(last - 10 * tens, 9)
        ways.append(f"{tens or ''}[{low}-{high}]")
    return f"0*{any_of(ways)}(?![0-9])"


def _spans(first: int, last: int, names: Sequence[str] = ()) -> str:
    """`a-b`, where b is not less than a. The names are those of the numbers from first on."""
    ways = []
    for number in range(first, last + 1):
        start, ends = [f"0*{number or '0'}"], [_from(number, last)]
        if number - first < len(names):
            start.append(_word(names[number - first]))
            ends += map(_word, names[number - first :])
        ways.append(f"{any_of(start)}-{any_of(ends)}")
    return any_of(ways)


def _field(first: int, last: int, names: Sequence[str] = (), special: str = "", alone: str = "") -> str:
    """A field: terms between commas. `special` may have a step, `alone` may not."""
    stepped = any_of(filter(None, (r"\*", _spans(first, last, names), _from(first, last), *map(_word, names), special)))
    term = any_of(filter(None, (f"{stepped}(?:/{patterns.NOT_NOUGHT}[0-9]+)?", alone)))
    return f"(?:{term}(?:,(?=[^{SPACE}])|(?![^{SPACE}])))+"  # a comma, and more; or the end of the field


_NTH = f"{any_of((_from(0, 7), *map(_word, _WEEKDAYS)))}#0*[1-5]"
_FIELDS = (
    _field(0, 59),
    _field(0, 23),
    _field(1, 31, special="[Ll][Ww]?"),
    _field(1, 12, _MONTHS),
    _field(0, 7, _WEEKDAYS, alone=f"0*[0-7][Ll]|{_NTH}"),
)

CRON_SCHEMA = patterns.text(
    SPACES.join(_FIELDS),
    'write minute, hour, day of month, month and day of week, e.g. "30 6 1 * *" — '
    'viết phút, giờ, ngày, tháng, thứ, ví dụ "30 6 1 * *"',
    "30 6 1 * *",
)
