"""Templates: what they reach for, loops that do not end, texts that fill the memory, parsers that are led astray."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from content.templates import Renderer, TemplateError, names_read, undefined_names
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write
from tests.hostile.watch import short

CONTEXT: dict[str, Any] = {
    "hotline": "0261 3543 543",
    "facts": {"hotline": "0261 3543 543", "items": [1, 2, 3]},
    "agency": {"key": "so", "name": "Sở Thông tin"},
    "channel": {"name": "web", "kind": "wordpress"},
    "occurrence": datetime(2022, 2, 14, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
}
_LARGEST = 1024 * 1024


@cache
def _renderer() -> Renderer:
    return Renderer(timeout=0.7)


def judge(case: Case, bench: Bench) -> Seen:
    """The template's names and its text, twice: the same both times."""
    source = write(case, bench.folder / "template").read_text(encoding="utf-8")
    try:
        names_read(source)
        undefined_names(source, CONTEXT.keys())
        first, second = (_renderer().render(source, CONTEXT) for _ in range(2))
    except TemplateError as error:
        short((error.text,), 1_000, 1_000)
        return Seen(True, (error.text, repr(error)))
    if first != second:
        raise Harm(f"says {first[:100]!r} and then {second[:100]!r}")
    if len(first.encode()) > _LARGEST:
        raise Harm(f"makes a text of {len(first)} characters")
    return Seen(False, (first,))


TEMPLATES = Family("templates", judge)


