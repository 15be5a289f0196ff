"""The canonical form of entries: RFC 8785, whatever is in them, by the shorter way or by the long one."""

import hashlib
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from publisher import ledger

_LETTERS = st.characters() | st.characters(categories=("Cs",))  # with halves of surrogate pairs
_TEXTS = st.text(_LETTERS, max_size=8)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4))
def test_an_entry_has_one_canonical_form(entry: dict[str, Any]) -> None:
    body = ledger.canonical(entry)
    assert body == rfc8785.dumps(ledger.plain(entry))


def test_numbers_names_and_halves_of_letters_are_written_as_the_standard_says() -> None:
    entry = {"đ": 1e21, "a": -0.0, "\U0001f600": 2**53 - 1, "\ufb33": 2**60, "x": "\ud800"}
    want = '{"a":0,"x":"?","đ":1e+21,"\U0001f600":9007199254740991,"\ufb33":"1152921504606846976"}'
    assert ledger.canonical(entry).decode() == want


def test_the_hash_of_an_entry_is_that_of_a_leaf() -> None:
    assert ledger.leaf_hash(b"{}") == hashlib.sha256(b"\x00{}").digest()
