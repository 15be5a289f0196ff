"""The command line as a whole: help, wrong words, and what hinders it, said in a sentence."""

import ctypes
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from publisher.cli import VERBS
from sandbox.client import Sandbox
from tests.offices import Done, Office, call

#: Every verb with words that are right as far as the parser can tell.
WORDS = {
    "check": (),
    "schema": (),
    "plan": ("--from", "2022-02-14", "--to", "2022-02-15"),
    "preview": ("c/khai-mac.md",),
    "speak": ("tin.txt",),
    "import": ("ke-hoach.xlsx",),
    "run": ("--port", "0"),
    "status": (),
    "approve": ("--as", "Hà"),
    "send": ("c/khai-mac.md", "--to", "web"),
    "hold": ("web", "--as", "Hà", "--because", "đợi"),
    "release": ("web", "--as", "Hà", "--because", "đợi"),
    "pause": ("--channel", "web", "--as", "Hà", "--because", "bão"),
    "resume": ("--all", "--as", "Hà", "--because", "tan bão"),
    "alerts": (),
    "channels": (),
    "cancel": ("web", "--as", "Hà", "--because", "thôi"),
    "settle": ("12", "--absent", "--as", "Hà", "--because", "đã xem"),
    "rehearse": ("--out", "dien-tap"),
    "correct": ("c/khai-mac.md", "--as", "Hà", "--because", "sai ngày"),
    "withdraw": ("c/khai-mac.md", "--as", "Hà", "--because", "sai ngày"),
    "story": ("c/khai-mac.md",),
    "log": (),
    "db": ("backup", "ban-sao.db"),
    "inbox": ("list",),
}
#: A backup is of whatever is there.
OF_THE_DATABASE = [verb for verb in WORDS if verb not in ("check", "import", "db", "preview", "schema", "speak")]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a command makes are made there."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


def test_all_verbs_are_tried_here() -> None:
    assert {*WORDS, "demo", "init"} == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    shown = call(verb, "--help")
    assert shown.code == 0
    assert shown.said.startswith(f"usage: publisher {verb} ")
    assert VERBS[verb][1][1:] in " ".join(shown.said.split())
    undescribed = re.findall(r"^  (--?\S+(?: \S+)?)\n(?!  {10})", shown.said, re.MULTILINE)
    assert undescribed == []


def test_the_program_names_its_verbs() -> None:
    shown = call("--help")
    assert shown.code == 0
    assert all(re.search(rf"^    {verb} ", shown.said, re.MULTILINE) for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), ""),
        (("publish",), "invalid choice: 'publish'"),
        (("plan", "--until", "2022-02-14"), "unrecognized arguments: --until 2022-02-14"),
        (("plan", "--from", "14/02/2022"), "'14/02/2022' is not a date (write e.g. 2022-02-14)"),
        (("run", "--port", "http"), "'http' is no port"),
        (("run", "--port", "70000"), "'70000' is no port"),
        (("run", "--url", "tuyen-truyen.example"), "is not a web address"),
        (("log", "--last", "0"), "'0' is no number of entries"),
        (("send", "c/khai-mac.md"), "required: --to"),
        (("hold", "--as", "Hà", "--because", "đợi"), "required: FILTER"),
        (("hold", "web", "--because", "đợi"), "required: --as"),
        (("hold", "web", "--as", "Hà"), "required: --because"),
        (("release", "--as", "Hà", "--because", "được"), "required: FILTER"),
        (("pause", "--as", "Hà", "--because", "bão"), "one of the arguments --all --campaign --channel is required"),
        (("resume", "--all", "--channel", "web", "--as", "H", "--because", "x"), "not allowed with argument"),
        (("channels", "resume", "--as", "Hà", "--because", "x"), "required: CHANNEL"),
        (
            ("settle", "12", "--as", "Hà", "--because", "đã xem"),
            "one of the arguments --published --absent is required",
        ),
        (("settle", "12", "--absent", "--published", "--as", "H", "--because", "x"), "not allowed with argument"),
        (("settle", "--published", "12", "13", "--as", "H", "--because", "x"), "'12' after --published is no address"),
        (("inbox",), "required: ACT"),
    ],
)
def test_wrong_words_are_refused_with_a_hint(words: tuple[str, ...], complaint: str) -> None:
    done = call(*words)
    assert done.code == 2
    assert complaint in " ".join(done.warned.split())


