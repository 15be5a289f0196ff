"""Whatever comes and goes, fails and restarts: nobody is left without news, and nobody hears of a thing twice."""

import re
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.alerts.conditions import Sight
from publisher.store import log
from publisher.store.database import Store
from publisher.store.log import DAEMON
from tests.alarms import ROOMY, Alarms, failing
from tests.benches import NOW
from tests.test_alerts import ALL, A, plan

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["full", "free", "jump", "restart", "broken", "mended", "wait"]),
        st.sampled_from([MINUTE, 7 * MINUTE, 3 * HOUR, 13 * HOUR]),
    ),
    max_size=12,  # less than the week for which moments are kept
)
#: In the end all is mended, and there is time to hear of it.
END = [("mended", MINUTE), ("wait", 2 * HOUR), ("wait", MINUTE)]


@settings(max_examples=25, deadline=None)
@given(ACTS)
def test_any_course_of_events(acts: list[tuple[str, timedelta]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "publisher.db"
        path.write_bytes(_empty())
        store = Store.open(path, NOW)
        try:
            alarms = Alarms(store, plan(ALL), NOW)
            alarms.minute()
            heard: list[tuple[datetime, str]] = []
            for act, length in (*acts, *END):
                _carry_out(alarms, act)
                heard += [(alarms.now + length, subject) for subject in alarms.later(length)]
        finally:
            store.close()
    _check_moments(heard, jumps=[act for act, _ in acts].count("jump"))
    _check_standing(heard, is_full=alarms.sight.free == 0)


@cache
def _empty() -> bytes:
    """A database in which nothing has happened."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "publisher.db"
        Store.open(path, NOW).close()
        return path.read_bytes()


def _carry_out(alarms: Alarms, act: str) -> None:
    match act:
        case "full" | "free":
            alarms.sight = Sight((), 0 if act == "full" else ROOMY)
        case "jump":
            with alarms.store.write() as tx:
                log.append(tx, "clock_jumped", alarms.now, DAEMON)
        case "restart":
            alarms.restart()
        case "broken":
            alarms.post.errors[A] = failing()
        case "mended":
            alarms.post.errors.clear()


def _check_moments(heard: list[tuple[datetime, str]], jumps: int) -> None:
    """Each is told once."""
    counts = [int(found[1]) for _, subject in heard if (found := re.search(r"(\d+) the machine's clock", subject))]
    assert sum(counts) == jumps


def _check_standing(heard: list[tuple[datetime, str]], is_full: bool) -> None:
    """It is told when it comes, again no sooner than a day later, and when it is over; in turns.

    A message names first what is urgent: that it came again stands before the end of the time before.
    """
    told_at: datetime | None = None
    for at, subject in heard:
        for word in reversed(re.findall(r"(New|Still so|Over): [^;]*the disk", subject)):
            assert (told_at is None) is (word == "New")
            assert word != "Still so" or (told_at and at - told_at >= 24 * HOUR)
            told_at = None if word == "Over" else at
    assert (told_at is not None) is is_full
