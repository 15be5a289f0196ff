"""Markdown shaped for a format: HTML for websites, Telegram's subset, plain text, sentences to read aloud."""

import html as escapes
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from urllib.parse import unquote

from content import markdown
from content.blocks import Block, Run, blocks
from content.post import Format
from content.sanitiser import sanitised

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}, "td": {"style"}, "th": {"style"},
}  # fmt: skip
_ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]{0,20}://|www\.)(?:[^\s/?#@]*@)?([^\s/?#]+)\S*", re.IGNORECASE)
_AFTER_A_SENTENCE = ".,;:!?…)]}”»\"'"
_RULE = "———"


def shape(text: str, format: Format) -> str:
    """The Markdown `text` in the given format. Takes any text, raises nothing, and is the same every time.

    All formats: NFC; raw HTML is text; a link that is not http, https, mailto or tel keeps only its text (see
    `markdown.refused_addresses`). PLAIN and TELEGRAM separate blocks by a blank line, items of a tight list by a
    line end. SPOKEN ends every block like a sentence, and of a bare address says only the host.
    """
    tokens = markdown.read(text)
    match format:
        case Format.HTML:
            return _safe(markdown.html(tokens))
        case Format.TELEGRAM:
            return "".join(_telegram(blocks(tokens)))
        case Format.PLAIN:
            return _laid_out(blocks(tokens), _plain, bullet="- ")
        case Format.SPOKEN:
            return "\n\n".join(filter(None, map(_spoken, blocks(tokens))))


def _safe(unsafe: str) -> str:
    return sanitised(
        unsafe,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative="deny",
        link_rel="noopener",
        filter_style_properties={"text-align"},
    ).strip()


def _telegram(all_blocks: Iterable[Block]) -> Iterator[str]:
    """Pieces of a text for the Bot API's `parse_mode=HTML`: quotes are never nested, nor anything inside code."""
    before = ""
    for quote, inside in groupby(all_blocks, key=lambda block: block.quote):
        text = _laid_out(inside, _telegram_block, bullet="• ")
        if text:
            yield before + (f"<blockquote>{text}</blockquote>" if quote else text)
            before = "\n\n"


def _laid_out(all_blocks: Iterable[Block], write: Callable[[Block], str], bullet: str) -> str:
    """Blocks under one another, items behind their markers and indented by the depth of their list."""
    text, group = "", 0
    for block in all_blocks:
        written = write(block)
        if not written and not block.markers:
            continue
        markers = "".join(bullet if number is None else f"{number}. " for number in block.markers)
        outer = "  " * (block.depth - max(len(block.markers), 1))
        if block.kind != "code":
            written = written.replace("\n", "\n" + "  " * block.depth)
        indent = outer if block.markers else "  " * block.depth
        between = "\n" if block.tight and block.group and block.group == group else "\n\n"
        text += (between if text else "") + indent + (markers + written).rstrip()
        group = block.group
    return text


def _telegram_block(block: Block) -> str:
    match block.kind:
        case "rule":
            return _RULE
        case "code":
            return f"<pre>{escapes.escape(_letters(block), quote=False)}</pre>"
        case "heading":
            text = _telegram_runs(block.cells[0], all_is_bold=True)
            return f"<b>{text}</b>" if text else ""
        case _:
            return " — ".join(_telegram_runs(cell) for cell in block.cells)


def _telegram_runs(runs: Iterable[Run], all_is_bold: bool = False) -> str:
    text = ""
    for address, linked in groupby(runs, key=lambda run: run.address):
        pieces = list(linked)
        inner = "".join(_telegram_run(run, run.bold and not all_is_bold) for run in pieces)
        if address and address.lower().startswith("http"):
            inner = f'<a href="{escapes.escape(address)}">{inner}</a>' if inner.strip() else ""
        elif address:
            inner += escapes.escape(_written_out("".join(run.text for run in pieces), address), quote=False)
        text += inner
    return text.strip()


def _telegram_run(run: Run, bold: bool) -> str:
    text = escapes.escape(run.text, quote=False)
    if run.code and text:
        return f"<code>{text}</code>"
    if not text.strip():
        return text
    for marked, tag in ((run.struck, "s"), (run.italic, "i"), (bold, "b")):
        text = f"<{tag}>{text}</{tag}>" if marked else text
    return text


def _plain(block: Block) -> str:
    if block.kind == "rule":
        return _RULE
    if block.kind == "code":
        return _letters(block)
    return " — ".join(_plain_runs(cell) for cell in block.cells)


def _plain_runs(runs: Iterable[Run]) -> str:
    text = ""
    for address, linked in groupby(runs, key=lambda run: run.address):
        shown = "".join(run.text for run in linked)
        text += shown + (_written_out(shown, address) if address and shown.strip() else "")
    return text.strip()


def _written_out(shown: str, address: str) -> str:
    """The address in brackets, unless the text of the link is the address already."""
    scheme, _, rest = address.partition(":")
    bare = rest if scheme.lower() in ("mailto", "tel") else address
    if scheme.lower() == "tel":
        shown, bare = re.sub(r"[\s.-]", "", shown), re.sub(r"[\s.-]", "", bare)
    same = unquote(shown.strip()).rstrip("/") == unquote(bare).rstrip("/")
    return "" if same else f" ({bare})"


def _spoken(block: Block) -> str:
    """The block as sentences; nothing for a rule. Numbers of items are said, bullets are not."""
    text = ", ".join(filter(None, (_letters_of(cell).strip() for cell in block.cells)))
    number = "".join(f"{number}. " for number in block.markers if number is not None)
    lines = [" ".join(_ADDRESS.sub(_host, line).split()) for line in text.split("\n")]
    said = [line for line in lines if line]
    if not said:
        return ""
    return number + "\n".join([*map(_stopped, said[:-1]), _stopped(said[-1].rstrip(",;"))])


def _host(found: re.Match[str]) -> str:
    """The name of the host; what stands behind the address belongs to the sentence."""
    whole = found[0]
    behind = whole[len(whole.rstrip(_AFTER_A_SENTENCE)) :]
    return found[1].rstrip(_AFTER_A_SENTENCE) + behind


def _stopped(line: str) -> str:
    """The line with a full stop, unless it ends like a sentence or says nothing."""
    bare = line.rstrip(")]}”’»\"'")
    ends = bare.endswith((".", "!", "?", "…", ":", ",", ";"))
    return line if ends or not any(map(str.isalnum, line)) else line + "."


def _letters(block: Block) -> str:
    return "".join(map(_letters_of, block.cells))


def _letters_of(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)
