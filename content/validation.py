"""Runs a pydantic model over a part of a YAML document and says each mistake at its line, in plain words.

No mistake repeats a value of a field that may hold a secret.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from content.values import Secret
from content.words import phrase
from content.yaml12 import Document, Mistake, Mistakes, Path

M = TypeVar("M", bound=BaseModel)

#: What is said of a key without a value.
BLANK = "a value is missing here (write one, or delete the line)"

_LISTED = 20  # known names that a mistake lists
_SHOWN = 60  # characters of a wrong value that a mistake repeats
_MAPPING = "keys are expected here (write lines `key: value`, indented)"
_LIST = "a list is expected here (write [one, two])"
_TEXT = "text is expected here"
_WHOLE = "a whole number is expected here (digits only, e.g. 30)"
_PLAIN = {
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": "a number is expected here (e.g. 2.5)",
    "float_parsing": "a number is expected here (e.g. 2.5)",
    "finite_number": "a finite number is expected here (e.g. 2.5)",
    "bool_type": "write true or false here",
    "bool_parsing": "write true or false here",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
_BOUNDS = {
    "greater_than": ("gt", "a number greater than {} is expected here"),
    "greater_than_equal": ("ge", "a number of at least {} is expected here"),
    "less_than": ("lt", "a number less than {} is expected here"),
    "less_than_equal": ("le", "a number of at most {} is expected here"),
    "too_short": ("min_length", "too few entries stand here (write at least {})"),
    "too_long": ("max_length", "too many entries stand here (write at most {})"),
    "string_too_short": ("min_length", "this text is too short (write at least {} characters)"),
    "string_too_long": ("max_length", "this text is too long (write at most {} characters)"),
    "string_pattern_mismatch": ("pattern", "this text has the wrong form (it must match {})"),
}
_EMPTY = {
    "too_short": "this list is empty (write at least one entry)",
    "string_too_short": "this text is empty (write it, or delete the line)",
}


@dataclass(frozen=True)
class Examined(Generic[M]):
    """What became of a mapping: the model, or None; every mistake; and the keys in which they lie."""

    model: M | None
    mistakes: tuple[Mistake, ...]
    keys: frozenset[str]


def validate(
    model: type[M],
    document: Document,
    path: Path = (),
    extra: Mapping[str, Any] = MappingProxyType({}),
    omit: Collection[str] = (),
) -> M:
    """The model of the mapping at `path`; raises Mistakes with every mistake in it.

    `extra` gives values of fields that may not stand in the file; keys in `omit` are known, but not the model's.
    """
    examined = examine(model, document, path, extra, omit)
    if examined.model is None:
        raise Mistakes(examined.mistakes)
    return examined.model


def examine(
    model: type[M],
    document: Document,
    path: Path = (),
    extra: Mapping[str, Any] = MappingProxyType({}),
    omit: Collection[str] = (),
) -> Examined[M]:
    """As `validate`, for callers that go on after a mistake."""
    value = document.value
    for step in path:
        value = value[step]
    if not isinstance(value, dict):
        return Examined(None, (document.mistake(path, _MAPPING),), frozenset())
    hidden = [key for key in extra if key in value and key not in omit]
    own = {key: part for key, part in value.items() if key not in omit and key not in extra}
    known = [key for key in (*keys_of(model), *omit) if key not in extra]
    mistakes = [document.mistake((*path, key), describe_unknown(key, known), key=True) for key in hidden]
    bad, valid = set(hidden), None
    try:
        valid = model.model_validate(own | dict(extra))
    except ValidationError as error:
        for detail in _telling(error):
            mistakes.append(_mistake(model, document, path, detail, known))
            bad.update(str(step) for step in detail["loc"][:1])
    return Examined(None if mistakes else valid, tuple(mistakes), frozenset(bad))


def meant(written: Iterable[str], known: Collection[str]) -> set[str]:
    """The known keys that unknown ones are probably meant to be."""
    return {near for key in written if key not in known and (near := nearest(key, known))}


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a model knows, as they are written in a file."""
    return list(_fields(model))


