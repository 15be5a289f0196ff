"""No hostile input hangs, crashes, escapes or leaks."""

from collections.abc import Mapping

import pytest

from tests.hostile.causes import Cause
from tests.hostile.corpus import CAUSES
from tests.hostile.court import Verdict


@pytest.mark.parametrize("cause", CAUSES, ids=str)
def test_it_does_no_harm(cause: Cause, verdicts: Mapping[str, list[Verdict]]) -> None:
    found = verdicts[str(cause)]
    assert found
    harm = [f"case {number}: {verdict.harm}" for number, verdict in enumerate(found) if verdict.harm]
    assert not harm, f"{cause} ({cause.why})\n" + "\n".join(harm)


def test_there_are_many_and_they_are_the_same_every_time() -> None:
    assert len({cause.name for cause in CAUSES}) >= 60
    assert len({cause.why for cause in CAUSES}) >= 60
    cases = 0
    for cause in CAUSES:
        first, second = ([case for case in cause.cases() if isinstance(case, bytes)] for _ in range(2))
        assert first == second, cause
        cases += len(set(first))
    assert cases >= 500
