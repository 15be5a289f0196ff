"""The words of a script, and the page that they are printed on."""

import io
import re
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from content.dates import clock, length, short, spoken_day, written_day
from content.script import Air, as_text, compose, syllables
from content.typeset import TypesetError, pdf, printable
from tests import kinds

AIR = Air(kinds.NOW, 0, timedelta(minutes=15))


def paragraphs(text: str) -> tuple[str, ...]:
    """How a text is divided for the announcer."""
    script = compose((kinds.post(text=text),), AIR, 170)
    return next(part.spoken[1:] for part in script.parts if part.is_bulletin)


def test_long_paragraphs_are_divided_between_sentences() -> None:
    sentence = "Bà con trong thôn cùng nhau ủng hộ máy tính cho các em học sinh nghèo."
    assert paragraphs(" ".join([sentence] * 4)) == (f"{sentence} {sentence}", f"{sentence} {sentence}")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Lớp học mở tại TP. Gia Nghĩa.", "Lớp học mở tại thành phố Gia Nghĩa."),
        ("Th.S. Hà Văn Bình nói: “Các em rất vui.”", "Thạc sĩ Hà Văn Bình nói: “Các em rất vui.”"),
        ("24 máy đã trao.", "Hai mươi tư máy đã trao."),
        ("Đọc tiếp… rồi nghỉ.", "Đọc tiếp… rồi nghỉ."),
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str, read: str) -> None:
    filler = "Một " + "một " * 43 + "hết."
    assert paragraphs(f"{text} {filler}") == (read, filler)


def test_a_sentence_that_begins_with_a_number_begins_a_sentence() -> None:
    filler = "một " * 40
    assert paragraphs(f"{filler}hết. 24 em {filler}.")[1].startswith("Hai mươi tư em")


@given(st.text(alphabet="aĐ. !?…”\n\t\u00a0", max_size=400))
def test_no_word_is_lost_or_moved(text: str) -> None:
    assert re.findall("[ađ]+", " ".join(paragraphs(text)).lower()) == re.findall("[ađ]+", text.lower())


def test_a_syllable_is_what_stands_between_spaces() -> None:
    assert syllables(["Học sinh – thầy cô:", "24 máy / 3 lớp …"]) == 8


def test_the_text_is_in_the_composed_form() -> None:
    script = compose((kinds.post(title="Tiê\u0301ng no\u0301i", text="Tiê\u0301ng."),), AIR, 170)
    assert "Tiếng nói" in as_text(script)
    assert "\u0301" not in as_text(script)


def test_dates_and_times_as_offices_write_them() -> None:
    assert written_day(date(2022, 2, 7)) == "thứ Hai, ngày 07 tháng 02 năm 2022"
    assert written_day(date(2022, 3, 13)) == "Chủ nhật, ngày 13 tháng 3 năm 2022"
    assert spoken_day(date(2022, 2, 7)) == "thứ Hai, ngày 7 tháng 2 năm 2022"
    assert (clock(time(17)), clock(time(5, 15))) == ("17 giờ", "5 giờ 15 phút")
    assert [length(seconds) for seconds in (0, 40, 60, 260, 900)] == [
        "0 giây",
        "40 giây",
        "1 phút",
        "4 phút 20 giây",
        "15 phút",
    ]
    assert short(datetime(2022, 2, 14, 8, 0, tzinfo=kinds.NOW.tzinfo)) == "08:00, thứ Hai 14/02/2022"


def page(**values: object) -> bytes:
    whole = {"agency": "A", "title": "B", "subtitle": "", "running": "C", "head": [], "notes": [], "parts": []}
    return pdf("script.typ", {**whole, **values}, kinds.NOW)


def test_a_character_without_a_picture_or_a_template_that_fails_is_an_error() -> None:
    assert page(title="Tổ dân phố").startswith(b"%PDF")
    with pytest.raises(TypesetError, match="could not be displayed"):
        page(title="北")
    with pytest.raises(TypesetError, match=r"script\.typ"):
        page(parts=[{}])


def test_text_is_never_taken_for_markup() -> None:
    hostile = '#read("/etc/passwd") $x$ *b* = h // c \\ "'
    assert hostile in " ".join(PdfReader(io.BytesIO(page(notes=[hostile]))).pages[0].extract_text().split())


@given(st.text(max_size=60))
@example("ʇ")  # the font has it, but not its capital
def test_whatever_the_text_it_can_be_made_printable(text: str) -> None:
    shown, lacking = printable(text)
    assert ("□" in shown) == (bool(lacking) or "□" in text)
    assert printable(shown) == (shown, frozenset())
    page(title=shown)


def test_what_has_no_shape_is_not_printed_though_the_font_has_it() -> None:
    assert printable("điện\u200b thoại\u00ad\u200d") == ("điện thoại", frozenset())
