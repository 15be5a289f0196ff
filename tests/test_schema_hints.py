"""The schemas that editors get: hints in both languages, patterns that every editor reads alike, and their verb."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import ConfigDict, ValidationError

from channels.registry import KINDS
from content.front_matter import FrontMatter
from content.values import Secret
from content.yaml12 import Mistakes
from publisher.schedules.schema import included_schema
from publisher.schedules.sections import TOP_KEYS
from tests import plain_kinds
from tests.judges import JUDGES, MESSAGE
from tests.offices import call
from tests.plans import HEAD, ZONE, one, plan
from tests.schema_values import CHANNELS, SCHEDULES

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            f"{HEAD}      s: {{content: a.md, at: 08:00, to: web, late: {{grace: }}}}\n",
            "20:60: a value is missing here",
        ),
        (f"{ZONE}campaigns: {{c: {{title: C, schedules: false}}}}\n", "3:38: names are expected below 'schedules'"),
        (f"{ZONE}campaigns: {{c: {{title: C, schedules: []}}}}\n", "3:38: names are expected below 'schedules'"),
        (f"{ZONE}campaigns: {{}}\n".replace("VN", "HolidayBase"), "2:11: unknown calendar of holidays 'HolidayBase'"),
    ],
)
def test_what_an_editor_marks_check_refuses(text: str, place: str) -> None:
    with pytest.raises(Mistakes) as raised:
        plan(text)
    assert [str(mistake)[: len(place) + 15] for mistake in raised.value.mistakes] == [f"schedules.yaml:{place}"]


def test_a_misspelt_feed_is_one_mistake() -> None:
    with pytest.raises(Mistakes) as raised:
        one("feeed: https://a.example, match: x, limit: 2, at: 08:00, to: web")
    assert [mistake.text for mistake in raised.value.mistakes] == ["unknown key 'feeed' (did you mean 'feed'?)"]


def described(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every key that a schema knows, with its hint."""
    if isinstance(schema, list):
        for part in schema:
            yield from described(part, path)
    elif isinstance(schema, dict):
        for key, part in schema.get("properties", {}).items() if "additionalProperties" in schema else ():
            yield (*path, key), part.get("description", "")
        for step, part in schema.items():
            yield from described(part, (*path, step))


@pytest.mark.parametrize("name", JUDGES)
def test_every_key_has_a_short_hint_in_both_languages(name: str) -> None:
    hints = {path: hint for path, hint in described(JUDGES[name].schema) if path[-1] != "kind"}
    assert len(hints) >= 12
    for path, hint in hints.items():
        english, dash, vietnamese = hint.partition(" — ")
        assert dash, path
        assert re.search("[ạảãấầậẩắằặẵếềệểễịỉỏốồộổỗớờợởỡụủứừựửữỳỵđơưăâêô]", vietnamese), path
        assert not re.search("[ạảãấầậẩắằặẵếềệểễịỉỏốồộổỗớờợởỡụủứừựửữỳỵđơư]", re.sub("`[^`]*`", "", english)), path
        assert len(english) <= 200, path
        assert len(vietnamese) <= 200, path


def test_the_top_of_the_file_is_known_whole() -> None:
    assert set(JUDGES[SCHEDULES].schema["properties"]) == set(TOP_KEYS)
    assert set(JUDGES[CHANNELS].schema["properties"]) == set(TOP_KEYS)
    assert set(JUDGES[MESSAGE].schema["properties"]) == {*FrontMatter.model_fields, "for"} - {"texts"}


@pytest.mark.parametrize("name", JUDGES)
def test_the_schemas_are_of_draft_7_and_every_pattern_reads_alike_everywhere(name: str) -> None:
    Draft7Validator.check_schema(JUDGES[name].schema)
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(JUDGES[name].schema))
    assert len(patterns) >= 5
    for pattern in map(json.loads, patterns):
        assert not re.search(r"\\[dDsSwWbBAZ]|\(\?[aimsxLu<P]|\(\?#|\{,", pattern.replace(r"[\s\S]", "")), pattern
        assert re.compile(pattern)


def test_a_new_kind_is_known_by_its_typed_fields() -> None:
    judge = Draft7Validator(included_schema(plain_kinds.KINDS))
    site = {"kind": "site", "agency": "so", "url": "https://a.example", "username": "u", "password": "${P}"}
    assert judge.is_valid({"channels": {"web": site}})
    assert not judge.is_valid({"channels": {"web": {**site, "password": "hunter2"}}})
    assert not judge.is_valid({"channels": {"web": {**site, "sessions": ["05:00"]}}})
    assert not judge.is_valid({"channels": {"web": {**site, "kind": "wordpress"}}})


class Pair(plain_kinds.Box):
    """A kind whose two keys belong together."""

    model_config = ConfigDict(json_schema_extra={"dependencies": {"user": ["password"]}})
    user: str | None = None
    """Who signs in. — Tên đăng nhập."""
    password: Secret | None = None


def test_a_new_kind_may_say_what_its_keys_demand_of_one_another() -> None:
    schema = included_schema({"pair": Pair})
    pair = {"kind": "pair", "agency": "so", "user": "u"}
    assert not Draft7Validator(schema).is_valid({"channels": {"web": pair}})
    assert Draft7Validator(schema).is_valid({"channels": {"web": {**pair, "password": "${P}"}}})
    keys = schema["definitions"]["kind-pair"]["properties"]
    assert keys["user"]["description"] == "Who signs in. — Tên đăng nhập."
    assert keys["agency"]["description"].startswith("Which agency publishes there")


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_in_quotes_is_no_number_in_any_kind(kind: str) -> None:
    for key, part in JUDGES[CHANNELS].schema["definitions"][f"kind-{kind}"]["properties"].items():
        if part.get("type") in ("integer", "number"):
            with pytest.raises(ValidationError) as raised:
                KINDS[kind].model_validate({key: str(part.get("minimum", 1))})
            assert (key,) in [error["loc"] for error in raised.value.errors()], f"{key}: write strict=True"


def test_the_verb_writes_them_beside_the_files(tmp_path: Path) -> None:
    shown = call("schema", "--workspace", str(tmp_path))
    assert shown.code == 0
    names = {"schedules.schema.json", "channels.schema.json", "message.schema.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert "# yaml-language-server: $schema=schedules.schema.json" in shown.said
    assert all(name in shown.said for name in names)
    assert json.loads((tmp_path / "schedules.schema.json").read_text("utf-8")) == JUDGES[SCHEDULES].schema
    call("schema", "--workspace", str(tmp_path), "--out", str(tmp_path / "a" / "b"))
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == names


def test_the_verb_wants_a_folder(tmp_path: Path) -> None:
    shown = call("schema", "--workspace", str(tmp_path / "none"))
    assert shown.code == 1
    assert "is not a folder" in shown.warned


def test_the_schemas_of_the_sample_are_up_to_date(tmp_path: Path) -> None:
    call("schema", "--out", str(tmp_path), "--workspace", str(ROOT))
    for path in tmp_path.iterdir():
        assert path.read_text("utf-8") == (ROOT / path.name).read_text("utf-8"), "run `publisher schema`"
    for name in (SCHEDULES, CHANNELS):
        schema = name.replace(".yaml", ".schema.json")
        assert f"# yaml-language-server: $schema={schema}\n" in (ROOT / name).read_text("utf-8")
