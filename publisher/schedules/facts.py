"""The facts of a campaign: values that messages may name."""

import math
from collections.abc import Iterator
from typing import Any

from content.validation import BLANK
from content.yaml12 import Mistake
from publisher.schedules.findings import Node

#: What every template can read anyway; a fact of the same name would hide it.
TAKEN = frozenset({"facts", "campaign", "agency", "channel", "occurrence"})

_EXACT = 2**53  # whole numbers beyond it are not exact in JSON

#: One fact for editors: anything but nothing. How a number is written (1.50) only `check` sees.
FACT_SCHEMA = {
    "anyOf": [
        {"type": ["string", "boolean"]},
        {"type": "number", "minimum": -_EXACT, "maximum": _EXACT},
        {"type": "array", "items": {"$ref": "#/definitions/fact"}},
        {"type": "object", "additionalProperties": {"$ref": "#/definitions/fact"}},
    ]
}


def check_facts(node: Node) -> Iterator[Mistake]:
    """Mistakes in the mapping `facts`: names that are taken, numbers that would be shown otherwise."""
    for name in node.value:
        if name in TAKEN:
            text = f"{name!r} is the name of something that messages can read anyway (choose another)"
            yield node.mistake(text, name, key=True)
    yield from _check_value(node, ())


def _check_value(node: Node, steps: tuple[str | int, ...]) -> Iterator[Mistake]:
    value: Any = node.value
    for step in steps:
        value = value[step]
    if value is None:
        yield node.mistake(BLANK, *steps)
    elif isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from _check_value(node, (*steps, step))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        written = node.document.written((*node.path, *steps))
        if str(value) != written or not math.isfinite(value) or abs(value) > _EXACT:
            yield node.mistake(
                f'this number would not be shown as it is written (put it in quotes: "{written}")', *steps
            )
