"""Patterns for the JSON Schemas that editors get: the little languages of values, exactly as their parsers read them.

They are searched by ECMAScript's rules and by Python's, so they keep to what means the same in both: no `\\d`, `\\s`
or flags; letters in both cases and white space are written out.
"""

from collections.abc import Iterable
from typing import Any

#: What `str.strip`, `str.split` and `\s` take for white space, as the inside of a character class.
SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
MAY_SPACE = f"[{SPACE}]*"
SPACES = f"[{SPACE}]+"
BLACK = f"[^{SPACE}]"  # anything else

_OTHERS = {"k": "\\u212a"}  # what `str.lower` makes a plain letter of: the sign of Kelvin
#: A letter, digit or hyphen of a host's name, before `str.lower`.
_HOST_SIGN = "[A-Za-z0-9\\u212a-]"


def text(pattern: str, hint: str, *examples: str, spaced: bool = True) -> dict[str, Any]:
    """The schema of a text that matches as a whole, with what an editor says of one that does not.

    spaced: white space may stand around it.
    """
    inner = f"{MAY_SPACE}(?:{pattern}){MAY_SPACE}" if spaced else f"(?:{pattern})"
    schema = {"type": "string", "pattern": f"^{inner}$(?!\\n)", "patternErrorMessage": hint}
    return schema | ({"examples": list(examples)} if examples else {})


def words(choices: Iterable[str], hint: str) -> dict[str, Any]:
    """The schema of one of these words, with what an editor says of others instead of listing them."""
    return {"enum": list(choices), "errorMessage": hint}


def any_of(ways: Iterable[str]) -> str:
    """Any of these alternatives."""
    return f"(?:{'|'.join(ways)})"


def any_case(word: str) -> str:
    """A word in small or capital letters, mixed as one likes."""
    return "".join(f"[{s}{s.upper()}{_OTHERS.get(s, '')}]" if s.isalpha() else s for s in word)


def at_most(number: int) -> str:
    """The whole numbers from 0, written with as many digits as this one, or fewer."""
    digits = str(number)
    if not digits.strip("9"):
        return f"[0-9]{{1,{len(digits)}}}"
    ways = [digits] + ([f"[0-9]{{1,{len(digits) - 1}}}"] if len(digits) > 1 else [])
    for index, digit in enumerate(digits):
        if digit != "0":
            ways.append(f"{digits[:index]}[0-{int(digit) - 1}]" + "[0-9]" * (len(digits) - index - 1))
    return any_of(ways)


def counted(digits: int, most: int) -> str:
    """A number up to `most`, of at most so many digits, noughts before it included."""
    return f"(?=[0-9]{{1,{digits}}}(?![0-9]))0*{at_most(most)}"


#: Before a number: it is not nought.
NOT_NOUGHT = "(?!0+(?![0-9]))"

CLOCK = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"

_LONG_MONTHS, _MONTHS = "(?:0[13578]|1[02])", "(?:0[1-9]|1[0-2])"
_LEAP_YEARS = "(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)"
_DAYS = any_of((f"{_MONTHS}-(?:0[1-9]|1[0-9]|2[0-8])", "(?:0[13-9]|1[0-2])-(?:29|30)", f"{_LONG_MONTHS}-31"))
#: A day of the calendar, from 1900 to 2199.
DATE = f"(?:(?:19|20|21)[0-9]{{2}}-{_DAYS}|{_LEAP_YEARS}-02-29)"


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = f"{_OCTET}(?:\\.{_OCTET}){{3}}"
_GROUP = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """Eight groups, or fewer around one `::`; an address of IPv4 may stand for the last two."""
    ways = [f"(?:{_GROUP}:){{6}}(?:{_GROUP}:{_GROUP}|{_IPV4})"]
    for before in range(8):
        head = f"{_GROUP}(?::{_GROUP}){{{before - 1}}}" if before else ""
        after = [f"(?:{_GROUP}:){{0,{6 - before}}}{_GROUP}"] if before < 7 else []
        after += [f"(?:{_GROUP}:){{0,{5 - before}}}{_IPV4}"] if before < 6 else []
        ways.append(f"{head}::" + (f"{any_of(after)}?" if after else ""))
    return any_of(ways)


IPV6 = _ipv6()

#: A host's name or address, with brackets or without.
HOST = any_of(
    (
        f"(?!-){_HOST_SIGN}{{1,63}}(?:\\.{_HOST_SIGN}{{1,63}})*",
        f"\\[?(?:{_IPV4}|{IPV6}(?:%[^%]+)?)\\]?",
    )
)
