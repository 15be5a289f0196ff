"""Which names a template reads, found without rendering it: nothing of the template is evaluated here."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from jinja2 import nodes

from content.template_language import GLOBALS, environment, parse

_BUILT_IN = frozenset({*GLOBALS, "self"})
_OF_A_MACRO = frozenset({"varargs", "kwargs", "caller"})
_ASKS = ("defined", "undefined")
_DEFAULTS = ("default", "d")


@lru_cache(maxsize=4096)
def names_read(source: str) -> frozenset[str]:
    """The names of the context that a template may read. Raises TemplateError if it is no template."""
    tree = parse(source, environment())
    return frozenset(name.name for name, _ in _reads(tree, set(_BUILT_IN)))


def undefined_names(source: str, known: Collection[str]) -> list[tuple[str, int, int]]:
    """Each read of a name that is neither known nor the template's own: name, line and column, both from 1.

    A name that the template only asks for (`x is defined`, `x | default('…')`) may be undefined. Raises
    TemplateError if it is no template.
    """
    tree = parse(source, environment())
    reads = [(name.name, name.lineno) for name, must_exist in _reads(tree, set(_BUILT_IN)) if must_exist]
    unknown = [(name, line) for name, line in reads if name not in known]
    places = _places(source) if unknown else []
    found: list[tuple[str, int, int]] = []
    for name, line in unknown:
        place = next((place for place in places if place[:2] == (name, line)), (name, line, 1))
        if place in places:
            places.remove(place)
        found.append(place)
    return sorted(found, key=lambda place: place[1:])


def _places(source: str) -> list[tuple[str, int, int]]:
    """Each name in the template's tags that is no attribute: name, line and column."""
    text = re.sub(r"\r\n|\r", "\n", source)
    places: list[tuple[str, int, int]] = []
    position, before = 0, ""
    for line, kind, value in environment().lex(source):
        position = max(text.find(value, position), position)
        if kind == "name" and before != ".":
            places.append((value, line, position - text.rfind("\n", 0, position)))
        position += len(value)
        before = before if kind == "whitespace" else value
    return places


def _reads(node: nodes.Node, local: set[str]) -> Iterator[tuple[nodes.Name, bool]]:
    """The names read at or below the node and not in `local`, and whether each must exist.

    Adds to `local` the names that the node sets for what follows it.
    """
    match node:
        case nodes.Name(ctx="load"):
            if node.name not in local:
                yield node, True
        case nodes.Name():
            local.add(node.name)
        case nodes.Test(name=asked, node=nodes.Name() as name) if asked in _ASKS:
            yield from ((name, False) for name, _ in _reads(name, local))
        case nodes.Filter(name=asked, node=nodes.Name() as name) if asked in _DEFAULTS:
            yield from ((name, False) for name, _ in _reads(name, local))
            yield from _all(node.args, local)
        case nodes.If():
            yield from _if(node, local)
        case nodes.For():
            yield from _reads(node.iter, local)
            inner = local | {"loop"} | _stored(node.target)
            yield from _all([node.test] if node.test else [], inner)
            yield from _all(node.body, inner)
            yield from _all(node.else_, set(local))
        case nodes.Assign():
            yield from _reads(node.node, local)
            yield from _reads(node.target, local)
        case nodes.AssignBlock():
            yield from _all([node.filter] if node.filter else [], local)
            yield from _all(node.body, set(local))
            yield from _reads(node.target, local)
        case nodes.With():
            yield from _all(node.values, local)
            yield from _all(node.body, local.union(*map(_stored, node.targets)))
        case nodes.Macro() | nodes.CallBlock():
            yield from _callable(node, local)
        case nodes.FilterBlock() | nodes.Block() | nodes.Scope():
            yield from _all(node.iter_child_nodes(), set(local))
        case _:
            yield from _all(node.iter_child_nodes(), local)


def _all(parts: Iterable[nodes.Node], local: set[str]) -> Iterator[tuple[nodes.Name, bool]]:
    for part in parts:
        yield from _reads(part, local)


def _if(node: nodes.If, local: set[str]) -> Iterator[tuple[nodes.Name, bool]]:
    """After it, only names that every branch sets are set."""
    ends: list[set[str]] = []
    for test, body in [(part.test, part.body) for part in (node, *node.elif_)]:
        yield from _reads(test, local)
        ends.append(set(local))
        yield from _all(body, ends[-1])
    ends.append(set(local))
    yield from _all(node.else_, ends[-1])
    local |= set.intersection(*ends)


def _callable(node: nodes.Macro | nodes.CallBlock, local: set[str]) -> Iterator[tuple[nodes.Name, bool]]:
    if isinstance(node, nodes.Macro):
        local.add(node.name)
    else:
        yield from _reads(node.call, local)
    inner = local | _OF_A_MACRO | {argument.name for argument in node.args}
    yield from _all(node.defaults, inner)
    yield from _all(node.body, inner)


def _stored(target: nodes.Node) -> set[str]:
    names = {name.name for name in target.find_all(nodes.Name)}
    return names | ({target.name} if isinstance(target, nodes.Name) else set())
