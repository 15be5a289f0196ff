"""Brings content/locale/vi.po in step with what the code says: `python docs/words.py`. New sentences are empty in it.

A sentence is any text of two words or more in the code that no program reads, an f-string's expressions being its
holes; and whatever is given to `say` and the like, however short. What is no sentence is told by where it stands.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "content" / "locale" / "vi.po"
PACKAGES = ("content", "channels", "publisher")

#: Calls whose first texts are sentences, whatever they are like.
SAYS = {"say": 1, "phrase": 1, "tell": 1, "warn": 1, "said": 1, "counted": 1, "say_many": 2, "said_many": 2}
#: Calls, and errors, whose texts only programmers read.
_INNER = {
    "compile", "getLogger", "debug", "info", "warning", "error", "exception", "encode", "Markup", "Thread", "text",
    "ValueError", "RuntimeError", "AssertionError", "TypeError", "FileNotFoundError", "gaierror", "urlsplit",
}  # fmt: skip
#: Modules whose texts are for programs, are in both languages already, or are Vietnamese to be recognised.
_MODULES = {
    "content/words.py", "content/corrections.py", "content/script.py", "content/patterns.py", "content/json_schema.py",
    "publisher/demo.py",
    "publisher/schedules/schema.py", "publisher/schedules/schema_rules.py", "publisher/schedules/cron.py",
    "publisher/importing/headings.py", "publisher/store/tables.py",
    "publisher/store/triggers.py", "publisher/store/restores.py", "publisher/importing/template.py",
}  # fmt: skip
_WORDS = re.compile(r"[^\W\d_][^\W\d_’']*[,:;.)]? \(?`?[^\W\d_{]|\{\}[:,;]? [^\W\d_]|[^\W\d_][,:]? \{\}")
_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u00e0-\u00f9\u1ea0-\u1ef9]")
_PROGRAM = re.compile(  # what no person reads
    r"SELECT|CREATE |PRAGMA|BEGIN |</|/>|\(\?|\\[dws]|^\{[a-z]+: \{\}|gzip|^[a-z-]+: \{\}$"
    r"|^<\{|^\{days|%Y|PLAIN \{|\[bold"
)
#: What libraries and servers say, by which we know them; and what a table of Vietnamese headings may say.
_OF_OTHERS = {
    "found a tab character", "found unexpected end of stream", "found unexpected document indicator",
    "could not find expected ':'", "mapping keys are not allowed", "block sequence entries are not allowed",
    "found unknown escape", "invalid Unicode character escape", "expected alphabetic or numeric",
    "undefined tag handle", "incompatible YAML document", "expected comment or line break", "indentation indicator",
    "expected '-' indicator", "expected <document start>", "scanning a tag", "parsing a tag", "scanning a directive",
    "scanning a block scalar", "quoted scalar", "mapping values are not allowed", "cannot start any token",
    "expected ',' or", "expected node content", "expected key", "message is not modified",
    "message to delete not found", "can't be", "Publisher/0.1 (+outreach publishing scheduler)", "Liberation Serif",
    "chu nhat", "buoi phat", "cac buoi phat", "theo buoi phat", "theo buoi", "vi du",
}  # fmt: skip


def sentences() -> dict[str, str]:
    """Every sentence that the code and the templates say, in the order of the files; and a second form for many."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() not in _MODULES and "migrations" not in path.parts:
                found |= dict.fromkeys(_Reader().read(path), "")
    for path in sorted(ROOT.glob("publisher/*/templates/*.html")):
        found |= dict.fromkeys(_of_template(path), "")
    return found


