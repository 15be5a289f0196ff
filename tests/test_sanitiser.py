"""HTML is cleaned in linear time, and comes out as if it had been cleaned in one piece."""

import time

import nh3
import pytest

from content.sanitiser import sanitised

_TAGS = frozenset({"a", "b", "p", "pre"})


@pytest.mark.parametrize(
    "html", ["", "a & b", "<script>&</script>", "&" * 12_000, "&amp;&lt;" * 6_000, "<p>& " * 6_000]
)
def test_it_is_what_the_sanitiser_makes_of_the_whole(html: str) -> None:
    assert sanitised(html, _TAGS) == nh3.clean(html, tags=set(_TAGS), attributes={})


@pytest.mark.parametrize("piece", ["&", "&amp;", "&x;", "a& "])
def test_eight_times_the_text_takes_about_eight_times_as_long(piece: str) -> None:
    small, large = (min(_seconds(piece * count) for _ in range(3)) for count in (25_000, 200_000))
    assert large < 24 * small


def _seconds(html: str) -> float:
    before = time.process_time()
    sanitised(html, _TAGS)
    return time.process_time() - before
