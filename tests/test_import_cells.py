"""What single cells of a plan mean, and what is said of those that mean nothing: always with the cell, all at once."""

import unicodedata
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from publisher.importing.grid import CellError, Unreadable
from publisher.importing.headings import Column, column_of
from publisher.importing.moments import read_day, read_times
from tests.tables import HEAD, Desk, book, fill, saved, workspace

DAY = date(2022, 2, 14)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    workspace(made.workspace)
    return made


@pytest.mark.parametrize(
    "value",
    [
        DAY, datetime.combine(DAY, time()), "14/02/2022", "14-2-2022", "14.02.2022", "2022-02-14", "2022/2/14",
        " 14/02/2022 ",
        "14/02/2022\u00a0", "Thứ Hai, 14/02/2022", "Thứ 2 ngày 14/02/2022", "T2 14/02/2022", "14/02/2022 (thứ hai)",
        "ngày 14 tháng 02 năm 2022", "Monday, 14/2/2022", "Mon 14/2/2022", "2022-02-14 00:00:00",
        unicodedata.normalize("NFD", "Thứ Hai, ngày 14/02/2022"),
    ],
)  # fmt: skip
def test_every_form_of_a_day(value: Any) -> None:
    assert read_day(value, None) == DAY


@pytest.mark.parametrize("number", range(7))
def test_each_day_of_the_week(number: int) -> None:
    names = ("Thứ hai", "thứ Ba", "Thứ tư", "Thứ 5", "thứ Sáu", "T7", "Chủ nhật")
    day = DAY + timedelta(days=number)
    assert read_day(f"{names[number]}, {day:%d/%m/%Y}", None) == day
    with pytest.raises(CellError, match="mend the date, or the day of the week"):
        read_day(f"{names[number - 1]}, {day:%d/%m/%Y}", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("14/02", "lacks its year (write 14/02/2023)"),
        ("14/02/22", "has a year of two digits (write 14/02/2022)"),
        ("14/02/2022-18/02/2022", "names more than one day (write one row for each day)"),
        ("từ 14/02 đến 18/02/2022", "names more than one day"),
        ("14/02/2022, 15/02/2022", "names more than one day"),
        ("30/02/2022", "30/02/2022 does not exist"),
        ("02/14/2022", "the day comes first"),
        ("14/02/1066", "too far away"),
        ("hôm nay", "'hôm nay' is not a day (write day/month/year, e.g. 14/02/2022)"),
        (44606, "this is the number 44606, perhaps 14/02/2022 (give the cell the format of a date)"),
        (14, "this is the number 14, and no day"),
        (datetime.combine(DAY, time(7, 30)), "write 07:30 in the column of times"),
        (time(7, 30), "this is no day"),
        (Unreadable("nothing here"), "nothing here"),
    ],
)
def test_what_is_no_day(value: Any, text: str) -> None:
    with pytest.raises(CellError) as error:
        read_day(value, 2023)
    assert text in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        time(7, 30), datetime.combine(date(1899, 12, 30), time(7, 30)), timedelta(hours=7, minutes=30),
        time(7, 29, 59, 999_900),
        "7h30", "07:30", "7:30", "7 giờ 30", "7 giờ 30 phút", "07h30'", "7g30", "07:30:00", " 7h30\u00a0",
        unicodedata.normalize("NFD", "7 giờ 30"),
    ],
)  # fmt: skip
def test_every_form_of_a_time(value: Any) -> None:
    assert read_times(value) == (time(7, 30),)


def test_whole_hours_and_several_times() -> None:
    assert read_times("7h") == read_times("7 giờ") == (time(7),)
    assert read_times("16h30; 7h\n12:00") == (time(7), time(12), time(16, 30))
    assert read_times("7h và 9h, 7h") == (time(7), time(9))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("24:00", "does not exist"),
        ("7h60", "does not exist"),
        ("7", "no time of day"),
        ("7:", "no time of day"),
        ("7h5", "no time of day"),
        ("sáng", "a part of the day"),
        ("5 giờ chiều", "a part of the day (write the hour from 0 to 23"),
        ("7:30 PM", "a part of the day"),
        (0.3125, "this is the number 0.3125, perhaps 07:30 (give the cell the format of a time)"),
        (7, "'7' is no time of day (write hours and minutes, e.g. 07:30 or 7h30)"),
        (time(7, 30, 30), "has seconds"),
        (DAY, "no time of day"),
        (",", "no time stands here"),
        (Unreadable("nothing here"), "nothing here"),
    ],
)
def test_what_is_no_time(value: Any, text: str) -> None:
    with pytest.raises(CellError) as error:
        read_times(value)
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Ngày", Column.DATE), ("NGAY", Column.DATE), (" ngày  đăng ", Column.DATE), ("Date:", Column.DATE),
        ("Ngày (date)", Column.DATE), ("Ngày / Date", Column.DATE), ("Giờ\n(Time)", Column.TIME),
        ("Giờ/Buổi phát", Column.TIME), ("Buổi phát", Column.SESSIONS), ("sessions", Column.SESSIONS),
        ("Tên tin, bài", Column.TITLE), ("Nội dung", Column.TEXT), ("Tệp", Column.FILE), ("Kênh", Column.TO),
        ("Đơn vị", Column.TO), ("don vi thuc hien", Column.TO), ("To", Column.TO), ("No.", Column.NUMBER),
        (unicodedata.normalize("NFD", "Nơi đăng"), Column.TO), ("Ghi chú", Column.NOTE), ("Kinh phí", None), (5, None),
        (None, None), ("", None), ("()", None),
    ],
)  # fmt: skip
def test_headings(heading: object, column: Column | None) -> None:
    assert column_of(heading) is column


