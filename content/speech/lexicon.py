"""How abbreviations are read aloud: tables `abbreviation,spoken`, ours and a workspace's own."""

import csv
from collections.abc import Mapping
from functools import cache
from io import StringIO
from pathlib import Path

from content.characters import normal
from content.yaml12 import Mistake, Mistakes

Lexicon = Mapping[str, str]  # the abbreviation as it is written: what is said

#: Before the abbreviations that mean something else, or only mean something, in the numbers of documents: `/TT`.
IN_DOCUMENTS = "/"
_OURS = Path(__file__).parent.parent / "lexicon.csv"
_HEAD = ["abbreviation", "spoken"]


def used(lexicon: Lexicon, *texts: str) -> Lexicon:
    """What of a lexicon stands in any of the texts, in the order of its keys."""
    written = normal("\n".join(texts))
    keys = (key.removeprefix(IN_DOCUMENTS) for key in lexicon)
    return {key: lexicon[key] for key, bare in sorted(zip(lexicon, keys, strict=True)) if bare in written}


@cache
def default_lexicon() -> Lexicon:
    """What is abbreviated in every province."""
    return read_lexicon(_OURS.read_bytes(), _OURS.name)


def read_lexicon(data: bytes, file: str) -> Lexicon:
    """The table in a file's bytes; `file` names it in mistakes. Raises Mistakes with all of them."""
    try:
        text = normal(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Mistakes([Mistake(file, 1, 1, "this is not UTF-8 (save the file with that encoding)")]) from None
    rows = csv.reader(StringIO(text, newline=""), strict=True, skipinitialspace=True)
    found: dict[str, str] = {}
    mistakes: list[Mistake] = []
    try:
        for row in rows:
            cells = [" ".join(cell.split()) for cell in row]
            if len(cells) == len(_HEAD) and all(cells):
                found[cells[0]] = cells[1]
            elif any(cells):
                text = "an abbreviation and how it is spoken are expected here (write e.g. UBND,Ủy ban nhân dân)"
                mistakes.append(Mistake(file, rows.line_num, 1, text))
    except csv.Error as error:
        mistakes.append(Mistake(file, rows.line_num, 1, f"this line is not understood: {error} (check its quotes)"))
    if mistakes:
        raise Mistakes(mistakes)
    found.pop(_HEAD[0], None)
    return found
