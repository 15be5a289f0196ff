"""What `check` says of texts that are valid, but probably not meant: each finding at its place, and no false alarm."""

import unicodedata

import pytest

from content.message import parse
from content.proofreading.announcer import doubts, unread_aloud
from content.proofreading.deadlines import days_ahead
from content.proofreading.sheet import MASK, Sheet, shown
from content.proofreading.spelling import decomposed, doubled, mixed_tones
from content.speech import Spoken
from content.speech.lexicon import read_lexicon
from content.yaml12 import Mistakes
from tests.proofreaders import HEAD, LEXICON, SPEECH, found, sheet, told

# Where passages stand


FULL = """\
---
title: "Tin {{0}}"
summary: Tóm tắt
link: https://a.vn/tin
image: {file: a.png, alt: Ảnh}
tags: [một, hai]
for:
  loudspeaker: |
    Kính thưa
    {{ x }} bà con.
  web: >-
    Ngắn
---

Thân bài {% if a %}1{% endif %}.
"""


def test_every_passage_begins_where_it_stands_in_the_file() -> None:
    read = Sheet(parse(FULL.replace("{{0}}", "A").encode(), "a.md"))
    lines = read.text.split("\n")
    starts = {one.name: read.place(one.start) for one in read.passages}
    assert [(one, lines[line - 1][column - 1 :][:8]) for one, (line, column) in starts.items()] == [
        ("title", '"Tin A"'),
        ("summary", "Tóm tắt"),
        ("link", "https://"),
        ("alt", "Ảnh}"),
        ("tags", "[một, ha"),
        ("for.loudspeaker", "|"),
        ("for.web", ">-"),
        ("body", "Thân bài"),
    ]
    texts = {one.name: one.text for one in read.passages}
    assert texts["for.loudspeaker"] == f"|\n    Kính thưa\n    {MASK * 7} bà con."
    assert texts["body"] == f"Thân bài {MASK * 10}1{MASK * 11}."


def test_what_is_shown_repeats_no_number_and_no_mailbox() -> None:
    assert shown("https://zalo.me/0912345678") == "https://zalo.me/…678"
    assert shown("http://127.0.0.1:8080/a Số.0912345678, 1.0912345678") == "http://127.0.0.1:8080/a Số.…678, …678"
    assert shown("hà.nguyễn@so.gov.vn") == "…@so.gov.vn"
    assert len(shown("a" * 1000)) == 61


# Spelling


def test_letters_in_parts_are_told_once_at_the_first() -> None:
    body = "Máy tính\n\nSóng và máy"
    data = f"{HEAD}{body[:9]}{unicodedata.normalize('NFD', body[9:])}\n".encode()
    (one,) = decomposed(Sheet(parse(data, "a.md")))
    assert (one.file, one.line, one.column) == ("a.md", 6, 2)
    assert list(decomposed(sheet(body))) == []


@pytest.mark.parametrize("body", ["Việc của của dân", "Các  các em", "và\nvà"])
def test_small_words_twice_in_a_row(body: str) -> None:
    assert len(found(doubled, body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "từ từ, là là, xa xa, đời đời",
        "của, của",
        "và\n\nvà",
        "các cá",
        "của {{ a }} của",
        "nên được Được? về vềnh",
        "ra ra",
    ],
)
def test_words_that_may_be_doubled(body: str) -> None:
    assert found(doubled, body) == []


def test_a_doubled_word_has_its_place() -> None:
    assert found(doubled, "Sách\n- tiền của của dân") == [
        "5:8: the word 'của' stands here twice in a row (delete one of them)"
    ]


def tones(*bodies: str) -> list[str]:
    read = [sheet(body, f"{number}.md") for number, body in enumerate(bodies)]
    return [str(one) for one in mixed_tones(read)]


def test_mixed_tone_marks_name_both_spellings_and_the_usual_one() -> None:
    assert tones("Hòa bình, xóa, tòa", "Sức khỏe; toà án, hoà giải") == [
        "1.md:4:11: 'toà' has its tone mark on another letter than 'Hòa' in 0.md:4:1, and that is how 3 of 5 such "
        "words of this campaign are written (write 'tòa', and all of them in one way)"
    ]
    assert "(write 'thuỷ'," in tones("thủy sản, luỹ, tuỷ")[0]
    assert "(write 'Ủy'," in tones("Uỷ ban", "Ủy ban, tận tụy")[0]
    assert "(write 'KHOẺ'," in tones("KHỎE khoẻ khoẻ")[0]


@pytest.mark.parametrize(
    "body",
    [
        "quý quỳ quỹ thủy lũy",  # after q the u is no vowel
        "hoàn hoành ngoài xoáy loét khuyến huỳnh hòa",  # one place only
        "sức khỏe và hoà bình",  # of different rhymes
        "bà Nguyễn Thị Thuý, Khánh Hoà, hòa bình, thủy",  # names are written as those write them who bear them
        "hoa hoè oa uy",
        "học_hoà1 {{ hoà }} xhòa",
    ],
)
def test_tone_marks_that_are_not_mixed(body: str) -> None:
    assert tones(body) == []


# Days that are spoken of as still to come


