"""The documents say what is true: examples load, commands exist, links lead somewhere, nothing is named that is not."""

import argparse
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from channels.base import Channel
from channels.registry import KINDS
from content.front_matter import FrontMatter
from content.message import parse
from content.template_names import undefined_names
from content.validation import keys_of
from content.words import words as spoken
from docs.pages import anchor_of
from publisher.cli import VERBS
from publisher.delivery import TRANSITIONS, State
from publisher.importing.headings import Column
from publisher.schedules import Topic, load
from publisher.schedules.sections import TOP_KEYS, CampaignSection, ScheduleSection
from publisher.workspace import ALWAYS_KNOWN
from tests.documents import (
    ADMIN,
    ALERTS,
    ARCHITECTURE,
    DOCUMENTS,
    GLOSSARY,
    IMPORT,
    MESSAGE,
    OFFICERS,
    PAIRS,
    README,
    ROOT,
    blocks,
    commands,
    named,
    prose,
    rows,
    tables,
    text,
)

PROMISE = (
    "no automatic action ever publishes twice, and no occurrence disappears: each ends in a state a person can "
    "read, with a reason.",
    "Its other half is liveness: where a channel can be asked, no person is needed.",
)

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
each_handbook = pytest.mark.parametrize("path", OFFICERS, ids=lambda path: path.name)
each_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)


def plans(path: Path) -> Iterator[dict[str, bytes]]:
    """The plans of a document; each with the last channels.yaml above it, and its own schedules, or without any."""
    files: dict[str, bytes] = {}
    for info, example in blocks(path):
        if info.startswith("yaml ") and info.endswith(("schedules.yaml", "channels.yaml")):
            files[info.split()[1]] = example.encode()
            if info.endswith("schedules.yaml"):
                yield dict(files)
            else:
                yield files | {"schedules.yaml": b"timezone: UTC\ninclude: channels.yaml\ncampaigns: {}\n"}


def reader(files: Mapping[str, bytes]) -> Any:
    def read_file(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read_file


@each_document
def test_every_yaml_example_loads(path: Path) -> None:
    for files in plans(path):
        load(reader(files))


@each_document
def test_every_message_is_one(path: Path) -> None:
    for info, example in blocks(path):
        if info == "markdown message":
            for part in parse(example.encode(), path.name).texts:
                assert undefined_names(part.text, {*ALWAYS_KNOWN, "hotline"}) == []


def test_examples_are_there_at_all() -> None:
    found = [info for path in DOCUMENTS for info, _ in blocks(path)]
    assert found.count("yaml schedules.yaml") >= 4
    assert found.count("markdown message") >= 3
    unmarked = [info for info in found if info in ("yaml", "markdown", "python", "")]
    assert unmarked == [], "a block without a purpose is not checked"


@each_handbook
def test_every_example_of_a_key_works(path: Path) -> None:
    channels = next(files["channels.yaml"] for files in plans(path))
    table = [row for row in rows(path, "`content`") if row]
    assert set(named(table)) == set(keys_of(ScheduleSection)), "every key of a schedule has its row"
    for row in table:
        examples = re.findall(r"`([^`]+)`", row[-1])
        assert examples, row
        for example in examples:
            plan = _plan_with(example)
            schedule = load(reader({"channels.yaml": channels, "schedules.yaml": plan})).schedules[0]
            assert schedule.to


def _plan_with(example: str) -> bytes:
    """A plan whose one schedule has the example's line, and what belongs to it."""
    key, value = example.split(": ", 1)
    lines = {"content": "loa/", "at": "08:00", "to": "cong-so"}
    if key in ("match", "limit", "feed"):
        lines["feed"] = "https://bo.example.gov.vn/rss.xml"
        del lines["content"]
    if key == "cron":
        del lines["at"]
    if value == "sessions":
        lines["to"] = "loa"
    lines[key] = value
    schedule = "\n".join(f"        {name}: {given}" for name, given in lines.items())
    head = "timezone: Asia/Ho_Chi_Minh\nholidays: VN\ninclude: channels.yaml\n"
    campaign = "campaigns:\n  c:\n    title: C\n    from: 2022-02-14\n    until: 2022-05-31\n    schedules:\n      s:\n"
    return f"{head}{campaign}{schedule}\n".encode()


@each_handbook
def test_every_other_key_is_explained(path: Path) -> None:
    assert set(named(rows(path, "`timezone`"))) == set(TOP_KEYS)
    assert set(named(rows(path, "`title`"))) == {*keys_of(CampaignSection), "schedules"}


@pytest.mark.parametrize("path", MESSAGE, ids=lambda path: path.name)
def test_every_key_of_a_message_is_explained(path: Path) -> None:
    assert set(named(rows(path, "`title`"))) == set(keys_of(FrontMatter))


@pytest.mark.parametrize("path", IMPORT, ids=lambda path: path.name)
def test_every_column_of_a_signed_plan_is_explained(path: Path) -> None:
    assert named(rows(path, "`STT`")) == list(Column)


@pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.name)
def test_every_sort_of_alert_is_explained(path: Path) -> None:
    assert set(named(rows(path, "`needs_person`"))) == set(Topic)


