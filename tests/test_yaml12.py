"""YAML 1.2 with places: what is read, where it stands, and what is refused how fast."""

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.yaml12 import DEPTH_LIMIT, NODE_LIMIT, SIZE_LIMIT, Document, Mistake, Mistakes, read

CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS), inner, max_size=4),
    max_leaves=15,
)


def value_of(text: str) -> Any:
    return read(text.encode(), "f.yaml").value


def mistakes_in(data: bytes | str, first_line: int = 1) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        read(data.encode() if isinstance(data, str) else data, "f.yaml", first_line)
    return [str(mistake) for mistake in raised.value.mistakes]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("08:00", "08:00"),
        ("10:30", "10:30"),
        ("2022-02-14", "2022-02-14"),
        ("2022-02-14T08:00:00Z", "2022-02-14T08:00:00Z"),
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("null", None),
        ("", None),
        ("14", 14),
        ("+14", 14),
        ("-7", -7),
        ("0261", 261),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("-0x1F", "-0x1F"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        (".Inf", math.inf),
        (".", "."),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("'14'", "14"),
        ('"true"', "true"),
        ("!!str 14", "14"),
        ("!!int '14'", 14),
        ("56/KH-UBND", "56/KH-UBND"),
    ],
)
def test_the_core_schema(text: str, value: object) -> None:
    found = value_of(f"a: {text}" if text != "-" else 'a: "-"')["a"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(value_of("a: .NaN")["a"])


@given(VALUES)
def test_json_is_yaml(value: Any) -> None:
    assert value_of(json.dumps(value, ensure_ascii=False)) == value


@given(st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=8, unique=True), st.integers(0, 9))
def test_every_part_knows_its_place(names: list[str], spaces: int) -> None:
    lines = ["# Sóng và máy tính cho em"]
    for name in names:
        lines += [f"{name}:", f"{' ' * (spaces + 1)}- [x, {{y: Đắk}}]", ""]
    document = read("\r\n".join(lines).encode(), "f.yaml")
    assert document.value == {name: [["x", {"y": "Đắk"}]] for name in names}
    for index, name in enumerate(names):
        line = 2 + 3 * index
        assert document.mark([name], key=True) == (line, 1)
        assert document.mark([name, 0]) == (line + 1, spaces + 4)
        assert document.mark([name, 0, 1, "y"], key=True) == (line + 1, spaces + 9)
        assert document.mark([name, 0, 1, "y"]) == (line + 1, spaces + 12)
        assert document.mark([name, 0, 1, "z", 7]) == (line + 1, spaces + 8)  # the nearest parent
        assert document.mark([name, 5]) == (line + 1, spaces + 2)


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.text("ab:-[]{}'\"&*!#|>? \n\t").map(str.encode)
)
def test_anything_is_read_or_refused(data: bytes) -> None:
    document, mistakes = read_or_refuse(data)
    assert (document is None) is bool(mistakes)
    assert all(mistake.line >= 7 and mistake.column >= 1 for mistake in mistakes)
    assert document is None or document.mark(()) >= (7, 1)


def read_or_refuse(data: bytes) -> tuple[Document | None, tuple[Mistake, ...]]:
    try:
        return read(data, "f.yaml", first_line=7), ()
    except Mistakes as raised:
        return None, raised.mistakes


def test_an_alias_stands_where_it_is_used() -> None:
    document = read(b"a: &t [x, {k: v}]\nb: *t\n", "f.yaml")
    assert document.value == {"a": ["x", {"k": "v"}], "b": ["x", {"k": "v"}]}
    assert document.mark(["b"]) == (2, 4)
    assert document.mark(["b", 1, "k"], key=True) == (1, 12)


def test_what_was_written_is_remembered_where_it_is_lost() -> None:
    document = read(b"a: 0261\nb: '0261'\nc: [1.50, TRUE, ~]\n", "f.yaml")
    assert document.written(["a"]) == "0261"
    assert document.written(["b"]) is None
    assert [document.written(["c", index]) for index in range(4)] == ["1.50", "TRUE", "~", None]


