"""The spoken form: vectors one by one, what holds for any text, and what is reported instead of guessed."""

import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.speech import Speech
from content.speech.lexicon import default_lexicon
from content.speech.rules import Why
from content.speech.signs import PUNCTUATION

SPEECH = Speech(default_lexicon())
_TABLE = (Path(__file__).parent / "data/speech.tsv").read_text(encoding="utf-8")
VECTORS = [tuple(line.split("\t")) for line in _TABLE.splitlines() if not line.startswith("#")]
_PIECES = st.sampled_from([piece for written, _ in VECTORS for piece in (written, *written.split())])
_JOINTS = st.sampled_from(["", " ", ", ", "-", " - ", "/", ".", "\n", "(", "%", "\u00a0", ":"])
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("0123456789.,:/-–hHđkmGXVIQTUBND% ()\n&@#", max_size=40),
    st.lists(st.tuples(_PIECES, _JOINTS).map("".join), max_size=8).map("".join),
)


@pytest.mark.parametrize(("written", "spoken"), VECTORS)
def test_it_is_read_like_this(written: str, spoken: str) -> None:
    assert SPEECH.speak(written).text == spoken


@given(TEXTS)
def test_no_digit_and_no_sign_is_left(text: str) -> None:
    left = {sign for sign in SPEECH.speak(text).text if not (sign.isalpha() or sign.isspace() or sign in PUNCTUATION)}
    assert {sign for sign in left if not unicodedata.category(sign).startswith("M")} == set()


@given(TEXTS)
def test_composed_or_not_it_is_read_the_same(text: str) -> None:
    assert SPEECH.speak(unicodedata.normalize("NFD", text)) == SPEECH.speak(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_what_has_been_spoken_stays_as_it_is(text: str) -> None:
    spoken = SPEECH.speak(text).text
    assert SPEECH.speak(spoken).text == spoken


@given(TEXTS)
def test_every_doubt_has_its_place(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    doubts = SPEECH.speak(text).doubts
    assert all(0 <= one.start < one.end <= len(composed) for one in doubts)
    assert all(first.start <= second.start for first, second in pairwise(doubts))


@pytest.mark.parametrize(
    ("text", "part", "why"),
    [
        ("theo QWX", "QWX", Why.ABBREVIATION),
        ("số 12/QWX-UBND", "QWX", Why.ABBREVIATION),
        ("mã R2D2", "R2D2", Why.ABBREVIATION),
        ("TT Kiến Đức", "TT", Why.ABBREVIATION),
        ("#SongVaMayTinh", "#SongVaMayTinh", Why.HASH_TAG),
        ("vui 👍🏽 lắm", "👍🏽", Why.SIGN),
        ("xem so.vn/a?b=1", "so.vn/a?b=1", Why.ADDRESS),
        ("có 1/5", "1/5", None),
        ("nhân 1/5", "1/5", Why.MEANING),
    ],
)
def test_what_cannot_be_known_is_reported_at_its_place(text: str, part: str, why: Why | None) -> None:
    found = [(text[one.start : one.end], one.why) for one in SPEECH.speak(text).doubts]
    assert found == ([(part, why)] if why else [])
