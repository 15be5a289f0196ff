"""Abbreviations and Roman numerals: what the lexicon knows, what is no abbreviation, and what nobody can know."""

import re

from content.speech.lexicon import Lexicon
from content.speech.numbers import cardinal, ordinal
from content.speech.rules import Place, Rule, ending
from content.vietnamese import fold

UPPER = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_TOKEN = re.compile(r"[^\W_]+(?:[-–/&.][^\W_]+)*\.?")
_NUMBERED = re.compile(rf"[{UPPER}]{{2,}}(?=\d)")  # `QL14`
_JOINT = re.compile(r"[-–/&.]")
_CAPITALS = re.compile(rf"[{UPPER}]{{2,}}")
_SHOUTED = re.compile(rf"[{UPPER}]{{2,}}(?![^\W_])")
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")
#: `R2D2`: letters and digits in turns.
_MIXED = re.compile(rf"[{UPPER}]+\d+[{UPPER}]\w*|\d+[{UPPER}]{{2,}}\w*")
_NEAR = 24  # characters
_BEFORE = re.compile(r"([^\W_]+)[ \u00a0“\"(,:]*$")
_AFTER = re.compile(r"[ \u00a0,“\"(:]*([^\W_]+)")

_ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_DEGREES = ending("độ")
_ORDINALS = ending("thứ", "lần thứ")
#: After these, one letter is a number, too.
_COUNTING = ending(
    *("thứ", "lần thứ", "khóa", "khoá", "kỳ", "quý", "chương", "phần", "đại hội", "thế kỷ", "thế kỉ", "hạng", "loại"),
    *("mục", "vùng", "khu vực", "tập", "quyển", "nhóm", "đợt", "giai đoạn", "cấp", "bậc", "vòng", "bảng", "phụ lục"),
    *("cụm", "hội nghị trung ương", "huân chương \\w+ \\w+ hạng"),
)
_HEADING = re.compile(r"[.)/][ \u00a0]")


def known_part(text: str, start: int, lexicon: Lexicon) -> str | None:
    """The longest part of the token that begins there which the lexicon knows, up to one of its joints."""
    found = _TOKEN.match(text, start)
    if found is None:
        return None
    token = found[0]
    ends = [len(token)]
    if (numbered := _NUMBERED.match(token)) is not None:
        ends.append(numbered.end())
    for joint in _JOINT.finditer(token):
        ends += [joint.start(), joint.end()] if joint[0] == "." else [joint.start()]
    for end in sorted(set(ends), reverse=True):
        part = token[:end]
        if (part in lexicon or (not part.isalpha() and part.upper() in lexicon)) and not _ends_line(text, start, part):
            return part
    return None


def spoken_part(part: str, lexicon: Lexicon) -> str:
    """How a part is read that `known_part` found."""
    return lexicon.get(part) or lexicon[part.upper()]


def mixed(text: str, start: int) -> int:
    """Where a code of letters and digits in turns ends that begins there; its start if there is none."""
    found = None if start and text[start - 1].isalnum() else _MIXED.match(text, start)
    return found.end() if found else start


def is_unknown(text: str, start: int, end: int) -> bool:
    """Whether these letters, which the lexicon does not know, are an abbreviation: no syllable, and not shouted."""
    part = text[start:end]
    if not _CAPITALS.search(part):
        return False
    if not _CAPITALS.fullmatch(part):  # VNeID, McDonald: a name, if it can be said at all
        return False
    return not (_SYLLABLE.fullmatch(fold(part)) or is_shouted(text, start, end))


def is_shouted(text: str, start: int, end: int) -> bool:
    """Whether a neighbour is written in capitals, too, and is a syllable: then it is a heading."""
    before, after = _BEFORE.search(text[max(0, start - _NEAR) : start]), _AFTER.match(text[end : end + _NEAR])
    near = [one[1] for one in (before, after) if one]
    return any(_SHOUTED.fullmatch(word) and _SYLLABLE.fullmatch(fold(word)) for word in near)


def _ends_line(text: str, start: int, part: str) -> bool:
    """Whether the full stop of `TP.` is one: then it is not of the abbreviation."""
    end = start + len(part)
    return part.endswith(".") and part.count(".") == 1 and (end == len(text) or text[end] in "\r\n")


def _roman(place: Place) -> str | None:
    numbers = [_value(one) for one in place.found["numerals"].split("-")]
    if not all(numbers):
        return None
    begins = not place.before and _HEADING.match(place.found.string, place.found.end())
    if not (begins or place.follows(_COUNTING) or _stands_alone(place)):
        return None
    read = ordinal if place.follows(_ORDINALS) else cardinal
    said = " đến ".join(map(read, numbers))
    said += "".join(f" chấm {cardinal(int(one))}" for one in place.found["sections"].split(".")[1:])
    return f"{said} năm {cardinal(int(place.found['year']))}" if place.found["year"] else said


def _stands_alone(place: Place) -> bool:
    """Two letters and more are a number by themselves; not in what is shouted, nor where they may be a name."""
    found = place.found
    if len(found["numerals"]) == 1 or found["year"] or set(found["numerals"]) & set("LC"):
        return False
    return not is_shouted(found.string, *found.span())


def _value(roman: str) -> int:
    if not _ROMAN.fullmatch(roman):
        return 0
    values = [_VALUES[letter] for letter in roman]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _degrees(place: Place) -> str | None:
    """`25 độ C`."""
    return {"C": "xê", "F": "ép"}[place.found[0]] if place.follows(_DEGREES) else None


_ROMAN_NUMBERS = r"(?P<numerals>[IVXLC]+(?:-[IVXLC]+)?)(?P<sections>(?:\.\d{1,3})*)(?:/(?P<year>\d{4}))?"
RULES: tuple[Rule, ...] = (
    (re.compile(r"v\.v(?:\.+|…)?"), lambda _: "vân vân"),
    (re.compile(r"[CF](?![\w&])"), _degrees),
    (re.compile(rf"{_ROMAN_NUMBERS}(?![\w&]|[-/][^\W_])"), _roman),
)