@pytest.mark.parametrize(
    "text",
    [
        "Lễ trao máy sẽ diễn ra ngày 15/02/2022 tại Gia Nghĩa.",
        "Hạn chót: 15-02-2022.",
        "Gửi báo cáo trước ngày 15 tháng 2 năm 2022.",
        "Đăng ký đến hết ngày 15.2.2022.",
        "Đã xong việc. Hội nghị dự kiến tổ chức vào 15/2/2022.",
        "Nộp chậm nhất là ngày 15/02/2022.",
        "Từ 14/02 đến hết 15/02/2022.",
    ],
)
def test_days_that_are_spoken_of_as_still_to_come(text: str) -> None:
    read = sheet(text)
    (one,) = [one for passage in read.passages for one in days_ahead(read, passage)]
    assert one.day.isoformat() == "2022-02-15"
    assert read.text[one.start :].startswith(one.written)


@pytest.mark.parametrize(
    "text",
    [
        "Chương trình được phát động tối 12/9/2021.",
        "Sở sẽ thực hiện Kế hoạch số 56/KH-UBND ngày 26/01/2022 của tỉnh.",
        "Sẽ tiếp tục Chương trình được phát động ngày 12/9/2021.",
        "Tính đến hết ngày 14/02/2022, 5 máy.",
        "Từ ngày 14/02/2022, loa phát hằng ngày.",
        "Học sinh sinh trước ngày 01/01/2006.",
        "Trước ngày 1/2/2022 có 14% số ca, sau ngày 1/2/2022 có 24%.",
        "Quyết định có hiệu lực từ ngày 1/2/2022.",
        "Căn cứ Luật Trẻ em ngày 05 tháng 4 năm 2016; sẽ theo Nghị định số 61/2018/NĐ-CP ngày 23 tháng 4 năm 2018.",
        "Sẽ có. Ngày 14/02/2022 là thứ Hai.",
        "Sẽ diễn ra ngày 8/3.",
        "Sẽ diễn ra ngày 32/13/2022.",
        "Sẽ diễn ra {{ '14/02/2022' }}.",
        "Đã tổ chức từ 01/02/2022 đến hết ngày 14/02/2022.",
    ],
)
def test_days_that_are_over_or_belong_to_documents(text: str) -> None:
    read = sheet(text)
    assert [one.written for passage in read.passages for one in days_ahead(read, passage)] == []


# What an announcer cannot read


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Sở TTTT, UBND tỉnh, dịch COVID-19, mạng 4G, Sở GD&ĐT, Chỉ thị 24/CT-TTg", []),
        ("theo QWX, của XYZ-UBND và 6K, R2D2", ["QWX", "XYZ", "R2D2"]),
        ("Xem https://so.gov.vn/a?b=1. Viết a@so.gov.vn, so.gov.vn", ["https://so.gov.vn/a?b=1"]),
        ("Nhân 2/9, ngày 15-17 và 1/2 số hộ, 5/7 xã", ["2/9"]),
        ("[Cổng](https://so.gov.vn/a) <https://so.gov.vn>", []),
        ("#SongVaMayTinh và # Đầu đề", ["#SongVaMayTinh", "#"]),
        ("# Đầu đề\n\n## Mục 2\n\n* **đậm**", []),
        ("Vui 😀, tay 👍🏽, sao ★, → đi", ["😀", "👍🏽", "★", "→"]),
        ("37°C, 5%, 20 km/h, 15h30, 100m2, “ngoặc” – gạch…", []),
        ("ĐẠI HỘI ĐẢNG BỘ QWX LẦN THỨ XIII", []),
        ("KHÔNG dùng; Đại hội XIII, quý IV, A, B, Bộ", []),
        ("iPhone, YouTube, VNeID", []),
    ],
)
def test_what_cannot_be_read_aloud(text: str, parts: list[str]) -> None:
    assert [text[one.start : one.end] for one in doubts(text, SPEECH)] == parts


def test_each_word_is_told_once_and_a_fact_where_it_is_named() -> None:
    read = sheet("QWX và QWX, gọi {{ hotline }}; {{ facts.mailbox }}")
    facts = {"hotline": "0261 3543 543", "mailbox": "a@so.gov.vn #song"}
    said = told(one for passage in read.passages for one in unread_aloud(read, passage, facts, SPEECH))
    assert said == [
        "4:1: an announcer may not know how to read 'QWX' aloud (write it out, or add a line `QWX,…` to lexicon.csv)",
        "4:32: an announcer cannot read this hash tag aloud: '#song' (say it in words; `for:` gives loudspeakers "
        "a text of their own); it stands in a fact",
    ]


def test_our_lexicon_says_what_the_abbreviations_of_offices_mean() -> None:
    assert (LEXICON["UBND"], LEXICON["COVID-19"], LEXICON["4G"]) == ("Ủy ban nhân dân", "cô-vít mười chín", "bốn gờ")
    assert "abbreviation" not in LEXICON
    assert all(SPEECH.speak(spoken) == Spoken(spoken, ()) for spoken in LEXICON.values())


def test_mistakes_in_a_lexicon_have_their_line() -> None:
    good = '\ufeffabbreviation,spoken\r\nQWX , "quy, đấp"\r\n\r\n'
    assert read_lexicon(good.encode(), "l.csv") == {"QWX": "quy, đấp"}
    for data, places in ((b"A,B\nC\nD,,\n", ["2", "3"]), (b"\xff", ["1"]), (b'A,"B\n', ["1"])):
        with pytest.raises(Mistakes) as raised:
            read_lexicon(data, "l.csv")
        assert [str(one.line) for one in raised.value.mistakes] == places
