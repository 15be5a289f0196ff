"""`publisher import`: a signed plan's table becomes exactly its deliveries, and nothing else changes."""

import unicodedata
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from content.markdown import plain, read
from publisher.outlook import outlook
from tests.offices import call
from tests.tables import CAMPAIGN, HEAD, SCHEDULES, Desk, book, fill, saved, workspace

MARCH = date(2022, 3, 1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    workspace(made.workspace)
    return made


def test_a_table_becomes_its_deliveries(desk: Desk) -> None:
    table = desk.table(
        [1, MARCH, time(7, 30), "Bài một", "Chữ.", None, "mang; Báo tỉnh", "Nga"],
        [2, "02/03/2022", "buổi phát", None, "Thưa bà con", None, "loa", None],
        [3, "03/03/2022", "7h30, 16 giờ", None, None, "khai-mac.md", "cong", None],
    )
    assert desk.bring(table, "--yes").code == 0
    assert desk.plan() == [
        ("01/03 07:30", "cong", "Bài một"),
        ("01/03 07:30", "trang", "Bài một"),
        ("01/03 07:30", "hop-bao", "Bài một"),
        ("02/03 05:15", "loa-cj", "Thưa bà con"),
        ("02/03 16:45", "loa-kn", "Thưa bà con"),
        ("02/03 17:00", "loa-cj", "Thưa bà con"),
        ("03/03 07:30", "cong", "Khai mạc"),
        ("03/03 16:00", "cong", "Khai mạc"),
    ]
    written = desk.read().written("song", "ke-hoach/bai-mot.md")
    assert written is not None
    assert (written.message.title, written.message.author, written.message.body) == ("Bài một", "Nga", "Chữ.")


def test_without_yes_it_is_only_shown(desk: Desk) -> None:
    table = desk.table([1, MARCH, time(22, 30), "Bài một", "Chữ.", None, "mang", None])
    before = desk.files()
    done = desk.bring(table)
    assert done.code == 0
    assert desk.files() == before
    assert "Tue 01/03/2022\n  22:30  mang  Bài một\n" in done.said
    assert f"New messages:\n  {CAMPAIGN}/ke-hoach/bai-mot.md\n" in done.said
    assert "        - {days: 2022-03-01, at: 22:30, content: ke-hoach/bai-mot.md, to: mang}\n" in done.said
    assert "2 deliveries lie in the past" in done.said
    command = done.said.splitlines()[-1].split()
    assert command[:2] == ["publisher", "import"]
    assert call(*command[1:]).code == 0
    assert len(desk.plan()) == 2


def test_nothing_but_the_new_lines_is_written_into_the_file(desk: Desk) -> None:
    desk.bring(desk.table([1, MARCH, "7h", "Bài một", "Chữ.", None, "cong", None]), "--yes")
    after = (desk.workspace / "schedules.yaml").read_text(encoding="utf-8")
    head, end = SCHEDULES.split("\n# the end")
    assert after == (
        f"{head}\n      ke-hoach:\n"
        "        - {days: 2022-03-01, at: 07:00, content: ke-hoach/bai-mot.md, to: cong}\n\n# the end" + end
    )


def test_importing_twice_changes_nothing(desk: Desk) -> None:
    table = desk.table(
        [1, MARCH, "7h", "Bài một", "Chữ.", None, "mang", None],
        [2, MARCH, "8h", "Bài một", "Chữ khác.", None, "mang", None],
    )
    assert desk.bring(table, "--yes").code == 0
    before = desk.files()
    assert f"{CAMPAIGN}/ke-hoach/bai-mot-2.md" in before
    assert "already, in schedules.yaml, line 21 (write --add" in desk.mistakes(table)[0]
    done = desk.bring(table, "--yes", "--add")
    assert (done.code, "already" in done.said) == (0, True)
    assert desk.files() == before


def test_add_brings_in_what_is_lacking_and_says_what_is_there(desk: Desk) -> None:
    first = [1, MARCH, "7h", "Bài một", "Chữ.", None, "mang", None]
    desk.bring(desk.table(first), "--yes")
    longer = desk.table(first, [2, MARCH, "8h", "Bài hai", "Chữ.", None, "cong", None])
    shown = desk.bring(longer, "--add").said
    assert "These rows stand in the schedule already and are left as they are: 2." in shown
    before = desk.files()
    assert desk.bring(longer, "--add", "--yes").code == 0
    after = desk.files()
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"schedules.yaml", f"{CAMPAIGN}/ke-hoach/bai-hai.md"}
    assert [title for _, _, title in desk.plan()] == ["Bài một", "Bài một", "Bài hai"]


