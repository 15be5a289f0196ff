"""Any table of good rows: the plan then holds exactly their occurrences, and the public reads their very texts."""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from content.markdown import plain, read
from tests.tables import CAMPAIGN, Desk, workspace

FIRST = date(2022, 2, 14)
CHANNELS: Mapping[str, tuple[str, ...]] = {
    "cong": ("cong",), "trang": ("trang",), "mang": ("cong", "trang"), "Báo tỉnh": ("hop-bao",),
    "so": ("cong", "trang"), "Sở Thông tin và Truyền thông": ("cong", "trang"), "hop-cj": ("hop-cj",),
    "TRUNG TÂM VĂN HÓA, THỂ THAO VÀ TRUYỀN THÔNG HUYỆN CƯ JÚT": ("hop-cj",),
}  # fmt: skip
STATIONS: Mapping[str, tuple[str, ...]] = {
    "loa": ("loa-cj", "loa-kn"),
    "loa-kn": ("loa-kn",),
    "Trung tâm Văn hóa, Thể thao và Truyền thông huyện Krông Nô": ("loa-kn",),
}
SESSIONS = {"loa-cj": (time(5, 15), time(17)), "loa-kn": (time(16, 45),)}
DAYS = ("{:%d/%m/%Y}", "{:%d-%m-%Y}", "{:%Y-%m-%d}", "ngày {:%d/%m/%Y} ", "{:%d.%m.%Y}\u00a0")
TIMES = ("{:%H:%M}", "{:%Hh%M}", "{:%H giờ %M}", "{:%H giờ %M phút}", " {:%Hg%M}")
LETTERS = "aăâbđêgơưuyạảãáàẶễữ AZ09 .,:;!?'\"()[]{}<>*_`~#+-=|\\/&%@$^\n"
WORDS = (
    st.text(LETTERS, max_size=80)
    .map(lambda text: f"{text} chữ")  # a station refuses a bulletin in which nothing can be read
    .filter(lambda text: text.strip()[0] not in "=#")  # Excel takes it for a formula, or an error
)
TITLES = st.text(LETTERS.replace("{", ""), min_size=1, max_size=60).filter(
    lambda text: text.strip() and text.strip()[0] not in "=#"
)


@dataclass(frozen=True)
class Row:
    """A row, and what it should come to."""

    day: date
    times: tuple[time, ...]
    to: str
    channels: tuple[str, ...]
    title: str
    text: str

    def occurrences(self) -> list[tuple[str, str]]:
        """The local times and channels."""
        return [
            (f"{self.day:%d/%m} {at:%H:%M}", name)
            for name in self.channels
            for at in self.times or SESSIONS[name]
        ]  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> Row:
    places = draw(st.sampled_from([CHANNELS, STATIONS]))
    to = draw(st.sampled_from(sorted(places)))
    times = draw(st.lists(st.times(), min_size=1, max_size=3)) if places is CHANNELS else []
    whole = tuple(sorted({at.replace(second=0, microsecond=0) for at in times}))
    day = FIRST + timedelta(days=draw(st.integers(0, 106)))
    return Row(day, whole, to, places[to], draw(TITLES), draw(WORDS))


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[Row, list[Any]]]:
    """Rows that do not clash, each as it is written down."""
    found: list[tuple[Row, list[Any]]] = []
    taken: set[tuple[str, str]] = set()
    for row in draw(st.lists(rows(), min_size=1, max_size=8)):
        if taken & {*row.occurrences()}:
            continue
        taken |= {*row.occurrences()}
        day = draw(st.sampled_from([row.day, *(form.format(row.day) for form in DAYS)]))
        written = ", ".join(draw(st.sampled_from(TIMES)).format(at) for at in row.times)
        moment = row.times[0] if len(row.times) == 1 and draw(st.booleans()) else written or "Buổi phát"
        form = draw(st.sampled_from(["NFC", "NFD"]))
        texts = [unicodedata.normalize(form, text) for text in (row.title, row.text, row.to)]
        found.append((row, [None, day, moment, texts[0], texts[1], None, texts[2], None]))
    return found


def one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@settings(max_examples=60, deadline=None)
@given(tables())
def test_the_plan_holds_exactly_the_rows(table: list[tuple[Row, list[Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        workspace(desk.workspace)
        before = desk.plan("song/tuan")
        path = desk.table(*(cells for _, cells in table))
        done = desk.bring(path, "--yes")
        assert done.code == 0, done.warned
        wanted = Counter((*one, one_line(row.title)) for row, _ in table for one in row.occurrences())
        assert Counter(desk.plan()) == wanted
        assert desk.plan("song/tuan") == before
        assert {_text(desk, path) for path in desk.files() if path.startswith(f"{CAMPAIGN}/ke-hoach/")} == {
            tuple(one_line(line) for line in row.text.split("\n") if line.strip()) for row, _ in table
        }
        files = desk.files()
        assert desk.bring(path, "--yes", "--add").code == 0
        assert desk.files() == files


def _text(desk: Desk, path: str) -> tuple[str, ...]:
    """What the public reads, paragraph for paragraph."""
    message = desk.read().messages["song"][path.removeprefix(f"{CAMPAIGN}/")].message
    tokens = [token for token in read(message.body) if token.type == "inline"]
    return tuple(plain(token.children or ()) for token in tokens)
