"""The verbs that stop and let go whole scopes: `pause`, `resume`, `channels`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.base import Unavailable
from publisher.breaker import FAILURES, Circuit
from publisher.delivery import State
from publisher.store import breakers, pauses
from publisher.store.breakers import Heard
from publisher.store.pauses import Cause, Scope
from sandbox.client import Sandbox
from tests.offices import Done, Office

WHO = ("--as", "Hà", "--because", "bão số 9")
#: The options of a scope, with its name and how it is called in a sentence.
SCOPES = [
    (("--all",), "", "everything"),
    (("--campaign", "c"), "c", "campaign c"),
    (("--channel", "web"), "web", "channel web"),
]


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    office = Office(tmp_path / "office", sandbox)
    office.plan()
    return office


def assert_refused(done: Done, text: str) -> None:
    assert (done.code, done.said) == (1, "")
    assert text in done.warned


def silence(office: Office, channel: str) -> datetime:
    """Let a channel's breaker open; the instant of its next probe."""
    with office.looking() as store, store.write() as tx:
        for _ in range(FAILURES):
            breakers.note(tx, [Heard(channel, Unavailable("x"), "refuses the connection", datetime.now(UTC), 0.5)])
        probe = breakers.get(tx, channel).probe_at
    assert probe
    return probe


@pytest.mark.parametrize(("options", "name", "what"), SCOPES)
def test_pause_and_resume_are_logged_with_who_and_why(
    office: Office, options: tuple[str, ...], name: str, what: str
) -> None:
    done = office.call("pause", *options, *WHO)
    assert done.said.splitlines()[0] == f"paused: {name or 'everything'}"
    assert_refused(office.call("pause", *options, *WHO), f"{what} is paused: bão số 9 (it was paused by Hà)")
    (pause,) = office.status()["paused"]
    assert (pause["scope"], pause["name"], pause["reason"], pause["who"]) == (options[0][2:], name, "bão số 9", "Hà")
    shown = office.call("status").said
    assert f"Paused: {name or 'everything'}: bão số 9  (publisher resume {' '.join(options)} --as NAME" in shown
    assert office.call("resume", *options, "--as", "Lan", "--because", "tan bão").said == (
        f"resumed: {name or 'everything'}\n"
    )
    assert_refused(office.call("resume", *options, *WHO), "is not paused (paused is: nothing)")
    assert office.status()["paused"] == []
    for event, who, why in (("paused", "Hà", "bão số 9"), ("resumed", "Lan", "tan bão")):
        (entry,) = office.log(event)
        assert (entry["scope"], entry.get(options[0][2:], ""), entry["reason"]) == (options[0][2:], name, why)
        assert entry["who"] == {"name": who, "role": "person", "verified": False}


def test_a_paused_campaign_goes_out_nowhere_until_it_is_resumed(office: Office) -> None:
    assert office.call("pause", "--campaign", "c", *WHO).code == 0
    office.live(hours=9)
    assert office.published("wordpress", office.web) == []
    held = office.rows(channel="web", state="held")
    assert {row.reason for row in held} == {"campaign c is paused: bão số 9"}
    assert office.status()["needs"] == []  # nobody has to release them one by one


def test_what_is_not_there_cannot_be_paused(office: Office) -> None:
    refused = office.call("pause", "--channel", "webb", *WHO)
    assert_refused(refused, "there is no channel 'webb' (there are: web, tg, hop, loa)")
    assert_refused(office.call("pause", "--campaign", "tet", *WHO), "there is no campaign 'tet' (there are: c)")
    assert_refused(office.call("pause", "--all", "--as", " ", "--because", "x"), "a name is needed")
    assert_refused(office.call("pause", "--all", "--as", "Hà", "--because", " "), "a reason is needed")
    assert office.call("pause", *WHO).code == 2
    assert office.call("pause", "--all", "--channel", "web", *WHO).code == 2
    assert office.log("paused") == []


def test_resume_says_what_stands_in_the_way_still(office: Office) -> None:
    office.call("pause", "--all", *WHO)
    office.call("pause", "--channel", "web", *WHO)
    done = office.call("resume", "--channel", "web", *WHO)
    assert done.said == "resumed: web\nstill: everything is paused: bão số 9\n"


def test_channels_shows_how_every_channel_does(office: Office) -> None:
    probe = silence(office, "web")
    with office.looking() as store, store.write() as tx:
        since = datetime(2022, 2, 14, 1, 0, tzinfo=UTC)
        pauses.pause(tx, Scope.CHANNEL, "tg", "the token is not valid", since, cause=Cause.CREDENTIALS)
    office.call("pause", "--campaign", "c", *WHO)
    lines = office.call("channels").said.splitlines()
    assert lines[0].startswith("campaign c is paused: bão số 9  (since ")
    assert lines[1].split() == ["CHANNEL", "KIND", "AGENCY", "WAIT", "NEXT", "TRY", "STATE"]
    shown = {line.split()[0]: line for line in lines[2:]}
    assert list(shown) == ["web", "tg", "hop", "loa"]
    assert "  does not answer since " in shown["web"]
    assert shown["web"].endswith(": refuses the connection")
    assert "  paused since 2022-02-14 08:00: the token is not valid" in shown["tg"]
    assert shown["hop"].split() == ["hop", "inbox", "Sở", "Thông", "tin", "–", "–", "works"]

    found = {one["channel"]: one for one in office.call("channels", "--json").json()}
    assert [found[name]["state"] for name in ("web", "tg", "hop", "loa")] == ["silent", "paused", "works", "works"]
    assert datetime.fromisoformat(found["web"]["next_try"]) == probe
    assert (found["web"]["failures"], found["web"]["last_error"]) == (FAILURES, "refuses the connection")
    assert [found["hop"][name] for name in ("since", "failures", "last_error", "next_try")] == [None, 0, None, None]
    assert office.status()["silent"] == ["web"]
    assert "Does not answer: web: refuses the connection  (publisher channels)" in office.call("status").said


def test_channels_counts_what_waits(office: Office) -> None:
    office.call("pause", "--channel", "web", *WHO)
    office.call("send", "c/khai-mac.md", "--to", "web", "--as", "Nga")
    found = {one["channel"]: one["waiting"] for one in office.call("channels", "--json").json()}
    assert found == {"web": 1, "tg": 0, "hop": 0, "loa": 0}


def test_channels_resume_lets_a_paused_one_go_on_and_tries_a_silent_one(office: Office) -> None:
    office.call("pause", "--channel", "tg", *WHO)
    assert office.call("channels", "resume", "tg", *WHO).said == "resumed: tg\n"
    assert_refused(office.call("channels", "resume", "tg", *WHO), "channel 'tg' is not paused (paused is: nothing)")
    silence(office, "web")
    assert office.call("channels", "resume", "web", *WHO).said == "resumed: web\n"
    with office.looking() as store, store.read() as view:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        assert breakers.broken(view)["web"].circuit(soon) is Circuit.HALF_OPEN
    (entry,) = office.log("tried")
    assert (entry["channel"], entry["reason"], entry["who"]["name"]) == ("web", "bão số 9", "Hà")
    assert office.rows(state=State.HELD.value) == []
