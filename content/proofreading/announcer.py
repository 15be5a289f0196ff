"""What an announcer cannot read aloud: unknown abbreviations, addresses, hash tags, signs without a name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from content.proofreading.lexicon import Lexicon
from content.proofreading.sheet import MASK, Passage, Sheet, shown
from content.vietnamese import fold
from content.yaml12 import Mistake

_ADDRESS = re.compile(
    r"https?://[^\s<>()\]]+|(?<![\w@.-])(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org|info|edu|gov)\b(?:/[^\s<>()\]]*)?"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_ADDRESS_HINT = re.compile(r"\.[^\W\d_]|://")
_HASH_HINT = re.compile("#")
_HASH_TAG = re.compile(r"(?<![\w#&])#[^\W\d]\w*")
#: Capitals, or capitals and digits, with no small letter beside them.
_CAPITALS = regex.compile(r"(?<![\p{L}\d])\d*\p{Lu}[\p{Lu}\d]*(?![\p{L}\d])")
_NEAR = 40  # characters
_BEFORE = regex.compile(r"(?:([\p{L}\d]+) +)?((?:[\p{L}\d]+[-/.&])*)$")
_AFTER = regex.compile(r"((?:[-/.&][\p{L}\d]+)*)(?: +([\p{L}\d]+))?")
_SIGN = regex.compile(r"[[\p{So}\u2190-\u21ff]--[°℃]]+[\u200d\ufe0f\U0001f3fb-\U0001f3ff]*", regex.VERSION1)
_LINK_TARGET = re.compile(r"(?<=\])\([^()\n]*\)|<(?:https?|mailto|tel):[^<>\s]*>")
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")
_ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ABBREVIATION = "this abbreviation"
_FACT = re.compile(r"\{\{\s*(?:facts\.)?(\w+)\s*\}\}")


@dataclass(frozen=True)
class Unread:
    """A piece of text that cannot be read aloud."""

    start: int
    end: int
    why: str


def unreadable(text: str, lexicon: Lexicon) -> list[Unread]:
    """What in a text cannot be read aloud as it stands, in order. The text may be Markdown."""
    heard = _LINK_TARGET.sub(lambda found: MASK * len(found[0]), text)
    found: list[Unread] = []
    for pattern, hint, why in ((_ADDRESS, _ADDRESS_HINT, "this address"), (_HASH_TAG, _HASH_HINT, "this hash tag")):
        if hint.search(heard):  # most texts have none, and to see that is faster than to look for one
            found += [Unread(one.start(), one.end(), why) for one in pattern.finditer(heard)]
            heard = pattern.sub(lambda one: MASK * len(one[0]), heard)
    found += _abbreviations(heard, lexicon)
    found += [Unread(one.start(), one.end(), "this sign") for one in _SIGN.finditer(heard)]
    return sorted(found, key=lambda one: one.start)


def unread_aloud(sheet: Sheet, passage: Passage, facts: Mapping[str, Any], lexicon: Lexicon) -> Iterator[Mistake]:
    """What an announcer who gets this passage cannot read; each word once, where it stands first."""
    said = set()
    for one in unreadable(passage.text, lexicon):
        text = passage.text[one.start : one.end]
        if text not in said:
            said.add(text)
            yield sheet.mistake(passage.start + one.start, _advice(text, one.why))
    raw = sheet.text[passage.start : passage.start + len(passage.text)]
    for tag in _FACT.finditer(raw):
        value = str(facts.get(tag[1], ""))
        for one in unreadable(value, lexicon):
            text = value[one.start : one.end]
            if text not in said:
                said.add(text)
                yield sheet.mistake(passage.start + tag.start(), f"{_advice(text, one.why)}; it stands in a fact")


def _advice(text: str, why: str) -> str:
    if why == _ABBREVIATION:
        return (
            f"an announcer may not know how to read {shown(text)!r} aloud (write it out, or add a line "
            f"`{shown(text)},…` to lexicon.csv)"
        )
    return (
        f"an announcer cannot read {why} aloud: {shown(text)!r} (say it in words; `for:` gives loudspeakers a text of "
        "their own)"
    )


def _abbreviations(text: str, lexicon: Lexicon) -> Iterator[Unread]:
    for part in _CAPITALS.finditer(text):
        if len(part[0]) > 1 and not _is_known(text, part.start(), part.end(), lexicon):
            yield Unread(part.start(), part.end(), _ABBREVIATION)


def _is_known(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether something in capitals is a syllable or a Roman number, is shouted, or can be looked up."""
    part = text[start:end]
    if part in lexicon or _ROMAN.fullmatch(part) or _SYLLABLE.fullmatch(fold(part)):
        return True
    first, last = max(0, start - _NEAR), end + _NEAR
    before, after = _BEFORE.search(text[first:start]), _AFTER.match(text[end:last])
    joined = (before[2] if before else "", after[1] if after else "")
    if joined[0] + part + joined[1] in lexicon:  # GD&ĐT, COVID-19
        return True
    near = filter(None, (before and before[1], after and after[2]))
    return any(len(word) > 1 and word.isupper() and _SYLLABLE.fullmatch(fold(word)) for word in near)
