"""Keys in words: what a JSON Schema and the model behind it say of each key, in one language."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel

from content.values import Rate

Schema = Mapping[str, Any]

_MOST = 16  # words that are listed
_WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "required": "bắt buộc", "default": "mặc định", "one": "một trong", "of": "một trong {number} từ",
        "string": "chữ", "integer": "số nguyên", "number": "số", "boolean": "`true` hoặc `false`",
        "object": "các khóa bên dưới", "null": "để trống", "array": "danh sách: ", "or": " hoặc ",
        "range": "số nguyên từ {least} đến {most}", "such": "viết như ", "list": "một hoặc nhiều (trong ngoặc vuông): ",
    },
    "en": {
        "required": "required", "default": "without it", "one": "one of", "of": "one of {number} words",
        "string": "text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`",
        "object": "the keys below it", "null": "nothing", "array": "a list: ", "or": " or ",
        "range": "a whole number from {least} to {most}", "such": "written as ",
        "list": "one or several (in brackets): ",
    },
}  # fmt: skip


def entries(schema: Schema, model: type[BaseModel] | None, language: str) -> Iterator[str]:
    """Every key of a mapping as Markdown: a heading, its hint, and what may stand there."""
    required = set(schema.get("required", ()))
    for key, part in schema["properties"].items():
        words = _WORDS[language]
        facts = [kind_of(part, language)]
        if key in required:
            facts.append(f"**{words['required']}**")
        elif default := _default(key, model):
            facts.append(f"{words['default']} `{default}`")
        hint = _hint(part.get("description", ""), language)
        yield "\n\n".join(text for text in (f"### `{key}`", hint, f"*{'; '.join(facts)}*") if text)


def kind_of(part: Schema, language: str) -> str:
    """What may stand behind a key, in words."""
    words = _WORDS[language]
    if options := part.get("anyOf"):
        if len(options) == 2 and options[1].get("items") == options[0]:
            return words["list"] + kind_of(options[0], language)
        kinds = [kind_of(option, language) for option in options if option.get("type") != "null"]
        return words["or"].join(dict.fromkeys(kinds))
    if named := part.get("enum") or ([part["const"]] if "const" in part else None):
        shown = ", ".join(f"`{word}`" for word in named[:_MOST])
        if len(named) > _MOST:
            return words["of"].format(number=len(named))
        return shown if len(named) == 1 else f"{words['one']} {shown}"
    kind = part.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "array":
        return words["array"] + kind_of(part["items"], language)
    if kind == "integer" and {"minimum", "maximum"} <= part.keys():
        return words["range"].format(least=part["minimum"], most=part["maximum"])
    if examples := part.get("examples"):
        return words["such"] + words["or"].join(f"`{example}`" for example in examples)
    return words[kind]


def _hint(text: str, language: str) -> str:
    """The English or the Vietnamese half of a hint."""
    english, _, vietnamese = text.partition(" — ")
    return vietnamese if language == "vi" and vietnamese else english


def _default(key: str, model: type[BaseModel] | None) -> str:
    """What counts where a key is not written; nothing where that is nothing."""
    fields = model.model_fields if model else {}
    value = next((field.default for name, field in fields.items() if (field.alias or name) == key), None)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, timedelta):
        return _length(value)
    return str(value) if isinstance(value, int | str) and not isinstance(value, Enum) else ""


def _length(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return "" if not minutes else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def rate(value: Rate | None) -> str:
    """A rate as it is written in channels.yaml."""
    if value is None:
        return "–"
    units = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}
    return f"`{value.count}/{units[value.seconds]}`"


def one_line(text: str | None) -> str:
    """A docstring's first paragraph."""
    return re.sub(r"\s+", " ", (text or "").strip().split("\n\n")[0])
