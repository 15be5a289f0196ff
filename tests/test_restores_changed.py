"""An old backup comes back, and since it was made people decided, wrote or planned otherwise, or news came in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.delivery import State
from sandbox.client import Sandbox
from tests.second_lives import MARK, SecondLife, daily, living, on_web

RESTORED = "a backup of 2022-{} was restored, and it may have gone out since"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[SecondLife]:
    with living(tmp_path / "w", sandbox) as made:
        yield made


# What was decided, before the backup or after it


def test_what_a_person_held_stays_held_and_what_was_released_since_is_found(life: SecondLife) -> None:
    web = on_web(life, "at: [08:00, 09:00]")
    for when in ("02-14 08:00", "02-14 09:00"):
        life.hold(life.row(when, web), "chờ ảnh")
    life.at("02-14 08:30")
    backup = life.back_up()
    life.at("02-14 10:00")
    life.release(life.row("02-14 09:00", web))
    life.come_back(backup, "02-14 12:00")
    life.at("02-14 20:00")
    held = life.row("02-14 08:00", web)
    assert (held.state, held.reason, held.held_from) == (State.HELD, "chờ ảnh", State.PLANNED)
    assert life.row("02-14 09:00", web).state is State.PUBLISHED
    assert life.twice() == []
    life.release(held)
    life.at("02-14 20:01")
    assert life.seen() == ["02-14 10:00 a.md", "02-14 20:00 a.md"]


def test_what_was_approved_since_is_found_and_nothing_goes_out_without_its_approval(life: SecondLife) -> None:
    life.message("b.md")
    web = on_web(life, "at: 08:00, late: {grace: 12h}", campaign="approval: once-per-text")
    life.changed(
        f"s: {{content: a.md, to: {web}, at: 08:00, late: {{grace: 12h}}}}\n"
        f"t: {{content: b.md, to: {web}, at: 08:01, late: {{grace: 12h}}}}",
        campaign="approval: once-per-text",
    )
    life.at("02-14 08:30")
    backup = life.back_up()
    life.approve(message="a.md")
    assert life.seen() == ["02-14 08:30 a.md"]
    life.come_back(backup, "02-14 09:00")
    assert life.row("02-14 08:00", web).state is State.PUBLISHED
    assert life.row("02-14 08:01", web).state is State.AWAITING
    assert len(life.seen()) == 1
    assert life.approve(message="b.md") == 1
    life.at("02-14 09:05")
    assert life.seen() == ["02-14 08:30 a.md", "02-14 09:01 b.md"]
    assert life.twice() == []


def test_what_is_absent_and_was_never_approved_waits_again(life: SecondLife) -> None:
    web = on_web(life, "at: 08:00, late: {grace: 12h}", campaign="approval: every-post")
    life.at("02-14 08:30")
    life.come_back(life.back_up(), "02-14 09:00")
    assert life.row("02-14 08:00", web).state is State.AWAITING
    life.at("02-14 09:30")
    assert life.seen() == []
    life.approve()
    assert life.seen() == ["02-14 09:30 a.md"]


# What was written otherwise


@pytest.mark.parametrize("channel", ["web", "hop", "loa"])
def test_a_text_that_was_changed_since_is_known_by_its_key(life: SecondLife, channel: str) -> None:
    daily(life)
    life.at("02-14 07:00" if channel != "loa" else "02-14 16:00")
    backup = life.back_up()
    life.message("a.md", title="Tiêu đề khác hẳn", text=f"Nội dung khác. {MARK}")
    assert life.edit()
    life.at("02-15 12:00")
    out = life.seen()
    life.message("a.md", title="Lại một tiêu đề nữa")
    life.come_back(backup)
    name = life.site("web") if channel == "web" else channel
    assert life.row("02-15 08:00" if channel != "loa" else "02-15 05:15", name).state is State.PUBLISHED
    assert life.twice() == []
    assert life.seen() == out


def test_what_has_no_text_any_more_is_left_to_a_person(life: SecondLife) -> None:
    web = on_web(life, "at: 08:00", when="01-20 07:00")
    backup = life.back_up()
    life.at("02-14 12:00")
    life.message("b.md", text="{{ 1 / 0 }}")
    life.schedules(f"s: {{content: b.md, to: {web}, at: 08:00}}")
    life.message("a.md", text="{{ 1 / 0 }}")  # what had no row at the backup has only the text of today
    life.come_back(backup)
    row = life.row("02-10 08:00", web)
    assert row.state is State.NEEDS_PERSON
    assert "and it cannot be composed to be looked for" in row.reason
    assert life.row("01-21 08:00", web).state is State.PUBLISHED
    assert life.twice() == []


# What picks the latest, and feeds


def test_the_latest_message_goes_out_once_a_channel(life: SecondLife) -> None:
    life.message("f/1.md", date="2022-02-14 06:00")
    life.channels("web", "tg")
    life.began(f"s: {{content: f/, pick: latest, at: 08:00, to: [{life.site('web')}, tg]}}")
    backup = life.back_up()
    life.at("02-15 12:00")
    assert len(life.seen()) == 2
    life.come_back(backup)
    life.at("02-17 12:00")
    assert life.twice() == []
    assert len(life.seen()) == 2
    web = life.site("web")
    assert [line.split()[-1] for line in life.story(channel=web)[:4]] == ["published", "missed", "skipped", "skipped"]
    assert life.row("02-14 08:00", web).message == "f/1.md"
    life.message("f/2.md", date="2022-02-18 06:00")
    assert life.edit()
    life.at("02-18 12:00")
    assert life.seen()[2:] == ["02-18 08:00 f/2.md"] * 2


NEWS = "s: {{feed: https://bo.example.vn/{name}.xml, at: [08:00, 16:00], to: [{web}, tg], limit: 2}}"


def fed(life: SecondLife, **more: str) -> str:
    """A feed's schedule, on a website and a chat, from before its items were there; the feed's name."""
    name = f"bo-{life.mark}".replace("_", "-")
    life.channels("web", "tg")
    life.news(name)
    life.began(NEWS.format(name=name, web=life.site("web")), **more)
    return name


def test_items_that_went_out_since_are_known_in_whatever_slot(life: SecondLife) -> None:
    name = fed(life)
    life.news(name, ("02-14 07:10", "Tin một"))
    life.at("02-14 07:30")
    backup = life.back_up()
    life.at("02-14 12:00")
    items = [("02-14 07:10", "Tin một"), ("02-14 13:00", "Tin hai"), ("02-14 13:10", "Tin ba")]
    life.news(name, *items)
    life.at("02-14 20:00")
    out = ["02-14 08:00 Tin một", "02-14 16:00 Tin hai", "02-14 16:00 Tin ba"]
    assert life.seen("web") == out
    life.come_back(backup)
    life.news(name, *items, ("02-15 09:00", "Tin tư"))
    life.at("02-17 12:00")
    assert life.seen("web") == [*out, "02-15 16:00 Tin tư"]
    assert life.twice() == []
    chats = [row for row in life.rows() if row.channel == "tg"]
    assert [(row.state, row.message) for row in chats[:3]] == [(State.NEEDS_PERSON, None)] * 3
    assert [row.state for row in chats[3:]] == [State.PUBLISHED]


def test_items_without_a_date_that_were_there_before_the_restore_are_looked_for(life: SecondLife) -> None:
    name = fed(life)
    backup = life.back_up()
    items = [{**life.item("02-14 07:00", f"Tin {number}"), "published": None} for number in range(3)]
    life.sandbox.call("PUT", f"/feed/{name}.xml", items[:2])
    life.at("02-14 12:00")
    assert len(life.seen("web")) == 2
    life.sandbox.fault("feed", "unavailable", times=1)
    life.come_back(backup)
    life.at("02-14 14:00")
    life.sandbox.call("PUT", f"/feed/{name}.xml", items)
    life.at("02-16 20:00")
    assert life.twice() == []
    assert [line.split(" ", 2)[2] for line in life.seen("web")] == ["Tin 0", "Tin 1", "Tin 2"]
    assert [row.state for row in life.rows() if row.channel == "tg"] == [State.NEEDS_PERSON] * 2 + [State.PUBLISHED]


def test_an_item_that_went_out_before_its_schedule_was_renamed(life: SecondLife) -> None:
    name = fed(life)
    backup = life.back_up()
    life.news(name, ("02-14 07:10", "Tin một"))
    life.at("02-14 08:30")
    life.changed(NEWS.replace("s:", "moi:", 1).format(name=name, web=life.site("web")))
    life.at("02-14 08:40")
    assert life.seen("web") == ["02-14 08:00 Tin một"]
    life.come_back(backup)
    life.at("02-15 12:00")
    assert life.seen("web") == ["02-14 08:00 Tin một"]
    assert life.twice() == []


def test_an_item_that_is_absent_goes_out_at_the_slot_in_which_it_was_looked_for(life: SecondLife) -> None:
    name = fed(life)
    life.news(name, ("02-14 07:10", "Tin một"))
    life.at("02-14 07:30")
    life.come_back(life.back_up(), "02-14 12:00")
    life.at("02-14 20:00")
    assert life.seen("web") == ["02-14 16:00 Tin một"]


# Edits made since


def test_what_an_edit_moved_since_and_is_not_out_is_taken_out(life: SecondLife) -> None:
    web = on_web(life, "at: 08:00, late: {grace: 12h}")
    backup = life.back_up()
    life.changed(f"s: {{content: a.md, to: {web}, at: 08:10, late: {{grace: 12h}}}}")
    life.at("02-14 09:00")
    life.come_back(backup)
    life.at("02-15 12:00")
    assert life.seen() == ["02-14 08:10 a.md", "02-15 08:10 a.md"]
    assert life.row("02-14 08:00", web).state is State.CANCELLED


def test_what_went_out_before_an_edit_moved_it_takes_its_place(life: SecondLife) -> None:
    web = on_web(life)
    backup = life.back_up()
    life.at("02-14 09:00")
    life.changed(f"s: {{content: a.md, to: {web}, at: 20:00}}")
    life.at("02-14 12:00")
    life.come_back(backup)
    life.at("02-15 22:00")
    assert life.seen() == ["02-14 08:00 a.md", "02-15 20:00 a.md"]


def test_a_schedule_that_was_renamed_since(life: SecondLife) -> None:
    web = on_web(life)
    backup = life.back_up()
    life.changed(f"neu: {{content: a.md, to: {web}, at: 08:00}}")
    life.at("02-15 12:00")
    life.come_back(backup)
    life.at("02-16 12:00")
    assert life.twice() == []
    assert [line[:5] for line in life.seen()] == ["02-14", "02-15", "02-16"]


def test_what_an_undone_edit_brings_back_is_looked_for_as_well(life: SecondLife) -> None:
    web = on_web(life, "at: 08:00, late: {grace: 12h}")
    life.schedules("t: {content: a.md, to: " + web + ", at: 21:00, days: [fri]}")
    assert life.edit()
    backup = life.back_up()  # its row is cancelled by the edit
    life.schedules(f"s: {{content: a.md, to: {web}, at: 08:00, late: {{grace: 12h}}}}")
    assert life.edit()
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 a.md"]
    life.come_back(backup)
    life.at("02-14 12:00")
    assert life.twice() == []
    assert life.row("02-14 08:00", web).state is State.PUBLISHED
