"""How files come into the workspace: whole or not at all, the plan last, and a daemon at work takes them up."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.importing.grid import TableError
from publisher.importing.putting import put
from sandbox.client import Sandbox
from tests.offices import Office, call
from tests.tables import CAMPAIGN, Desk, book, workspace

ROWS = (
    [1, "01/03/2022", "7h", "Bài một", "Chữ.", None, "mang", None],
    [2, "02/03/2022", "7h", "Bài hai", "Chữ.", None, "cong", None],
)
WRITES = ("os.mkdir", "os.link", "os.rename", "os.remove", "os.chmod")

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.test_import_put"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    workspace(made.workspace)
    return made


def _struck(table: str, directory: str, number: int) -> None:
    """Import, and be killed just before the change of that number."""
    left = number

    def strike(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        writes = event in WRITES or (event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT)
        if writes and str(args[0]).startswith(directory):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(strike)
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
        sys.stdout = nothing
        code = call("import", table, "--workspace", directory, "--yes").code
    os._exit(code)


def test_a_crash_at_any_point_leaves_a_valid_workspace(desk: Desk) -> None:
    table = desk.table(*ROWS)
    before = desk.files()
    points = 0
    while True:
        desk.restart()
        process = _processes.Process(target=_struck, args=(str(table), str(desk.workspace), points))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        assert desk.read().mistakes == ()
        after = desk.files()
        assert all(after[path] == data for path, data in before.items() if path != "schedules.yaml")
        assert (len(desk.plan()), after["schedules.yaml"] == before["schedules.yaml"]) in ((0, True), (3, False))
        assert desk.bring(table, "--yes", "--add").code == 0
        assert len(desk.plan()) == 3
        points += 1
    assert points > 8


def test_what_somebody_else_wrote_meanwhile_is_kept(desk: Desk) -> None:
    plan = desk.workspace / "schedules.yaml"
    before = plan.read_bytes()
    with pytest.raises(TableError, match=r"schedules\.yaml was changed at this moment"):
        put(desk.workspace, {}, "schedules.yaml", b"another", b"new")
    message = f"{CAMPAIGN}/khai-mac.md"
    with pytest.raises(TableError, match=r"khai-mac\.md was made by somebody else"):
        put(desk.workspace, {message: b"new"}, "schedules.yaml", before, b"new")
    assert plan.read_bytes() == before
    assert b"Khai m" in (desk.workspace / message).read_bytes()


def test_rights_and_links_of_the_plan_stay(desk: Desk) -> None:
    plan = desk.workspace / "schedules.yaml"
    real = plan.rename(desk.directory / "plan.yaml")
    plan.symlink_to(real)
    real.chmod(0o640)
    assert desk.bring(desk.table(*ROWS), "--yes").code == 0
    assert plan.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(desk.plan()) == 3
    assert not [path for path in desk.directory.rglob("*") if path.suffix == ".tmp"]


def test_messages_can_be_read_by_whoever_reads_the_others(desk: Desk) -> None:
    assert desk.bring(desk.table(*ROWS), "--yes").code == 0
    mode: Callable[[str], int] = lambda path: (desk.workspace / CAMPAIGN / path).stat().st_mode  # noqa: E731
    assert mode("ke-hoach/bai-mot.md") == mode("khai-mac.md")


def test_a_daemon_at_work_takes_it_up(tmp_path: Path, sandbox: Sandbox) -> None:
    office = Office(tmp_path / "office", sandbox)
    day = office.first + timedelta(days=1)
    table = book(tmp_path / "ke-hoach.xlsx", [["Ngày", "Giờ", "Nội dung", "Nơi đăng"], [day, "9h", "Chữ.", "hop"]])
    with office.run() as running:
        assert office.call("import", str(table), "--yes").code == 0
        found = running.wait_for(lambda: office.rows(message="ke-hoach/chu.md"), "to plan the new row")
    assert [(row.channel, row.occurrence.date()) for row in found] == [("hop", day)]
