"""The spoken form of Vietnamese: what an announcer reads, with no digit and no sign in it.

Rules, not guesses: what they cannot read for certain stands in the text as well as it can be said, and is reported
with its place for an editor. The same text always gives the same; what has been spoken stays as it is when it is
spoken again.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from content.characters import normal
from content.speech import calendar, codes, quantities
from content.speech.abbreviations import RULES as _ROMAN
from content.speech.abbreviations import is_unknown, known_part, mixed, spoken_part
from content.speech.lexicon import Lexicon, default_lexicon
from content.speech.numbers import cardinal
from content.speech.rules import Doubt, Place, Reading, Rule, Why
from content.speech.signs import BULLETS, INVISIBLE, PUNCTUATION, READ, SAME, SEEN_ONLY

_WORD = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMERALS = frozenset("IVXLC")
_HASH_TAG = re.compile(r"#[^\W\d_]\w*")
_PICTURE = re.compile(r"(?:[^\w\s]|[\u200d\ufe0f])+")
_FROM = re.compile(
    r"(?:\d[^\W\d_]{0,3}%?|giờ|phút|đồng|triệu|tỷ|tỉ|nghìn|ngàn|ngày [\d/]+|tháng [\d/]+|năm \d+)[ \u00a0]?$",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\d{2}[ .-]?\d{3}[ \u00a0]?$")  # another number to call follows
_UNTIL = re.compile(r"[ \u00a0]?(?:ngày |tháng |năm )?\d")
_COUNTED = re.compile(r"\d[\d.,]*[^\s\d/]{0,6}(?: [^\W\d_]+){0,3}(?:/[^\W\d_]+)*$")
_UNIT = re.compile(
    f"(?:{'|'.join(re.escape(one) for one in sorted(quantities.UNITS, key=len, reverse=True))})" + r"(?![\w²³])"
)
_TOO_WIDE = re.compile(
    r"(?<=\S)[ \u00a0]{2,}(?=\S)|(?<=\S)[ \u00a0]+(?=[,;:!?…)](?:\s|$)|\.(?:\s|$))|[ \u00a0]+(?=\n|$)"
)
_OFFICIAL_END = "./."
_OF_UNITS = tuple("%‰°²³")
_NEAR = 40  # characters


@dataclass(frozen=True)
class Spoken:
    """A text as it is read aloud, and what in the written one cannot be read for certain, in order."""

    text: str
    doubts: tuple[Doubt, ...]


class Speech:
    """Speaks texts, with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        code = codes.rules(lexicon)
        self._of_digits: Sequence[Rule] = (*code, *calendar.RULES, *quantities.RULES)
        self._of_letters: Sequence[Rule] = (*code, *_ROMAN)
        self._of_signs: Sequence[Rule] = (*code, *quantities.RULES)
        self._looked_up = {key.strip(PUNCTUATION) for key in lexicon} | _NUMERALS

    def speak(self, text: str) -> Spoken:
        """The spoken form. The places of doubts count in the text in NFC."""
        spoken = self._once(normal(text))
        said, again = spoken.text, self._once(spoken.text).text
        while again != said:  # a reading may tell what another means: `§V` is `mục V`, and that is `mục năm`
            said, again = again, self._once(again).text
        return Spoken(said, spoken.doubts)

    def _once(self, text: str) -> Spoken:
        speaking = _Speaking(text)
        done = 0
        for word in _WORD.finditer(text):
            start, end = word.span()
            if start < done < end or (start >= done and not self._is_plain(word[0])):
                done = max(start, done)
                while done < end:
                    done = self._step(speaking, text, done)
        return speaking.end()

    def _is_plain(self, word: str) -> bool:
        """Whether it is letters and punctuation only, none of which needs a look."""
        core = word.strip(PUNCTUATION)
        is_word = core.isalpha() and (len(core) == 1 or core[1:].islower())
        return (is_word or not core) and core not in self._looked_up and not (not core and "-" in word)

    def _step(self, speaking: "_Speaking", text: str, at: int) -> int:
        """Read what begins there; where it ends."""
        first = text[at]
        if first.isdecimal():
            rules = self._of_digits
        elif first.isalpha():
            rules = self._of_letters
        else:
            rules = self._of_signs
        follows_word = at > 0 and (text[at - 1].isalnum() or text[at - 1] in ")]")
        if first.isalnum() and (part := known_part(text, at, self._lexicon)) and not (at and text[at - 1].isalpha()):
            end = at + len(part)
            joined = text[end : end + 1] == "." and text[end + 1 : end + 2].isalnum() and part[-1:].isupper()
            return speaking.say(at, end + joined, spoken_part(part, self._lexicon))  # `QL.14`
        if (code := mixed(text, at)) > at:
            speaking.doubt(Doubt(at, code, Why.ABBREVIATION))
        if first.isalnum() or not follows_word:
            for pattern, read in rules:
                found = pattern.match(text, at)
                if found and found.end() > at and (reading := read(Place(found))) is not None:
                    return speaking.say(at, found.end(), reading)
        end = _end_of_letters(text, at)
        if end > at:
            if code <= at and is_unknown(text, at, end):
                speaking.doubt(Doubt(at, end, Why.ABBREVIATION))
            return end
        return self._sign(speaking, text, at)

    def _sign(self, speaking: "_Speaking", text: str, at: int) -> int:
        """A sign by itself."""
        sign = text[at]
        before, after = text[max(0, at - _NEAR) : at], text[at + 1 : at + 1 + _NEAR]
        if sign.isspace():
            return at + 1
        if sign == "." and text.startswith(_OFFICIAL_END, at):
            return speaking.say(at, at + len(_OFFICIAL_END), ".")
        if sign in "-–—" and _CALLED.search(before) and after.lstrip().startswith(("0", "1", "+", "(")):
            return speaking.say(at, at + 1, ",", is_word=False)
        if sign in "-–—" and _FROM.search(before) and _UNTIL.match(after):
            return speaking.say(at, at + 1, " đến ")
        if sign == "/":
            if (before[-1:].isalnum() or before[-1:] in _OF_UNITS) and (unit := _UNIT.match(after)):
                return speaking.say(at, at + 1 + unit.end(), f" trên {quantities.UNITS[unit[0]]}")
            return speaking.say(at, at + 1, _slash(before, after), is_word=False)
        if sign == "-" and before[-1:].isalnum() and (before[-1:].isdigit() or after[:1].isdigit()):
            return speaking.say(at, at + 1, " ")
        if sign in PUNCTUATION:
            return at + 1
        if sign in SAME:
            return speaking.say(at, at + 1, SAME[sign], is_word=False)
        if sign in READ:
            return speaking.say(at, at + 1, READ[sign])
        if (number := unicodedata.numeric(sign, 0.5)).is_integer():  # ①, ٣
            return speaking.say(at, at + 1, cardinal(int(number)))
        if sign in BULLETS and (not after or after[0] in " #*") and not before.rpartition("\n")[2].strip(" #*"):
            return speaking.say(at, at + 1 + len(after) - len(after.lstrip(" \u00a0")), "", is_word=False)
        if sign in SEEN_ONLY or INVISIBLE.match(sign):
            return speaking.say(at, at + 1, "", is_word=False)
        if sign == "#" and after[:1].isdecimal():
            return speaking.say(at, at + 1, "số")
        if tag := _HASH_TAG.match(text, at):
            speaking.doubt(Doubt(at, tag.end(), Why.HASH_TAG))
            return speaking.say(at, at + 1, "", is_word=False)
        picture = _PICTURE.match(text, at)
        end = at + 1
        while picture and end < picture.end() and text[end] not in PUNCTUATION and text[end] not in READ:
            end += 1
        speaking.doubt(Doubt(at, end, Why.SIGN))
        return speaking.say(at, end, "", is_word=False)


