"""`publisher correct`, `withdraw`, `story` and `release MESSAGE`, as somebody at the desk types them."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.offices import CAMPAIGN, Office

WHO = ("--as", "Lan", "--because", "sai ngày")
MESSAGE = f"{CAMPAIGN}/khai-mac.md"


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    office = Office(tmp_path / "office", sandbox)
    office.message("khai-mac.md", "Khai mạc", "Khai mạc ngày 20.")
    for channel in ("web", "tg", "hop"):
        assert office.process("send", MESSAGE, "--to", channel, "--as", "Nga").code == 0
    return office


def edited(office: Office, text: str = "Khai mạc ngày 22.") -> None:
    office.message("khai-mac.md", "Khai mạc", text)


def test_it_is_done_by_the_command_itself_where_nothing_runs(office: Office) -> None:
    edited(office)
    done = office.process("correct", MESSAGE, *WHO)
    assert done.code == 0, done.warned
    assert "Done: 3 of 3." in done.said
    assert "a notice is out: Đính chính: Khai mạc" in done.said
    assert office.published("wordpress", office.web) == ["Khai mạc", "Khai mạc"]
    again = office.process("correct", MESSAGE, *WHO)
    assert again.said.count("its text is this one already") == 3


def test_it_is_done_by_the_daemon_where_it_runs(office: Office) -> None:
    with office.run():
        for day in (22, 23, 24):
            edited(office, f"Khai mạc ngày {day}.")  # saved a moment ago: the daemon has not noticed it yet
            done = office.call("correct", MESSAGE, *WHO)
            assert "Done: 3 of 3." in done.said
            assert f"ngày {day}" in office.sandbox.record(kind="wordpress", place=office.web)[-1]["text"]
        done = office.call("withdraw", MESSAGE, "--as", "Lan", "--because", "hủy")
        assert done.said.count("withdrawn") == 2
    assert office.sandbox.record(kind="wordpress", place=office.web)[-1]["action"] == "delete"


@pytest.mark.parametrize("runs", [True, False])
def test_files_with_mistakes_correct_nothing_and_hinder_no_withdrawal(office: Office, runs: bool) -> None:
    with office.run() if runs else nullcontext():
        office.message("khai-mac.md", "Khai mạc", "Ngày {{ ngay }}.")
        done = office.process("correct", MESSAGE, *WHO)
        assert done.code == 1
        assert "the message has mistakes" in done.warned
        assert "'ngay' is not defined" in done.warned
        office.edit("timezone:", "timezon:")
        done = office.process("correct", MESSAGE, *WHO)
        assert done.code == 1
        assert "the files have mistakes" in done.warned
        assert office.process("withdraw", MESSAGE, "--as", "Lan", "--because", "hủy").code == 0


def test_what_cannot_be_mended_is_named_with_whom_to_call(office: Office) -> None:
    edited(office)
    office.edit("  tg: {kind: telegram", "  tg-cu: {kind: telegram", "conf/channels.yaml")
    done = office.process("correct", MESSAGE, *WHO)
    assert done.code == 1
    assert "channel tg is in the plan no more" in done.said
    assert "Call whoever keeps that channel: tg cannot be mended from here." in done.said
    assert "Done: 2 of 3." in done.said


def test_a_message_that_is_out_nowhere(office: Office) -> None:
    done = office.process("correct", f"{CAMPAIGN}/loa/01.md", *WHO)
    assert (done.code, done.said) == (0, "loa/01.md is out nowhere: there is nothing to mend.\n")


def test_a_message_that_is_not_there(office: Office) -> None:
    done = office.process("correct", "c/khai-mạc.md", *WHO)
    assert done.code == 1
    assert "there is no message 'c/khai-mạc.md'" in done.warned


def test_a_reason_and_a_name_are_needed(office: Office) -> None:
    assert office.process("withdraw", MESSAGE).code == 2
    done = office.process("withdraw", MESSAGE, "--as", "Lan", "--because", " ")
    assert (done.code, "a reason is needed" in done.warned) == (1, True)
    assert office.log("withdrawing") == []


def test_a_withdrawn_message_is_released_by_its_name(office: Office) -> None:
    office.process("withdraw", MESSAGE, "--as", "Lan", "--because", "hủy")
    refused = office.process("send", MESSAGE, "--to", "web", "--again")
    assert "is withdrawn (let it be sent again with `publisher release c/khai-mac.md`)" in refused.warned
    done = office.process("release", "c/khai-mac.md", "--as", "Lan", "--because", "vẫn tổ chức")
    assert "may be sent again" in done.said
    assert office.process("send", MESSAGE, "--to", "web", "--again").code == 0


def test_the_story_tells_all_of_it(office: Office, tmp_path: Path) -> None:
    edited(office)
    office.process("correct", MESSAGE, *WHO)
    office.process("withdraw", MESSAGE, "--as", "Hà", "--because", "hủy <buổi>")
    told = office.call("story", MESSAGE).said
    for text in ("Khai mạc ngày 20.", "Khai mạc ngày 22.", "Lan: asked for a correction – sai ngày", "withdrawn"):
        assert text in told
    page = tmp_path / "story.html"
    assert office.call("story", MESSAGE, "--html", str(page)).code == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("Khai mạc ngày 22.") >= 3
    assert "hủy &lt;buổi&gt;" in html
    assert "http" not in html.replace(office.sandbox.url, "").split("<body>")[0].replace("http-equiv", "")
