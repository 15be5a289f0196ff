"""What is read piece by piece: document numbers, telephone numbers, addresses of the web and of mailboxes."""

import re
from collections.abc import Iterator

from content.speech.lexicon import IN_DOCUMENTS, Lexicon
from content.speech.numbers import cardinal, quantity, spelled
from content.speech.rules import Doubt, Place, Reading, Rule, Why
from content.vietnamese import fold

_UPPER = "A-ZĐƯÂÊÔƠĂ"
_CODE = rf"[{_UPPER}][\w&]*(?:[-–.][{_UPPER}&][\w&]*)*"
_PIECE = re.compile(r"[^-–./&]+")
_TERM = re.compile(r"([^\W\d]+)(\d+)")
#: Who sits for terms: `QH15` is the fifteenth one.
_SITS = ("QH", "UBTVQH", "HĐND")

_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_TOP = r"(?:vn|com|net|org|info|edu|gov|int|io|me|asia|biz|tv|app|dev|eu|ly|gl)"
_PATH = r"(?:[/?#][^\s<>()\[\]“”\"']*[\w/=])?"
_NOT_ASKED = re.compile(r"[?=%&#+]|\w{25}|(?:/.*){4}")  # an address that nobody could write down while listening

_NAMES = dict(zip("abcdđeghiklmnopqrstuvxyfjwz", (
    *("a", "bê", "xê", "dê", "đê", "e", "giê", "hát", "i", "ca", "lờ", "mờ", "nờ", "o", "pê", "quy", "rờ", "sờ", "tê"),
    *("u", "vê", "ích", "y", "ép", "gi", "vê kép", "dét"),
), strict=True))  # fmt: skip
_TOPS = {"gov": "gờ o vê", "edu": "e đu", "com": "com", "net": "nét", "org": "o rờ gờ", "info": "in-pho", "www": ""}
_SIGNS = {".": "chấm", "@": "a còng", "-": "gạch ngang", "_": "gạch dưới", "/": "gạch chéo", ":": "hai chấm"}
_PIECES = re.compile(r"[^\W\d_]+|\d+|.")


def rules(lexicon: Lexicon) -> tuple[Rule, ...]:
    """These rules, with the abbreviations of that lexicon in document numbers."""

    def document(place: Place) -> Reading | None:
        return _document(place, lexicon)

    return tuple(
        (re.compile(pattern), read)
        for pattern, read in (
            (r"(?:(?P<scheme>https?|ftp)://)[^\s<>()\[\]“”\"']*[\w/=]", _address),
            (rf"[\w.+-]*\w@{_LABEL}(?:\.{_LABEL})+", _address),
            (rf"(?:www\.)?(?:{_LABEL}\.)+{_TOP}(?![\w.]\w|\w){_PATH}", _address),
            (rf"(?P<number>\d+[a-z]?)(?:/(?P<year>\d{{4}}))?/(?P<code>{_CODE}(?:/{_CODE})*)", document),
            (rf"(?P<number>\d+)[-–](?P<code>[{_UPPER}]{{2,}}\w*/{_CODE}){''}(?P<year>(?!))?", document),
            (rf"(?P<number>)(?P<year>)/(?P<code>{_CODE}-{_CODE})", document),
            (r"(?:\+84|\(\+84\)|\(0\d{1,3}\)|0\d)(?:[ .\u00a0-]?\d){6,10}(?!\d)(?![.,]\d)", _telephone),
            (r"1[89]00(?:[ .\u00a0-]?\d){2,6}(?!\d)(?![.,]\d)", _telephone),
        )
    )


def _document(place: Place, lexicon: Lexicon) -> Reading | None:
    code, start = place.found["code"], place.found.start("code")
    if place.found["number"] and not re.search(rf"[{_UPPER}].*[{_UPPER}]", code):
        return None  # `5/A`
    words, doubts = [], []
    if place.found["number"]:
        number = place.found["number"]
        words.append(quantity(number) if number.isdecimal() else f"{quantity(number[:-1])} {number[-1]}")
    if place.found["year"]:
        words.append(cardinal(int(place.found["year"])))
    for text, at in _pieces(code, lexicon):
        spoken = _in_document(text, lexicon)
        if spoken is None:
            doubts.append(Doubt(start + at, start + at + len(text), Why.ABBREVIATION))
            spoken = _without_digits(text)
        words.append(spoken)
    return Reading(", ".join(words), tuple(doubts))


def _pieces(code: str, lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """The abbreviations in a document's code: as long as they are known, else between its joints."""
    ends = [found.end() for found in _PIECE.finditer(code)]
    starts = [found.start() for found in _PIECE.finditer(code)]
    first = 0
    while first < len(starts):
        known = (
            last for last in range(len(ends) - 1, first, -1) if code[starts[first] : ends[last]] in lexicon
            and "&" in code[starts[first] : ends[last]]
        )  # fmt: skip
        last = next(known, first)
        yield code[starts[first] : ends[last]], starts[first]
        first = last + 1


def _in_document(text: str, lexicon: Lexicon) -> str | None:
    known = lexicon.get(IN_DOCUMENTS + text) or lexicon.get(text)
    if known is None and (term := _TERM.fullmatch(text)):
        body = _in_document(term[1], lexicon)
        if body is not None:
            return f"{body}{' khóa' if term[1] in _SITS else ''} {quantity(term[2])}"
    return known


def _without_digits(text: str) -> str:
    return " ".join(quantity(one) if one.isdecimal() else one for one in _PIECES.findall(text))


def _telephone(place: Place) -> str | None:
    written = place.found[0]
    digits = "".join(filter(str.isdigit, written))
    if not written.startswith("1") and not 9 <= len(digits) <= 12:
        return None
    return f"{'cộng ' if '+' in written else ''}{spelled(digits)}"


def _address(place: Place) -> str | Reading:
    written = place.found[0]
    address = re.sub(r"^\w+://", "", written).removeprefix("www.").rstrip("/")
    said = " ".join(filter(None, (_said(piece) for piece in _PIECES.findall(address))))
    return place.doubtful(said, Why.ADDRESS) if _NOT_ASKED.search(address) else said


def _said(piece: str) -> str:
    if piece.isdecimal():
        return spelled(piece)
    if not piece.isalpha():
        return _SIGNS.get(piece, "")
    small = piece.lower()
    if small in _TOPS:
        return _TOPS[small]
    if re.search("[aeiouy]", fold(small)):
        return small
    return " ".join(_NAMES.get(letter, letter) for letter in fold(small))
