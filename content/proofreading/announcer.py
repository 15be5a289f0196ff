"""What an announcer cannot read aloud, or may read otherwise than it is meant: the doubts of the spoken form."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from content.characters import normal
from content.proofreading.sheet import MASK, Passage, Sheet, shown
from content.speech import Speech
from content.speech.rules import Doubt, Why
from content.yaml12 import Mistake

_LINK_TARGET = re.compile(r"(?<=\])\([^()\n]*\)|<(?:https?|mailto|tel):[^<>\s]*>")
_FACT = re.compile(r"\{\{\s*(?:facts\.)?(\w+)\s*\}\}")
_WHAT = {Why.ADDRESS: "this address", Why.HASH_TAG: "this hash tag", Why.SIGN: "this sign"}


def doubts(text: str, speech: Speech) -> tuple[Doubt, ...]:
    """What in a text cannot be read aloud for certain as it stands, in order. The text, in NFC, may be Markdown."""
    return speech.speak(_LINK_TARGET.sub(lambda found: MASK * len(found[0]), text)).doubts


def unread_aloud(sheet: Sheet, passage: Passage, facts: Mapping[str, Any], speech: Speech) -> Iterator[Mistake]:
    """What an announcer who gets this passage cannot read; each word once, where it stands first."""
    said = set()
    for one in doubts(passage.text, speech):
        text = passage.text[one.start : one.end]
        if text not in said:
            said.add(text)
            yield sheet.mistake(passage.start + one.start, advice(text, one))
    raw = sheet.text[passage.start : passage.start + len(passage.text)]
    for tag in _FACT.finditer(raw):
        value = normal(str(facts.get(tag[1], "")))
        for one in doubts(value, speech):
            text = value[one.start : one.end]
            if text not in said:
                said.add(text)
                yield sheet.mistake(passage.start + tag.start(), f"{advice(text, one)}; it stands in a fact")


def advice(text: str, doubt: Doubt) -> str:
    """What is wrong with a part of a text, and what to do about it."""
    if doubt.why is Why.ABBREVIATION:
        return (
            f"an announcer may not know how to read {shown(text)!r} aloud (write it out, or add a line "
            f"`{shown(text)},…` to lexicon.csv)"
        )
    if doubt.why is Why.MEANING:
        return (
            f"{shown(text)!r} may mean several things; it is read as “{doubt.read}” (write it out if you mean another)"
        )
    return (
        f"an announcer cannot read {_WHAT[doubt.why]} aloud: {shown(text)!r} (say it in words; `for:` gives "
        "loudspeakers a text of their own)"
    )