@lru_cache(maxsize=64)
def speech(own: tuple[tuple[str, str], ...] = ()) -> Speech:
    """What speaks with the default lexicon, and with entries of one's own."""
    return Speech({**default_lexicon(), **dict(own)})


class _Speaking:
    """A text on the way to its spoken form: what is not replaced stays as it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[str] = []
        self._doubts: list[Doubt] = []
        self._done = 0

    def say(self, start: int, end: int, reading: Reading | str, *, is_word: bool = True) -> int:
        """Put words in the place of that part, apart from the words around it; where it ends."""
        said = reading if isinstance(reading, str) else reading.text
        if not isinstance(reading, str):
            self._doubts += reading.doubts
        self._keep(start)
        if is_word:
            last = self._pieces[-1][-1:] if self._pieces else ""
            said = f"{' ' if last.isalnum() and said[:1] not in ' ,.' else ''}{said}"
            if self._text[end : end + 1].isalnum() and not said.endswith(" "):
                said += " "
        if said:
            self._pieces.append(said)
        self._done = end
        return end

    def doubt(self, doubt: Doubt) -> None:
        self._doubts.append(doubt)

    def end(self) -> Spoken:
        self._keep(len(self._text))
        text = _TOO_WIDE.sub(
            lambda found: " " if found[0][:1] and self._is_between(found) else "", "".join(self._pieces)
        )
        return Spoken(text, tuple(sorted(self._doubts, key=lambda one: (one.start, one.end))))

    @staticmethod
    def _is_between(found: re.Match[str]) -> bool:
        """Whether words stand on both sides of too much room."""
        following = found.string[found.end() : found.end() + 1]
        return bool(following) and following not in "\n,;:!?…)."

    def _keep(self, until: int) -> None:
        if until > self._done:
            self._pieces.append(self._text[self._done : until])


def _end_of_letters(text: str, at: int) -> int:
    found = _LETTERS.match(text, at)  # takes fractions such as ½ for letters, too
    end = found.end() if found else at
    return end if text[at:end].isalpha() else at + len(list(takewhile(str.isalpha, text[at:end])))


def _slash(before: str, after: str) -> str:
    """What stands between two words: by what they count, or a pause."""
    if not ((before[-1:].isalnum() or before[-1:] in _OF_UNITS) and after[:1].isalnum()):
        return "," if before.rstrip()[-1:].isalnum() else ""
    if before.endswith(("và", "hoặc", "hay")):
        return " "
    return " một " if _COUNTED.search(before) and after[:1].isalpha() else ", "