def test_add_refuses_another_text_at_a_time_that_is_taken(desk: Desk) -> None:
    desk.bring(desk.table([1, MARCH, "7h", "Bài một", "Chữ.", None, "mang", None]), "--yes")
    table = desk.table([1, MARCH, "7h", "Bài một", "Đã sửa.", None, "cong", None])
    [mistake] = desk.mistakes(table, "--add")
    assert mistake.startswith('ke-hoach.xlsx, sheet "Kế hoạch", cell C2: the row in schedules.yaml, line 21, reaches')


def test_what_the_loader_finds_in_a_new_row_is_said_at_its_cell(desk: Desk) -> None:
    table = "      ke-hoach:\n        - {days: tue, at: 07:00, content: khai-mac.md, to: cong}\n"
    workspace(desk.workspace, SCHEDULES.replace("\n# the end", table))
    [mistake] = desk.mistakes(desk.table([1, MARCH, "7h", "Bài", "Chữ.", None, "cong", None]), "--add")
    assert mistake.startswith('ke-hoach.xlsx, sheet "Kế hoạch", cell G2: this row and the row in line 20 both reach')


def test_add_refuses_a_schedule_that_is_no_table(desk: Desk) -> None:
    table = desk.table([1, MARCH, "7h", "Bài một", "Chữ.", None, "mang", None])
    assert "is no table of rows" in desk.mistakes(table, "--add", "--schedule", "tuan")[0]


def test_the_same_text_in_several_rows_is_one_message(desk: Desk) -> None:
    rows = [[n, date(2022, 3, n), "7h", "Bài một", "Chữ.", None, "cong", None] for n in range(1, 4)]
    desk.bring(desk.table(*rows), "--yes")
    assert [path for path in desk.files() if "ke-hoach/" in path] == [f"{CAMPAIGN}/ke-hoach/bai-mot.md"]
    assert len(desk.plan()) == 3


def test_a_message_that_is_there_is_never_overwritten(desk: Desk) -> None:
    there = desk.workspace / CAMPAIGN / "ke-hoach" / "bai-mot.md"
    there.parent.mkdir()
    there.write_text("---\ntitle: Của người khác\n---\n\nKhông được mất.\n", encoding="utf-8")
    before = there.read_bytes()
    desk.bring(desk.table([1, MARCH, "7h", "Bài một", "Chữ.", None, "cong", None]), "--yes")
    assert there.read_bytes() == before
    assert desk.plan() == [("01/03 07:00", "cong", "Bài một")]


def test_no_message_comes_into_a_folder_whose_messages_take_turns(desk: Desk) -> None:
    before = desk.plan("song/tuan")
    table = desk.table([1, MARCH, "7h", "Bài một", "Chữ.", None, "cong", None])
    assert desk.bring(table, "--yes", "--schedule", "bai").code == 0
    assert f"{CAMPAIGN}/bai-2/bai-mot.md" in desk.files()
    assert desk.plan("song/tuan") == before


