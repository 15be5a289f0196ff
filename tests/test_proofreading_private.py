"""What must not go out in a text: data of persons, and addresses that lead nowhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.proofreading.addresses import addresses, links
from content.proofreading.announcer import unread_aloud
from content.proofreading.personal import identities, personal_data
from tests.proofreaders import SPEECH, found, personal, places, sheet, told

# Personal data


@pytest.mark.parametrize(
    "number",
    [
        "0912345678", "0912 345 678", "0912.345.678", "091-234-5678", "(0912) 345 678", "+84912345678",
        "+84 912 345 678", "+84 (0)912 345 678", "84912345678", "0084 912345678", "0398765678", "0712345678",
        "0912\u00a0345\u00a0678", "0912\u2009345\u2009678", "091–234–5678",
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
        "mã số thuế 0301234567", "MST: 0301234567", "tài khoản 1022",
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
        ("tài khoản: 19001234567890", "a bank account (…890)"),
        ("TK 1900.1234.567", "a bank account (…567)"),
        ("02613543543/0912345678", "a mobile telephone number (…678)"),
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
    checks = (personal, addresses, lambda one, passage: unread_aloud(one, passage, {}, SPEECH))
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
