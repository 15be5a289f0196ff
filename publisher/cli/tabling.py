"""Columns for people."""

from collections.abc import Sequence


def columns(lines: Sequence[Sequence[str]]) -> str:
    """The lines with their cells below each other, each cell as wide as the widest of its column."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"  {line}".rstrip() for line in padded)
