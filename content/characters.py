"""Text in a normal form of Unicode, however many marks stand on one letter."""

import unicodedata
from typing import Literal

import regex

#: Thirty marks that are followed by one more; the joiner divides them already.
_PILE = regex.compile(r"([\p{M}--\u034f]{30})(?=[\p{M}--\u034f])", regex.VERSION1)
_JOINER = "\u034f"


def normal(text: str, form: Literal["NFC", "NFD", "NFKC"] = "NFC") -> str:
    """The text in that form, with a joiner that nobody sees after every thirty marks on one letter.

    To put marks into their order takes the square of their number: minutes for a few thousand. The bound is that of
    Unicode's Stream-Safe Text Format (UAX 15, section 13).
    """
    return unicodedata.normalize(form, _PILE.sub(rf"\1{_JOINER}", text))
