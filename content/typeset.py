"""PDF from a typst template, with the shipped fonts and no others; the same values give the same bytes."""

import json
import struct
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import regex
import typst

from content.characters import normal

FAMILY = "Liberation Serif"
_HERE = Path(__file__).parent
_FONTS = _HERE / "fonts"
_BOX = "□"


class TypesetError(Exception):
    """A page cannot be set as it must be; nothing was made."""


def pdf(template: str, values: Any, at: datetime) -> bytes:
    """The document that the template (a file name in this package) makes of plain JSON values, dated `at`.

    Every character must be in the shipped font: see `printable`. Raises TypesetError.
    """
    try:
        # PDF/A refuses a character without a picture, which a plain PDF would print as an empty box.
        document, warnings = typst.compile_with_warnings(
            _HERE / template,
            root=_HERE,
            font_paths=_fonts(),
            format="pdf",
            sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["a-2u"],
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise TypesetError(f"{template}: {error.message}") from error
    if warnings:
        raise TypesetError(f"{template}: {'; '.join(warning.message for warning in warnings)}")
    assert isinstance(document, bytes)
    return document


def printable(text: str) -> tuple[str, frozenset[str]]:
    """The text with a box for each character that the font lacks, and those characters (grapheme clusters).

    What has no shape of its own (controls, joiners, variation selectors) is left out.
    """
    text = normal(text)
    if all(map(_is_plain, set(text))):
        return text, frozenset()
    shown: list[str] = []
    lacking: set[str] = set()
    for cluster in regex.findall(r"\X", text):
        visible = "".join(filter(_has_shape, cluster))
        if all(map(_is_plain, visible)):
            shown.append(visible)
        else:
            shown.append(_BOX)
            lacking.add(visible)
    return "".join(shown), frozenset(lacking)


@cache
def _is_plain(character: str) -> bool:
    """Whether it is printed as it is; in capitals too, which the template writes some lines in."""
    if character == "\n":
        return True
    return _has_shape(character) and all(ord(each) in _characters() for each in character + character.upper())


def _has_shape(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f"
    return character == "\n" or (not is_selector and unicodedata.category(character) not in ("Cc", "Cf"))


@cache
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])
    if fonts.families() != [FAMILY]:
        raise TypesetError(f"the font {FAMILY} is not in {_FONTS.name}/: install the package again")
    return fonts


@cache
def _characters() -> frozenset[int]:
    """The code points that every shipped face has."""
    faces = [frozenset(_mapped(path.read_bytes())) for path in sorted(_FONTS.glob("*.ttf"))]
    return frozenset.intersection(*faces)


def _mapped(font: bytes) -> Iterator[int]:
    """The code points in a TrueType font's table `cmap`, format 4: see the OpenType specification, "cmap"."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sII", font, at) for at in range(12, 12 + 16 * tables, 16))
    cmap = next(offset for tag, _, offset in entries if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    records = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(count)]
    unicode_bmp = next(cmap + offset for platform, encoding, offset in records if (platform, encoding) == (3, 1))
    (doubled,) = struct.unpack_from(">H", font, unicode_bmp + 6)
    ends = struct.unpack_from(f">{doubled // 2}H", font, unicode_bmp + 14)
    starts = struct.unpack_from(f">{doubled // 2}H", font, unicode_bmp + 16 + doubled)
    for start, end in zip(starts, ends, strict=True):
        yield from range(start, min(end, 0xFFFE) + 1)
