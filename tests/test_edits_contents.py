"""Edits of channels, settings and contents while Publisher runs; mistakes; and what people decided meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.kinds import png
from tests.lives import Life, living

ONE = "s: {content: a.md, at: 08:00, to: tg}"
FIRST = "02-14 08:00 a.md"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        for name in ("a.md", "b.md", "f/1.md", "f/2.md", "f/3.md"):
            life.message(name)
        yield life


# Channels and settings


def test_a_channel_is_added_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    life.at("02-15 09:00")
    assert life.seen("tg") == [FIRST, "02-15 08:00 a.md"]
    assert life.seen("tg2") == ["02-15 08:00 a.md"]


def test_a_channel_is_removed_and_added_again(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    life.changed(ONE)
    assert life.row("02-14 08:00", "tg2").state.value == "cancelled"
    life.changed("s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    life.at("02-14 09:00")
    assert life.seen() == [FIRST, FIRST]


def test_a_removed_channel_finishes_what_is_in_doubt(life: Life) -> None:
    life.channels("tg", "web")
    web = life.site("web")
    life.began(f"s: {{content: a.md, at: 08:00, to: [tg, {web}]}}")
    life.sandbox.fault("wordpress", "accept-then-504", place=web, request="POST /.*/posts/[0-9]+")
    life.sandbox.fault("wordpress", "unavailable", place=web, request="GET", times=2)
    life.at("02-14 08:00")
    assert life.row("02-14 08:00", web).state.value == "in_doubt"
    life.channels("tg")
    life.changed(ONE)
    life.stop()
    life.start("02-14 08:01")
    life.at("02-14 09:00")
    row = life.row("02-14 08:00", web)
    assert (row.state.value, row.reason) == ("published", "found on the channel")
    published = [entry for entry in life.sandbox.record(kind="wordpress", place=web) if entry["public"]]
    assert len(published) == 1


def test_spread_is_changed(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: [tg, tg2], spread: 20m}")
    life.changed("s: {content: a.md, at: 08:00, to: [tg, tg2], spread: 40m}")
    life.at("02-14 08:05")
    life.changed("s: {content: a.md, at: 08:00, to: [tg2, tg], spread: 30m}")  # the second has its turn at once
    life.at("02-15 12:00")
    assert life.seen("tg") == [FIRST, "02-15 08:15 a.md"]
    assert life.seen("tg2") == ["02-14 08:05 a.md", "02-15 08:00 a.md"]
    assert any(entry["event"] == "replanned" for entry in life.log(life.row("02-14 08:00", "tg2")))


def test_quiet_hours_are_changed(life: Life) -> None:
    life.began('s: {content: a.md, at: 08:00, to: tg, quiet: ["07:30-09:00"]}')
    life.changed('s: {content: a.md, at: 08:00, to: tg, quiet: ["07:30-10:00"]}')
    life.at("02-14 09:30")
    assert life.seen() == []
    life.at("02-14 11:00")
    assert life.seen() == ["02-14 10:00 a.md"]
    life.changed(ONE)
    life.at("02-15 09:00")
    assert life.seen() == ["02-14 10:00 a.md", "02-15 08:00 a.md"]


def test_sessions_are_changed_when_the_script_is_out(life: Life) -> None:
    life.channels("tg", loa="sessions: [17:00], ready: 12h")
    life.began("s: {content: a.md, at: sessions, to: loa}")
    assert life.seen() == ["02-14 07:00 2022-02-14/1700: a.md"]
    life.channels("tg", loa="sessions: [17:30], ready: 12h")
    assert life.edit()
    life.at("02-15 07:00")
    assert life.seen()[1:] == ["02-15 05:30 2022-02-15/1730: a.md"]
    assert life.row("02-14 17:30", "loa").state.value == "skipped"


# Contents


def test_the_content_is_replaced_before_and_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    life.changed("s: {content: b.md, at: 08:00, to: tg}")
    life.at("02-15 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 b.md"]
    assert life.row("02-14 08:00").message == "a.md"


def test_a_text_is_changed(life: Life) -> None:
    life.began(ONE)
    life.message("a.md", title="Bản mới")
    life.edit()
    life.at("02-14 09:00")
    life.message("a.md", title="Bản mới hơn")
    life.edit()
    life.at("02-15 09:00")
    assert life.seen() == ["02-14 08:00 Bản mới", "02-15 08:00 Bản mới hơn"]


def test_a_fact_is_changed(life: Life) -> None:
    life.message("a.md", title="A", text="Gọi {{ hotline }}.")
    life.began(ONE, campaign='facts: {hotline: "1"}')
    life.at("02-14 07:30")
    life.changed(ONE, campaign='facts: {hotline: "2"}')
    life.at("02-14 09:00")
    (entry,) = life.sandbox.record(kind="telegram", place=f"@{life.mark}_tg")
    assert entry["text"].endswith("Gọi 2.")


def test_a_message_of_a_folder_is_renamed(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: tg}")
    life.at("02-14 09:00")
    (life.directory / "content/campaigns/c/f/2.md").rename(life.directory / "content/campaigns/c/f/2b.md")
    life.edit()
    life.at("02-16 09:00")
    assert [line[12:] for line in life.seen()] == ["f/1.md", "f/2.md", "f/3.md"]  # the titles stay
    assert life.row("02-15 08:00").message == "f/2b.md"
    life.unmoved()


def test_a_chosen_message_is_deleted(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: tg}")
    life.remove("f/1.md")
    life.edit()
    life.at("02-16 09:00")
    assert [line[12:] for line in life.seen()] == ["f/2.md", "f/2.md", "f/3.md"]  # chosen again on its own row
    assert any(entry.get("message") == "f/2.md" for entry in life.log(life.row("02-14 08:00")))
    life.unmoved()


def test_a_chosen_message_is_deleted_when_it_is_out_on_one_of_two_channels(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: [tg, tg2], spread: 30m}")
    life.at("02-14 08:05")
    life.remove("f/1.md")
    life.edit()
    life.at("02-15 09:00")
    assert life.seen("tg") == ["02-14 08:00 f/1.md", "02-15 08:00 f/2.md"]
    assert life.seen("tg2") == ["02-14 08:15 f/2.md", "02-15 08:15 f/2.md"]
    life.unmoved()


def test_a_message_that_has_expired_by_an_edit_does_not_go_out(life: Life) -> None:
    life.began(ONE)
    life.message("a.md", expires="2022-02-14")
    life.edit()
    life.at("02-16 09:00")
    assert life.seen() == [FIRST]
    assert life.row("02-15 08:00").reason == "its messages have expired"
    life.message("a.md")
    life.edit()
    life.at("02-17 09:00")
    assert life.seen() == [FIRST, "02-17 08:00 a.md"]


def test_a_message_is_added_where_all_go_out(life: Life) -> None:
    life.began("s: {content: f/, pick: all, at: 08:00, to: tg}")
    life.at("02-14 08:10")
    life.message("f/4.md")
    life.edit()
    life.at("02-14 12:00")
    assert [line[12:] for line in life.seen()] == ["f/1.md", "f/2.md", "f/3.md"]
    assert len(life.ended()) == 3  # what would have been due before the edit never was
    life.at("02-15 08:10")
    assert [line[12:] for line in life.seen()[3:]] == ["f/1.md", "f/2.md", "f/3.md", "f/4.md"]


def test_a_moved_time_leaves_turns_and_rests_as_they_are(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: tg, rest: 3 days}")
    life.at("02-15 09:00")
    life.changed("s: {content: f/, at: 09:30, to: tg, rest: 3 days}")
    assert life.ended("skipped") == ["02-15 09:30 tg skipped"]  # its place is taken
    life.unmoved()
    life.at("02-19 12:00")
    assert [line[12:] for line in life.seen()] == [f"f/{number % 3 + 1}.md" for number in range(6)]


# Mistakes


def test_broken_yaml_changes_nothing_until_it_is_mended(life: Life) -> None:
    life.began(ONE)
    life.file("schedules.yaml", "campaigns: [")
    assert not life.edit()
    life.at("02-15 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]
    (entry,) = [entry for entry in life.log() if entry["event"] == "mistakes"]
    assert entry["mistakes"][0].startswith("schedules.yaml:")
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.at("02-16 12:00")
    assert life.seen()[2:] == ["02-16 10:00 a.md"]


def test_a_broken_message_keeps_its_last_text(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: tg}")
    life.file("content/campaigns/c/f/1.md", "---\ntitel: x\n---\nHỏng {{ nothing }}")
    assert life.edit()
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md"]
    assert [entry["event"] for entry in life.log()].count("mistakes") == 1
    life.message("f/1.md", title="Mới")
    life.edit()
    life.at("02-17 09:00")
    assert life.seen()[-1] == "02-17 08:00 Mới"


# Decisions of people outlive edits


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_what_a_person_stopped_stays_so_when_an_edit_is_undone(life: Life, state: str) -> None:
    life.began(ONE)
    {"held": life.hold, "cancelled": life.cancel}[state](life.row("02-14 08:00"))
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.changed(ONE)
    assert life.row("02-14 08:00").state.value == state
    life.at("02-14 09:00")
    assert life.seen() == []


def test_what_a_person_sent_takes_no_place(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.send("a.md", "tg")
    life.at("02-14 12:00")
    assert life.seen() == ["02-14 07:00 a.md", "02-14 10:00 a.md"]


def test_an_image_is_deleted_and_something_else_is_edited(life: Life) -> None:
    image = life.directory / "content/campaigns/c/anh.png"
    image.write_bytes(png())
    life.message("a.md", image="{file: anh.png, alt: Ảnh}")
    life.began(ONE)
    image.unlink()
    life.changed("s: {content: a.md, at: 09:00, to: tg}")
    life.at("02-14 10:00")
    assert life.seen() == ["02-14 09:00 a.md"]