@TEMPLATES.refused
def ways_to_the_insides_of_python(chance: Random) -> Iterator[Case]:
    """From any value a chain of names leads to the interpreter, and from there to everything."""
    for source in (
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ ''['__class__'] }}", "{{ ''|attr('__class__') }}",
        "{{ cycler.__init__.__globals__ }}", "{{ occurrence.__class__ }}", "{{ occurrence.__reduce__() }}",
        "{{ range.__call__.__self__ }}", "{{ self.__init__ }}", "{{ joiner.__init__.__globals__.os }}",
        "{{ ().__class__.__base__ }}", "{{ namespace.__init__.__globals__ }}", "{{ dict.__base__ }}",
        "{{ hotline.__len__.__self__.__class__ }}", "{{ (1).__class__ }}", "{{ [].__class__ }}",
        "{{ facts.__class__ }}", "{{ none.__class__ }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def names_in_disguise(chance: Random) -> Iterator[Case]:
    """A name that is put together at run time passes whoever looks at the source."""
    for source in (
        "{{ ''|attr('__cl' ~ 'ass__') }}", "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
        "{{ ('%c'|format(95)*2 ~ 'class')|string|list|first.__class__ }}", "{% set a = '__class__' %}{{ ''[a] }}",
        "{{ {}|map(attribute='__class__')|list }}", "{{ [1]|map(attribute='__class__')|join }}",
        "{{ [1]|map('attr', '__class__')|list }}", "{{ [facts]|sum(attribute='__class__') }}",
        "{{ [facts]|groupby('__class__') }}", "{{ [1, 2]|sort(attribute='__class__')|join }}",
        "{{ [1, 2]|sum(attribute='__class__') }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def names_inside_a_format(chance: Random) -> Iterator[Case]:
    """A format has a language of its own, with dots and brackets."""
    for source in (
        "{{ '{0.__class__}'.format('') }}", "{{ '{0.__class__.__mro__}'.format(1) }}",
        "{{ '{a.__init__}'.format(a=cycler) }}", "{{ '{x.__class__}'.format_map({'x': 1}) }}",
        "{{ '{0[__class__]}'.format({}) }}", "{{ ('{0.__cl' ~ 'ass__}').format('') }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def other_files(chance: Random) -> Iterator[Case]:
    """A template that reads another one reads any file."""
    for source in (
        "{% include '/etc/passwd' %}", "{% include ['a', 'b'] ignore missing %}", "{% import 'os' as os %}",
        "{% from 'x' import y %}", "{% extends hotline %}", "{% include hotline %}",
        "{% set x %}{% include '/proc/self/environ' %}{% endset %}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def values_that_are_changed(chance: Random) -> Iterator[Case]:
    """One text changes what the next one reads."""
    for source in (
        "{{ facts.update({'a': 1}) }}", "{{ facts['items'].append(4) }}", "{{ facts.clear() }}",
        "{{ facts.pop('hotline') }}", "{{ facts.setdefault('x', 1) }}", "{{ facts['items'].sort() }}",
        "{{ [].extend([1]) }}", "{% do 1 %}", "{{ facts['items'].reverse() }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def loops_without_end(chance: Random) -> Iterator[Case]:
    """One text holds up all channels."""
    for source in (
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=1) %}"
        + "{% for i in range(99999) %}" * 3
        + "{% set ns.n = ns.n * 3 %}"
        + "{% endfor %}" * 3,
        "{{ range(99999)|map('string')|map('length')|list|length }}"
        + "{% for i in range(9999) %}{% set x = range(99999)|list|sum %}{% endfor %}",
    ):
        yield source.encode()


@TEMPLATES.refused
def sums_without_end(chance: Random) -> Iterator[Case]:
    """A number of a thousand million digits."""
    for source in (
        "{{ 7 ** (7 ** 9) }}", "{{ (10 ** 9999999) % 7 }}{{ (10 ** 99999999) % 7 }}", "{{ 9 ** (9 ** (9 ** 9)) }}",
        "{{ (2 ** 2 ** 25) * (2 ** 2 ** 25) % 3 }}{{ 3 ** (2 ** 40) }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def texts_that_fill_the_memory(chance: Random) -> Iterator[Case]:
    """One line asks for more than the machine has."""
    for source in (
        "{{ 'x' * 10**10 }}", "{{ [0] * 10**9 }}", "{{ '%1000000000d' % 3 }}", "{{ '{:1000000000}'.format(3) }}",
        "{{ 'x'|indent(10**10) }}", "{{ 'a'.ljust(10**10) }}", "{{ 'a'.center(10**10) }}",
        "{{ '\\t'.expandtabs(10**10) }}", "{{ '7'.zfill(10**10) }}", "{{ ('x' * 10**6).replace('', 'y' * 10**4) }}",
        "{{ '%*d' % (10**9, 1) }}", "{{ 'x'|replace('x', 'y' * 10**9) }}", "{{ [1]|batch(10**9, 0)|list|length }}",
        "{{ 'a'|truncate(10**10) * 10**10 }}", "{{ (range(99999)|list * 99999)|length }}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def texts_without_end(chance: Random) -> Iterator[Case]:
    """Each piece is small, all together are no text that anybody publishes."""
    for source in (
        "{% for i in range(99999) %}xxxxxxxxxxxxxxxxxxxx{% endfor %}", "{{ 'ấ' * 400000 }}",
        "{{ '\U0001f600' * 300000 }}", "{% for i in range(99999) %}\n\n\n\n\n\n\n\n\n\n\n\n{% endfor %}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def calls_of_oneself(chance: Random) -> Iterator[Case]:
    """A macro that calls itself fills the stack."""
    for source in (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ caller() }}{% endmacro %}"
        "{% macro b() %}{% call a() %}{{ b() }}{% endcall %}{% endmacro %}{{ b() }}",
        "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
    ):
        yield source.encode()


@TEMPLATES.refused
def brackets_within_brackets(chance: Random) -> Iterator[Case]:
    """A parser that calls itself for each bracket fills the stack."""
    for piece in ("(", "[", "{'a':", "not ", "-", "a if b else ", "{% if a %}", "a.b[", "{% for x in y %}"):
        yield ("{{ " + piece * 5_000 if "%" not in piece else piece * 5_000).encode()


@TEMPLATES.refused
def numbers_and_texts_that_are_none(chance: Random) -> Iterator[Case]:
    """What a lexer takes, an interpreter may refuse."""
    for source in (
        "{{ " + "9" * 5_000 + " }}", "{{ '\\ud800' }}", "{{ '\\N{NOBODY}' }}", "{{ '\\x' }}", "{{ 1 / 0 }}",
        "{{ 1e999 * 0 }}{{ [][0] }}", "{{ 5 % 0 }}", "{{ 'a' < 1 }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.refused
def commands_that_are_unknown(chance: Random) -> Iterator[Case]:
    """Filters and tests that a usual environment has, and this one must not."""
    for source in (
        "{{ [1]|random }}", "{{ lipsum() }}", "{{ hotline|pprint }}", "{{ hotline|safe|forceescape }}", "{% debug %}",
        "{{ 'x'|urlize }}", "{{ {}|xmlattr }}", "{{ 'a'|tojson }}", "{% trans %}x{% endtrans %}",
        "{{ hotline is filter }}{{ 1 is nothing }}",
    ):  # fmt: skip
        yield source.encode()


@TEMPLATES.endured
def signs_that_a_line_must_not_hold(chance: Random) -> Iterator[Case]:
    """What leads from one request to the process to the next makes one text answer for another."""
    for source in (
        '{{ \'\\n{"text": "x"}\\n\' }}', "{{ '\\u2028\\u0085\\r' }}", "\n" * 1_000 + "{{ hotline }}",
        "{{ hotline }}\0", "{{ '\\0' * 1000 }}", "\r{{ hotline }}\r\n\x0b",
    ):  # fmt: skip
        yield source.encode()
