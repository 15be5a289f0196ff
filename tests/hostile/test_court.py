"""The court convicts: each kind of harm that a case can do is noticed, and the cases after it are read all the same."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.hostile.court import Court, Verdict
from tests.hostile.traps import DEEDS, TRAPS


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Verdict]]:
    folder: Path = tmp_path_factory.mktemp("traps")
    return Court(folder, slowest=0.5, patience=6.0).verdicts(TRAPS.causes.values())


HARM = {
    "nothing": "",
    "hangs": "hangs",
    "crashes": "crashes: Traceback",
    "dies": "ends the process that reads it (-9)",
    "reads": "reached entity.txt outside of the workspace",
    "follows": "reached entity.txt outside of the workspace",
    "writes": "wrote to ",
    "works": "s of the processor",
    "hoards": "MB of memory",
    "logs": "shows a secret",
    "leaves": "behind the scenes: ResourceWarning",
    "shows": "shows a secret",
    "nothing more": "",
}


def test_every_harm_is_noticed(verdicts: Mapping[str, list[Verdict]]) -> None:
    found = verdicts["traps: every harm"]
    assert len(found) == len(DEEDS) == len(HARM)
    for name, verdict in zip(HARM, found, strict=True):
        assert HARM[name] in verdict.harm if HARM[name] else not verdict.harm, (name, verdict)


def test_what_must_be_refused_and_is_not_is_harm(verdicts: Mapping[str, list[Verdict]]) -> None:
    (found,) = verdicts["traps: what is taken where it should not"]
    assert found.harm.startswith("is taken")


def test_a_server_that_nobody_may_ask_is_watched(verdicts: Mapping[str, list[Verdict]]) -> None:
    *_, found = verdicts["traps: what asks"]
    assert found.harm == "a server that nobody may ask was asked"


def test_a_cause_that_cannot_be_made_is_no_success(verdicts: Mapping[str, list[Verdict]]) -> None:
    good, bad = verdicts["traps: what cannot be made"]
    assert not good.harm
    assert "ValueError" in bad.harm
