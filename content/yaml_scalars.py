"""What YAML 1.2's core schema makes of a text without quotes (section 10.3 of the specification)."""

import re

Scalar = str | int | float | bool | None

DIGIT_LIMIT = 300  # of a number; longer ones are account or serial numbers that lack their quotes

_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def resolve(text: str) -> Scalar:
    """The value of a plain text: nothing, a truth value, a number, or the text itself.

    Raises ValueError for a number of more than DIGIT_LIMIT characters.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _BASED.fullmatch(text):
        return _short(text) and int(text, 0)
    if _INT.fullmatch(text):
        return _short(text) and int(text)
    if _FLOAT.fullmatch(text):
        return _short(text) and float(text)
    return float(text.replace(".", "", 1)) if _NO_NUMBER.fullmatch(text) else text


def _short(text: str) -> str:
    if len(text) > DIGIT_LIMIT:
        raise ValueError(f"a number has at most {DIGIT_LIMIT} digits (put it in quotes)")
    return text
