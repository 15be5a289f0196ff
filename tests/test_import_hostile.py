"""Files that are not what they seem: each gets a clear word, nothing is written, and it takes no time and memory."""

import time
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.tables import HEAD, Desk, book, fill, saved, workspace

ROW = [1, "01/03/2022", "7h", "Bài", "Chữ.", None, "cong", None]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MERGED = '<mergeCell ref="A1:XFD1048576"/>'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    workspace(made.workspace)
    return made


def good() -> bytes:
    made = Workbook()
    fill(made.worksheets[0], [HEAD, ROW], "Kế hoạch")
    return saved(made)


def edited(change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """A good workbook with its parts changed, and more parts."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(good())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(part.filename, change(part.filename, source.read(part)))
        for name, data in (more or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def sheet(xml: str) -> bytes:
    """A good workbook with another sheet."""
    return edited(lambda name, data: xml.encode() if name == SHEET else data)


def _entities() -> bytes:
    levels = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    return sheet(f'<!DOCTYPE w [<!ENTITY l0 "lol">{levels}]><worksheet {MAIN}>&l9;</worksheet>')


def _outside() -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst>&x;</sst>'
    return edited(lambda name, data: text.encode() if name == "xl/styles.xml" else data)


def _encoded_entities() -> bytes:
    text = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE w [<!ENTITY a "b">]><worksheet {MAIN}>&a;</worksheet>'
    return edited(lambda name, data: text.encode("utf-16") if name == SHEET else data)


def _rows(count: int) -> bytes:
    rows = "".join(f'<row><c r="A{n}"><v>1</v></c></row>' for n in range(1, count + 1))
    return sheet(f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>")


def _ole(more: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + more


def _locked_part() -> bytes:
    data = bytearray(good())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    return bytes(data)


CASES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb": ("a.xlsx", lambda: edited(lambda _, data: data, {"xl/media/x.png": bytes(60_000_000)}), "far larger"),
    "a bomb in the strings": (
        "a.xlsx", lambda: edited(lambda _, data: data, {"xl/sharedStrings.xml": b" " * 60_000_000}), "far larger"),
    "ten thousand parts": (
        "a.xlsx", lambda: edited(lambda _, data: data, {f"xl/{n}.xml": b"" for n in range(2500)}), "far larger"),
    "a million rows": ("a.xlsx", lambda: _rows(1_048_576), "far larger inside"),
    "many rows": ("a.xlsx", lambda: _rows(50_000), "something stands in cell A5001, beyond 5000 rows"),
    "a value far away": (
        "a.xlsx", lambda: sheet(f'<worksheet {MAIN}><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                                "</sheetData></worksheet>"), "something stands in cell XFD1048576"),
    "millions of elements": (
        "a.xlsx", lambda: sheet(f"<worksheet {MAIN}><sheetData>{'<c/>' * 2_600_000}</sheetData></worksheet>"),
        "far larger inside"),
    "millions of styles": (
        "a.xlsx", lambda: edited(lambda name, data: b"<s>" + b"<a/>" * 2_600_000 if name == "xl/styles.xml" else data),
        "far larger inside"),
    "merged everything": (
        "a.xlsx", lambda: sheet(f"<worksheet {MAIN}><sheetData/><mergeCells>{MERGED * 6000}</mergeCells></worksheet>"),
        "too many merged cells"),
    "entities that grow": ("a.xlsx", _entities, "declares a document type"),
    "an entity from outside": ("a.xlsx", _outside, "declares a document type"),
    "entities in UTF-16": ("a.xlsx", _encoded_entities, "declares a document type"),
    "broken XML": ("a.xlsx", lambda: sheet("<worksheet><sheetData><row>"), "it is damaged"),
    "nonsense in XML": (
        "a.xlsx", lambda: sheet(f'<worksheet {MAIN}><sheetData><row r="x"><c r="?"/></row></sheetData></worksheet>'),
        "it is damaged"),
    "half of a workbook": ("a.xlsx", lambda: good()[: len(good()) // 2], "it is damaged"),
    "a part that is locked": ("a.xlsx", _locked_part, "locked with a password"),
    "a password": ("a.xlsx", lambda: _ole("EncryptedPackage".encode("utf-16-le")), "locked with a password"),
    "an old workbook": ("a.xlsx", lambda: _ole(b""), "the old kind .xls (open it in Excel and save it as"),
    "an old workbook by its name": ("a.xls", lambda: _ole(b""), "neither .xlsx nor .csv"),
    "another document": (
        "a.xlsx", lambda: edited(lambda _, data: data).replace(b"xl/", b"wd/"), "another document"),
    "a CSV called .xlsx": ("a.xlsx", lambda: b"Ng\xc3\xa0y,Gi\xe1\xbb\x9d\n", "no Excel workbook, whatever its name"),
    "a workbook called .csv": ("a.csv", good, "an Excel workbook, not a CSV file (let its name end in .xlsx)"),
    "nothing": ("a.xlsx", lambda: b"", "it is empty"),
    "nothing as CSV": ("a.csv", lambda: b"", "it is empty"),
    "a picture as CSV": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "letters"),
    "a huge file": ("a.csv", lambda: b"a" * 11_000_000, "larger than 10 MB"),
    "a CSV of a million rows": ("a.csv", lambda: b"a,b\n" * 1_000_000, "more than 5000 rows"),
    "a CSV of a thousand columns": ("a.csv", lambda: b"a," * 1000 + b"a\n", "more than 64 columns"),
    "a CSV with an open quotation mark": ("a.csv", lambda: b'a,"b\nc,d\n', "quotation marks"),
    "a CSV in TCVN3": ("a.csv", lambda: b"Ng\xb5y,Gi\xea,N\xe9i dung,N\xaci \xae\xa8ng\n", "not recognised"),
    "an empty sheet": ("a.xlsx", lambda: saved(Workbook()), "no row of headings was found"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_gets_a_clear_word(desk: Desk, case: tuple[str, Callable[[], bytes], str]) -> None:
    name, make, word = case
    path = desk.directory / name
    path.write_bytes(make())
    begin = time.monotonic()
    [mistake] = desk.mistakes(path)
    assert time.monotonic() - begin < 20
    assert mistake.startswith(f"{name}: ")
    assert word in mistake
    assert "(" in mistake or "empty" in mistake


def test_what_is_merged_over_the_whole_sheet_takes_no_memory(desk: Desk) -> None:
    path = desk.directory / "a.xlsx"
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    path.write_bytes(
        edited(lambda name, data: data.replace(b"</worksheet>", merged.encode()) if name == SHEET else data)
    )
    tracemalloc.start()
    assert desk.bring(path).code == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000


def test_a_file_that_is_not_there(desk: Desk) -> None:
    assert "No such file" in desk.mistakes(desk.directory / "none.xlsx")[0]
    assert "neither .xlsx nor .csv" in desk.mistakes(desk.workspace)[0]


def test_a_file_of_a_message_leads_nowhere_else(desk: Desk) -> None:
    (desk.directory / "secret.md").write_text("---\ntitle: x\n---\n\nx\n", encoding="utf-8")
    for path in ("../../../../secret.md", "/etc/passwd", str(desk.directory / "secret.md"), "bai/", "anh.png"):
        [mistake] = desk.mistakes(desk.table([1, "01/03/2022", "7h", None, None, path, "cong", None]))
        assert "cell F2: " in mistake
        assert "is no message in content/campaigns/song/" in mistake


def test_names_of_files_are_made_of_plain_letters_only(desk: Desk) -> None:
    titles = ("../../x", "/etc/passwd", "....", "CON:\\x", "\u202e\u202dx", "ab" * 140, "日本", "-rf *", ".ẩn")
    rows = [[1, "01/03/2022", f"{7 + n}h", title, "Chữ.", None, "cong", None] for n, title in enumerate(titles)]
    assert desk.bring(desk.table(*rows), "--yes").code == 0
    made = [path for path in desk.files() if "ke-hoach/" in path]
    assert len(made) == len(titles)
    for path in made:
        name = path.rpartition("/")[2]
        assert set(name.removesuffix(".md")) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert len(name) < 80
    shown = {" ".join(title.split()).strip("\u202e\u202d") for title in titles}
    assert {title for _, _, title in desk.plan()} == shown


def test_a_workspace_with_mistakes_is_not_touched(desk: Desk) -> None:
    (desk.workspace / "channels.yaml").write_text("channels: [", encoding="utf-8")
    assert desk.mistakes(desk.table(ROW))[0].startswith("channels.yaml:")


def test_a_name_that_no_schedule_can_have(desk: Desk) -> None:
    assert "cannot be the name of a schedule" in desk.mistakes(desk.table(ROW), "--schedule", "Kế hoạch")[0]
    table = book(desk.directory / "Kế hoạch (tháng 3).xlsx", [HEAD, ROW])
    assert desk.bring(table, "--yes").code == 0
    assert desk.plan("song/ke-hoach-thang-3")
