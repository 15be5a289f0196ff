"""What a breaker tried: servers that fail half-way while somebody edits, moves, cancels and puts back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels.telegram import Telegram
from publisher import decisions
from publisher.decisions import person
from sandbox.client import Sandbox
from tests.lives import Life, living

DAY = "days: 2022-02-14"
EIGHT = f"s: {{content: long.md, {DAY}, at: 08:00, to: tg}}"
FOURTEEN = f"s: {{content: long.md, {DAY}, at: '14:00', to: tg}}"
OTHER = "z: {content: a.md, days: 2022-02-24, at: 08:00, to: tg}\n"
#: Three messages of Telegram.
LONG = "\n\n".join(f"Đoạn {number} " + "từ " * 300 for number in range(12))

Fault = Callable[..., None]


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        life.message("a.md")
        life.message("b.md")
        life.message("long.md", text=LONG)
        yield life


@pytest.fixture
def on_part_two(life: Life, monkeypatch: pytest.MonkeyPatch) -> Fault:
    """Orders a fault that meets the second message to the chat: it is ordered once the first has been taken."""
    waiting: list[tuple[str, float | None]] = []
    send = Telegram._send

    def watched(*args: object) -> int:
        number = send(*args)  # type: ignore[arg-type]
        if waiting:
            fault, seconds = waiting.pop()
            life.sandbox.fault("telegram", fault, place=f"@{life.mark}_tg", request="sendMessage", seconds=seconds)
        return number

    monkeypatch.setattr(Telegram, "_send", watched)
    return lambda fault, seconds=None: waiting.append((fault, seconds))


def parts(life: Life) -> list[str]:
    """The texts in the chat: nobody else writes there."""
    return [entry["text"] for entry in life.sandbox.record(kind="telegram", place=f"@{life.mark}_tg")]


def whole_once(life: Life) -> bool:
    """Whether each of the three parts is in the chat, once, and in order."""
    told = "\n".join(parts(life))
    places = [told.find(f"Đoạn {number} ") for number in range(12)]
    return len(parts(life)) == 3 and -1 not in places and places == sorted(places) and told.count("Đoạn") == 12


def state(life: Life, when: str, channel: str = "tg") -> str:
    return life.row(when, channel).state.value


# A website that is down while the plan is edited


def down(life: Life, more: str) -> tuple[str, str]:
    """A website that answers 429 to what would publish the draft; it and its schedule."""
    life.channels("tg", "web")
    web = life.site("web")
    schedule = f"s: {{content: a.md, {DAY}, at: 08:00, to: {web}, {more}}}"
    life.began(OTHER + schedule)
    life.sandbox.fault("wordpress", "too-many", place=web, request="POST /.*/posts/[0-9]+", seconds=60, times=2)
    life.at("02-14 08:00")
    assert state(life, "02-14 08:00", web) == "planned"
    assert life.row("02-14 08:00", web).attempts > 0
    with life.running.store.read() as view:
        assert view.exec_driver_sql("select count(*) from steps where name = 'drafting'").scalar() == 1
    return web, schedule


def test_other_content_while_the_website_is_down_goes_out_once(life: Life) -> None:
    web, schedule = down(life, "late: {grace: 1h, then: send}")
    life.changed(OTHER + schedule.replace("a.md", "b.md"))
    life.at("02-20 08:00")
    assert [line.split(" ", 2)[2] for line in life.seen("web")] == ["b.md"]
    assert life.story(channel=web) == [f"02-14 08:00 {web} published"]
    life.unmoved()


def test_removed_and_put_back_while_the_website_is_down_goes_out_once(life: Life) -> None:
    web, schedule = down(life, "late: {grace: 3h, then: send}")
    life.changed(OTHER)
    assert state(life, "02-14 08:00", web) == "cancelled"
    life.changed(OTHER + schedule)
    life.at("02-20 08:00")
    assert [line.split(" ", 2)[2] for line in life.seen("web")] == ["a.md"]
    assert life.story(channel=web) == [f"02-14 08:00 {web} published"]
    life.unmoved()


# Part of a long message is out


def takes_its_place(life: Life) -> None:
    """The place to which an edit moved what is partly out stays empty, and says why."""
    assert state(life, "02-14 14:00") == "skipped"
    number = life.row("02-14 08:00").id
    assert life.row("02-14 14:00").reason.startswith(f"delivery {number} of 2022-02-14 08:00 takes its place")


def test_the_rest_follows_once_when_the_time_is_moved(life: Life, on_part_two: Fault) -> None:
    life.began(EIGHT)
    on_part_two("too-many", 600)
    life.at("02-14 08:05")
    assert (state(life, "02-14 08:00"), len(parts(life))) == ("planned", 1)
    life.changed(FOURTEEN)
    takes_its_place(life)
    life.at("02-14 18:00")
    assert whole_once(life)
    assert state(life, "02-14 08:00") == "published"
    takes_its_place(life)
    life.unmoved()


def test_the_rest_is_the_text_that_was_begun(life: Life, on_part_two: Fault) -> None:
    life.began(EIGHT)
    on_part_two("too-many", 600)
    life.at("02-14 08:05")
    life.changed(EIGHT.replace("long.md", "a.md"))
    life.message("long.md", text=LONG.replace("Đoạn", "KHÁC"))
    assert life.edit()
    life.at("02-14 18:00")
    assert whole_once(life)


def test_what_was_refused_half_way_does_not_start_again_when_it_is_moved(life: Life, on_part_two: Fault) -> None:
    life.began(EIGHT)
    on_part_two("refuse")
    life.at("02-14 09:00")
    assert (state(life, "02-14 08:00"), len(parts(life))) == ("failed", 1)
    life.changed(FOURTEEN)
    life.at("02-14 18:00")
    assert len(parts(life)) == 1
    takes_its_place(life)
    life.unmoved()


def doubtful(life: Life, on_part_two: Fault) -> None:
    """The second part is not there, but nobody can tell."""
    life.began(EIGHT)
    on_part_two("gateway-timeout")
    life.at("02-14 08:10")
    assert (state(life, "02-14 08:00"), len(parts(life))) == ("needs_person", 1)


@pytest.mark.parametrize("settled_first", [False, True])
def test_the_rest_follows_once_a_person_has_settled_it(life: Life, on_part_two: Fault, settled_first: bool) -> None:
    doubtful(life, on_part_two)
    if not settled_first:
        life.changed(FOURTEEN)
    with life.running.store.write() as tx:
        row, now = life.row("02-14 08:00"), life.clock.now()
        decisions.settle(tx, row, person("Lan"), "không thấy", now, published=False, url=None)
    if settled_first:
        life.changed(FOURTEEN)
    life.at("02-14 18:00")
    assert whole_once(life)
    assert state(life, "02-14 08:00") == "published"
    takes_its_place(life)
    life.unmoved()


def test_a_doubt_that_a_person_gave_up_does_not_start_again_when_it_is_moved(life: Life, on_part_two: Fault) -> None:
    doubtful(life, on_part_two)
    life.cancel(life.row("02-14 08:00"))
    life.changed(FOURTEEN)
    life.at("02-14 18:00")
    assert len(parts(life)) == 1
    assert state(life, "02-14 08:00") == "cancelled"
    takes_its_place(life)
    life.unmoved()


def test_a_doubt_about_all_of_it_that_a_person_gave_up_keeps_its_place_too(life: Life) -> None:
    life.began(f"s: {{content: a.md, {DAY}, at: 08:00, to: tg}}")
    life.sandbox.fault("telegram", "accept-then-504", place=f"@{life.mark}_tg", request="sendMessage")
    life.at("02-14 08:10")
    assert state(life, "02-14 08:00") == "needs_person"
    life.cancel(life.row("02-14 08:00"))
    life.changed(f"s: {{content: a.md, {DAY}, at: '14:00', to: tg}}")
    life.at("02-14 18:00")
    assert len(parts(life)) == 1
    takes_its_place(life)


def test_what_is_partly_out_and_then_too_late_is_held_for_a_person(life: Life, on_part_two: Fault) -> None:
    life.began(EIGHT)
    on_part_two("too-many", 3600)
    life.at("02-14 12:00")
    row = life.row("02-14 08:00")
    assert row.state.value == "held"
    assert row.reason.startswith("part of it is out, and the rest is late (")
    assert len(parts(life)) == 1
    life.release(row)
    assert whole_once(life)
    assert state(life, "02-14 08:00") == "published"
