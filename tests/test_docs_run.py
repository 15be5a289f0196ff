"""The how-tos of officers and managers, carried out line by line in a workspace that holds the handbook's own plan."""

import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from publisher.app import App
from publisher.cli import main
from publisher.clock import VirtualClock
from publisher.world import SandboxWorld
from tests.documents import OFFICERS, ROOT, blocks

CAMPAIGN = "content/campaigns/song-va-may-tinh"
MESSAGES = ("loa/01.md", "bai-viet/01.md", "khai-mac.md", "tri-an.md")
NOW = datetime.now(UTC)
NEXT = NOW.year + 1  # an edit changes only what is still to come


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a workspace, and the present one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put_in_force(workspace: Path, year: int, now: datetime) -> None:
    """The plan of the handbook in a year, with a message for each of its schedules; in force at a moment."""
    for info, example in blocks(OFFICERS[0]):
        if info.startswith("yaml "):
            (workspace / info.split()[1]).write_text(of_year(year, example), encoding="utf-8")
    for name in MESSAGES:
        message = workspace / CAMPAIGN / name
        message.parent.mkdir(parents=True, exist_ok=True)
        front = f"---\ntitle: Tin {name}\nauthor: Phòng Thông tin\n---\n"
        message.write_text(front + "Xin gọi {{ hotline }}.\n", encoding="utf-8")
    app = App(workspace, VirtualClock(now), SandboxWorld("http://127.0.0.1:9"))
    app.start()
    app.close()


def lines(page: str, year: int) -> Iterator[str]:
    """The command lines of a page, in order."""
    for info, code in blocks(ROOT / "docs" / page):
        if info == "sh":
            yield from of_year(year, code).splitlines()


def of_year(year: int, example: str) -> str:
    """An example with its dates in another year."""
    return example.replace("2022-", f"{year}-")


def carry_out(line: str) -> None:
    """Run a line of a page; it has to end well."""
    program, *words = shlex.split(line)
    code = main(words) if program == "publisher" else subprocess.run((program, *words)).returncode
    assert code == 0, line


def test_changing_the_plan_safely(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_in_force(workspace, NEXT, NOW)
    for line in lines("editing.md", NEXT):
        carry_out(line)
        if line.startswith("cp "):
            plan = workspace / "ban-sao/schedules.yaml"
            edited = plan.read_text(encoding="utf-8").replace(f"{NEXT}-03-08", f"{NEXT}-02-28")
            plan.write_text(edited, encoding="utf-8")
    told = capsys.readouterr().out
    assert f"+ 28/02/{NEXT} 08:00  song-va-may-tinh/moc  cong-so  tri-an.md" in told
    assert "every Monday at 08:00, every 2 weeks" in told
    for made in ("dien-tap/index.html", "ke-hoach.html", "schedules.schema.json"):
        assert (workspace / made).is_file()


def test_bringing_in_a_signed_plan(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_in_force(workspace, 2022, NOW)
    for line in lines("import.md", 2022):
        carry_out(line)
        if "--template" in line:
            book = openpyxl.load_workbook(workspace / "ke-hoach.xlsx")
            row = (1, date(2022, 2, 15), time(7, 30), None, "Tin mới", "Sáng nay có tin mới.", None, "cong-so")
            for column, value in enumerate(row, 1):
                book["Kế hoạch"].cell(4, column, value)
            book.save(workspace / "ke-hoach.xlsx")
    assert "ke-hoach:" in (workspace / "schedules.yaml").read_text(encoding="utf-8")
    assert "nothing is to be written" in capsys.readouterr().out


def test_what_managers_look_at(workspace: Path) -> None:
    put_in_force(workspace, 2022, datetime(2022, 2, 13, tzinfo=UTC))
    for line in lines("managers.md", 2022):
        carry_out(line.replace("--delivery 42", "--delivery 1"))
    for made in ("ke-hoach.html", "tri-an.html", "dien-tap/index.html"):
        assert (workspace / made).is_file()
