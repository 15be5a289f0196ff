"""The names that templates read, found without rendering them."""

import time

import pytest

from content.templates import TemplateError, names_read, undefined_names


def test_undefined_names_are_found_without_rendering() -> None:
    source = "hotlin: {{ hotlin }} {{ facts.hotlin }}\r\n  {{ hotline ~ hotlin ~ hotlin }}\n{%- if y %}x{% endif %}"
    assert undefined_names(source, {"hotline", "facts"}) == [
        ("hotlin", 1, 12),
        ("hotlin", 2, 16),
        ("hotlin", 2, 25),
        ("y", 3, 8),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{% for a, b in facts.items() if a %}{{ loop.index }}{{ a }}{{ b }}{% else %}x{% endfor %}",
        "{% set a = facts %}{{ a }}{% set b %}x{% endset %}{{ b }}",
        "{% macro m(a, b=1) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{{ caller() }}{% endmacro %}{{ m(1) }}",
        "{% with a = facts %}{{ a }}{% endwith %}",
        "{% if facts %}{% set a = 1 %}{% elif 1 %}{% set a = 2 %}{% else %}{% set a = 3 %}{% endif %}{{ a }}",
        "{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(a) m() %}{{ a }}{% endcall %}",
        "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}{{ range(3) | join }}",
        "{{ a | default('x') }}{% if a is defined %}x{% endif %}{% if a is undefined %}x{% endif %}",
        "{% filter upper %}{{ facts }}{% endfilter %}",
    ],
)
def test_a_templates_own_names_are_not_undefined(source: str) -> None:
    assert undefined_names(source, {"facts"}) == []


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in facts %}{% endfor %}{{ a }}",
        "{% for x in facts %}{% set a = 1 %}{% endfor %}{{ a }}",
        "{% if facts %}{% set a = 1 %}{% endif %}{{ a }}",
        "{{ a }}{% set a = 1 %}",
        "{% set a = a %}",
        "{% with b = a %}{% endwith %}",
        "{% macro m(x=a) %}{% endmacro %}",
        "{{ facts | default(a) }}",
        "{{ a.b is defined }}",
        "{{ facts[a] }}{# a #}",
    ],
)
def test_a_name_is_undefined_outside_of_its_place(source: str) -> None:
    assert [name for name, _, _ in undefined_names(source, {"facts"})] == ["a"]


def test_a_template_that_cannot_be_read_has_no_names() -> None:
    with pytest.raises(TemplateError) as found:
        undefined_names("a\n{% if x %}", ())
    assert found.value.line == 2
    with pytest.raises(TemplateError, match="not possible"):
        names_read("{% include 'x' %}")


def test_names_read_are_those_of_the_context() -> None:
    source = "{% for x in a %}{{ x ~ b.c }}{% endfor %}{{ d | default(e) }}{% set f = 1 %}{{ f }}{% if g is defined %}"
    assert names_read(source + "{% endif %}") == {"a", "b", "d", "e", "g"}
    assert names_read("không có gì") == frozenset()


@pytest.mark.parametrize("source", ["{{ 'x' * 10**10 }}", "{{ 7 ** (7 ** 9) }}", "{{ 'x' | indent(10**10) }}"])
def test_looking_for_names_evaluates_nothing(source: str) -> None:
    before = time.process_time()
    assert names_read(source) == frozenset()
    assert time.process_time() - before < 1
