"""Signed plans for the tests: a small workspace, and tables in real files, brought in by the real command."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from publisher.outlook import Line, outlook
from publisher.workspace import Folder, Workspace, read_workspace
from tests.offices import HANOI, Done, call

CAMPAIGN = "content/campaigns/song"
CHANNELS = """\
agencies:
  so: {name: Sở Thông tin và Truyền thông}
  bao: {name: Báo tỉnh}
  vhtt: {name: "Trung tâm Văn hóa, Thể thao và Truyền thông huyện Cư Jút"}
  vhtt2: {name: "Trung tâm Văn hóa, Thể thao và Truyền thông huyện Krông Nô"}
  trung-a: {name: Trạm truyền thanh}
  trung-b: {name: Trạm truyền thanh}
  khong: {name: Đơn vị chưa có kênh}
channels:
  cong: {kind: inbox, agency: so}
  trang: {kind: inbox, agency: so}
  hop-bao: {kind: inbox, agency: bao}
  hop-cj: {kind: inbox, agency: vhtt}
  loa-cj: {kind: loudspeaker, agency: vhtt, sessions: [05:15, 17:00]}
  loa-kn: {kind: loudspeaker, agency: vhtt2, sessions: ["16:45"]}
groups:
  mang: [cong, trang]
  loa: [loa-cj, loa-kn]
"""
SCHEDULES = """\
# What goes out.
timezone: Asia/Ho_Chi_Minh
include: [channels.yaml]

campaigns:
  song:
    title: Sóng và máy tính cho em
    from: 2022-02-14   # the first day
    until: 2022-05-31
    schedules:         # paths are below content/

      # the turns
      tuan:
        content: bai/
        days: mon
        at: 08:00
        to: mang
        # and no more

# the end
"""
HEAD = ("STT", "Ngày", "Giờ", "Tiêu đề", "Nội dung", "Tệp", "Nơi đăng", "Tác giả")


def workspace(directory: Path, schedules: str = SCHEDULES, **more: str) -> Path:
    """A workspace in a folder; `more` are files beside, without their `.yaml`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in {"schedules": schedules, "channels": CHANNELS, **more}.items():
        (directory / f"{name}.yaml").write_bytes(text.encode())
    for path in ("khai-mac.md", "bai/01.md"):
        target = directory / CAMPAIGN / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("---\ntitle: Khai mạc\n---\n\nChiến dịch bắt đầu.\n", encoding="utf-8")
    return directory


def book(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Kế hoạch", merged: Sequence[str] = ()) -> Path:
    """A workbook with one sheet of these rows."""
    made = Workbook()
    fill(made.worksheets[0], rows, sheet, merged)
    made.save(path)
    return path


def fill(sheet: Worksheet, rows: Iterable[Sequence[Any]], title: str, merged: Sequence[str] = ()) -> None:
    """Rows for a sheet."""
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)


def saved(made: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = BytesIO()
    made.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class Desk:
    """An officer's desk: a workspace, and a folder with tables beside it."""

    directory: Path

    @property
    def workspace(self) -> Path:
        """The workspace's folder."""
        return self.directory / "ws"

    def table(self, *rows: Sequence[Any], name: str = "ke-hoach.xlsx", head: Sequence[Any] = HEAD) -> Path:
        """A workbook with the usual headings."""
        return book(self.directory / name, [head, *rows])

    def bring(self, path: Path, *words: str) -> Done:
        """`publisher import`."""
        return call("import", str(path), "--workspace", str(self.workspace), *words)

    def mistakes(self, path: Path, *words: str) -> list[str]:
        """The mistakes that are shown; nothing may be written by them, and nothing is said of a bug."""
        before = self.files()
        done = self.bring(path, "--yes", *words)
        assert done.code == 1, done
        assert self.files() == before
        assert "Traceback" not in done.warned
        assert "error of its own" not in done.warned
        return [line for line in done.warned.splitlines() if not line.endswith("nothing was written.")]

    def files(self) -> dict[str, bytes]:
        """Every file of the workspace."""
        found = (path for path in self.workspace.rglob("*") if path.is_file())
        return {path.relative_to(self.workspace).as_posix(): path.read_bytes() for path in found}

    def read(self) -> Workspace:
        """The workspace as the real loader reads it."""
        return read_workspace(Folder(self.workspace))

    def plan(self, schedule: str = "song/ke-hoach") -> list[tuple[str, str, str]]:
        """What a schedule implies: local time, channel and title."""
        found = self.read()
        lines = outlook(found, None, datetime(2022, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))
        return [(f"{one.occurrence.astimezone(HANOI):%d/%m %H:%M}", one.channel, _title(found, one))
                for one in lines if one.schedule == schedule]  # fmt: skip

    def restart(self) -> None:
        """The workspace as it was at first."""
        shutil.rmtree(self.workspace)
        workspace(self.workspace)


def _title(found: Workspace, line: Line) -> str:
    written = found.written("song", line.message or "")
    return written.message.title if written else ""
