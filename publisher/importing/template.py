"""The table to fill in, as a workbook or a CSV file: headings, two examples, and what each column wants."""

import csv
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from publisher.importing.headings import Column
from publisher.schedules import Campaign, Schedules

Filled = str | date | time | None

_FILLED = 500  # rows that are ready to be filled in
_COLUMNS: tuple[tuple[Column, str, int, str, str], ...] = (
    (Column.NUMBER, "No.", 8, "Số thứ tự; không được đọc. Dòng ghi “Ví dụ” bị bỏ qua.",
     "A number; it is not read. Rows that say “Ví dụ” (example) are left out."),
    (Column.DATE, "date", 13, "Ngày công bố, ví dụ 14/02/2022. Mỗi ngày một dòng.",
     "The day, e.g. 14/02/2022. One row for each day."),
    (Column.TIME, "time", 12, "Giờ đăng, ví dụ 07:30 hoặc 7h30; nhiều giờ thì cách nhau bằng dấu phẩy. "
     "Để trống nếu là buổi phát của loa.",
     "The time, e.g. 07:30 or 7h30; several are divided by commas. Empty for sessions of loudspeakers."),
    (Column.SESSIONS, "sessions", 12, "Ghi x nếu bản tin được đọc trong các buổi phát của loa truyền thanh ngày đó.",
     "Write x if loudspeaker stations read it in their sessions of that day."),
    (Column.TITLE, "title", 34, "Tiêu đề tin, bài. Để trống thì lấy những chữ đầu của nội dung.",
     "The title. Where it is empty, the first words of the text are taken."),
    (Column.TEXT, "text", 60, "Nội dung; mỗi lần xuống dòng là một đoạn. Để trống nếu có tệp.",
     "The text; each line is a paragraph. Empty if a file is named."),
    (Column.FILE, "file", 20, "Tệp .md có sẵn trong thư mục của chiến dịch, thay cho tiêu đề, nội dung và tác giả.",
     "A .md file that is in the campaign's folder already, in place of title, text and author."),
    (Column.TO, "to", 34, "Kênh, nhóm kênh hoặc cơ quan, theo mã hoặc theo tên ở bảng dưới đây; "
     "cách nhau bằng dấu phẩy, chấm phẩy hoặc xuống dòng. Kênh có buổi phát phải ở dòng riêng.",
     "Channels, groups or agencies, by a key or a name of the list below; divided by commas, semicolons or lines. "
     "Channels with sessions need a row of their own."),
    (Column.AUTHOR, "author", 24, "Người hoặc đơn vị soạn; người này không được tự phê duyệt.",
     "Who wrote it; the same person cannot approve it."),
    (Column.NOTE, "note", 24, "Không được đọc.", "It is not read."),
)  # fmt: skip
_HEADINGS = tuple(f"{column} ({english})" for column, english, *_ in _COLUMNS)
_PLAN, _GUIDE = "Kế hoạch", "Hướng dẫn"
_HEAD = PatternFill("solid", fgColor="DDEBF7")
_THIN = Side(style="thin", color="BFBFBF")
_WRAP = Alignment(vertical="top", wrap_text=True)


def template(kind: str, schedules: Schedules, campaign: Campaign | None) -> bytes:
    """The file to fill in; `kind` is `.xlsx` or `.csv`."""
    examples = _examples(schedules, campaign)
    return _workbook(schedules, examples) if kind == ".xlsx" else _csv(examples)


def _examples(schedules: Schedules, campaign: Campaign | None) -> list[list[Filled]]:
    """Two rows as they are filled in, with places of this workspace where it has such."""
    first = (campaign.first if campaign else None) or date(2022, 2, 14)
    plain, station = _places(schedules)
    return [
        ["Ví dụ", first, time(7, 30), None, "Khai mạc chiến dịch", "Hôm nay chiến dịch bắt đầu.\nMời bà con theo dõi.",
         None, plain, "Phòng Thông tin – Báo chí – Xuất bản", None],
        ["Ví dụ", first + timedelta(days=1), None, "x", "Bản tin truyền thanh", "Thưa bà con, chiến dịch đã bắt đầu.",
         None, station, None, "Dòng ghi “Ví dụ” bị bỏ qua"],
    ]  # fmt: skip


def _places(schedules: Schedules) -> tuple[str, str]:
    plain, station = "cong-so", "loa"
    for agency in schedules.agencies.values():
        own = [channel for channel in schedules.channels.values() if channel.agency == agency.key]
        if any(hasattr(channel, "sessions") for channel in own):
            station = agency.name
        elif own:
            plain = agency.name
    return plain, station


