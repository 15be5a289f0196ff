"""The verbs that decide, `approve` to `settle`, with `send` and `inbox`: what is meant, done, and refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from publisher.delivery import State
from sandbox.client import Sandbox
from tests.offices import CAMPAIGN, SECRETS, Done, Office

WHO = ("--as", "Hà", "--because", "đợi số liệu")


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    office = Office(tmp_path / "office", sandbox)
    office.plan()
    return office


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Sandbox]:
    yield sandbox
    sandbox.clear_faults()


def states(office: Office, state: State) -> set[tuple[str, str | None]]:
    """Channel and message of the deliveries in a state."""
    return {(row.channel, row.message) for row in office.rows(state=state.value)}


def assert_refused(done: Done, text: str) -> None:
    assert (done.code, done.said) == (1, "")
    assert text in done.warned


LOA, SANG = {("loa", "loa/01.md"), ("loa", "loa/02.md")}, {("web", "khai-mac.md"), ("hop", "khai-mac.md")}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["c"], LOA | SANG),
        (["c/sang"], SANG),
        (["c/khai-mac.md"], SANG),
        (["loa/02.md"], {("loa", "loa/02.md")}),
        (["loa"], LOA),
        (["c/sang", "web"], {("web", "khai-mac.md")}),
    ],
)
def test_a_filter_names_campaigns_schedules_messages_and_channels(
    office: Office, words: list[str], meant: set[tuple[str, str]]
) -> None:
    assert office.call("hold", *words, *WHO).code == 0
    assert states(office, State.HELD) == meant
    assert states(office, State.PLANNED) == (LOA | SANG) - meant


def test_numbers_add_up_and_names_narrow_them_down(office: Office) -> None:
    web, hop, loa = (office.rows(channel=name)[0].id for name in ("web", "hop", "loa"))
    done = office.call("cancel", str(web), f"#{hop}", str(loa), "c/sang", *WHO)
    assert [line.split()[1] for line in done.said.splitlines()] == [str(web), str(hop)]
    assert done.said.startswith(f"cancelled: {web}  {office.first} 08:00  c/sang  web  khai-mac.md\n")
    assert {row.id for row in office.rows(state="cancelled")} == {web, hop}


def test_what_means_nothing_is_refused_and_changes_nothing(office: Office) -> None:
    before = office.rows()
    number = str(before[0].id)
    for verb, words, text in (
        ("hold", ["moc"], "nothing that is planned or awaiting is meant by 'moc'"),
        ("hold", ["c/sang", "loa"], "nothing that is planned or awaiting is meant by 'c/sang loa'"),
        ("hold", [number, "99999"], "there is no delivery 99999"),
        ("hold", ["²"], "is meant by '²'"),
        ("release", [number], f"delivery {number} is planned; this verb takes what is held or failed"),
        ("release", ["web"], "nothing that is held is meant by 'web'"),
        ("settle", [number, "--absent"], f"delivery {number} is planned; this verb takes what is needs_person"),
    ):
        assert_refused(office.call(verb, *words, *WHO), text)
    assert_refused(office.call("hold", number, "--as", " ", "--because", "x"), "a name is needed")
    assert office.rows() == before


def test_hold_release_and_cancel_are_logged_with_who_and_why(office: Office) -> None:
    number = office.rows(channel="web")[0].id
    for verb, state in (("hold", State.HELD), ("release", State.PLANNED), ("cancel", State.CANCELLED)):
        assert office.call(verb, str(number), *WHO).code == 0
        (row,) = [row for row in office.rows() if row.id == number]
        entry = office.log(state.value)[-1]
        assert (row.state, entry["delivery"], entry["reason"]) == (state, number, "đợi số liệu")
        assert entry["who"] == {"name": "Hà", "role": "person", "verified": False}
    assert_refused(office.call("release", "web", *WHO), "nothing that is held is meant by 'web'")
    assert office.call("release", "web", "--ended", *WHO).code == 0  # by name only when it is asked for
    assert states(office, State.CANCELLED) == set()


def test_a_paused_channel_is_resumed_by_name(office: Office) -> None:
    office.process("send", "c/khai-mac.md", "--to", "tg", "--as", "Nga", env={})
    assert [pause["name"] for pause in office.status()["paused"]] == ["tg", "web"]
    refused = office.call("resume", "--channel", "hop", *WHO)
    assert_refused(refused, "channel 'hop' is not paused (paused is: channel tg, channel web)")
    assert office.call("resume", "--channel", "tg", *WHO).said.splitlines()[0] == "resumed: tg"
    assert [pause["name"] for pause in office.status()["paused"]] == ["web"]


def test_approve_shows_each_post_and_approves_only_with_a_name(office: Office) -> None:
    office.edit("    title:", "    approval: once-per-text\n    title:")
    office.message("khai-mac.md", "Khai mạc", "Kênh {{ channel.kind }}.", author="Nga")
    office.plan()
    shown = office.call("approve", "c/khai-mac.md")
    assert "Kênh wordpress." in shown.said
    assert "Kênh inbox." in shown.said
    assert "2 texts to approve: do it with the same command and --as NAME [--document NO]." in shown.said
    assert states(office, State.AWAITING) == LOA | SANG

    assert_refused(office.call("approve", "tri-an.md", "--as", "Hà"), "no text that waits for approval is meant by")
    own = office.call("approve", "c/khai-mac.md", "--as", "nga")
    assert (own.code, own.warned) == (1, "khai-mac.md was written by Nga: somebody else has to approve it\n")

    done = office.call("approve", "khai-mac.md", "web", "--as", "Hà", "--document", "07/TB")
    assert "Approved by Hà: 1 text." in done.said
    assert states(office, State.PLANNED) == {("web", "khai-mac.md")}
    assert office.log("approved")[0]["document"] == "07/TB"
    assert office.call("cancel", "hop", *WHO).code == 0
    assert office.call("release", "hop", "--ended", *WHO).code == 0
    assert states(office, State.AWAITING) == LOA | {("hop", "khai-mac.md")}  # at once, not only when it is due
    numbers = [str(row.id) for row in office.rows(channel="loa")]
    assert "Approved by Hà: 2 texts." in office.call("approve", *numbers[:2], "--as", "Hà").said
    assert states(office, State.AWAITING) == {("hop", "khai-mac.md")}
    office.call("approve", "--as", "Hà")
    assert office.call("approve").said == "Nothing waits for approval.\n"


def test_where_every_post_is_approved_only_those_that_are_meant(office: Office) -> None:
    office.edit("    title:", "    approval: every-post\n    title:")
    office.plan()
    first, second, *_ = office.rows(channel="web")
    assert office.call("approve", str(first.id), "--as", "Hà").code == 0
    assert {row.id for row in office.rows(state="planned")} == {first.id}
    assert office.call("approve", "hop", "--as", "Hà").code == 0
    assert {row.channel for row in office.rows(state="planned")} == {"hop", "web"}
    assert second.id in {row.id for row in office.rows(state="awaiting")}


def test_settle_ends_a_doubt(office: Office, faults: Sandbox) -> None:
    faults.fault("telegram", "accept-then-504", place=f"@{office.tg}", times=2)
    office.send("khai-mac.md", "tg", "tg")
    first, second = office.rows(state="needs_person")
    url = "https://t.me/songvamaytinh/7"
    assert office.call("settle", str(first.id), "--published", url, *WHO).code == 0
    assert office.call("settle", str(second.id), "--absent", *WHO).code == 0
    (published,) = office.rows(state="published")
    assert published.receipt is not None
    assert (published.id, published.receipt.url) == (first.id, url)
    assert [row.id for row in office.rows(channel="tg", state="planned")] == [second.id]


def test_send_by_itself_prints_the_address_and_sends_nothing_else(office: Office) -> None:
    done = office.process("send", "c/khai-mac.md", "--to", "web", "--as", "Nga")
    (row,) = office.rows(name="c/@send")
    assert row.receipt is not None
    assert (done.code, done.said) == (0, f"#{row.id}  web  khai-mac.md  published  {row.receipt.url}\n")
    assert "Khai mạc" in requests.get(str(row.receipt.url), timeout=10).text
    assert {one.state for one in office.rows(name="c/sang")} == {State.PLANNED}
    assert office.log("planned")[-1]["who"]["name"] == "Nga"

    for path in ("c/khai-mac.md", f"./{CAMPAIGN}/khai-mac.md", f"{office.directory}/{CAMPAIGN}/khai-mac.md"):
        again = office.call("send", path, "--to", "web", "--as", "Nga")
        assert again.code == 1
        assert "khai-mac.md is out, or on its way, on web (send it once more with --again)" in again.warned
    assert len(office.published("wordpress", office.web)) == 1
    assert office.process("send", "c/khai-mac.md", "--to", "web", "--again").code == 0
    assert len(office.published("wordpress", office.web)) == 2


def test_send_to_a_station_waits_for_its_next_session(office: Office) -> None:
    office.edit("ready: 12h", "ready: 1s", "conf/channels.yaml")
    done = office.process("send", "c/loa/01.md", "--to", "loa", "--as", "Nga")
    (row,) = office.rows(name="c/@send")
    assert row.session is not None
    assert row.session - datetime.now(UTC) < timedelta(hours=13)
    assert done.code == 0
    assert "if `publisher run` is at work then" in done.said
    assert row.state is State.PLANNED


@pytest.mark.parametrize(
    ("message", "channel", "text"),
    [
        ("c/khai-mac.md", "webb", "there is no channel 'webb' (there are: web, tg, hop, loa)"),
        (
            "c/khai-mak.md",
            "web",
            "there is no message 'c/khai-mak.md' in the plan that is in force (write it like c/kh",
        ),
        (
            "khai-mac.md",
            "web",
            "there is no message 'khai-mac.md' in the plan that is in force (write it like c/khai-m",
        ),
        ("c/", "web", "there is no message 'c/'"),
    ],
)
def test_send_complains_with_a_hint(office: Office, message: str, channel: str, text: str) -> None:
    done = office.call("send", message, "--to", channel, "--as", "Nga")
    assert_refused(done, text)
    assert office.rows(name="c/@send") == []


def test_links_of_inboxes_are_shown_renewed_and_revoked(office: Office) -> None:
    listed = office.call("inbox", "list")
    name, path = listed.said.split()
    assert (name, path[:3], path[-1]) == ("hop", "/i/", "/")
    assert "publisher run" in listed.warned
    whole = office.call("inbox", "list", "--url", "https://tt.example.vn/")
    assert (whole.said, whole.warned) == (f"hop  https://tt.example.vn{path}\n", "")

    renewed = office.call("inbox", "renew", "hop", "--as", "Hà").said.split()[1]
    assert renewed != path
    assert office.call("inbox", "revoke", "hop", "--as", "Hà").said == "hop  (revoked)\n"
    assert office.call("inbox", "list").said == "hop  (revoked)\n"
    assert_refused(office.call("inbox", "revoke", "web", "--as", "Hà"), "'web' is no inbox (there are: hop)")
    assert [entry["event"] for entry in office.log() if "link" in entry["event"]] == [
        "link_made", "link_revoked", "link_made", "link_revoked",
    ]  # fmt: skip
    key = office.directory / "var" / "keys" / "inbox.key"
    assert (len(key.read_bytes()), key.stat().st_mode & 0o777) == (32, 0o600)
    assert list(key.parent.iterdir()) == [key]
    assert SECRETS["WEB_PASSWORD"] not in str(office.log())
