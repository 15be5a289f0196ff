"""Writes a plain value as YAML, and remembers where each key and value of it came to stand."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from content.yaml_scalars import resolve

Path = tuple[str | int, ...]
Place = tuple[int, int]

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./:-]*[A-Za-z0-9_./-])?(?: [A-Za-z0-9][A-Za-z0-9_./-]*)*")


class Raw(str):
    """A number or the like as it is to stand in the file."""

    def __repr__(self) -> str:
        return f"the number {self}"


@dataclass
class Written:
    """The text, and the places of its keys and values, counted from 1. A place follows what it names by its path."""

    text: str = ""
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    line: int = 1
    column: int = 1

    def put(self, text: str) -> None:
        self.text += text
        self.line += text.count("\n")
        self.column = len(text) - text.rfind("\n") if "\n" in text else self.column + len(text)


def write(value: Any, line: int = 1) -> Written:
    """The value, from a line of its file on."""
    written = Written(line=line)
    _node(written, value, (), 0, flow=False)
    written.put("\n")
    return written


def _node(out: Written, value: Any, path: Path, indent: int, flow: bool) -> None:
    out.values[path] = (out.line, out.column)
    if isinstance(value, Mapping) and value and not flow:
        _block_mapping(out, value, path, indent)
    elif isinstance(value, list) and value and not flow:
        for index, item in enumerate(value):
            out.put(("\n" + " " * indent if index else "") + "- ")
            _node(out, item, (*path, index), indent + 2, flow=True)
    elif isinstance(value, Mapping):
        out.put("{")
        for number, (key, part) in enumerate(value.items()):
            out.put(", " if number else "")
            _key(out, key, (*path, key))
            out.put(" ")
            _node(out, part, (*path, key), indent, flow=True)
        out.put("}")
    elif isinstance(value, list):
        out.put("[")
        for index, item in enumerate(value):
            out.put(", " if index else "")
            _node(out, item, (*path, index), indent, flow=True)
        out.put("]")
    else:
        out.put(_scalar(value))


def _block_mapping(out: Written, value: Mapping[str, Any], path: Path, indent: int) -> None:
    for number, (key, part) in enumerate(value.items()):
        out.put("\n" + " " * indent if number else "")
        _key(out, key, (*path, key))
        if _is_large(part):
            out.put("\n" + " " * (indent + 2))
            _node(out, part, (*path, key), indent + 2, flow=False)
        else:
            out.put(" ")
            _node(out, part, (*path, key), indent + 2, flow=True)


def _key(out: Written, key: str, path: Path) -> None:
    out.keys[path] = (out.line, out.column)
    out.put(_scalar(key) + ":")


def _is_large(value: Any) -> bool:
    """Whether it stands in lines of its own: mappings, and lists of them; short lists stay in brackets."""
    parts = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return bool(parts) and (isinstance(value, Mapping) or any(isinstance(part, Mapping | list) for part in parts))


def _scalar(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and resolve(value) == value and len(value) < 100
        hidden = re.search(r"[\x00-\x1f\x7f-\xa0\u1680\u2000-\u206f\u3000\ufeff]", value)
        return value if plain else json.dumps(value, ensure_ascii=bool(hidden))
    return "~" if value is None else json.dumps(value)
