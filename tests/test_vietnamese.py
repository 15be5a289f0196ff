"""Vietnamese order, folding and slugs, for text composed and decomposed."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.vietnamese import collation_key, fold, slug

TEXT = st.text() | st.text("aăâbcdđeêoôơuưyAĂÂĐÊÔƠƯ áàảãạấậẽỹĨ019-.")
KEY = "abcdefgh234567zz"


@pytest.mark.parametrize(
    "in_order",
    [
        list("aăâbcdđeêghiklmnoôơpqrstuưvxy"),
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["ba", "bà", "bả", "bã", "bá", "Bá", "bạ", "bai"],
        ["An", "Anh", "Ăn", "Ân", "Ấn"],
        ["Cư Jút", "Đắk Glong", "Đắk Mil", "Đắk R'lấp", "Đắk Song", "Gia Nghĩa", "Krông Nô", "Tuy Đức"],
        ["01.md", "02.md", "10.md", "2.md", "a.md", "đ.md", "e.md"],
        ["tin", "tin bài", "tin-bài", "tin1", "tina"],
        ["hoa", "hoà", "hòa", "hoa hồng"],
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_stand_in_the_order_of_a_vietnamese_dictionary(in_order: list[str], form: str) -> None:
    given_names = [unicodedata.normalize(form, name) for name in reversed(in_order)]
    assert [unicodedata.normalize("NFC", name) for name in sorted(given_names, key=collation_key)] == in_order


def test_a_letter_outweighs_a_tone_and_a_tone_a_capital() -> None:
    assert collation_key("mạ a") < collation_key("ma b")
    assert collation_key("Má") < collation_key("mạ")
    assert collation_key("má") < collation_key("Má")


@settings(deadline=None)
@given(TEXT)
@example("ấ")
def test_composed_and_decomposed_text_are_the_same(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert collation_key(composed) == collation_key(decomposed)
    assert fold(composed) == fold(decomposed)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_only_the_same_text_has_the_same_key(one: str, other: str) -> None:
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (collation_key(one) == collation_key(other)) == same


def test_folding_leaves_plain_small_letters() -> None:
    assert fold("Sóng và Máy tính, ĐẮK NÔNG; Cư Jút ỷ ỹ") == "song va may tinh, dak nong; cu jut y y"


@settings(deadline=None)
@given(TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_slug_says_the_title() -> None:
    assert slug("Sóng và máy tính cho em: Đắk R'lấp!", KEY) == f"song-va-may-tinh-cho-em-dak-r-lap-{KEY}"


@pytest.mark.parametrize("title", ["", "!!! …", "日本"])
def test_a_title_without_letters_has_a_slug(title: str) -> None:
    assert slug(title, KEY) == f"tin-{KEY}"


def test_a_long_title_is_cut_at_the_end_of_a_word() -> None:
    made = slug("khuyến học " * 20, KEY)
    assert len(made) <= 100
    assert re.fullmatch(rf"(khuyen-hoc-)+(khuyen-)?{KEY}", made)
    assert len(slug("k" * 300, KEY)) == 100
    assert slug("a" * 83 + " b", KEY) == "a" * 83 + f"-{KEY}"


@settings(deadline=None)
@given(TEXT)
def test_every_slug_is_good(title: str) -> None:
    assert re.fullmatch(rf"[a-z0-9]+(-[a-z0-9]+)*-{KEY}", slug(title, KEY))
    assert len(slug(title, KEY)) <= 100