def test_every_mistake_at_once_each_with_its_cell(desk: Desk) -> None:
    table = desk.table(
        [1, "14/02", "25h", "{{ x }}", None, None, "conk", None],
        [2, "01/06/2022", None, "Bài", "Chữ.", "khai-mac.md", "cong", None],
        [3, None, "7h", "Bài", "Chữ.", None, None, "x" * 301],
        [4, DAY, "7h", None, None, "khai-mac.mđ", "mang", None],
        [5, DAY, "7h", "Bài", "Chữ.", None, "loa; tỉnh", None],
        [6, DAY, "buổi phát", "Bài", "Chữ.", None, "Báo tỉnh\nkhong, Trạm truyền thanh", None],
    )
    place = 'ke-hoach.xlsx, sheet "Kế hoạch", cell '
    found = desk.mistakes(table)
    assert all(mistake.startswith(place) for mistake in found)
    assert [mistake.removeprefix(place) for mistake in found] == [
        "B2: '14/02' lacks its year (write 14/02/2022)",
        "C2: '25h' does not exist (hours go from 0 to 23, minutes from 0 to 59)",
        "D2: {{, {% or {# cannot stand in a title (write it without)",
        "E2: the text is missing (write it here, or name a file of the campaign's folder)",
        "G2: 'conk' is no channel, group or agency (did you mean 'cong'?)",
        "B3: 01/06/2022 lies outside of the campaign, which runs from 14/02/2022 to 31/05/2022 (mend the day)",
        "C3: the time is missing (write e.g. 07:30, or 'buổi phát' for loudspeakers)",
        "E3: a text and a file stand in one row (delete one of them)",
        "B4: the day is missing (write e.g. 14/02/2022)",
        "G4: no place stands here (write e.g. mang, loa, cong, trang, hop-bao, hop-cj, loa-cj, loa-kn)",
        "H4: an author has at most 300 characters, this has 301 (shorten it)",
        "F5: 'khai-mac.mđ' is no message in content/campaigns/song/ (there are: bai/01.md, khai-mac.md)",
        "G6: 'loa' (loa-cj, loa-kn) speaks in its own sessions "
        "(write 'buổi phát' in place of a time, in a row of its own); "
        "'tỉnh' is not known (did you mean 'Báo tỉnh'?)",
        "G7: 'Báo tỉnh' has only hop-bao: it has no sessions (write a time of day, in a row of its own); "
        "'khong' has no channel (the administrator adds one to the workspace); "
        "'Trạm truyền thanh' is the name of several agencies (write one of: trung-a, trung-b)",
    ]


def test_mistakes_of_a_csv_have_line_and_column(desk: Desk) -> None:
    path = desk.directory / "ke-hoach.csv"
    text = 'Ngày,Giờ,Nội dung,Nơi đăng\n01/03/2022,7h,"hai\ndòng",cong\n01/03/2022,9h,,cong\n32/03/2022,9h,Chữ,cong\n'
    path.write_text(text, encoding="utf-8")
    first, second = desk.mistakes(path)
    assert first.startswith("ke-hoach.csv, line 4, column 3: the text is missing")
    assert second.startswith("ke-hoach.csv, line 5, column 1: 32/03/2022 does not exist")


def test_an_agency_means_those_of_its_channels_that_suit(desk: Desk) -> None:
    name = "Trung tâm Văn hóa, Thể thao và Truyền thông huyện Cư Jút"
    table = desk.table(
        [1, DAY, "7h", "A", "Chữ.", None, f"mang, {name}", None],
        [2, DAY, "Buổi phát", "B", "Chữ.", None, unicodedata.normalize("NFD", name.upper()), None],
        [3, DAY, "8h", "C", "Chữ.", None, "- SO\n- cong", None],
    )
    assert desk.bring(table, "--yes").code == 0
    assert [(channel, title) for _, channel, title in desk.plan()] == [
        ("loa-cj", "B"), ("cong", "A"), ("trang", "A"), ("hop-cj", "A"), ("cong", "C"), ("trang", "C"), ("loa-cj", "B"),
    ]  # fmt: skip