def test_agencies_are_told_the_words_that_stand_on_their_page() -> None:
    page = text(ROOT / "publisher/web/templates/inbox.html") + text(ROOT / "publisher/web/templates/unknown.html")
    labels = {
        *("Urgent", "Publish at", "Copy all", "Copy the title", "Copy the text", "Save the picture"),
        *("Plain text to paste", "Not valid any more, see: {title}", "This link is not valid any more"),
    }
    assert [label for label in labels if f'say("{label}"' not in page] == []
    for language, name in (("en", "agencies.md"), ("vi", "agencies.vi.md")):
        told = text(ROOT / "docs" / name)
        shown = [spoken(language).sentence(label).partition(",")[0] for label in labels]
        assert [label for label in shown if label not in told] == []


@each_pair
def test_both_languages_say_the_same(pair: tuple[Path, Path]) -> None:
    def shape(path: Path) -> list[Any]:
        # what a program says is in the language of the page
        code = [re.sub(r"#.*| --lang (vi|en)", "", code) for info, code in blocks(path) if not info.startswith("text")]
        heads = re.findall(r"^#+", prose(path), re.MULTILINE)
        keys = [[re.findall(r"`([^`]+)`", line)[:1] for line in table.splitlines()[2:]] for table in tables(path)]
        return [code, heads, keys]

    assert shape(pair[0]) == shape(pair[1])


def test_every_command_exists(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(commands())
    assert len(found) > 30
    for line, (verb, *words) in found:
        if verb == "VERB":
            continue
        assert verb in VERBS, line
        if not words:
            continue
        parser = argparse.ArgumentParser(prog=verb)
        parser.add_argument("--workspace", type=Path)
        parser.add_argument("--lang")
        importlib.import_module(f"publisher.cli.{VERBS[verb][0]}").configure(parser)
        try:
            parser.parse_args(words)
        except SystemExit:
            pytest.fail(f"{line}\n{capsys.readouterr().err}")


def test_the_verbs_are_those_of_the_command_line() -> None:
    assert set(named(rows(README, "`init`"))) == set(VERBS)


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose(path))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        assert other.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in {anchor_of(head) for head in re.findall(r"^#+ (.*)$", prose(other), re.MULTILINE)}, target


def test_every_picture_is_used_and_small() -> None:
    shown = {
        name for path in DOCUMENTS for name in re.findall(r"!\[[^\]]+\]\((?:docs/)?pictures/([^)]+)\)", text(path))
    }
    pictures = {path.name: path for path in (ROOT / "docs/pictures").iterdir()}
    assert shown == set(pictures)
    assert all(path.stat().st_size <= 200_000 for path in pictures.values())
    assert not [name for name, path in pictures.items() if name.endswith(".svg") and "url(http" in text(path)]


def test_the_promise_is_printed_word_for_word() -> None:
    for path in (README, ARCHITECTURE):
        words = " ".join(re.sub(r"^> ?", "", text(path), flags=re.MULTILINE).split()).lower()
        for part in PROMISE:
            assert part.lower().rstrip(".") in words, f"{path.name}: {part}"


def test_ten_lines_are_ten() -> None:
    plan = next(example for info, example in blocks(README) if info == "yaml schedules.yaml")
    assert len(plan.splitlines()) == 10


