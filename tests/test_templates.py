"""Templates: what they can say, what they cannot reach, and that no template stops the renderer."""

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.templates import Renderer, TemplateError

CONTEXT: dict[str, Any] = {
    "hotline": "0261 3543 543",
    "facts": {"hotline": "0261 3543 543", "máy tính": 120, "từ": date(2022, 2, 14)},
    "agency": {"name": "Sở Thông tin và Truyền thông"},
    "occurrence": datetime(2022, 2, 14, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
    "names": ["An", "Bình"],
    "document": None,
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(timeout=10.0) as running:
        yield running


def failure(renderer: Renderer, source: str) -> TemplateError:
    with pytest.raises(TemplateError) as found:
        renderer.render(source, CONTEXT)
    return found.value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Gọi {{ hotline }}.\n", "Gọi 0261 3543 543.\n"),
        ("{{ facts['máy tính'] + 1 }} máy", "121 máy"),
        ("{{ facts.từ | date }}", "14/02/2022"),
        ("{{ occurrence.strftime('%d/%m/%Y') }}", "14/02/2022"),
        ("{{ occurrence | time }} ngày {{ occurrence | date }}", "08:00 ngày 14/02/2022"),
        ("{{ occurrence.utcoffset() | string }}", "7:00:00"),
        ("{% for name in names %}\n- {{ name }}\n{% endfor %}\nhết", "- An\n- Bình\nhết"),
        ("{{ nothing | default('–') }}{% if nothing is defined %}x{% endif %}", "–"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('&') }}", "<&>"),
        ("{# một ghi chú #}x", "x"),
        ("không có gì\r\n", "không có gì\r\n"),
    ],
)
def test_a_template_says(renderer: Renderer, source: str, text: str) -> None:
    assert renderer.render(source, CONTEXT) == text


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**60), 2**60), st.datetimes())
def test_values_arrive_as_they_are(renderer: Renderer, text: str, number: int, moment: datetime) -> None:
    context = {"text": text, "number": number, "moment": moment}
    source = "{{ text }}|{{ number + 1 }}|{{ moment.isoformat() }}"
    assert renderer.render(source, context) == f"{text}|{number + 1}|{moment.isoformat()}"


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("a\n{{ hotlin }}", 2, "'hotlin' is not defined (did you mean 'hotline'?)"),
        ("{{ facts.hotlin }}", 1, "there is no 'hotlin' in it (did you mean 'hotline'?)"),
        ("\n\n{{ xyz.abc }}", 3, "'xyz' is not defined"),
        ("a\n{% for x in names %}\n{{ x.y }}\n{% endfor %}", 3, "there is no 'y' in it"),
        ("{{ hotline | dat }}", 1, "there is no filter 'dat' (did you mean 'date'?)"),
        ("\n{{ hotline | date }}", 2, "the filter 'date' takes a date-time"),
        ("\n{{ nothing | date }}", 2, "'nothing' is not defined"),
        ("\n{{ document }}", 2, "this is empty"),
        ("\n{{ occurrence }}", 2, "a date or time needs a form"),
        ("\n{{ names }}", 2, "a list is no text"),
        ("\n{{ hotline.upper }}", 2, "this is no text"),
        ("a\n{% if hotline %}\n{% endfr %}", 3, "endfr"),
        ("a\n{{ hotline", 2, "unexpected end"),
        ("\n{% include 'x' %}", 2, "'include' is not possible"),
        ("\n{% import 'x' as y %}", 2, "'import' is not possible"),
        ("\n{% extends 'x' %}", 2, "'extends' is not possible"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("{{ '\\ud800' }}", 1, "half a character"),
        ("{{" + "(" * 5000, 1, "nested too deeply"),
        ("{{ " + "9" * 5000 + " }}", 1, "4300 digits"),
    ],
)
def test_a_mistake_says_what_and_on_which_line(renderer: Renderer, source: str, line: int, text: str) -> None:
    error = failure(renderer, source)
    assert text in error.text
    assert error.line == line


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ (''|attr('__class__')) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ occurrence.__class__ }}",
        "{{ '{0.__class__}'.format('') }}",
        "{{ names.append('x') }}",
        "{{ facts.update({'a': 1}) }}",
        "{{ self.__init__ }}",
        "{{ occurrence.strptime('1', '%d') }}",
        "{{ lipsum() }}",
        "{{ names | random }}",
    ],
)
def test_a_template_reaches_nothing_else(renderer: Renderer, source: str) -> None:
    error = failure(renderer, source)
    assert str(Path(__file__).parents[1]) not in error.text
    assert "Errno" not in error.text


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 10**10 }}",
        "{{ [0] * 10**9 }}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{{ '%1000000000d' % 3 }}",
        "{{ '{:1000000000}'.format(3) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for i in range(99999) %}xxxxxxxxxxxxxxx{% endfor %}",
        "{{ 'ấ' * 400000 }}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    ],
)
def test_a_greedy_template_fails_and_the_next_one_does_not(renderer: Renderer, source: str) -> None:
    failure(renderer, source)
    assert renderer.render("{{ hotline }}", CONTEXT) == CONTEXT["hotline"]


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 7 ** (7 ** 9) }}",
        "{{ 10 ** 9999999 % 7 }}{{ 10 ** 99999999 % 7 }}",
    ],
)
def test_a_template_without_end_is_stopped(source: str) -> None:
    with Renderer(timeout=0.5) as renderer:
        assert renderer.render("{{ hotline }}", CONTEXT)
        before = time.monotonic()
        assert "longer than 0.5 seconds" in failure(renderer, source).text
        assert time.monotonic() - before < 5
        assert renderer.render("{{ hotline }}", CONTEXT) == CONTEXT["hotline"]