def test_a_column_of_sessions(desk: Desk) -> None:
    head = ["Ngày", "Giờ", "Buổi phát", "Nội dung", "Nơi đăng"]
    good = desk.table([DAY, None, "x", "A", "loa"], [DAY, "7h", None, "B", "cong"], head=head)
    assert desk.bring(good, "--yes").code == 0
    assert len(desk.plan()) == 4
    bad = desk.table([DAY, "7h", "có", "A", "loa"], [DAY, None, "sáng", "B", "loa"], name="sai.xlsx", head=head)
    first, second = desk.mistakes(bad)
    assert "cell B2: a time stands beside the sessions" in first
    assert "cell C3: 'sáng' is not understood (write x" in second


def test_rows_that_reach_one_place_at_one_time(desk: Desk) -> None:
    table = desk.table(
        [1, DAY, "7h", "A", "Chữ.", None, "mang", None],
        [2, DAY, "7h, 8h", "B", "Chữ.", None, "trang", None],
        [3, DAY, "buổi phát", "C", "Chữ.", None, "loa", None],
        [4, DAY, "buổi phát", "D", "Chữ.", None, "loa-cj", None],
    )
    first, second = desk.mistakes(table)
    assert "cell C3: this row and row 2 both reach 'trang' at 07:00 on 14/02/2022 (change" in first
    assert "cell C5: this row and row 4 both reach 'loa-cj' in its sessions on 14/02/2022 (change" in second


def test_text_that_excel_has_made_a_number_of_is_asked_for(desk: Desk) -> None:
    rows = [[1, DAY, "7h", title, "Chữ.", None, "cong", None] for title in (DAY, time(7), 0.5, 2022, 24.0)]
    found = desk.mistakes(desk.table(*[[*row[:2], f"{7 + n}h", *row[3:]] for n, row in enumerate(rows)]))
    assert [mistake.split("cell ")[1][:2] for mistake in found] == ["D2", "D3", "D4"]
    assert all("only Excel knows how it looks (give the cell the format Text)" in mistake for mistake in found)
    assert desk.bring(desk.table(rows[3], [*rows[4][:2], "8h", *rows[4][3:]]), "--yes").code == 0
    assert [title for _, _, title in desk.plan()] == ["2022", "24"]


def test_missing_and_double_columns(desk: Desk) -> None:
    path = book(desk.directory / "ke-hoach.xlsx", [["Ngày", "Nội dung", "Nội dung", "Tác giả"], [DAY, "a", "b", "c"]])
    place = 'ke-hoach.xlsx, sheet "Kế hoạch", cell '
    assert [mistake.removeprefix(place) for mistake in desk.mistakes(path)] == [
        "A1: a column is missing whose heading is Giờ (time) or Buổi phát (sessions) (add it to this row)",
        "A1: a column is missing whose heading is Nơi đăng (to) (add it to this row)",
        "C1: a second column Nội dung stands here (keep one, or give this one another heading)",
    ]


def test_formulas_count_by_their_values(desk: Desk) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    fill(sheet, [HEAD, [1, "=DATE(2022,2,14)", "7h", "Bài", "Chữ.", None, "cong", None]], "Kế hoạch")
    path = desk.directory / "ke-hoach.xlsx"
    path.write_bytes(saved(made))
    [mistake] = desk.mistakes(path)
    assert "cell B2: the formula here has no value yet (open the file in Excel and save it" in mistake
    with_value = _with(saved(made), "<f>DATE(2022,2,14)</f><v />", "<f>DATE(2022,2,14)</f><v>44606</v>")
    path.write_bytes(with_value)
    assert "perhaps 14/02/2022" in desk.mistakes(path)[0]
    path.write_bytes(_with(saved(made), '<c r="B2"><f>', '<c r="B2" t="e"><f>', "<v />", "<v>#REF!</v>"))
    assert "cell B2: the formula here shows #REF! (mend it" in desk.mistakes(path)[0]


def test_a_formula_that_shows_nothing_is_an_empty_cell(desk: Desk) -> None:
    made = Workbook()
    fill(made.worksheets[0], [HEAD, [1, DAY, "7h", '=""', "Chữ.", None, "cong", None]], "Kế hoạch")
    path = desk.directory / "ke-hoach.xlsx"
    path.write_bytes(_with(saved(made), '<c r="D2"><f>', '<c r="D2" t="str"><f>'))
    assert desk.bring(path, "--yes").code == 0
    assert [title for _, _, title in desk.plan()] == ["Chữ."]


def _with(data: bytes, *pairs: str) -> bytes:
    """A workbook whose sheet was edited as Excel would have written it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                sheet = text.decode()
                for old, new in zip(pairs[::2], pairs[1::2], strict=False):
                    sheet = sheet.replace(old, new)
                text = sheet.encode()
            target.writestr(part.filename, text)
    return out.getvalue()
