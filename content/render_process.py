"""The process in which templates are rendered, apart from everything that a template must not reach or use up.

It holds no secret, no open file but its three pipes, and a bounded memory. It reads one request a line from
standard input and writes one answer a line to standard output, both JSON:

    {"source": "…", "context": {…}, "seconds": 3.0}    {"text": "…"} or {"error": "…", "line": 3}

Before the first it writes `{"ready": true}`. `content.templates` is its other end.
"""

import json
import sys
from datetime import date, datetime, time
from typing import Any

from content.confinement import confine, end_after
from content.template_language import TemplateError, environment, explained, parse

LARGEST_OUTPUT = 1024 * 1024  # bytes of UTF-8
_TYPES: dict[str, type[date] | type[datetime] | type[time]] = {"datetime": datetime, "date": date, "time": time}
_WARM_UP = (
    '{% macro m(x) %}{{ x }}{% endmacro %}{{ m("é") }}{{ "%s"|format(1) }}',
    "{{ occurrence | date }}{{ occurrence | time }}",
    "{{ missing }}",
    "{{ 1 / 0 }}",
    "{% if %}",
)


def packed(value: object) -> dict[str, str]:
    """What JSON lacks, for `json.dumps(default=…)`: dates and times under their type's name."""
    if isinstance(value, date | time):
        return {f"\0{type(value).__name__}": value.isoformat()}
    raise TypeError(f"a template's context cannot hold {type(value).__name__}")


def unpacked(value: dict[str, Any]) -> Any:
    """The reverse, for `json.loads(object_hook=…)`. A time zone comes back as its offset from UTC."""
    if len(value) == 1:
        ((name, text),) = value.items()
        if name[:1] == "\0" and name[1:] in _TYPES:
            return _TYPES[name[1:]].fromisoformat(text)
    return value


def render(source: str, context: dict[str, Any]) -> str:
    """The rendered template, here and now. Raises TemplateError."""
    made = environment(context.keys())
    pieces: list[str] = []
    room = LARGEST_OUTPUT
    try:
        for piece in made.from_string(parse(source, made)).generate(context):
            room -= len(piece)
            if room < 0:
                raise ValueError("this makes a text of more than 1 MiB")
            pieces.append(piece)
        text = "".join(pieces)
        if len(text.encode()) > LARGEST_OUTPUT:
            raise ValueError("this makes a text of more than 1 MiB")
    except Exception as error:
        raise explained(error) from None
    return text


def main() -> None:
    """Answer requests until the other end closes its pipe."""
    for source in _WARM_UP:  # what is imported late must be imported before files are out of reach
        _answer({"source": source, "context": {"occurrence": datetime(2022, 2, 14)}})  # noqa: DTZ001
    confine(int(sys.argv[1]), files=3)
    _write({"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line, object_hook=unpacked)
        end_after(request["seconds"])
        answer = _answer(request)
        end_after(0)
        _write(answer)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"text": render(request["source"], request["context"])}
    except TemplateError as error:
        return {"error": error.text, "line": error.line}


def _write(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
