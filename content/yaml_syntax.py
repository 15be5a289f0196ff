"""What a text must be before it is YAML, and the parser's complaints in an officer's words."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

Complaint = tuple[int, int, str]  # line and column, counted from 1, and the text

_BREAK = re.compile(r"\r\n|\r|\n")
# What YAML 1.2 does not allow, and the line ends of YAML 1.1: nobody sees them, and readers disagree on them.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TAG_DIRECTIVE = re.compile(r"\A(?:(?:[ \t]*#.*|[ \t]*|%YAML .*)(?:\r\n|\r|\n))*+(%TAG)")
_SHOWN = 20  # invisible characters reported a file

_TAB = "a tab stands in the indentation (use spaces, never tabs)"
_UNCLOSED = "the quotation mark that opens here is never closed (add the closing one)"
_ESCAPE = "the backslash here begins no known special character (write \\\\ for a backslash, or quote with '…')"
_STAR = "text may not begin with * or & (put the whole text in quotes)"
_EXCLAMATION = "text may not begin with ! (put the whole text in quotes)"
_PERCENT = "a line may not begin with % here (put the text in quotes)"
_BLOCK = "nothing may follow | or > in its line (begin the text in the next line, indented with spaces)"
_FOLLOWS = (
    "this cannot follow the value before it (put the whole text in quotes; "
    "inside '…' a quotation mark is written twice: '')"
)
_INDENTED = (
    "this line does not fit the lines above it (begin it in the same column as its neighbours, "
    "or indent it further than the key that it belongs to)"
)
_COLON = "text that contains ': ' needs quotes (put the whole text in quotes)"
_NO_COLON = "this line lacks ': ' between its key and its value (write `key: value`)"
_TOO_FAR = "this line stands too far to the right (begin it in the same column as its neighbours)"

# The parser's words, and ours; True where the place to mend is where the construct began.
_WORDS: tuple[tuple[str, str, bool], ...] = (
    ("found a tab character", _TAB, False),
    ("found unexpected end of stream", _UNCLOSED, True),
    ("found unexpected document indicator", _UNCLOSED, True),
    ("could not find expected ':'", "this line has no ':' after its key (write `key: value`)", True),
    ("mapping keys are not allowed", "text may not begin with '? ' (put the whole text in quotes)", False),
    (
        "block sequence entries are not allowed",
        "a list may not begin here (write each '- ' in a line of its own, below the key)",
        False,
    ),
    ("found unknown escape", _ESCAPE, False),
    ("hexdecimal", _ESCAPE, False),
    ("invalid Unicode character escape", _ESCAPE, False),
    ("expected alphabetic or numeric", _STAR, True),
    ("undefined tag handle", _EXCLAMATION, True),
    ("directive", _PERCENT, False),
    ("incompatible YAML document", "this is not YAML 1.2 (delete the line that begins with %YAML)", False),
    ("expected comment or line break", _BLOCK, True),
    ("indentation indicator", _BLOCK, True),
    (
        "expected '-' indicator",
        "this line stands in a list (begin it with '- ' below the other items, or in the column of the key above)",
        False,
    ),
    ("expected <document start>", _FOLLOWS, False),
)
_CONTEXTS: tuple[tuple[str, str], ...] = (
    ("scanning a tag", _EXCLAMATION),
    ("parsing a tag", _EXCLAMATION),
    ("scanning a directive", _PERCENT),
    ("scanning a block scalar", _BLOCK),
    ("quoted scalar", _ESCAPE),
)


def decode(data: bytes) -> tuple[str, list[Complaint]]:
    """The text of a UTF-8 file (a byte order mark is dropped), or why it cannot be read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        return "", [(1, 1, "this file is UTF-16 or UTF-32 (save the file as UTF-8)")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        text = f"the byte {data[error.start]:#04x} is not UTF-8 (save the file as UTF-8)"
        return "", [(*_position(before), text)]
    return text, [*_invisible(text), *_tag_directive(text)]


def explain(error: yaml.YAMLError, text: str) -> Complaint:
    """Where a text stops being YAML, and what to write there."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return 1, 1, "this is not YAML (check the quotes, brackets and indentation)"
    start = getattr(error, "context_mark", None) or mark
    problem, context = str(getattr(error, "problem", "")), str(getattr(error, "context", ""))
    lines = [*_BREAK.split(text)[: mark.line + 1], ""]
    found = lines[mark.line][mark.column : mark.column + 1]
    first_in_line = not lines[mark.line][: mark.column].strip()
    for words, plain, at_start in _WORDS:
        if words in problem:
            place = start if at_start else mark
            return place.line + 1, place.column + 1, plain
    if "mapping values are not allowed" in problem:
        return _colon(lines, mark)
    if "cannot start any token" in problem:
        return mark.line + 1, mark.column + 1, _TAB if found == "\t" else _bad_start(found)
    if "expected ',' or" in problem:
        return _bracket(start, mark, "]" if "]'" in problem else "}")
    if "expected node content" in problem:
        return mark.line + 1, mark.column + 1, _no_value(found)
    if "expected key" in problem:
        return mark.line + 1, mark.column + 1, _INDENTED if first_in_line else _FOLLOWS
    for words, plain in _CONTEXTS:
        if words in context:
            return mark.line + 1, mark.column + 1, plain
    text = "from here on this cannot be read as YAML (check the quotes, brackets and indentation)"
    return mark.line + 1, mark.column + 1, text


def _colon(lines: list[str], mark: Any) -> Complaint:
    """A colon that cannot stand where it stands: in a text, below a line that lacks its own, or too far right."""
    before = lines[mark.line][: mark.column]
    above = next((n for n in range(mark.line - 1, -1, -1) if _without_comment(lines[n])), None)
    if re.search(r":\s", before):
        return mark.line + 1, mark.column + 1, _COLON
    if above is not None and not re.search(r":\s|:$|^\s*-", _without_comment(lines[above])):
        return above + 1, _indentation(lines[above]) + 1, _NO_COLON
    return mark.line + 1, _indentation(before) + 1, _TOO_FAR


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).rstrip()


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _bad_start(found: str) -> str:
    return f"text may not begin with {found} (put the whole text in quotes)"


def _bracket(start: Any, mark: Any, closing: str) -> Complaint:
    opening = "[" if closing == "]" else "{"
    if start.line == mark.line:
        return mark.line + 1, mark.column + 1, f"a ',' or the closing {closing} is missing before this"
    text = f"the {opening} that opens here is not closed (add {closing}, or the ',' that is missing below)"
    return start.line + 1, start.column + 1, text


def _no_value(found: str) -> str:
    if not found:
        return "the file ends inside brackets (add the closing ] or })"
    if found == ",":
        return "a value is missing before this comma"
    if found in "]}":
        return f"this {found} closes nothing (delete it, or open it before)"
    return "a value is missing here"


def _position(before: str) -> tuple[int, int]:
    """The line and column, counted from 1, of the character that follows a text."""
    lines = _BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


def _invisible(text: str) -> Iterator[Complaint]:
    for number, found in enumerate(_INVISIBLE.finditer(text)):
        if number == _SHOWN:
            return
        words = f"an invisible character, U+{ord(found[0]):04X}, stands here (delete it)"
        yield (*_position(text[: found.start()]), words)


def _tag_directive(text: str) -> Iterator[Complaint]:
    # A million of them would keep the parser busy for half a minute, so they are not left to it.
    found = _TAG_DIRECTIVE.match(text)
    if found:
        yield (*_position(text[: found.start(1)]), _PERCENT)
