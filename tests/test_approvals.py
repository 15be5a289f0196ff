"""Approval binds to the exact text: none, once per text, every post; and nothing goes out around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.decisions import Objection
from sandbox.client import Sandbox
from tests.lives import Life, living

ONE = "s: {content: a.md, at: 08:00, to: tg}"
ONCE, EVERY = "approval: once-per-text", "approval: every-post"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        life.message("a.md", title="Bản 1", author="Nguyễn Văn Án")
        for name in ("f/1.md", "f/2.md", "f/3.md"):
            life.message(name)
        yield life


def began(life: Life, campaign: str, schedules: str = ONE, when: str = "02-14 07:00") -> None:
    life.schedules(schedules, campaign=campaign)
    life.start(when)


def edited(life: Life, title: str) -> None:
    life.message("a.md", title=title, author="Nguyễn Văn Án")
    life.edit()


def test_a_text_waits_and_goes_out_when_it_is_approved(life: Life) -> None:
    began(life, ONCE)
    assert life.row("02-14 08:00").state.value == "awaiting"
    assert life.approve(document="07/TB-STTTT") == 1
    life.at("02-16 09:00")
    assert life.seen() == [f"02-{day} 08:00 Bản 1" for day in (14, 15, 16)]  # once for every occurrence
    assert life.reasons("02-14 08:00")[1:3] == [
        "awaiting: its text is not approved",
        "planned: approved by Trưởng phòng",
    ]


def test_the_log_has_the_document_the_text_and_a_name_that_nobody_checked(life: Life) -> None:
    began(life, ONCE)
    life.approve(document="07/TB-STTTT")
    (entry,) = [entry for entry in life.log() if entry["event"] == "approved"]
    assert entry["document"] == "07/TB-STTTT"
    assert entry["who"] == {"name": "Trưởng phòng", "role": "person", "verified": False}
    assert entry["revision"] == life.row("02-14 08:00").revision
    life.at("02-14 08:00")
    post = life.row("02-14 08:00").post
    assert post is not None
    assert (post.approver, post.approval_document) == ("Trưởng phòng", "07/TB-STTTT")


def test_approved_after_due_and_within_grace_it_is_sent(life: Life) -> None:
    began(life, ONCE)
    life.at("02-14 08:30")
    life.approve()
    assert life.seen() == ["02-14 08:30 Bản 1"]


def test_approved_later_than_its_grace_it_is_missed(life: Life) -> None:
    began(life, ONCE)
    life.at("02-14 08:31")
    assert (
        life.reasons("02-14 08:00")[-1] == "missed: 31 min late, and at most 30 min are allowed: not approved in time"
    )
    life.approve()
    life.at("02-15 09:00")
    assert life.seen() == ["02-15 08:00 Bản 1"]


@pytest.mark.parametrize("then", ["skip", "send", "ask"])
def test_not_approved_in_time_it_is_missed_whatever_late_says(life: Life, then: str) -> None:
    began(life, ONCE, f"s: {{content: a.md, at: 08:00, to: tg, late: {{grace: 10m, then: {then}}}}}")
    life.at("02-14 08:11")
    assert life.row("02-14 08:00").state.value == "missed"


def test_a_bulletin_may_be_approved_until_its_session(life: Life) -> None:
    life.channels("tg", loa="sessions: [17:00], ready: 12h")
    began(life, ONCE, "s: {content: a.md, at: sessions, to: loa}", when="02-14 04:00")
    life.at("02-14 16:59")
    life.approve()
    assert life.seen() == ["02-14 16:59 2022-02-14/1700: Bản 1"]


@pytest.mark.parametrize("who", ["Nguyễn Văn Án", " nguyễn  văn án ", "Nguye\u0302\u0303n Va\u0306n A\u0301n"])
def test_the_author_cannot_approve(life: Life, who: str) -> None:
    began(life, ONCE)
    with pytest.raises(Objection, match="somebody else has to approve"):
        life.approve(who=who)
    life.at("02-14 09:00")
    assert life.seen() == []


# New texts


def test_a_new_text_waits_and_the_last_approved_one_stays_in_force(life: Life) -> None:
    began(life, ONCE)
    life.approve()
    edited(life, "Bản 2")
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 Bản 1"]
    assert life.approve() == 1
    life.at("02-15 09:00")
    assert life.seen()[1:] == ["02-15 08:00 Bản 2"]
    edited(life, "Bản 1")  # approved once, it is still
    life.at("02-16 09:00")
    assert life.seen()[2:] == ["02-16 08:00 Bản 1"]
    assert life.approve() == 0


def test_a_text_that_was_never_approved_waits_whatever_it_becomes(life: Life) -> None:
    began(life, ONCE)
    edited(life, "Bản 2")
    assert life.row("02-14 08:00").state.value == "awaiting"
    assert life.approve() == 1
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 Bản 2"]


def test_a_changed_fact_asks_again_only_where_it_is_read(life: Life) -> None:
    life.message("b.md", text="Gọi {{ hotline }}.")
    both = ONE + "\nt: {content: b.md, at: 08:00, to: tg2}"
    began(life, ONCE + '\nfacts: {hotline: "1", other: x}', both)
    assert life.approve() == 2
    before = life.row("02-14 08:00").revision
    life.schedules(both, campaign=ONCE + '\nfacts: {hotline: "1", other: y}')
    life.edit()
    assert life.approve() == 0
    life.schedules(both, campaign=ONCE + '\nfacts: {hotline: "2", other: y}')
    life.edit()
    life.at("02-14 09:00")
    assert life.approve() == 1
    life.at("02-15 09:00")
    texts = [entry["text"] for entry in life.sandbox.record(kind="telegram", place=f"@{life.mark}_tg2")]
    assert [text[-2:] for text in texts] == ["1.", "2."]
    assert life.row("02-14 08:00").revision == before


def test_one_text_for_all_channels_is_one_approval_and_names_of_agencies_make_two(life: Life) -> None:
    life.message("b.md", text="{{ channel.name }}")
    began(life, ONCE, "s: {content: a.md, at: 08:00, to: [tg, tg2]}\nt: {content: b.md, at: 09:00, to: [tg, tg2]}")
    assert life.approve(message="a.md") == 1
    assert life.approve(message="b.md") == 2


def test_the_approval_of_one_channels_text_does_not_pass_on_to_another_channel(life: Life) -> None:
    life.message("a.md", text="{{ channel.name }}")
    began(life, ONCE, "s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    assert life.approve(channel="tg") == 1
    life.at("02-14 08:30")
    assert life.seen("tg") == ["02-14 08:00 a.md"]
    assert life.row("02-14 08:00", "tg2").state.value == "awaiting"
    assert life.seen("tg2") == []


def test_a_channels_own_text_stays_in_force_beside_one_for_all_that_was_approved_with_it(life: Life) -> None:
    own = '{tg: "Bản riêng."}'
    life.message("a.md", **{"for": own})
    began(life, ONCE, "s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    assert life.approve() == 2
    before = {name: life.row("02-14 08:00", name).revision for name in ("tg", "tg2")}
    assert len(set(before.values())) == 2
    life.message("a.md", title="Bản 2", **{"for": own})
    life.edit()
    assert {name: life.row("02-14 08:00", name).revision for name in ("tg", "tg2")} == before


def test_what_cannot_be_composed_is_mended_by_an_approved_text_only(life: Life) -> None:
    life.message("a.md", title="Bản 1", text="{{ 1 // 0 }}")
    began(life, ONCE)
    life.approve()
    life.at("02-14 07:30")
    assert life.row("02-14 08:00").state.value == "failed"
    assert life.row("02-14 08:00").reason.startswith("cannot be composed: line 1 of its text")
    life.message("a.md", title="Bản 2")
    life.edit()
    life.at("02-14 08:05")
    assert life.seen() == []
    life.running.plan()
    entries = len(life.log())
    life.running.plan()
    assert len(life.log()) == entries  # planning twice says nothing
    life.approve()
    assert life.seen() == ["02-14 08:05 Bản 2"]


# Every post


def test_every_post_is_approved_by_itself(life: Life) -> None:
    began(life, EVERY)
    life.approve()
    life.at("02-27 09:00")
    assert len(life.seen()) == 14
    assert life.row("02-28 08:00").state.value == "awaiting"  # was not there yet when the others were approved


def test_every_post_with_a_new_text_keeps_the_approved_one_until_then(life: Life) -> None:
    began(life, EVERY)
    life.approve()
    edited(life, "Bản 2")
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 Bản 1"]
    life.approve()
    life.at("02-15 09:00")
    assert life.seen()[1:] == ["02-15 08:00 Bản 2"]


def test_the_approval_of_a_post_does_not_pass_on_to_another_message(life: Life) -> None:
    began(life, EVERY, "s: {content: f/, at: 08:00, to: tg}")
    life.approve()
    life.remove("f/1.md")
    life.edit()
    assert life.row("02-14 08:00").message == "f/2.md"
    life.at("02-14 08:20")
    assert life.seen() == []
    assert life.row("02-14 08:00").state.value == "awaiting"
    life.approve(message="f/2.md")
    assert life.seen() == ["02-14 08:20 f/2.md"]


# No way around it


def test_the_policy_is_changed_while_it_runs(life: Life) -> None:
    began(life, "approval: none")
    life.at("02-14 07:30")  # composed already
    life.schedules(ONE, campaign=ONCE)
    life.edit()
    life.at("02-14 08:10")
    assert life.seen() == []
    life.schedules(ONE, campaign="approval: none")
    life.edit()
    assert life.seen() == ["02-14 08:10 Bản 1"]
    assert "planned: no approval is asked for" in life.reasons("02-14 08:00")


def test_what_is_released_after_it_was_missed_still_needs_approval(life: Life) -> None:
    began(life, ONCE)
    life.at("02-14 10:00")
    assert life.row("02-14 08:00").state.value == "missed"
    life.release(life.row("02-14 08:00"))
    assert life.seen() == []
    assert life.row("02-14 08:00").state.value == "awaiting"
    life.at("02-14 12:00")
    life.approve()
    assert life.seen() == ["02-14 12:00 Bản 1"]  # free of grace


def test_what_is_held_while_the_policy_changes_needs_approval_when_it_is_released(life: Life) -> None:
    began(life, "approval: none")
    life.at("02-14 07:30")
    life.hold(life.row("02-14 08:00"))
    life.schedules(ONE, campaign=ONCE)
    life.edit()
    life.at("02-14 08:10")
    life.release(life.row("02-14 08:00"))
    assert life.seen() == []
    assert life.row("02-14 08:00").state.value == "awaiting"


def test_what_is_held_while_its_text_is_approved_goes_out_when_it_is_released(life: Life) -> None:
    life.message("b.md", title="Bản 1")
    began(life, ONCE, "s: {content: a.md, at: [08:00, 09:00], to: tg}")
    life.hold(life.row("02-14 08:00"))
    life.approve()
    life.at("02-14 08:10")
    life.release(life.row("02-14 08:00"))
    assert life.seen() == ["02-14 08:10 Bản 1"]


def test_what_was_skipped_before_its_policy_changed_needs_approval_when_it_is_released(life: Life) -> None:
    began(life, "approval: none")
    life.at("02-14 07:30")
    life.cancel(life.row("02-14 08:00"))
    life.schedules(ONE, campaign=ONCE)
    life.edit()
    life.at("02-14 08:10")
    life.release(life.row("02-14 08:00"))
    assert life.seen() == []


def test_what_a_person_sends_needs_approval(life: Life) -> None:
    began(life, ONCE)
    life.send("a.md", "tg2")
    assert life.seen() == []
    life.at("02-14 07:40")
    life.approve()
    assert life.seen() == ["02-14 07:40 Bản 1"]


def test_urgent_does_not_pass_approval(life: Life) -> None:
    life.message("a.md", title="Bản 1", priority="urgent")
    began(life, ONCE)
    life.at("02-14 08:10")
    assert life.seen() == []


# News of feeds


def test_news_waits_as_a_draft_and_goes_out_at_the_next_slot_after_its_approval(life: Life) -> None:
    news = life.mark
    life.news(news)
    began(life, ONCE, f"s: {{feed: 'https://bo.example.vn/{news}.xml', at: [08:00, 12:00, 16:00], to: tg}}")
    life.news(news, ("02-14 07:10", "Tin 1"))
    life.at("02-14 09:00")
    assert life.rows() == []
    assert life.approve(document="08/TB") == 1
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 12:00 Tin 1"]
    assert [entry["document"] for entry in life.log() if entry["event"] == "approved"] == ["08/TB"]
    assert life.approve() == 0
