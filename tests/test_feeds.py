"""News of other sites: each item once, in its slots, through edits, restarts and mishaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from channels.base import Response
from publisher.feeds import Feeds
from publisher.store import tables
from sandbox.client import Sandbox
from tests.lives import Life, living

SLOTS = "[08:00, 12:00, 16:00]"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        life.news(life.mark)
        yield life


def line(life: Life, more: str = "", *, name: str = "s", at: str = SLOTS, to: str = "tg", feed: str = "") -> str:
    url = f"https://bo.example.vn/{feed or life.mark}.xml"
    return f"{name}: {{feed: '{url}', at: {at}, to: {to}{', ' if more else ''}{more}}}"


def began(life: Life, more: str = "", **where: str) -> None:
    life.schedules(line(life, more, **where))
    life.start("02-14 07:00")


def put(life: Life, *items: dict[str, str]) -> None:
    life.sandbox.call("PUT", f"/feed/{life.mark}.xml", list(items))


def test_each_item_goes_out_once_at_the_next_slot(life: Life) -> None:
    began(life)
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    life.news(life.mark, ("02-14 07:10", "Tin 1"), ("02-14 09:10", "Tin 2"))
    life.at("02-16 20:00")
    assert life.seen() == ["02-14 08:00 Tin 1", "02-14 12:00 Tin 2"]
    assert [entry["title"] for entry in life.log() if entry["event"] == "item"] == ["Tin 1", "Tin 2"]


def test_the_oldest_come_first_and_no_more_than_the_limit(life: Life) -> None:
    began(life, "limit: 2", to="[tg, tg2]")
    life.news(life.mark, *((f"02-14 07:{59 - n}", f"Tin {n}") for n in range(5)))
    life.at("02-14 20:00")
    for channel in ("tg", "tg2"):
        assert life.seen(channel) == [
            "02-14 08:00 Tin 4", "02-14 08:00 Tin 3", "02-14 12:00 Tin 2", "02-14 12:00 Tin 1", "02-14 16:00 Tin 0",
        ]  # fmt: skip


def test_what_is_older_than_the_schedule_never_goes_out(life: Life) -> None:
    life.news(life.mark, ("02-14 06:59", "Cũ"), ("02-14 07:00", "Mới"))
    began(life)
    life.at("02-14 09:00")
    life.news(life.mark, ("02-14 06:59", "Cũ"), ("02-14 07:00", "Mới"), ("02-13 20:00", "Đăng muộn"))
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 08:00 Mới"]


def test_only_what_matches(life: Life) -> None:
    began(life, 'match: ["sóng và máy tính", "khuyến học"]')
    life.news(life.mark, ("02-14 07:10", "SÓNG VÀ MÁY TÍNH cho em"), ("02-14 07:11", "Thời tiết"))
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 08:00 SÓNG VÀ MÁY TÍNH cho em"]


@pytest.mark.parametrize(
    "changed",
    [
        {"link": "https://bo.example.vn/khac", "title": "Tiêu đề khác", "summary": "Khác."},
        {"id": "khac", "title": "Tiêu đề khác", "summary": "Khác."},
        {"id": "khac", "link": "https://bo.example.vn/khac"},
    ],
    ids=["same id", "same link", "same title and text"],
)
def test_the_same_news_under_another_guise_does_not_go_out_again(life: Life, changed: dict[str, str]) -> None:
    began(life)
    put(life, life.item("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    put(life, life.item("02-14 07:10", "Tin 1", **changed))
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 08:00 Tin 1"]


def test_restarts_and_renames_send_nothing_again(life: Life) -> None:
    began(life)
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    life.schedules(line(life, name="tin"))
    life.edit()
    life.down("02-14 10:00", "02-14 11:00")
    life.schedules(line(life, name="tin-moi", at="[13:00]"))
    life.edit()
    life.at("02-15 20:00")
    assert life.seen() == ["02-14 08:00 Tin 1"]


def test_slots_missed_while_it_was_stopped_leave_the_items_for_the_next(life: Life) -> None:
    began(life)
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 07:30")
    life.down("02-14 07:40", "02-14 10:00")
    assert life.seen() == []
    life.at("02-14 12:00")
    assert life.seen() == ["02-14 12:00 Tin 1"]
    life.down("02-14 13:00", "02-18 10:00")
    life.news(life.mark, ("02-14 07:10", "Tin 1"), ("02-16 07:10", "Tin 2"))
    life.at("02-18 20:00")
    assert life.seen()[1:] == ["02-18 12:00 Tin 2"]
    assert life.ended("missed") == []  # slots are no deliveries


def test_a_slot_that_is_late_within_its_grace_still_opens(life: Life) -> None:
    began(life)
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 07:30")
    life.down("02-14 07:40", "02-14 08:20")
    assert life.seen() == ["02-14 08:20 Tin 1"]


def test_each_schedule_and_channel_has_its_own_items(life: Life) -> None:
    life.schedules(line(life) + "\n" + line(life, "match: [Hai]", name="t", at="[09:00]", to="tg2"))
    life.start("02-14 07:00")
    life.news(life.mark, ("02-14 07:10", "Tin Một"), ("02-14 07:11", "Tin Hai"))
    life.at("02-14 20:00")
    assert life.seen("tg") == ["02-14 08:00 Tin Một", "02-14 08:00 Tin Hai"]
    assert life.seen("tg2") == ["02-14 09:00 Tin Hai"]


def test_a_channel_that_joins_later_gets_what_came_since_the_schedule_began(life: Life) -> None:
    life.news(life.mark, ("02-13 07:10", "Cũ"))
    began(life)
    life.news(life.mark, ("02-13 07:10", "Cũ"), ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    life.schedules(line(life, to="[tg, tg2]"))  # the feed itself does not change
    life.edit()
    life.at("02-14 20:00")
    assert life.seen("tg") == ["02-14 08:00 Tin 1"]
    assert life.seen("tg2") == ["02-14 12:00 Tin 1"]


def test_a_broken_feed_is_said_once_and_delays_nothing(life: Life) -> None:
    life.message("a.md")
    other = life.mark + "-hong"
    life.schedules(line(life) + "\n" + line(life, name="hong", feed=other) + "\na: {content: a.md, at: 08:00, to: tg2}")
    life.start("02-14 07:00")
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 Tin 1", "02-14 08:00 a.md"]
    (entry,) = [entry for entry in life.log() if entry["event"] == "feed_failed"]
    assert entry["feed"].endswith(f"{other}.xml")
    assert "404" in entry["reason"]
    life.news(other, ("02-14 09:10", "Tin 2"))
    life.at("02-14 20:00")
    assert life.seen()[2:] == ["02-14 12:00 Tin 2"]


def test_a_station_reads_news_in_its_next_script(life: Life) -> None:
    life.channels("tg", loa="sessions: [17:00], ready: 12h")
    began(life, at="sessions", to="loa")
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-16 20:00")
    assert life.seen() == ["02-15 05:00 2022-02-15/1700: Tin 1"]


def test_a_station_gets_news_late_as_long_as_its_session_has_not_begun(life: Life) -> None:
    life.channels("tg", loa="sessions: [17:00], ready: 12h")
    began(life, at="sessions", to="loa")
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 08:00")
    life.down("02-14 20:00", "02-15 09:00")
    assert life.seen() == ["02-15 09:00 2022-02-15/1700: Tin 1"]


def test_a_removed_feed_stops_and_takes_up_again_where_it_was(life: Life) -> None:
    life.message("a.md")
    began(life)
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    life.schedules("a: {content: a.md, at: 22:00, to: tg2}")
    life.edit()
    life.news(life.mark, ("02-14 07:10", "Tin 1"), ("02-14 09:10", "Tin 2"))
    life.at("02-14 20:00")
    life.schedules("a: {content: a.md, at: 22:00, to: tg2}\n" + line(life))
    life.edit()
    life.at("02-15 10:00")
    assert life.seen("tg") == ["02-14 08:00 Tin 1", "02-15 08:00 Tin 2"]


@dataclass(frozen=True)
class _Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        raise NotImplementedError


def test_a_slot_that_falls_due_while_the_feed_is_asked_for_the_first_time_is_opened(life: Life) -> None:
    """The slots count from the beginning of the first poll, and the process works on while it lasts."""
    life.schedules(line(life))
    life.start("02-14 07:59")
    app = life.running
    with app.store.write() as tx:
        tx.execute(delete(tables.feed_slots))  # as before the first poll
    item = "<item><guid>1</guid><title>Tin</title><pubDate>Mon, 14 Feb 2022 07:59:30 +0700</pubDate></item>"

    def fetch(_url: str, *, headers: Mapping[str, str], deadline: float) -> Response:
        feeds.open_slots(app.workspace, life.instant("02-14 08:00") + timedelta(seconds=20))
        return _Answer(f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode())

    feeds = Feeds(app.store, fetch)
    feeds.poll(app.workspace, life.instant("02-14 07:59") + timedelta(seconds=50))
    feeds.open_slots(app.workspace, life.instant("02-14 08:00") + timedelta(seconds=21))
    assert [life.local(row.occurrence) for row in life.rows()] == ["02-14 08:00"]