def test_a_document_that_begins_within_a_file() -> None:
    document = read(b"title: x\ndate: y\n", "m.md", first_line=2)
    assert document.mark(["date"]) == (3, 7)
    assert mistakes_in("title: x\ntitle: y\n", first_line=2) == [
        "f.yaml:3:1: duplicate key 'title' (it stands in line 2 already: keep one of them)"
    ]
    assert mistakes_in("title: [x\n", first_line=2) == [
        "f.yaml:2:8: the [ that opens here is not closed (add ], or the ',' that is missing below)"
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf"])
def test_nothing_is_nothing(data: bytes) -> None:
    assert read(data, "f.yaml").value is None


def test_a_byte_order_mark_counts_for_nothing() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n", "f.yaml").mark(["a"]) == (1, 4)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings(encoding: str) -> None:
    assert mistakes_in("a: Đắk\n".encode(encoding)) == [
        "f.yaml:1:1: this file is UTF-16 or UTF-32 (save the file as UTF-8)"
    ]


def test_a_byte_that_is_no_utf8_has_a_place() -> None:
    latin = "ok: đây\n".encode() + "ten: Sóng".encode("latin-1")
    assert mistakes_in(latin) == ["f.yaml:2:7: the byte 0xf3 is not UTF-8 (save the file as UTF-8)"]


def test_all_mistakes_of_the_structure_are_found_in_one_reading() -> None:
    found = mistakes_in("a: 1\na: 2\n7: x\n<<: {b: 1}\nc: !x y\nd: *e\nf: [1, 2\n")
    assert [line.split(":")[1] for line in found] == ["2", "3", "4", "5", "6", "7"]


def test_a_quoted_merge_key_is_a_key() -> None:
    assert value_of('"<<": 1') == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (f"a0: &a0 [x, x]\n{''.join(f'a{n}: &a{n} [*a{n - 1}, *a{n - 1}]{chr(10)}' for n in range(1, 45))}", "repeat"),
        (f"a0: &a0 x\n{''.join(f'a{n}: &a{n} [*a{n - 1}]{chr(10)}' for n in range(1, 99))}", "within one another"),
        ("[" * 2_000_000, "within one another"),
        ("- " * 1_000_000, "within one another"),
        ("? " * 1_000_000, "within one another"),
        ("[" + "a," * 1_000_000 + "]", f"more than {NODE_LIMIT} values"),
        ("a: b\n" * 400_000, "and more"),
        ("".join(f"%TAG !a{n}! !\n" for n in range(100_000)), "%"),
        ("a: " + "7" * 1_000_000, "digits"),
        ("\x07" * 1_000_000, "invisible"),
        ('"' + "a" * 2_000_000, "never closed"),
        ("x" * (SIZE_LIMIT + 1), "larger than 2 MiB"),
        ("[" * 10_000_000, "larger than 2 MiB"),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_files_are_refused_quickly(text: str, part: str) -> None:
    begun = time.process_time()
    found = mistakes_in(text)
    assert time.process_time() - begun < 3  # each takes well under a second; without its limit minutes, or for ever
    assert part in " ".join(found)
    assert len(found) <= 101


def test_values_may_stand_as_deep_as_the_limit() -> None:
    value = value_of("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT)
    for _ in range(DEPTH_LIMIT - 1):
        value = value[0]
    assert value == []


def test_a_long_file_is_read_in_no_time() -> None:
    lines = [f"s{n}: {{content: loa/, days: [mon, 2022-02-14], at: 08:00, to: [so, bao-chi]}}" for n in range(10_000)]
    begun = time.process_time()
    document = read("\n".join(lines).encode(), "f.yaml")
    assert time.process_time() - begun < 2  # 0.25 s where it was written
    assert len(document.value) == 10_000
    assert document.mark(["s9999", "to", 1]) == (10_000, 69)