def test_the_states_are_those_of_the_code() -> None:
    table = {row[0]: row[-1] for row in rows(ARCHITECTURE, "PLANNED")}
    said = {State[name]: {State[word] for word in re.findall(r"[A-Z_]{4,}", nexts)} for name, nexts in table.items()}
    assert said == TRANSITIONS
    assert {row[0]: row[1:] for row in rows(GLOSSARY, "PLANNED")} == {
        state.name: [f"`{state.value}`", spoken("vi").of(state.value)] for state in State
    }
    for path in OFFICERS:
        assert named(rows(path, "`planned`")) == [state.value for state in State]
    assert [row[0].split(" – ")[1] for row in rows(OFFICERS[1], "`planned`")] == [
        spoken("vi").of(state.value) for state in State
    ]


def test_every_kind_and_setting_is_named() -> None:
    table = {named([row])[0]: row[1] for row in rows(ADMIN, "`wordpress`")}
    assert set(table) == set(KINDS)
    for kind, settings in table.items():
        own = set(keys_of(KINDS[kind])) - set(keys_of(Channel))
        assert own == set(re.findall(r"`([a-z_]+)`", settings)), kind
    assert set(named(rows(ARCHITECTURE, "`wordpress`"))) == set(KINDS)
    assert set(named(rows(README, "a website"))) == set(KINDS)


def test_what_the_troubleshooting_quotes_is_really_said() -> None:
    folders = [ROOT / package for package in ("publisher", "channels")]
    sources = "".join(text(path) for folder in folders for path in folder.rglob("*.py"))
    known = {*(state.value for state in State), *(f"publisher {verb}" for verb in VERBS), *VERBS}
    for words in named(rows(ADMIN, "already runs")):
        assert words in known or all(part.strip() in sources for part in words.split("…")), words


def modules(package: str) -> set[str]:
    """The modules of a package; a package within it with a slash."""
    found = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__", "__main__"}
    return found | {f"{path.parent.name}/" for path in (ROOT / package).glob("*/__init__.py")}


def test_the_house_is_the_one_that_stands() -> None:
    assert set(named(rows(ARCHITECTURE, "`cadence`"))) == modules("publisher")
    contracts = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    floors = [floor.split(" | ") for contract in contracts if "containers" in contract for floor in contract["layers"]]
    shown = re.findall(r'class="m"[^>]*>([^<]+)<', text(ROOT / "docs/pictures/house.svg"))
    inner = [name.rstrip("/") for name in shown[: sum(map(len, floors))]]
    for floor in floors:
        assert set(inner[: len(floor)]) == set(floor)
        inner = inner[len(floor) :]
    lower = set(shown[sum(map(len, floors)) :])
    assert modules("channels") <= lower
    assert lower <= modules("channels") | modules("content") | {
        "publisher/", "channels/", "content/", "sandbox/", "python -m sandbox",
    }  # fmt: skip


def test_the_new_kind_works_when_it_is_pasted(tmp_path: Path) -> None:
    for name in ("publisher", "channels", "content", "sandbox"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "campaigns"))
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/kinds.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    pasted = dict(blocks(ARCHITECTURE))
    for info, code in pasted.items():
        language, _, name = info.partition(" ")
        if language == "python":
            (tmp_path / name).write_text(code, encoding="utf-8")
        elif language == "diff":
            _patch(tmp_path / name, code)
    message = tmp_path / "workspace/content/campaigns/song-va-may-tinh/tin/01.md"
    message.parent.mkdir(parents=True)
    (tmp_path / "workspace/schedules.yaml").write_text(pasted["yaml noticeboard.yaml"], encoding="utf-8")
    message.write_text("---\ntitle: Tin\n---\nMột tin.\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "BANG_TIN_TOKEN": "x"}
    trial = ("pytest", "-p", "no:cacheprovider", "tests/test_noticeboard.py")
    for words in (trial, ("publisher", "check", "--workspace", "workspace")):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 passed" in done.stdout or "No mistakes" in done.stdout


def _patch(path: Path, diff: str) -> None:
    """Apply hunks that are divided by `@@`."""
    content = text(path)
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert content.count(before) == 1, f"{path.name} has no such lines any more:\n{before}"
        content = content.replace(before, after)
    path.write_text(content, encoding="utf-8")
