"""`publisher init`: a workspace without mistakes from any names, which runs at once, and nothing is overwritten."""

import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.registry import KINDS
from content.templates import Renderer
from content.words import words
from publisher.beginning.making import files, prove
from publisher.beginning.questions import Question, Wrong, interview
from publisher.beginning.writing import one_line
from publisher.schedules import load
from publisher.workspace import Folder, read_workspace
from tests.offices import Done, call

LANGUAGES = ("en", "vi")
each_language = pytest.mark.parametrize("language", LANGUAGES)


def made(folder: Path, *words: str, language: str = "vi") -> Done:
    return call("init", str(folder), "--lang", language, *words)


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@each_language
def test_the_defaults_have_no_mistakes_and_every_kind_can_be_rehearsed(language: str, tmp_path: Path) -> None:
    folder, out = tmp_path / "office", tmp_path / "rehearsal"
    kinds = f"channels={','.join(KINDS)}"
    done = made(folder, "--defaults", "--answer", "from=2022-02-14", "--answer", kinds, language=language)
    assert done.code == 0, done.warned
    assert "publisher check" in done.said
    checked = call("check", "--workspace", str(folder), "--lang", "en")
    assert (checked.code, checked.said.splitlines()[-1][:12]) == (0, "No mistakes:"), checked.said
    period = ("--from", "2022-02-14", "--to", "2022-02-19")
    lived = call("rehearse", "--workspace", str(folder), *period, "--out", str(out), "--lang", "en")
    assert lived.code == 0, lived.warned
    assert "In it: 18 published." in lived.said  # the opening and an article on four channels, and ten sessions


@each_language
def test_the_demo_plays_what_the_defaults_make(language: str, tmp_path: Path) -> None:
    assert made(tmp_path / "office", "--defaults", language=language).code == 0
    done = call("demo", "--workspace", str(tmp_path / "office"), "--once", "--directory", str(tmp_path / "demo"))
    assert done.code == 0, done.said + done.warned


