"""Text in a normal form of Unicode, however many marks stand on one letter; and the signs that hide or turn a text."""

import re
import unicodedata
from typing import Literal

import regex

#: Thirty marks that are followed by one more; the joiner divides them already.
_PILE = regex.compile(r"([\p{M}--\u034f]{30})(?=[\p{M}--\u034f])", regex.VERSION1)
_JOINER = "\u034f"

#: Controls of terminals and of the direction of writing: a reader sees another text than the one that is there.
HIDING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")


def hiding(text: str) -> str:
    """What is wrong with a text that has such a sign; empty if it has none."""
    found = HIDING.search(text)
    if found is None:
        return ""
    return f"this text holds a sign that nobody sees, and that may hide others: U+{ord(found[0]):04X} (delete it)"


def normal(text: str, form: Literal["NFC", "NFD", "NFKC"] = "NFC") -> str:
    """The text in that form, with a joiner that nobody sees after every thirty marks on one letter.

    To put marks into their order takes the square of their number: minutes for a few thousand. The bound is that of
    Unicode's Stream-Safe Text Format (UAX 15, section 13).
    """
    return unicodedata.normalize(form, _PILE.sub(rf"\1{_JOINER}", text))