def _of_template(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _, _, texts, _ in babel_extract(file, list(SAYS), [], {"trim_blocks": "true", "lstrip_blocks": "true"}):
            yield from (text for text in (texts if isinstance(texts, tuple) else (texts,)) if text)


class _Reader(ast.NodeVisitor):
    """Reads one module."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._within: list[ast.AST] = []

    def read(self, path: Path) -> list[str]:
        """The sentences of a module."""
        self.visit(ast.parse(path.read_text(encoding="utf-8")))
        return self._found

    def generic_visit(self, node: ast.AST) -> None:
        self._within.append(node)
        super().generic_visit(node)
        self._within.pop()

    def visit_Call(self, node: ast.Call) -> None:
        count = SAYS.get(_name(node.func), 0)
        for argument in node.args[:count]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
                self._found.append(plain(argument.value))
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._see(node, _variants(node))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and not any(isinstance(one, ast.JoinedStr) for one in self._within[-1:]):
            self._see(node, [_escaped(node.value)])

    def _see(self, node: ast.AST, variants: Sequence[str]) -> None:
        if isinstance(self._within[-1], ast.Expr | ast.FormattedValue) and isinstance(node, ast.Constant):
            return  # a docstring, or the form of a value
        calls = [_name(one.func) for one in self._within if isinstance(one, ast.Call)]
        if calls and calls[-1] in _INNER | SAYS.keys():
            return
        self._found += [one for one in variants if _is_sentence(one)]


def _escaped(text: str) -> str:
    """A text as a sentence: `{}` and `{name}` are holes, as `format` fills them; other braces are braces."""
    twice = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r"\{\{([a-z_]*)\}\}", lambda found: f"{{{found[1] or 'value'}}}", twice)


def _is_sentence(text: str) -> bool:
    bare = re.sub(r"\{[^{}]*\}", "{}", text)
    return (
        text not in _OF_OTHERS
        and bool(_WORDS.search(bare))
        and not _VIETNAMESE.search(bare)
        and not _PROGRAM.search(bare)
    )


def _variants(node: ast.JoinedStr) -> list[str]:
    """An f-string with its holes by name; where a piece of it is one of two texts, with either."""
    names: dict[str, int] = {}
    pieces: list[list[str]] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append([str(part.value).replace("{", "{{").replace("}", "}}")])
        elif isinstance(part, ast.FormattedValue):
            choice = _choice(part.value)
            pieces.append(choice or [f"{{{_hole(part.value, names)}}}"])
    return ["".join(one) for one in product(*pieces)]


def _choice(node: ast.expr) -> list[str]:
    """The two texts of `'s' if … else ''`."""
    match node:
        case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
            return [one, other]
        case ast.BinOp(left=ast.Constant(value=str(one)), op=ast.Mult(), right=ast.Compare()):
            return [one, ""]
    return []


def _hole(node: ast.expr, names: dict[str, int]) -> str:
    """A name for what stands in a hole, each once."""
    name = next((part for part in _parts(node) if part.isidentifier() and part not in ("self", "str", "repr")), "value")
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def _parts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Attribute(attr=name):
            yield name.strip("_")
        case ast.Name(id=name):
            yield name.strip("_")
        case ast.Call(func=function, args=[]):
            yield from _parts(function)
        case ast.Call(args=[first, *_]):
            yield from _parts(first)
        case ast.Subscript(value=value) | ast.BinOp(left=value):
            yield from _parts(value)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def plain(sentence: str) -> str:
    """A sentence with bare holes: how a value is shaped is nothing to translate."""
    return "".join(
        piece.replace("{", "{{").replace("}", "}}") + (f"{{{name}}}" if name is not None else "")
        for piece, name, _, _ in Formatter().parse(sentence)
    )


def updated(known: Catalog) -> Catalog:
    """The catalogue of what is said now, with what is known of it."""
    new = Catalog(locale="vi")
    for sentence in sentences():
        message = known.get(sentence)
        new.add(sentence, message.string if message else "", flags=())
    return new


def main() -> int:
    """Rewrite the catalogue; how many sentences have no Vietnamese yet is said."""
    sys.path.insert(0, str(ROOT))
    from content.words import catalogue  # noqa: PLC0415 - from the checkout, wherever this is called

    new = updated(catalogue("vi"))
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=0, omit_header=True)
    lacking = [str(message.id) for message in new if message.id and not message.string]
    print("".join(f"no Vietnamese: {one!r}\n" for one in lacking), end="")
    print(f"{len(new)} sentences, {len(lacking)} of them without Vietnamese.")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