def test_secrets_are_for_the_owner_alone_and_stand_in_no_other_file(tmp_path: Path) -> None:
    done = made(tmp_path, "--defaults", language="en")
    rights = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secrets.env", "var", "var/keys")}
    assert rights == {"secrets.env": 0o600, "var": 0o700, "var/keys": 0o700}
    assert "WORDPRESS_PASSWORD, TELEGRAM_TOKEN" in done.said
    shell = ". ./secrets.env; env"
    there = subprocess.run(["sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert {"WORDPRESS_PASSWORD=", "TELEGRAM_TOKEN="} <= set(there.splitlines())
    assert {"/var/", "/secrets.env"} <= set((tmp_path / ".gitignore").read_text().splitlines())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    assert made(tmp_path, "--defaults").code == 0
    before = texts(tmp_path)
    for name in ("schedules.yaml", "channels.yaml"):
        done = made(tmp_path, "--defaults", language="en")
        assert done.code == 1
        assert f"{tmp_path / name} is there already; init overwrites nothing" in done.warned
        assert texts(tmp_path) == before
        (tmp_path / name).unlink()
        del before[name]


def test_a_repository_keeps_its_own_gitignore(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.bak\n")
    done = made(tmp_path, "--defaults", language="en")
    assert done.code == 0
    assert "add the lines /var/ and /secrets.env" in done.said
    assert (tmp_path / ".gitignore").read_text() == "*.bak\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "nobody is here to be asked for agency"),
        (("--answer", "agency=Sở"), "nobody is here to be asked for key"),
        (("--defaults", "--answer", "from=14/02/2022"), "the answer from cannot be: '14/02/2022' is not a date"),
        (("--defaults", "--answer", "at=25:00"), "'25:00' is not a time of day"),
        (("--defaults", "--answer", "key=Sở"), "'Sở' cannot be a short name"),
        (("--defaults", "--answer", "channels=wordpres"), "unknown kind 'wordpres' (did you mean 'wordpress'?)"),
        (("--defaults", "--answer", "wordpress.url=so.gov.vn"), "'so.gov.vn' is not a web address"),
        (("--defaults", "--answer", "telegram.chat=kênh"), "'kênh' is not a chat"),
        (("--defaults", "--answer", "loudspeaker.sessions="), "this list is empty"),
        (("--defaults", "--answer", "wordpress.uri=x"), "there is no question wordpress.uri"),
        (("--defaults", "--answer", "agency"), "'agency' is no answer (write NAME=TEXT)"),
    ],
)
def test_wrong_answers_write_nothing(words: tuple[str, ...], complaint: str, tmp_path: Path) -> None:
    done = made(tmp_path / "office", *words, language="en")
    assert done.code == 2
    assert complaint in " ".join(done.warned.split())
    assert not (tmp_path / "office").exists()


def test_a_terminal_is_asked_and_a_wrong_answer_asked_again(tmp_path: Path) -> None:
    names = ["Sở Thông tin: “Số 1”", "", "Sóng & máy tính"]
    others = ["hôm nay", "2022-02-14", "7:30", "no", "telegram, loudspeaker"]
    places = ["songvamaytinh", "@songvamaytinh", "05:15, 17:00"]
    answers = [*names, *others, *places]
    said = typed(tmp_path, "".join(f"{answer}\n" for answer in answers))
    assert "The office that publishes [Province's press office]: " in said
    assert "a loudspeaker station, whose announcer reads a script" in said
    assert "This cannot be: 'hôm nay' is not a date" in said
    assert "This cannot be: 'songvamaytinh' is not a chat" in said
    plan = read_workspace(Folder(tmp_path / "office")).schedules
    assert [(one.key, one.name) for one in plan.agencies.values()] == [("so-thong-tin-so-1", "Sở Thông tin: “Số 1”")]
    campaign = plan.campaigns["song-may-tinh"]
    assert (campaign.title, campaign.first, campaign.approval) == ("Sóng & máy tính", date(2022, 2, 14), "none")
    assert {name: dict(one)["agency"] for name, one in plan.channels.items()} == {
        "telegram": "so-thong-tin-so-1", "loudspeaker": "so-thong-tin-so-1",
    }  # fmt: skip


def test_a_terminal_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    said = typed(tmp_path, "Sở\n\x04")
    assert "It ended before all was answered; nothing was written." in said
    assert not (tmp_path / "office").exists()


def typed(folder: Path, keys: str) -> str:
    """What a terminal shows while somebody types."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "publisher", "init", str(folder / "office"), "--lang", "en"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    os.write(ours, keys.encode())
    shown = b""
    while piece := _piece(ours):
        shown += piece
    process.wait(30)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _piece(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


NAMES = st.one_of(
    st.text(min_size=1, max_size=300),
    st.text("aàđ Ơ0.:,'\"#&*!|>%@`-[]{}?~_\\\t\n…“”", min_size=1, max_size=300),
    st.sampled_from(
        ["null", "True", "1e3", "0x1f", "2022-02-14", "08:00", "- a", "{{ facts }}", "=", "...", "---", "đ" * 300]
    ),
)


@given(names=st.tuples(NAMES, NAMES, NAMES), language=st.sampled_from(LANGUAGES))
@settings(deadline=None, max_examples=60)
def test_any_names_make_a_valid_workspace(names: tuple[str, str, str], language: str, renderer: Renderer) -> None:
    given = dict(zip(("agency", "campaign", "inbox.agency"), names, strict=True))
    refused: list[str] = []

    def ask(question: Question) -> object:
        if question.name in given:
            try:
                return question.read(given[question.name])
            except Wrong:
                refused.append(question.name)
        return question.read(question.default)

    answers = interview(ask, words(language), KINDS, date(2022, 2, 14))
    texts = files(answers, language)
    prove(texts, renderer.render)
    plan = load(_reader(texts))
    assert all(not one_line(given[name]) for name in refused)
    if not refused:
        assert [plan.campaigns[answers.campaign].title] == [one_line(names[1])]
        assert [one.name for one in plan.agencies.values()] == list(dict.fromkeys(map(one_line, (names[0], names[2]))))


def _reader(texts: Mapping[str, str]) -> Callable[[str], bytes]:
    return lambda path: texts[path].encode()