def test_dates_in_the_wrong_order(office: Office) -> None:
    done = office.call("plan", "--from", "2022-02-14", "--to", "2022-02-14")
    assert done.code == 2
    assert "--to 2022-02-14 is not after --from 2022-02-14 (the day of --to itself is not shown)" in done.warned


@pytest.mark.parametrize("verb", WORDS)
def test_a_folder_that_is_not_there(verb: str, tmp_path: Path) -> None:
    done = call(verb, "--workspace", str(tmp_path / "nowhere"), *WORDS[verb])
    assert_complains(done, str(tmp_path / "nowhere"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", OF_THE_DATABASE)
def test_a_damaged_database(verb: str, office: Office) -> None:
    office.plan()
    database = office.directory / "var" / "publisher.db"
    database.write_bytes(b"no database at all " * 1000)
    assert_complains(office.call(verb, *WORDS[verb]), "the database cannot be used: file is not a database")


def test_a_database_of_a_newer_version(office: Office) -> None:
    office.plan()
    database = dbapi2.connect(str(office.directory / "var" / "publisher.db"))
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for verb in ("run", "send"):
        assert_complains(office.call(verb, *WORDS[verb]), "the database was written by a newer Publisher")


def test_a_folder_where_nothing_has_run(office: Office) -> None:
    for verb in ("status", "log", "approve", "hold", "inbox"):
        assert_complains(office.call(verb, *WORDS[verb]), "start it with `publisher run`")
    assert not (office.directory / "var").exists()


def test_a_file_where_a_folder_should_be_and_the_other_way_round(office: Office) -> None:
    (office.directory / "schedules.yaml").unlink()
    (office.directory / "schedules.yaml").mkdir()
    for verb in ("check", "plan"):
        assert_complains(
            office.call(verb, *WORDS[verb]), "schedules.yaml:1:1: this file cannot be read: it is a folder"
        )
    file = office.directory / "conf" / "channels.yaml"
    assert_complains(call("check", "--workspace", str(file)), "is not a folder")


def test_files_that_may_not_be_read_or_written(office: Office) -> None:
    office.plan()
    for path, mode in ((office.directory / "schedules.yaml", 0o000), (office.directory / "var", 0o555)):
        path.chmod(mode)
    try:
        assert_complains(_as_nobody_special(office, "check"), "schedules.yaml:1:1: this file cannot be read")
        assert_complains(_as_nobody_special(office, "status"), "may you write to the folder var/ of the workspace?")
        for file in (office.directory / "var").iterdir():
            file.chmod(0o400)
        assert_complains(_as_nobody_special(office, "run", "--port", "0"), "var cannot be written: Permission denied")
    finally:
        (office.directory / "var").chmod(0o755)


def test_a_folder_without_rights_to_write_can_be_checked_and_planned(office: Office) -> None:
    office.directory.chmod(0o555)
    try:
        assert _as_nobody_special(office, "check").code == 0
        assert _as_nobody_special(office, "plan").code == 0
    finally:
        office.directory.chmod(0o755)


@pytest.mark.parametrize("words", [("log",), ("plan",), ("status",), ("log", "--json"), ("check",)])
def test_a_reader_that_goes_away_is_no_error(words: tuple[str, ...], office: Office) -> None:
    office.plan()
    gone, writing = os.pipe()
    os.close(gone)
    command = [sys.executable, "-m", "publisher", words[0], "--workspace", str(office.directory), *words[1:]]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=30, check=False, env=buffered
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def assert_complains(done: Done, text: str) -> None:
    """It ended with 1 and a sentence."""
    assert text in done.warned + done.said
    assert done.code == 1
    assert "Traceback" not in done.warned
    assert "error of its own" not in done.warned


def _as_nobody_special(office: Office, *words: str) -> Done:
    """Run a command as somebody whom the rights of files bind, as they do not bind root."""
    command = [sys.executable, "-m", "publisher", words[0], "--workspace", str(office.directory), *words[1:]]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, preexec_fn=_give_up_powers()
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _give_up_powers() -> Callable[[], None] | None:
    if os.geteuid() != 0:
        return None
    prctl = ctypes.CDLL(None).prctl
    drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

    def give_up() -> None:
        for power in (override, search):
            prctl(drop, power, 0, 0, 0)

    return give_up