def test_text_stays_text(desk: Desk) -> None:
    lines = [
        "{{ hotline }} {% raw %} {# x #} {{{",
        "# Đầu mục", "- một", "1. hai", "12) ba", "> trích", "---", "***", "===", "+",
        "*đậm* _nghiêng_ a_b `mã` ~~bỏ~~",
        "[chữ](https://x.example) <https://y.example> ![a](b.png) &amp; & <b>", r"C:\bai\*", "| a | b |", "```",
    ]  # fmt: skip
    title = "Tiêu đề: \"một\" 'hai' # ba"
    table = desk.table([1, MARCH, "7h", title, "\n".join(lines), None, "cong", "A: 'B' # C"])
    assert desk.bring(table, "--yes").code == 0
    [path] = [path for path in desk.files() if "ke-hoach/" in path]
    message = desk.read().messages["song"][path.removeprefix(f"{CAMPAIGN}/")].message
    assert (message.title, message.author) == (title, "A: 'B' # C")
    assert not any(mark in message.body for mark in ("{{", "{%", "{#"))
    assert call("check", "--workspace", str(desk.workspace)).code == 0
    assert plain_paragraphs(message.body) == lines


def plain_paragraphs(body: str) -> list[str]:
    """What the public reads."""
    tokens = read(body)
    assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}
    inline = [token.children or [] for token in tokens if token.type == "inline"]
    assert all(child.type in ("text", "text_special") for children in inline for child in children)
    return [plain(children) for children in inline]


