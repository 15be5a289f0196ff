"""What a breaker tried: broken files, files that are none, clocks that jump, and decisions beside edits."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from publisher.decisions import Objection
from publisher.store import feeds
from sandbox.client import Sandbox
from tests.lives import CAMPAIGN, Life, living
from tests.offices import call

DAY = "days: 2022-02-14"
ONE = "s: {content: a.md, at: 08:00, to: tg}"
FIRST = "02-14 08:00 a.md"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path / "w", sandbox) as life:
        life.message("a.md")
        life.message("b.md")
        yield life


def state(life: Life, when: str, channel: str = "tg") -> str:
    return life.row(when, channel).state.value


def verb(life: Life, *words: str) -> tuple[int, str]:
    """What a command answers: its code and all of its words."""
    done = call(words[0], "--workspace", str(life.directory), *words[1:])
    return done.code, done.said + done.warned


def check(life: Life) -> tuple[int, str]:
    """`publisher check` in a process of its own, which must not take long nor much."""
    command = [sys.executable, "-m", "publisher", "check", "--workspace", str(life.directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


# A message with a mistake from its first load


def with_a_bad_message(life: Life, when: str = "02-14 07:00") -> None:
    life.message("bad.md", text="{{ nix }}")
    life.began(f"{ONE}\nt: {{content: bad.md, at: 09:00, to: tg}}", when)


def test_beside_a_bad_message_everything_can_be_seen_and_held(life: Life) -> None:
    with_a_bad_message(life)
    assert any(mistake.file.endswith("bad.md") for mistake in life.running.mistakes)
    life.at("02-14 10:00")
    assert life.seen() == [FIRST]
    code, said = verb(life, "status")
    assert code == 0, said
    number = life.row("02-15 08:00").id
    code, said = verb(life, "hold", str(number), "--as", "Lan", "--because", "xem lại")
    assert code == 0, said
    assert state(life, "02-15 08:00") == "held"


def test_beside_a_bad_message_the_last_plan_goes_on_after_a_restart_with_broken_files(life: Life) -> None:
    with_a_bad_message(life)
    life.at("02-14 10:00")
    life.stop()
    path = life.directory / "schedules.yaml"
    life.file("schedules.yaml", path.read_text(encoding="utf-8") + "\n  : [broken\n")
    life.start("02-14 11:00")
    assert any(mistake.file == "schedules.yaml" for mistake in life.running.mistakes)
    life.at("02-15 10:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]


def test_beside_a_bad_message_a_doubt_is_looked_up_after_its_channel_was_renamed(life: Life) -> None:
    life.channels("tg", "web")
    web = life.site("web")
    life.message("bad.md", text="{{ nix }}")
    line = f"s: {{content: a.md, {DAY}, at: 08:00, to: WEB}}\nt: {{content: bad.md, at: 09:00, to: tg}}"
    life.began(line.replace("WEB", web))
    life.sandbox.fault("wordpress", "accept-then-504", place=web, request="POST /.*/posts/[0-9]+")
    life.sandbox.fault("wordpress", "unavailable", place=web, request="GET", times=2)
    life.at("02-14 08:00")
    assert state(life, "02-14 08:00", web) == "in_doubt"
    life.stop()
    life.message("bad.md")
    life.channels("tg", "web2")
    life.schedules(line.replace("WEB", life.site("web2")))
    life.start("02-14 08:10")
    life.at("02-14 12:00")
    row = life.row("02-14 08:00", web)
    assert (row.state.value, row.reason) == ("published", "found on the channel")
    assert [entry["title"] for entry in life.sandbox.record(kind="wordpress", place=web) if entry["public"]] == ["a.md"]


# Files that are no files


def test_a_file_name_that_is_no_text_stops_nothing(life: Life) -> None:
    folder = os.fsencode(life.directory / CAMPAIGN)
    Path(os.fsdecode(folder + b"/\xff.md")).write_bytes(b"---\ntitle: t\n---\nx\n")
    life.began(ONE)
    life.at("02-14 09:00")
    assert life.seen() == [FIRST]
    assert ["not UTF-8" in mistake.text for mistake in life.running.mistakes] == [True]
    code, said = check(life)
    assert code == 1
    assert r"\udcff.md:1:1: this file's name is not UTF-8" in said
    assert verb(life, "status")[0] == 0


def test_a_file_name_that_is_no_text_appears_while_it_runs(life: Life) -> None:
    life.began(ONE)
    folder = os.fsencode(life.directory / CAMPAIGN)
    Path(os.fsdecode(folder + b"/\xff.md")).write_bytes(b"---\ntitle: t\n---\nx\n")
    assert life.edit()
    life.at("02-14 09:00")
    assert life.seen() == [FIRST]


@pytest.mark.parametrize("length", ["999999 weeks", "3661 days"])
def test_a_length_of_more_than_ten_years_is_a_mistake(life: Life, length: str) -> None:
    life.channels("tg", loa=f"sessions: [05:15], ready: {length}")
    life.schedules(f"{ONE}\nt: {{content: a.md, at: sessions, to: loa}}")
    code, said = check(life)
    assert code == 1
    assert f"channels.yaml:5:66: '{length}' is longer than ten years" in said


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)


NO_FILES: dict[Callable[[Path], None], str] = {
    _pipe: "it is no ordinary file",
    _device: "it is no ordinary file",
    _sparse: "it is larger than 32 MB",
}


@pytest.mark.parametrize("make", NO_FILES)
@pytest.mark.parametrize("name", ["schedules.yaml", "channels.yaml"])
def test_what_is_no_ordinary_file_is_not_read_as_yaml(life: Life, make: Callable[[Path], None], name: str) -> None:
    life.schedules(ONE)
    (life.directory / name).unlink()
    make(life.directory / name)
    code, said = check(life)
    assert code == 1
    assert f"cannot be read: {NO_FILES[make]}" in said


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_ordinary_file_is_no_image(life: Life, make: Callable[[Path], None]) -> None:
    life.message("a.md", image="{file: x.jpg, alt: Ảnh}")
    life.schedules(ONE)
    make(life.directory / CAMPAIGN / "x.jpg")
    code, said = check(life)
    assert code == 1
    assert "a.md:3:15: the image 'x.jpg'" in said
    assert "is not there" not in said  # it is, and nobody would find out what is wrong with it


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_ordinary_file_is_no_message(life: Life, make: Callable[[Path], None]) -> None:
    life.schedules(f"{ONE}\nt: {{content: x.md, at: 08:00, to: tg2}}")
    make(life.directory / CAMPAIGN / "x.md")
    code, said = check(life)
    assert code == 1
    assert "x.md" in said


# A channel that goes


def test_what_a_person_sent_to_a_channel_that_goes_is_cancelled(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: tg2}")
    life.sandbox.fault("telegram", "too-many", place=f"@{life.mark}_tg", seconds=600)
    life.send("b.md", "tg")
    assert life.story(channel="tg") == ["02-14 07:00 tg planned"]
    life.channels("tg2", loa="sessions: [05:15, 17:00], ready: 12h")
    assert life.edit()
    life.at("02-16 09:00")
    row = life.row("02-14 07:00")
    assert (row.state.value, row.reason) == ("cancelled", "an edit took it out of the plan")
    assert life.seen("tg") == []
    life.unmoved()


# Feeds


def feed(life: Life) -> str:
    return f"f: {{feed: 'https://bo.example.vn/{life.mark}.xml', at: [08:00, 12:00, 16:00], to: tg}}"


def test_a_feed_goes_on_after_the_clock_was_ahead_for_a_while(life: Life) -> None:
    life.news(life.mark)
    life.began(feed(life))
    app = life.running
    life.clock.set(life.clock.now().replace(year=2030))
    app.plan()
    app.poll_feeds()
    app.work()
    app.dispatcher.drain()
    life.clock.set(life.instant("02-14 07:01"))
    app.plan()
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 08:00 Tin 1"]
    with app.store.read() as view:
        polled = feeds.polled(view, f"https://bo.example.vn/{life.mark}.xml").polled_at
    assert polled
    assert life.instant("02-14 18:00") < polled <= life.clock.now()


def test_while_nothing_happens_nothing_is_written(life: Life) -> None:
    life.news(life.mark, ("02-14 07:10", "Tin 1"))
    life.began(feed(life))
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 Tin 1"]
    life.running.work()
    before = life.running.store.changes()
    for minute in range(1, 10):
        life.clock.set(life.instant(f"02-14 09:0{minute}"))
        assert life.running.work() == 0
    assert life.running.store.changes() == before


# What people decided


def test_what_a_person_released_stays_so(life: Life) -> None:
    life.began(f"s: {{content: a.md, {DAY}, at: 08:00, to: tg}}")
    life.at("02-14 09:00")
    life.changed(f"s: {{content: a.md, {DAY}, at: '14:00', to: tg}}")
    assert state(life, "02-14 14:00") == "skipped"
    life.release(life.row("02-14 14:00"))
    for hour in range(9, 14):
        life.at(f"02-14 {hour:02}:30")
        life.running.plan()
        assert state(life, "02-14 14:00") == "planned"
    life.unmoved()
    life.at("02-14 15:00")
    assert life.seen() == [FIRST, "02-14 14:00 a.md"]


def test_what_a_person_holds_stays_held_when_its_time_is_edited(life: Life) -> None:
    life.began(f"s: {{content: a.md, {DAY}, at: 10:00, to: [tg, tg2]}}")
    life.hold(life.row("02-14 10:00"), "chờ số liệu")
    life.changed(f"s: {{content: a.md, {DAY}, at: '14:00', to: [tg, tg2]}}")
    row = life.row("02-14 14:00")
    assert (row.state.value, row.reason) == ("held", "chờ số liệu")
    life.unmoved()
    life.at("02-14 15:00")
    assert life.seen("tg") == []
    assert life.seen("tg2") == ["02-14 14:00 a.md"]
    life.release(life.row("02-14 14:00"))
    assert life.seen("tg") == ["02-14 15:00 a.md"]


# A template without end


def test_a_template_without_end_costs_one_time_out_for_all_its_channels(life: Life) -> None:
    webs = [f"web{number}" for number in range(5)]
    life.channels("tg", *webs)
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}{{ occurrence }}"
    life.message("endless.md", text=loop)
    sites = ", ".join(map(life.site, webs))
    life.began(f"{ONE}\nr: {{content: endless.md, {DAY}, at: 08:00, to: [{sites}]}}", "02-14 06:30")
    life.clock.set(life.instant("02-14 08:00"))
    life.running.renderer.render("{{ 1 }}", {})  # its process has started
    began = time.monotonic()
    life.running.work()
    elapsed = time.monotonic() - began
    life.running.dispatcher.drain()
    assert elapsed < 2 * life.running.renderer._timeout
    assert state(life, "02-14 08:00") == "published"
    for web in webs:
        row = life.row("02-14 08:00", life.site(web))
        assert row.state.value == "failed"
        assert "longer than 2 seconds" in row.reason


def test_what_has_no_message_is_not_released(life: Life) -> None:
    life.message("f/1.md", "a")
    life.began("s: {content: f/, until: 2022-02-16, at: 08:00, to: tg, rest: 10 days}")
    life.at("02-14 09:00")
    assert state(life, "02-15 08:00") == "skipped"
    with pytest.raises(Objection, match="has no message"):
        life.release(life.row("02-15 08:00"))
