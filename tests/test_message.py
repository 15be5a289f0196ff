"""Messages read from files: what they say, and every mistake at its line."""

import hashlib
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.message import LARGEST, parse
from content.post import Priority
from content.yaml12 import Mistakes

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FULL = """\
---
title: Lễ  trao máy
summary: Một trăm máy tính
author: Phòng Thông tin
date: 2022-02-14 8:00
link: https://x.example.vn/a
image: {file: anh/le.jpg, alt: Học sinh nhận máy}
tags: [giáo dục, "5"]
lang: vi
expires: 2022-03-01
priority: urgent
for:
  loudspeaker: |
    Kính thưa bà con.

    Hết.
  telegram-tinh: Ngắn gọn.
---

# Tin

Gọi {{ hotline }}.

"""


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(Mistakes) as found:
        parse(text.encode() if isinstance(text, str) else text, "a.md")
    return [str(mistake) for mistake in found.value.mistakes]


def message(front: str, body: str = "Nội dung.") -> str:
    return f"---\n{front}\n---\n{body}\n"


def test_a_message_says_everything_that_its_file_says() -> None:
    read = parse(FULL.encode(), "a.md")
    assert (read.file, read.title, read.summary) == ("a.md", "Lễ trao máy", "Một trăm máy tính")
    assert (read.author, read.link, read.lang) == ("Phòng Thông tin", "https://x.example.vn/a", "vi")
    assert read.image is not None
    assert (read.image.file, read.image.alt) == ("anh/le.jpg", "Học sinh nhận máy")
    assert (read.tags, read.priority) == (("giáo dục", "5"), Priority.URGENT)
    assert (read.date, read.expires) == (datetime(2022, 2, 14, 8, 0), date(2022, 3, 1))  # noqa: DTZ001
    assert read.body == "# Tin\n\nGọi {{ hotline }}."
    assert FULL.split("\n")[read.body_line - 1] == "# Tin"
    assert (read.source, read.sha256) == (FULL.encode(), hashlib.sha256(FULL.encode()).hexdigest())


def test_a_title_is_enough() -> None:
    read = parse(message("title: Tin").encode(), "a.md")
    assert (read.body, read.body_line) == ("Nội dung.", 4)
    assert (read.summary, read.author, read.date, read.link, read.image, read.expires) == (None,) * 6
    assert (read.tags, read.lang, read.priority) == ((), "vi", Priority.NORMAL)


def test_the_channels_own_text_goes_before_its_kinds_and_that_before_the_body() -> None:
    read = parse(FULL.encode(), "a.md")
    assert read.text_for("telegram", "telegram-tinh") == "Ngắn gọn."
    assert read.text_for("loudspeaker", "loa-dak-mil") == "Kính thưa bà con.\n\nHết.\n"
    assert read.text_for("wordpress", "cong-so") == read.body
    both = parse(message("title: a\nfor: {telegram: kind, tg: channel}").encode(), "a.md")
    assert (both.text_for("telegram", "tg"), both.text_for("telegram", "other")) == ("channel", "kind")


def test_every_text_knows_its_line() -> None:
    read = parse(FULL.encode(), "a.md")
    lines = FULL.split("\n")
    starts = [lines[text.line - 1].strip() for text in read.texts]
    assert starts == ["# Tin", "Kính thưa bà con.", "telegram-tinh: Ngắn gọn."]


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_other_line_ends_and_a_byte_order_mark_change_nothing(ends: str, mark: bytes) -> None:
    plain, other = parse(FULL.encode(), "a.md"), parse(mark + FULL.replace("\n", ends).encode(), "a.md")
    assert (other.title, other.body, other.body_line, other.own) == (
        plain.title,
        plain.body,
        plain.body_line,
        plain.own,
    )


def test_all_text_is_composed() -> None:
    read = parse(unicodedata.normalize("NFD", FULL).encode(), "a.md")
    plain = parse(FULL.encode(), "a.md")
    assert (read.title, read.body, read.tags, read.image) == (plain.title, plain.body, plain.tags, plain.image)


