"""Any text can be proofread: every finding lies within it, and how its letters are encoded changes none."""

import json
import unicodedata
from itertools import pairwise

from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from content.characters import HIDING
from content.message import parse
from content.proofreading.addresses import addresses, links
from content.proofreading.announcer import unread_aloud
from content.proofreading.deadlines import days_ahead
from content.proofreading.personal import traces
from content.proofreading.sheet import Sheet
from content.proofreading.spelling import decomposed, doubled, mixed_tones
from content.yaml12 import Mistake, Mistakes
from tests.proofreaders import HEAD, SPEECH, personal

PIECES = st.sampled_from(
    [
        "hoà", "hòa", "uỷ", " ", "\n", "0912", "345678", "](", "[", ")", "http://", "www.", "a.vn", "{{", "}}", "{%",
        "QWX", "sẽ", "15/02/2022", "😀", "#a", "của", "của ", "STK", "\u0301", "a@gmail.com", "<", ">", "<https://",
        "![](", "\\",
    ]
)  # fmt: skip
TEXT = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join).map(lambda text: HIDING.sub("", text))


def everything(read: Sheet) -> list[Mistake]:
    said = list(mixed_tones([read]))
    for passage in read.passages:
        said += [*doubled(read, passage), *addresses(read, passage), *personal(read, passage)]
        said += unread_aloud(read, passage, {}, SPEECH)
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
