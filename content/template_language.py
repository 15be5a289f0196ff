"""The language of templates: Jinja2 in a sandbox, without files, chance or clocks, and with strict names.

A template sees its context and nothing else; the same template and context always give the same text. What goes
wrong is a `TemplateError` with the line on which it does.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from difflib import get_close_matches
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

MARKS = ("{{", "{%", "{#")  # a text without any of them is its own rendering
GLOBALS = ("cycler", "dict", "joiner", "namespace", "range")
_FILTERS = (
    "abs", "batch", "capitalize", "count", "d", "default", "dictsort", "first", "float", "format", "groupby",
    "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "slice", "sort", "string", "sum",
    "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_LONGEST_TEXT = 300


class TemplateError(Exception):
    """A template cannot be rendered: the text says why, `line` (from 1) where in the template."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def environment(known: Collection[str] = ()) -> ImmutableSandboxedEnvironment:
    """A fresh environment; `known` are the names to suggest in place of an undefined one."""
    made = ImmutableSandboxedEnvironment(
        undefined=_undefined_among(known),
        finalize=_printable,
        autoescape=False,  # the result is Markdown; HTML is made from it, and sanitised, later
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals = {name: made.globals[name] for name in GLOBALS}
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.filters["date"] = _written("date", date, "%d/%m/%Y")
    made.filters["time"] = _written("time", time, "%H:%M")
    return made


def parse(source: str, made: ImmutableSandboxedEnvironment) -> nodes.Template:
    """The template's syntax tree, nothing in it evaluated. Raises TemplateError."""
    try:
        tree = made.parse(source)
        for node in tree.find_all((*_FILES, nodes.Filter, nodes.Test)):
            _check(node, made)
    except TemplateError:
        raise
    except Exception as error:
        raise explained(error) from None
    return tree


def explained(error: BaseException) -> TemplateError:
    """What a failure of parsing or rendering means for the author of the template."""
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, TemplateSyntaxError):
        return TemplateError((error.message or "not understood")[:_LONGEST_TEXT], error.lineno)
    if isinstance(error, MemoryError):
        text = "this needs too much memory"
    elif isinstance(error, RecursionError):
        text = "this is nested too deeply, or calls itself without end"
    elif isinstance(error, OSError | ImportError):
        text = "this is out of a template's reach"
    elif isinstance(error, UnicodeError):
        text = "this makes half a character, which is no text"
    elif isinstance(error, UndefinedError):
        text = error.message or "something is not defined"
    else:
        text = str(error) or type(error).__name__
    return TemplateError(text[:_LONGEST_TEXT], _line(error.__traceback__))


def suggestion(name: str, known: Collection[str]) -> str:
    """` (did you mean 'hotline'?)`, or nothing where no known name is near."""
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _check(node: nodes.Node, made: ImmutableSandboxedEnvironment) -> None:
    if isinstance(node, _FILES):
        what = type(node).__name__.replace("FromImport", "import").lower()
        raise TemplateError(f"'{what}' is not possible: a message is one file (copy the text)", node.lineno)
    if isinstance(node, nodes.Filter | nodes.Test):
        sort, known = ("filter", made.filters) if isinstance(node, nodes.Filter) else ("test", made.tests)
        if node.name not in known:
            raise TemplateError(f"there is no {sort} '{node.name}'{suggestion(node.name, known)}", node.lineno)


def _undefined_among(known: Collection[str]) -> type[StrictUndefined]:
    class Undefined(StrictUndefined):
        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            name, owner = str(self._undefined_name), self._undefined_obj
            if self._undefined_hint:
                return self._undefined_hint
            if owner is missing:
                return f"'{name}' is not defined{suggestion(name, known)}"
            keys = [str(key) for key in owner] if isinstance(owner, Mapping) else []
            return f"there is no '{name}' in it{suggestion(name, keys)}"

    return Undefined


def _printable(value: Any) -> Any:
    """Only text and numbers get into a message: anything else would print its insides."""
    if isinstance(value, str | int | float | StrictUndefined):
        return value
    if value is None:
        raise ValueError("this is empty (write e.g. {{ name or '' }} if it may be)")
    if isinstance(value, date | time):
        raise ValueError("a date or time needs a form (write e.g. {{ occurrence | date }})")
    if isinstance(value, list | tuple):
        raise ValueError("a list is no text (write e.g. {{ names | join(', ') }})")
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value["name"]  # {{ agency }} says its name
    raise ValueError("this is no text (print one of its values)")


def _written(name: str, kind: type, form: str) -> Callable[[Any], str]:
    """A filter that writes a date-time, or a value of its own kind, in the given form."""

    def write(value: Any) -> str:
        if isinstance(value, StrictUndefined):
            str(value)  # raises: its name is what is wrong
        if not isinstance(value, kind) and not hasattr(value, "astimezone"):
            raise ValueError(f"the filter '{name}' takes a date-time such as occurrence")
        return str(value.strftime(form))

    return write


def _line(trace: TracebackType | None) -> int:
    """The template's line in a traceback that Jinja has rewritten; 1 if it is in none."""
    line = 1
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
