"""Whose turn it is: turns in order, rests kept, lots that hold still."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.picking import Pick, Turn, Turns, choose, in_order

START = datetime(2022, 2, 14, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ["loa/01.md", "loa/02.md", "loa/03.md"]
HERE = {"loa-dak-mil"}


def turn(day: int, message: str, channel: str = "loa-dak-mil") -> Turn:
    return Turn(START + day * DAY, channel, message)


def pick_next(turns: Turns, day: int, names: list[str] = NAMES, rest: timedelta | None = None) -> str | None:
    return choose(Pick.NEXT, names, turns, START + day * DAY, HERE, rest=rest, seed="s")


def test_turns_go_round_in_file_name_order() -> None:
    turns = Turns()
    found = []
    for day in range(5):
        message = pick_next(turns, day)
        assert message is not None
        found.append(message)
        turns.add(turn(day, message))
    assert found == ["loa/01.md", "loa/02.md", "loa/03.md", "loa/01.md", "loa/02.md"]


def test_file_names_are_in_vietnamese_order() -> None:
    assert in_order(["đi.md", "e.md", "ă.md", "a.md", "z.md", "â.md"]) == [
        "a.md",
        "ă.md",
        "â.md",
        "đi.md",
        "e.md",
        "z.md",
    ]


def test_the_turn_after_a_deleted_file_is_the_one_behind_its_name() -> None:
    assert pick_next(Turns([turn(0, "loa/02.md")]), 1, ["loa/01.md", "loa/03.md"]) == "loa/03.md"


def test_later_turns_do_not_count_as_preceding() -> None:
    assert pick_next(Turns([turn(0, "loa/01.md"), turn(9, "loa/03.md")]), 1) == "loa/02.md"


def test_turns_of_other_channels_do_not_count() -> None:
    assert pick_next(Turns([turn(0, "loa/02.md", "loa-cu-jut")]), 1) == "loa/01.md"


def test_a_message_rests_before_and_after() -> None:
    turns = Turns([turn(0, "loa/01.md"), turn(8, "loa/02.md")])
    assert pick_next(turns, 4, rest=5 * DAY) == "loa/03.md"
    assert pick_next(turns, 5, rest=5 * DAY) == "loa/03.md"  # its own turn is 02, which is three days away from the 8th
    assert pick_next(turns, 5, ["loa/01.md", "loa/02.md"], rest=5 * DAY) == "loa/01.md"  # exactly five days: rested


def test_when_none_is_rested_there_is_none() -> None:
    assert pick_next(Turns([turn(0, "loa/01.md")]), 1, ["loa/01.md"], rest=2 * DAY) is None
    assert pick_next(Turns(), 0, []) is None


names = st.lists(st.text("abcđêô0123", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@given(names, st.integers(0, 400), st.text(max_size=3))
def test_a_lot_depends_on_its_seed_and_occurrence_alone(listing: list[str], day: int, seed: str) -> None:
    def draw(found: list[str]) -> str | None:
        return choose(Pick.RANDOM, found, Turns(), START + day * DAY, HERE, rest=None, seed=seed)

    drawn = draw(listing)
    assert drawn in listing
    assert draw(list(reversed(listing))) == drawn
    others = [name for name in listing if name != drawn]
    assert draw([*others[: len(others) // 2], str(drawn)]) == drawn  # the loss of others changes nothing


@given(names, st.integers(1, 20), st.sampled_from([Pick.NEXT, Pick.RANDOM]), st.integers(1, 6))
def test_no_message_comes_back_before_it_has_rested(listing: list[str], days: int, pick: Pick, rest: int) -> None:
    turns, last = Turns(), dict[str, int]()
    for day in range(days):
        message = choose(pick, listing, turns, START + day * DAY, HERE, rest=rest * DAY, seed="s")
        if message is None:
            assert all(day - last.get(name, -99) < rest for name in listing)
            continue
        assert day - last.get(message, -99) >= rest
        last[message] = day
        turns.add(turn(day, message))


@given(names, st.integers(2, 30))
def test_next_is_fair(listing: list[str], days: int) -> None:
    turns, found = Turns(), []
    for day in range(days):
        message = choose(Pick.NEXT, listing, turns, START + day * DAY, HERE, rest=None, seed="s")
        assert message is not None
        found.append(message)
        turns.add(turn(day, message))
    order = in_order(listing)
    assert found == [order[day % len(order)] for day in range(days)]