def test_headings_below_titles_merged_cells_and_signatures(desk: Desk) -> None:
    path = book(
        desk.directory / "ke-hoach.xlsx",
        [
            ["ỦY BAN NHÂN DÂN TỈNH", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
            ["KẾ HOẠCH TUYÊN TRUYỀN"],
            [],
            ["TT", "NGÀY", "Thời gian", "Nội dung\ntuyên truyền", "Đơn vị thực hiện", "Kinh phí"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
            ["Tháng 3"],
            [1, MARCH, time(7, 30), "Chữ một", "cong", 5],
            [2, None, time(9), "Chữ hai", "cong", 5],
            [None, None, None, None, None, None],
            [3, date(2022, 3, 2), time(9), "Chữ ba", "cong", 5],
            [],
            ["Nơi nhận:", None, None, None, "GIÁM ĐỐC"],
        ],
        merged=["A1:D1", "A2:F2", "A6:F6", "B7:B8"],
    )
    done = desk.bring(path)
    assert "Row 6" not in done.said  # its one cell lies in a column that is not read
    assert "Columns that mean nothing here were not read: 'Kinh phí'." in done.said
    assert "What stands below the table, from row 12 on, was not read." in done.said
    assert desk.bring(path, "--yes").code == 0
    assert [(when, title) for when, _, title in desk.plan()] == [
        ("01/03 07:30", "Chữ một"), ("01/03 09:00", "Chữ hai"), ("02/03 09:00", "Chữ ba"),
    ]  # fmt: skip


def test_headings_over_the_whole_width_and_again_on_each_page(desk: Desk) -> None:
    head = ["Ngày", "Giờ", "Nội dung", "Nơi đăng"]
    path = book(
        desk.directory / "ke-hoach.xlsx",
        [head, ["I. Tháng 3"], [MARCH, "7h", "Chữ một", "cong"], head, [MARCH, "8h", "Chữ hai", "cong"]],
        merged=["A2:D2"],
    )
    assert "Row 2 is a heading over several columns and was not read." in desk.bring(path, "--yes").said
    assert [title for _, _, title in desk.plan()] == ["Chữ một", "Chữ hai"]


def test_what_excel_leaves_in_texts(desk: Desk) -> None:
    text = "\ufeffDòng\u00a0một_x000D_\nDòng  hai \u200b\u2028Dòng ba\t\n\n"
    desk.bring(desk.table([1, MARCH, "7h", " Bài\nmột\u00a0", text, None, "cong", None]), "--yes")
    message = desk.read().messages["song"]["ke-hoach/bai-mot.md"].message
    assert (message.title, message.body) == ("Bài một", "Dòng một\n\nDòng hai\n\nDòng ba")


def test_english_headings_in_any_order(desk: Desk) -> None:
    path = book(
        desk.directory / "plan.xlsx",
        [["To", "Text", "TIME", "Date ", "No."], ["mang", "Words", "07:30", "2022-03-01", 1]],
    )
    assert desk.bring(path, "--yes").code == 0
    assert {when for when, _, _ in desk.plan("song/plan")} == {"01/03 07:30"}


def test_what_is_hidden_is_left_out_and_said(desk: Desk) -> None:
    made = Workbook()
    rows = [[n, date(2022, 3, n), "7h", f"Bài {n}", "Chữ.", None, "cong", "Nga"] for n in (1, 2)]
    fill(made.worksheets[0], [HEAD, *rows], "Kế hoạch")
    made.worksheets[0].row_dimensions[3].hidden = True
    made.worksheets[0].column_dimensions["H"].hidden = True
    fill(made.create_sheet(), [HEAD, *rows], "Bản cũ")
    made.worksheets[1].sheet_state = "hidden"
    path = desk.directory / "ke-hoach.xlsx"
    path.write_bytes(saved(made))
    said = desk.bring(path).said
    assert "The sheet 'Bản cũ' is hidden and was not read." in said
    assert "Hidden rows of the sheet 'Kế hoạch' were not read: 3." in said
    assert "Hidden columns of the sheet 'Kế hoạch' were not read: H." in said
    assert "Hidden rows" in desk.bring(path, "--yes").said
    assert len(desk.plan()) == 1
    assert desk.read().messages["song"]["ke-hoach/bai-1.md"].message.author is None


def test_of_several_sheets_one_is_named(desk: Desk) -> None:
    made = Workbook()
    for index, name in enumerate(("Tháng 3", "Tháng 4")):
        sheet = made.worksheets[0] if index == 0 else made.create_sheet()
        fill(sheet, [HEAD, [1, date(2022, 3 + index, 1), "7h", "Bài", "Chữ.", None, "cong", None]], name)
    path = desk.directory / "ke-hoach.xlsx"
    path.write_bytes(saved(made))
    assert "several sheets hold a plan: 'Tháng 3', 'Tháng 4' (say which with --sheet)" in desk.mistakes(path)[0]
    assert "no sheet 'Tháng 5'" in desk.mistakes(path, "--sheet", "Tháng 5")[0]
    assert desk.bring(path, "--sheet", "Tháng 4", "--yes").code == 0
    assert [when for when, _, _ in desk.plan()] == ["01/04 07:00"]


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_the_template_is_filled_in_and_brought_in(desk: Desk, kind: str) -> None:
    path = desk.directory / f"mau{kind}"
    assert call("import", "--template", str(path), "--workspace", str(desk.workspace)).code == 0
    assert "there already" in call("import", "--template", str(path), "--workspace", str(desk.workspace)).warned
    assert "no row of a plan stands below the headings" in desk.mistakes(path)[0]
    if kind == ".xlsx":
        made = load_workbook(path)
        sheet = made["Kế hoạch"]
        for column, value in zip("BCFH", (datetime(2022, 3, 1), time(7, 30), "Chữ.", "Báo tỉnh"), strict=True):  # noqa: DTZ001
            sheet[f"{column}4"] = value
        guide = [cell for row in made["Hướng dẫn"].iter_rows(values_only=True) for cell in row]
        assert {"loa-cj", "mang", "Báo tỉnh", "Tác giả (author)"} <= set(guide)
        assert {str(one.sqref) for one in sheet.data_validations.dataValidation} == {"B2:B501", "D2:D501", "H2:H501"}
        [names] = [one.formula1 for one in sheet.data_validations.dataValidation if str(one.sqref) == "H2:H501"]
        first, last = names.removeprefix("'Hướng dẫn'!").replace("$", "").split(":")
        keys = [row[0].value for row in made["Hướng dẫn"][f"{first}:{last}"]]
        assert (keys[:2], keys[-1]) == (["mang", "loa"], "khong")
        assert isinstance(sheet["B2"].value, datetime)
        assert sheet["B4"].number_format == "dd/mm/yyyy"
        made.save(path)
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write(";01/03/2022;7h30;;;Chữ.;;Báo tỉnh;;\r\n")
    assert desk.bring(path, "--yes").code == 0
    assert desk.plan("song/mau") == [("01/03 07:30", "hop-bao", "Chữ.")]


def test_the_examples_of_the_template_would_be_good_rows(desk: Desk) -> None:
    path = desk.directory / "mau.xlsx"
    call("import", "--template", str(path), "--workspace", str(desk.workspace))
    made = load_workbook(path)
    made["Kế hoạch"]["A2"] = made["Kế hoạch"]["A3"] = None
    made.save(path)
    assert desk.bring(path, "--yes").code == 0
    assert len(desk.plan("song/mau")) >= 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_in_every_encoding_and_with_every_separator(desk: Desk, encoding: str, separator: str) -> None:
    rows = [
        ["Ngày", "Giờ", "Tiêu đề", "Nội dung", "Nơi đăng"],
        ["01/03/2022", "7h30", "Đọc sách", '"Chữ, chữ; chữ"', "cong"],
    ]
    text = "\r\n".join(separator.join(row) for row in rows)
    if encoding == "cp1258":  # it writes tones as letters of their own
        tones = "\u0300\u0301\u0303\u0309\u0323"
        text = "".join(
            unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", letter) if c not in tones))
            + "".join(c for c in unicodedata.normalize("NFD", letter) if c in tones)
            for letter in text
        )
    path = desk.directory / "ke-hoach.csv"
    path.write_bytes(text.encode(encoding))
    assert desk.bring(path, "--yes").code == 0
    assert desk.plan() == [("01/03 07:30", "cong", "Đọc sách")]
    [written] = [one for name, one in desk.read().messages["song"].items() if name.startswith("ke-hoach/")]
    assert written.message.body == "Chữ, chữ; chữ"


def test_the_campaign_in_an_included_file(desk: Desk) -> None:
    head, campaigns = SCHEDULES.split("campaigns:")
    workspace(
        desk.workspace, head.replace("[channels.yaml]", "[channels.yaml, song.yaml]"), song=f"campaigns:{campaigns}"
    )
    before = (desk.workspace / "schedules.yaml").read_bytes()
    assert desk.bring(desk.table([1, MARCH, "7h", "Bài", "Chữ.", None, "cong", None]), "--yes").code == 0
    assert (desk.workspace / "schedules.yaml").read_bytes() == before
    assert desk.plan() == [("01/03 07:00", "cong", "Bài")]


def test_one_of_several_campaigns_is_named(desk: Desk) -> None:
    workspace(desk.workspace, SCHEDULES + "  khac: {title: Khác}\n")
    table = desk.table([1, MARCH, "7h", "Bài", "Chữ.", None, "cong", None])
    done = desk.bring(table)
    assert (done.code, "say for which campaign with --campaign (there are: song, khac)" in done.warned) == (2, True)
    assert "there is no campaign 'sog'" in desk.mistakes(table, "--campaign", "sog")[0]
    assert desk.bring(table, "--campaign", "song", "--yes").code == 0


def test_only_the_new_rows_are_new_to_the_plan(desk: Desk) -> None:
    before = desk.plan("song/tuan")
    desk.bring(desk.table([1, MARCH, "7h", "Bài", "Chữ.", None, "cong", None]), "--yes")
    found = outlook(
        desk.read(), None, datetime.fromisoformat("2022-01-01T00:00Z"), datetime.fromisoformat("2023-01-01T00:00Z")
    )
    assert desk.plan("song/tuan") == before
    assert len(found) == len(before) + 1