def _csv(examples: list[list[Filled]]) -> bytes:
    """With semicolons, as Excel in Vietnamese divides, and a mark by which it knows UTF-8."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for row in examples:
        writer.writerow(["" if cell is None else _written(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _written(cell: Filled) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return f"{cell:%H:%M}" if isinstance(cell, time) else str(cell)


def _workbook(schedules: Schedules, examples: list[list[Filled]]) -> bytes:
    book = Workbook()
    plan = book.worksheets[0]
    plan.title = _PLAN
    first, last = _fill_guide(book.create_sheet(_GUIDE), schedules)
    _fill_plan(plan, examples, f"'{_GUIDE}'!$A${first}:$A${last}")
    moment = datetime(2022, 1, 1)  # noqa: DTZ001 - the same template is the same file
    book.properties.created = book.properties.modified = moment
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_plan(sheet: Worksheet, examples: list[list[Filled]], names: str) -> None:
    """The table itself; `names` are the cells that hold the places to choose from."""
    for index, (heading, (_, _, width, *_)) in enumerate(zip(_HEADINGS, _COLUMNS, strict=True), 1):
        _head(sheet, 1, index, heading)
        sheet.column_dimensions[get_column_letter(index)].width = width
    for number, row in enumerate(examples, 2):
        for index, value in enumerate(row, 1):
            _put(sheet, number, index, value)
    for number in range(2, _FILLED + 2):
        sheet.cell(number, _index(Column.DATE)).number_format = "dd/mm/yyyy"
        sheet.cell(number, _index(Column.TIME)).number_format = "hh:mm"
    sheet.freeze_panes = "A2"
    _ask(sheet, Column.DATE, DataValidation("date", operator="greaterThan", formula1="36526"), "Ngày, ví dụ 14/02/2022")
    _ask(sheet, Column.SESSIONS, DataValidation("list", formula1='"x"'), "x, hoặc để trống")
    several = "Chọn một, hoặc viết nhiều nơi, cách nhau bằng dấu phẩy; xem trang Hướng dẫn"
    _ask(sheet, Column.TO, DataValidation("list", formula1=names), several, warns=False)


def _ask(sheet: Worksheet, column: Column, validation: DataValidation, prompt: str, *, warns: bool = True) -> None:
    """Let Excel say what is wanted, and at most warn of other values."""
    validation.errorStyle = "warning"
    validation.showInputMessage, validation.showErrorMessage = True, warns
    validation.allow_blank = True
    validation.prompt, validation.error = prompt, prompt
    letter = get_column_letter(_index(column))
    validation.add(f"{letter}2:{letter}{_FILLED + 1}")
    sheet.add_data_validation(validation)


def _fill_guide(sheet: Worksheet, schedules: Schedules) -> tuple[int, int]:
    """Each column explained, then every name that may stand among the places; the rows of these."""
    rows: list[tuple[str, str, str]] = [("Cột (column)", "Giải thích", "Explanation")]
    rows += [(heading, *texts) for heading, (*_, vietnamese, english) in zip(_HEADINGS, _COLUMNS, strict=True)
             for texts in ((vietnamese, english),)]  # fmt: skip
    heads = [1, len(rows) + 2]
    rows += [("", "", ""), ("Mã (key)", "Tên", "What it is")]
    rows += [(name, ", ".join(members), "nhóm kênh – group") for name, members in schedules.groups.items()]
    for channel in schedules.channels.values():
        agency = schedules.agencies[channel.agency].name
        kind = "kênh có buổi phát – channel with sessions" if hasattr(channel, "sessions") else "kênh – channel"
        rows.append((channel.name, agency, kind))
    rows += [(agency.key, agency.name, "cơ quan – agency") for agency in schedules.agencies.values()]
    for number, row in enumerate(rows, 1):
        for index, text in enumerate(row, 1):
            (_head if number in heads else _put)(sheet, number, index, text)
    for letter, width in zip("ABC", (24, 70, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    return heads[1] + 1, len(rows)


def _index(column: Column) -> int:
    return [known for known, *_ in _COLUMNS].index(column) + 1


def _head(sheet: Worksheet, number: int, index: int, text: str) -> None:
    cell = _put(sheet, number, index, text)
    cell.font, cell.fill = Font(bold=True), _HEAD


def _put(sheet: Worksheet, number: int, index: int, value: Filled) -> Cell:
    """Write a value; text stays text, also where it begins with =."""
    cell = sheet.cell(number, index, value)
    assert isinstance(cell, Cell), "nothing is merged here"
    if isinstance(value, str):
        cell.data_type = "s"
    cell.alignment, cell.border = _WRAP, Border(_THIN, _THIN, _THIN, _THIN)
    return cell
