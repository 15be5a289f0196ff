"""Broken plans: each file of data/mistakes says in its first lines which mistakes it holds, and where.

A file whose bytes can hold no such lines has them beside it, in a file .txt.
"""

import re
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from content.validation import validate
from content.values import Secret
from content.yaml12 import Mistake, Mistakes, read
from publisher.schedules import load
from tests.plain_kinds import KINDS

FOLDER = Path(__file__).parent / "data" / "mistakes"
FILES = sorted(FOLDER.glob("*.yaml"))
NAMES = re.compile(r"(?:unknown (?:key|kind|agency|channel or group)|duplicate key) '([^']+)'")


def mistakes_of(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(Mistakes) as raised:
        load(lambda name: (FOLDER / name).read_bytes(), kinds=KINDS, start=path.name)
    return raised.value.mistakes


def expected_of(path: Path) -> list[str]:
    beside = path.with_suffix(".txt")
    if beside.exists():
        lines = beside.read_text("utf-8").splitlines()
    else:
        head = path.read_bytes().decode("utf-8", "replace").splitlines()
        lines = [line.removeprefix("# ") for line in head if re.match(r"# (?:\S+:)?\d+:\d+: ", line)]
    return [f"{path.name}:{line}" if line[0].isdigit() else line for line in lines]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_is_said_at_its_place(path: Path) -> None:
    expected = expected_of(path)
    assert expected
    assert sorted(str(mistake) for mistake in mistakes_of(path)) == sorted(expected)


def test_there_are_many_of_them() -> None:
    assert len(FILES) >= 90


def test_a_name_that_is_wrong_stands_where_the_mistake_points() -> None:
    seen = 0
    for path in FILES:
        for mistake in mistakes_of(path):
            found = NAMES.match(mistake.text)
            if found:
                line = (FOLDER / mistake.file).read_text("utf-8").splitlines()[mistake.line - 1]
                assert line[mistake.column - 1 :].strip("\"'").startswith(found[1]), mistake
                seen += 1
    assert seen >= 20


def test_no_mistake_repeats_a_secret() -> None:
    held = [path for path in FILES if path.stem.startswith("secret")]
    assert len(held) >= 5
    for path in held:
        assert re.search(rb"hunter|88112233", path.read_bytes())
        assert not re.search(r"hunter|88112233", " ".join(str(mistake) for mistake in mistakes_of(path)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_says_what_to_write(path: Path) -> None:
    for mistake in mistakes_of(path):
        said = mistake.text.startswith(("key ", "write ", "a value is missing", "a number", "a ','"))
        assert said or re.search(r"\(.+\)|write|add|expected", mistake.text), mistake


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user: str
    token: Secret | Literal["none"] = "none"


class Account(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    login: Login | None = None
    tokens: list[Secret] = Field(default=[], max_length=1)
    size: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def has_login(self) -> "Account":
        if self.size > 5 and self.login is None:
            raise ValueError("a large account needs a login (write `login`)")
        return self


def said(text: str) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        validate(Account, read(text.encode(), "f.yaml"), ("a",), {"name": "x"}, omit=("kind",))
    return [str(mistake).removeprefix("f.yaml:") for mistake in raised.value.mistakes]


def test_a_valid_mapping_becomes_its_model() -> None:
    document = read(b"a: {kind: box, size: 2, login: {user: u, token: '${T}'}}\n", "f.yaml")
    found = validate(Account, document, ("a",), {"name": "x"}, omit=("kind",))
    assert found == Account(name="x", size=2, login=Login(user="u", token=Secret("T")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {name: y}", ["1:5: unknown key 'name' (known: login, tokens, size, kind)"]),
        ("a: {login: {usr: u}}", ["1:12: key 'user' is missing (add a line `user: …`)", "1:13: unknown key"]),
        ("a: {size: 9}", ["1:4: a large account needs a login (write `login`)"]),
        ("a: {size: many, kind: 7}", ["1:11: a whole number is expected here (digits only, e.g. 30)"]),
        ("a: [1]", ["1:4: keys are expected here (write lines `key: value`, indented)"]),
        ("a:\n  size:", ["2:8: a value is missing here (write one, or delete the line)"]),
        ("a: {tokens: [hunter2]}", ["1:14: a secret may not stand in a file"]),
        ("a: {tokens: hunter2}", ["1:13: this value does not fit here"]),
        (
            "a: {login: {user: u, token: hunter2}}",
            ["1:29: a secret may not stand", "1:29: this value does not fit here"],
        ),
    ],
)
def test_a_mapping_with_mistakes(text: str, expected: list[str]) -> None:
    found = said(text)
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found
    assert "hunter2" not in " ".join(found)