def children() -> set[int]:
    """The processes that this one has started and not yet seen the end of."""
    listed = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for text in listed for pid in text.split()}


def test_a_process_that_somebody_kills_or_stops_is_replaced() -> None:
    before = children()
    with Renderer(timeout=5.0) as renderer:
        renderer.render("{{ hotline }}", CONTEXT)
        (first,) = children() - before
        os.kill(first, signal.SIGKILL)
        assert renderer.render("{{ hotline }}", CONTEXT) == CONTEXT["hotline"]
        (second,) = children() - before
        assert second != first
    assert children() - before == set()


def test_a_process_that_stands_still_is_replaced() -> None:
    before = children()
    with Renderer(timeout=0.5) as renderer:
        renderer.render("{{ hotline }}", CONTEXT)
        (first,) = children() - before
        os.kill(first, signal.SIGSTOP)
        assert "longer" in failure(renderer, "{{ hotline }}" + "x" * 1_000_000).text
        assert renderer.render("{{ hotline }}", CONTEXT) == CONTEXT["hotline"]


def test_the_process_has_no_secret_and_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "a-secret-value")
    before = children()
    with (tmp_path / "open").open("w"), Renderer() as renderer:
        renderer.render("{{ hotline }}", CONTEXT)
        (process,) = children() - before
        assert b"a-secret-value" not in Path(f"/proc/{process}/environ").read_bytes()
        assert len(list(Path(f"/proc/{process}/fd").iterdir())) == 3
        limits = Path(f"/proc/{process}/limits").read_text()
        assert "Max open files            3 " in limits
        assert "Max address space         unlimited" not in limits


def test_many_threads_render_at_once(renderer: Renderer) -> None:
    barrier = threading.Barrier(100)

    def render(number: int) -> str:
        barrier.wait()
        return renderer.render("{{ number }} {{ hotline }}", CONTEXT | {"number": number})

    with ThreadPoolExecutor(100) as pool:
        assert list(pool.map(render, range(100))) == [f"{number} {CONTEXT['hotline']}" for number in range(100)]


def test_a_text_without_tags_needs_no_process() -> None:
    before = children()
    with Renderer() as renderer:
        assert renderer.render("# Chào { bạn }", {}) == "# Chào { bạn }"
        assert children() == before


def test_nothing_is_left_open() -> None:
    with Renderer() as renderer:
        renderer.render("{{ hotline }}", CONTEXT)
    renderer.close()
    gc.collect()  # an unclosed pipe would warn, and a warning is an error


def test_a_context_holds_only_plain_values(renderer: Renderer) -> None:
    with pytest.raises(TypeError, match="cannot hold PosixPath"):
        renderer.render("{{ x }}", {"x": Path("/")})
    assert renderer.render("{{ hotline }}", CONTEXT) == CONTEXT["hotline"]
