"""What `check` says of texts that are valid, but probably not meant: each finding at its place, and no false alarm."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from content.message import parse
from content.proofreading.addresses import addresses, links
from content.proofreading.announcer import unread_aloud, unreadable
from content.proofreading.deadlines import days_ahead
from content.proofreading.lexicon import default_lexicon, read_lexicon
from content.proofreading.personal import identities, personal_data, traces
from content.proofreading.sheet import MASK, Passage, Sheet, shown
from content.proofreading.spelling import decomposed, doubled, mixed_tones
from content.yaml12 import Mistake, Mistakes

HEAD = "---\ntitle: Tin\n---\n"
LEXICON = default_lexicon()

Check = Callable[[Sheet, Passage], Iterator[Mistake]]


def sheet(body: str, file: str = "a.md", head: str = HEAD) -> Sheet:
    return Sheet(parse(f"{head}{body}\n".encode(), file))


def found(check: Check, body: str, head: str = HEAD) -> list[str]:
    """What a check says of a message: `line:column: text` of each finding."""
    read = sheet(body, head=head)
    return told(one for passage in read.passages for one in check(read, passage))


def told(mistakes: Iterable[Mistake]) -> list[str]:
    return [f"{one.line}:{one.column}: {one.text}" for one in sorted(mistakes)]


def places(check: Check, body: str, head: str = HEAD) -> list[str]:
    """Line and column of each finding; the body begins in line 4."""
    return [":".join(one.split(":")[:2]) for one in found(check, body, head)]


def personal(read: Sheet, passage: Passage) -> Iterator[Mistake]:
    return personal_data(read, passage, frozenset())


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


# Personal data


@pytest.mark.parametrize(
    "number",
    [
        "0912345678", "0912 345 678", "0912.345.678", "091-234-5678", "(0912) 345 678", "+84912345678",
        "+84 912 345 678", "+84 (0)912 345 678", "84912345678", "0084 912345678", "0398765678", "0712345678",
        "0912\u00a0345\u00a0678",
    ],
)  # fmt: skip
def test_mobile_numbers(number: str) -> None:
    (said,) = found(personal, f"Gọi anh Ba: {number}.")
    assert said.startswith("4:13: this looks like a mobile telephone number (…678), which")


@pytest.mark.parametrize(
    "text",
    [
        "0261 3543 543", "02613543543", "1800 1234", "19001567", "08-03-2022 10 giờ 30", "05.03.2022 15.30",
        "1.234.567.890 đồng", "số 0912345678901", "mã 09123456", "1.0912345678", "{{ '0912345678' }}",
        "https://bao.vn/0912345678.html", "0350/2022/1234", "ngày 03/9/2021, 2021-2025", "20220214083000",
    ],
)  # fmt: skip
def test_numbers_of_nobody(text: str) -> None:
    assert found(personal, text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("001099012345", "an identity card (…345)"),
        ("067 199 012 345", "an identity card (…345)"),
        ("CCCD 067199012345", "an identity card (…345)"),
        ("CMND số 245123456", "an identity card (…456)"),
        ("căn cước công dân: 999999123456", "an identity card (…456)"),
        ("STK 3761.0.9057999", "a bank account (…999)"),
        ("số tài khoản: 0123456789012", "a bank account (…012)"),
        ("viết cho Ha.Nguyen@Gmail.com", "the private mailbox of a person (…@gmail.com)"),
        ("zalo: https://zalo.me/0912345678", "a mobile telephone number (…678)"),
    ],
)
def test_cards_accounts_and_mailboxes(text: str, what: str) -> None:
    (said,) = found(personal, text)
    assert what in said


@pytest.mark.parametrize(
    "text", ["000099012345", "003099012345", "001999012345", "245123456", "a@so.gov.vn", "x@gmail.comune.it.vn"]
)
def test_what_is_no_card_and_no_private_mailbox(text: str) -> None:
    assert found(personal, text) == []


def test_what_stands_in_the_facts_is_public() -> None:
    public = identities("0912 345 678\nStk 12345678\nA@gmail.com")
    read = sheet("Gọi +84912345678, STK: 1234 5678, a@gmail.com, hay 0987654321.")
    said = told(one for passage in read.passages for one in personal_data(read, passage, public))
    assert [one[:5] for one in said] == ["4:52:"]


@settings(deadline=None)
@given(st.from_regex(r"(0|\+84)[ .-]?[35789][0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}", fullmatch=True))
def test_no_finding_repeats_a_number(number: str) -> None:
    digits = "".join(filter(str.isdigit, number))
    body = f"Gọi {number} hay [đây](zalo.me/{digits}) www.zalo.me/{digits} (STK {digits})"
    read = sheet(body)
    checks = (personal, addresses, lambda one, passage: unread_aloud(one, passage, {}, LEXICON))
    said = [mistake.text for passage in read.passages for check in checks for mistake in check(read, passage)]
    assert said
    assert not any(digits[-9:][:6] in "".join(filter(str.isdigit, text)) for text in said)


# Addresses


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("Xem www.so.gov.vn/tin.", "4:5", "'www.so.gov.vn/tin' does not begin as a web address does"),
        ("Xem http:/so.gov.vn", "4:5", "'http:/so.gov.vn' does not begin"),
        ("Xem https//so.gov.vn", "4:5", "'https//so.gov.vn' does not begin"),
        ("[tin](https://so.gov.vn/a b)", "4:7", "has a space in it"),
        ("[tin](www.so.gov.vn)", "4:7", "'www.so.gov.vn' is not a whole address"),
        ("[tin](bai/02.md)", "4:7", "'bai/02.md' is not a whole address"),
        ("[tin](#)", "4:7", "'#' is not a whole address"),
        ("[tin](<x y> 'tên')", "4:8", "'x y' is not a whole address"),
        ("https://example.com/a", "4:1", "is an address for examples only"),
        ("[a](https://www.example.org)", "4:5", "is an address for examples only"),
        ("<http://localhost:8000/>", "4:2", "leads into an inside network"),
        ("http://192.168.1.10/tin", "4:1", "leads into an inside network"),
        ("https://may-chu/tin", "4:1", "leads into an inside network"),
        ("https://cong.lan/tin", "4:1", "leads into an inside network"),
        ("TODO: viết tiếp", "4:1", "'TODO'"),
        ("Ảnh: ![ ](https://so.gov.vn/a.png)", "4:6", "this picture has no text"),
    ],
)
def test_addresses_that_cannot_be_links(text: str, place: str, what: str) -> None:
    (said,) = found(addresses, text)
    assert said.startswith(f"{place}: ")
    assert what in said


@pytest.mark.parametrize(
    "text",
    [
        "https://so.gov.vn/a?b=c#d", "[a](https://so.gov.vn/a_(b)) (https://so.gov.vn).", "<mailto:a@so.gov.vn>",
        "[gọi](tel:+842613543543)", "[x]({{ url }})", "https://{{ host }}/a", "mục [1] (xem dưới)", "8/3, 24/CT-TTg",
        "![Trao máy](https://so.gov.vn/a.png)", "[a](https://so.gov.vn 'Cổng tin')", "km/h: 20", "{# TODO #} tin",
        "https://8.8.8.8/",
    ],
)  # fmt: skip
def test_addresses_that_are_well(text: str) -> None:
    assert found(addresses, text) == []


def test_the_link_above_the_text_is_looked_at() -> None:
    head = "---\ntitle: Tin\nlink: http://localhost/a\n---\n"
    assert places(addresses, "Tin", head) == ["3:7"]


def test_links_are_whole_addresses_without_the_sentence_around_them() -> None:
    read = sheet(
        "(https://a.vn/x). **https://b.vn**, [c](https://c.vn/d_(e)) <https://d.vn/?q=1>; https://{{ e }}.vn "
        "https://f.vn/{{ g }} [h](https://h.vn/i j)"
    )
    urls = [one.url for passage in read.passages for one in links(read, passage)]
    assert urls == ["https://a.vn/x", "https://b.vn", "https://c.vn/d_(e)", "https://d.vn/?q=1"]


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
        ("theo QWX, của XYZ-UBND và 6K, R2D2", ["QWX", "XYZ", "6K", "R2D2"]),
        ("Xem https://so.gov.vn/a. Viết a@so.gov.vn, so.gov.vn", ["https://so.gov.vn/a.", "a@so.gov.vn", "so.gov.vn"]),
        ("[Cổng](https://so.gov.vn/a) <https://so.gov.vn>", []),
        ("#SongVaMayTinh và # Đầu đề", ["#SongVaMayTinh"]),
        ("Vui 😀, tay 👍🏽, sao ★, → đi", ["😀", "👍🏽", "★", "→"]),
        ("37°C, 5%, 20 km/h, 15h30, 100m2, “ngoặc” – gạch…", []),
        ("ĐẠI HỘI ĐẢNG BỘ QWX LẦN THỨ XIII", []),
        ("KHÔNG dùng; Đại hội XIII, quý IV, A, B, Bộ", []),
        ("iPhone, YouTube, VNeID", []),
    ],
)
def test_what_cannot_be_read_aloud(text: str, parts: list[str]) -> None:
    assert [text[one.start : one.end] for one in unreadable(text, LEXICON)] == parts


def test_each_word_is_told_once_and_a_fact_where_it_is_named() -> None:
    read = sheet("QWX và QWX, gọi {{ hotline }}; {{ facts.mailbox }}")
    facts = {"hotline": "0261 3543 543", "mailbox": "a@so.gov.vn"}
    said = told(one for passage in read.passages for one in unread_aloud(read, passage, facts, LEXICON))
    assert said == [
        "4:1: an announcer may not know how to read 'QWX' aloud (write it out, or add a line `QWX,…` to lexicon.csv)",
        "4:32: an announcer cannot read this address aloud: '…@so.gov.vn' (say it in words; `for:` gives loudspeakers "
        "a text of their own); it stands in a fact",
    ]


def test_our_lexicon_says_what_the_abbreviations_of_offices_mean() -> None:
    assert (LEXICON["UBND"], LEXICON["COVID-19"], LEXICON["4G"]) == ("Ủy ban nhân dân", "cô-vít mười chín", "bốn gờ")
    assert "abbreviation" not in LEXICON
    assert all(unreadable(spoken, LEXICON) == [] for spoken in LEXICON.values())


def test_mistakes_in_a_lexicon_have_their_line() -> None:
    good = '\ufeffabbreviation,spoken\r\nQWX , "quy, đấp"\r\n\r\n'
    assert read_lexicon(good.encode(), "l.csv") == {"QWX": "quy, đấp"}
    for data, places in ((b"A,B\nC\nD,,\n", ["2", "3"]), (b"\xff", ["1"]), (b'A,"B\n', ["1"])):
        with pytest.raises(Mistakes) as raised:
            read_lexicon(data, "l.csv")
        assert [str(one.line) for one in raised.value.mistakes] == places


# Any text

PIECES = st.sampled_from(
    [
        "hoà", "hòa", "uỷ", " ", "\n", "0912", "345678", "](", "[", ")", "http://", "www.", "a.vn", "{{", "}}", "{%",
        "QWX", "sẽ", "15/02/2022", "😀", "#a", "của", "của ", "STK", "\u0301", "a@gmail.com", "<", ">", "<https://",
        "![](", "\\",
    ]
)  # fmt: skip
TEXT = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


def everything(read: Sheet) -> list[Mistake]:
    said = list(mixed_tones([read]))
    for passage in read.passages:
        said += [*doubled(read, passage), *addresses(read, passage), *personal(read, passage)]
        said += unread_aloud(read, passage, {}, LEXICON)
        said += [read.mistake(one.start, one.written) for one in days_ahead(read, passage)]
        said += [read.mistake(one.start, one.url) for one in links(read, passage)]
    return sorted(said)


@settings(deadline=None)
@given(TEXT)
@example("[x](http://a b")
def test_any_text_is_proofread_and_every_place_lies_within_it(text: str) -> None:
    data = f"{HEAD}x{text}".encode(errors="replace")
    read = Sheet(parse(data, "a.md"))
    lines = read.text.split("\n")
    for one in (*everything(read), *decomposed(read)):
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column <= len(lines[one.line - 1]) + 1


@settings(deadline=None)
@given(TEXT.filter(str.strip), TEXT.filter(str.strip))
def test_any_front_matter_is_proofread(title: str, own: str) -> None:
    title, own = (one.replace("{", "").encode(errors="replace").decode() for one in (title, own))
    front = f"title: {json.dumps('x' + title)}\nfor: {{loudspeaker: {json.dumps('x' + own, ensure_ascii=False)}}}"
    try:
        read = Sheet(parse(f"---\n{front}\n---\n".encode(), "a.md"))
    except Mistakes:  # of what may not stand in YAML
        reject()
    assert [one.name for one in read.passages] == ["title", "for.loudspeaker"]
    lines = read.text.split("\n")
    assert all(one.column <= len(lines[one.line - 1]) + 1 for one in everything(read))


@settings(deadline=None)
@given(TEXT)
def test_composed_and_decomposed_text_have_the_same_findings(text: str) -> None:
    data = f"{HEAD}x{text}".encode(errors="replace").decode()
    composed, apart = (Sheet(parse(unicodedata.normalize(form, data).encode(), "a.md")) for form in ("NFC", "NFD"))
    assert everything(composed) == everything(apart)
    assert list(decomposed(composed)) == []


@settings(deadline=None)
@given(TEXT)
def test_traces_never_overlap(text: str) -> None:
    found_ones = traces(text)
    assert all(one.end <= other.start for one, other in pairwise(found_ones))