@cache
def model_below(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The model of the mapping that a key of a model holds, if it holds one."""
    return next(iter(_models(_fields(model)[key].annotation)), None)


def describe_unknown(key: str, known: Iterable[str], what: str = phrase("key")) -> str:
    """What to say of a name that is not among the known ones: the nearest of them, else the whole list."""
    names = list(known)
    near = nearest(key, names)
    if near:
        return f"unknown {what} {key!r} (did you mean {near!r}?)"
    more = ", …" if len(names) > _LISTED else ""
    return f"unknown {what} {key!r} (known: {', '.join(names[:_LISTED]) or 'none yet'}{more})"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name that is written most like this one, if any is at least so like it (1 is equal)."""
    by_lower = {other.lower(): other for other in known}
    found = get_close_matches(name.lower(), by_lower, 1, likeness)
    return by_lower[found[0]] if found else None


def _telling(error: ValidationError) -> list[Any]:
    """The errors that say something of their own: not that a list is short whose entries are wrong already."""
    details = error.errors(include_url=False)
    parents = {detail["loc"][:-1] for detail in details}
    return [one for one in details if one["type"] not in ("too_short", "too_long") or one["loc"] not in parents]


def _mistake(model: type[BaseModel], document: Document, path: Path, detail: Any, known: list[str]) -> Mistake:
    loc = detail["loc"]
    place = (*path, *loc)
    if detail["type"] == "missing":
        return document.mistake(place[:-1], f"key {loc[-1]!r} is missing (add a line `{loc[-1]}: …`)")
    if detail["type"] == "extra_forbidden":
        keys = known if len(loc) == 1 else keys_of(_model_at(model, loc[:-1]))
        return document.mistake(place, describe_unknown(str(loc[-1]), keys), key=True)
    field = _fields(model).get(str(loc[0])) if loc else None
    secret = field is not None and _is_secret(field)
    return document.mistake(place, _words(detail, document.written(place), secret))


def _words(detail: Any, written: str | None, secret: bool) -> str:
    """One pydantic error in plain words; `written` is how a number or truth value stands in the file."""
    kind, context = detail["type"], detail.get("ctx", {})
    if detail["input"] is None:
        return BLANK
    if secret:  # the texts of `Secret` itself repeat nothing
        return str(detail["msg"]) if kind == "secret" else "this value does not fit here"
    if kind == "string_type" and written is not None:
        return f'{_TEXT} (put it in quotes: "{written}")'
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _BOUNDS:
        name, text = _BOUNDS[kind]
        return _EMPTY[kind] if kind in _EMPTY and context[name] == 1 else text.format(context[name])
    if kind in ("enum", "literal_error"):
        return _choice(detail["input"], str(context["expected"]))
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    return str(detail["msg"])


def _choice(value: object, expected: str) -> str:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = nearest(str(value), choices, 0.7)
    hint = f"did you mean {near!r}?" if near else f"write one of: {', '.join(choices)}"
    return f"{_shown(value)} is not possible here ({hint})"


def _shown(value: object) -> str:
    return "this" if isinstance(value, dict | list) or len(str(value)) > _SHOWN else repr(str(value))


@cache
def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_at(model: type[BaseModel], loc: Path) -> type[BaseModel]:
    """The model within a model that an error's place leads to."""
    for step in loc:
        field = _fields(model).get(str(step))
        inner = _models(field.annotation) if field else []
        model = inner[0] if inner else model
    return model


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _is_secret(field: FieldInfo) -> bool:
    return _mentions_secret(field.annotation)


def _mentions_secret(annotation: Any) -> bool:
    if annotation is Secret or any(_mentions_secret(part) for part in get_args(annotation)):
        return True
    return any(_is_secret(field) for model in _models(annotation) for field in model.model_fields.values())