def test_all_mistakes_come_at_once() -> None:
    front = (
        "titel: a\nimage: {file: ../x.png}\ntags: [1]\ndate: 14/02/2022\npriority: urgnt\nlang: Việt\nfor:\n  web: ' '"
    )
    assert mistakes(message(front, "")) == [
        "a.md:2:1: key 'title' is missing (add a line `title: …`)",
        "a.md:2:1: unknown key 'titel' (did you mean 'title'?)",
        "a.md:3:8: key 'alt' is missing (add a line `alt: …`)",
        "a.md:3:15: '../x.png' is not a picture's path (write e.g. anh/le-trao-may.jpg)",
        'a.md:4:8: text is expected here (put it in quotes: "1")',
        "a.md:5:7: '14/02/2022' is not a date (write e.g. 2022-02-14, or 2022-02-14 08:00)",
        "a.md:6:11: 'urgnt' is not possible here (did you mean 'urgent'?)",
        "a.md:7:7: 'Việt' is not a language (write e.g. vi or en)",
        "a.md:9:8: this text is empty (write it, or delete the key)",
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "a.md:1:1:", "begin the file with the lines"),
        ("# Tin\n\nNội dung", "a.md:1:1:", "begin the file with the lines"),
        ("---\ntitle: a\n", "a.md:1:1:", "has no end"),
        ("---\n---\nx", "a.md:2:1:", "keys are expected"),
        ("---\n- a\n---\nx", "a.md:2:1:", "keys are expected"),
        ("---\ntitle: a\ntitle: b\n---\nx", "a.md:3:1:", "duplicate key"),
        ("---\ntitle: 'a\n---\nx", "a.md:2:8:", "quot"),
        ("---\ntitle: ' '\n---\nx", "a.md:2:8:", "this is empty"),
        ("---\ntitle: '{{ hotline }}'\n---\nx", "a.md:2:8:", "below the front matter"),
        ("---\ntitle: a\nlink: javascript:alert(1)\n---\nx", "a.md:3:7:", "not a web address"),
        ("---\ntitle: a\n---\n \n", "a.md:4:1:", "the text is missing"),
        ("---\ntitle: a\ndate: 2022-02-30\n---\nx", "a.md:3:7:", "not a date"),
        ("---\ntitle: a\nexpires: 0001-01-01\n---\nx", "a.md:3:10:", "not a date"),
        ("---\ntitle: a\nimage: {file: /etc/a.png, alt: b}\n---\nx", "a.md:3:15:", "picture's path"),
        ("---\ntitle: a\nimage: {file: a.svg, alt: b}\n---\nx", "a.md:3:15:", "picture's path"),
        ("---\ntitle: a\nimage: {file: a.png, alt: ''}\n---\nx", "a.md:3:27:", "this is empty"),
        (b"---\ntitle: a\n---\n\xc4\x90\xff", "a.md:4:2:", "not UTF-8"),
        (b"x" * (LARGEST + 1), "a.md:1:1:", "larger than 1 MiB"),
    ],
)
def test_a_mistake_says_where_and_what_to_write(text: str | bytes, place: str, words: str) -> None:
    (only,) = mistakes(text)
    assert only.startswith(place)
    assert words in only


def test_a_message_with_texts_for_its_channels_needs_no_body() -> None:
    assert parse(message("title: a\nfor: {tg: b}", "").encode(), "a.md").text_for("telegram", "tg") == "b"


def test_the_line_that_ends_the_front_matter_is_the_first_that_can() -> None:
    read = parse(b"---\ntitle: a\nfor:\n  tg: |\n    ---\n    x\n--- \nb\n\n---\n\nc", "a.md")
    assert (read.text_for("telegram", "tg"), read.body) == ("---\nx\n", "b\n\n---\n\nc")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2022-02-14", datetime(2022, 2, 13, 17, tzinfo=UTC)),
        ("2022-02-14 08:00", datetime(2022, 2, 14, 1, tzinfo=UTC)),
        ("2022-02-14T08:00:30+00:00", datetime(2022, 2, 14, 8, 0, 30, tzinfo=UTC)),
        ("2022-02-14T08:00Z", datetime(2022, 2, 14, 8, tzinfo=UTC)),
    ],
)
def test_a_date_is_an_instant_of_the_workspace(written: str, instant: datetime) -> None:
    assert parse(message(f"title: a\ndate: {written}").encode(), "a.md").dated(VIETNAM) == instant


def test_a_message_expires_when_its_day_ends() -> None:
    read = parse(message("title: a\nexpires: 2022-03-01").encode(), "a.md")
    assert not read.expired(datetime(2022, 3, 1, 23, 59, tzinfo=VIETNAM), VIETNAM)
    assert read.expired(datetime(2022, 3, 2, 0, 0, tzinfo=VIETNAM), VIETNAM)
    exact = parse(message("title: a\nexpires: 2022-03-01 08:00").encode(), "a.md")
    assert not exact.expired(datetime(2022, 3, 1, 8, 0, tzinfo=VIETNAM), VIETNAM)
    assert exact.expired(datetime(2022, 3, 1, 8, 1, tzinfo=VIETNAM), VIETNAM)
    assert not parse(message("title: a").encode(), "a.md").expired(datetime.max.replace(tzinfo=UTC), VIETNAM)


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: message(text).encode()) | st.binary().map(b"---\ntitle: a\n".__add__))
def test_any_bytes_are_a_message_or_have_mistakes(data: bytes) -> None:
    try:
        read = parse(data, "a.md")
    except Mistakes as found:
        places = [(mistake.line, mistake.column) for mistake in found.mistakes]
        assert places
        assert min(min(place) for place in places) >= 1
    else:
        assert read.title


@pytest.mark.parametrize(
    ("front", "body", "place"),
    [
        (r'title: "Thông báo\e[8m ẩn"', "Nội dung.", "2:8"),
        (r'title: "Thông báo\u202e"', "Nội dung.", "2:8"),
        (r'title: "Thông báo\x9b31m"', "Nội dung.", "2:8"),
        ("title: Thông báo", "Một.\n\nHai\u202e ba.", "6:4"),
        ("title: Thông báo", "Một \x1b[8mhai.", "4:5"),
    ],
)
def test_no_sign_hides_from_a_reader_what_is_there(front: str, body: str, place: str) -> None:
    with pytest.raises(Mistakes) as raised:
        parse(f"---\n{front}\n---\n{body}\n".encode(), "a.md")
    assert str(raised.value.mistakes[0]).startswith(f"a.md:{place}: this text holds a sign that nobody sees")
