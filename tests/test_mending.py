"""What went out is corrected, or withdrawn, wherever it stands: nothing twice, nothing forgotten."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.inbox import entries
from publisher import decisions, mending
from publisher.decisions import Objection, person
from publisher.delivery import Delivery, State
from publisher.mending import Mended
from sandbox.client import Sandbox
from tests.lives import Life, living
from tests.second_lives import SecondLife

BOTH = "s: {{content: a.md, days: 2022-02-14, at: 08:00, to: [{web}, tg, hop]}}"
SPOKEN = "l: {content: a.md, days: [2022-02-14, 2022-02-15], at: sessions, to: loa}"
LAN = person("Lan")


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        life.channels("tg", "web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
        life.message("a.md", title="Lịch trao máy", text="Trao máy ngày 20.")
        yield life


def everywhere(life: Life, campaign: str = "") -> None:
    life.began(BOTH.format(web=life.site("web")), campaign=campaign)
    if campaign:
        life.approve()
    life.at("02-14 09:00")


def correct(life: Life, why: str = "sai ngày") -> list[Mended]:
    app = life.running
    with app.store.write() as tx:
        found = mending.correct(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, why, life.clock.now())
    life.at(life.now)
    return found


def withdraw(life: Life, why: str = "hủy buổi trao") -> list[Mended]:
    app = life.running
    with app.store.write() as tx:
        found = mending.withdraw(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, why, life.clock.now())
    life.at(life.now)
    return found


def edited(life: Life, text: str, **front: str) -> None:
    life.message("a.md", title="Lịch trao máy", text=text, **front)
    life.edit()


def amending(life: Life) -> list[Delivery]:
    return [row for row in life.rows() if row.of is not None]


def original(life: Life) -> Delivery:
    """What was to go out on the website, beside what amends it."""
    (found,) = (row for row in life.rows() if row.of is None and row.channel == life.site("web"))
    return found


def begun(life: Life, channel: str) -> Delivery:
    """What amends a delivery on that channel, once a thread has begun to send it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [row for row in amending(life) if row.state is State.SENDING and row.channel == channel]
        if found:
            return found[0]
    raise AssertionError("nothing is being sent")


def public(life: Life, kind: str, place: str) -> list[tuple[str, str]]:
    """What the sandbox's own record says that the public saw: action and text."""
    record = life.sandbox.record(kind=kind, place=place)
    return [(entry["action"], entry["text"]) for entry in record if entry["public"]]


def web(life: Life) -> list[tuple[str, str]]:
    return public(life, "wordpress", life.site("web"))


def chat(life: Life) -> list[tuple[str, str]]:
    return public(life, "telegram", f"@{life.mark}_tg")


def inbox(life: Life) -> list[str]:
    return [one.post.title for one in reversed(entries(life.running.outbox / "hop"))]


def test_a_correction_changes_what_can_be_changed_and_is_a_notice_elsewhere(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    assert [one.row is not None for one in correct(life)] == [True, True, True]
    life.at("02-14 09:30")
    assert web(life) == [("publish", "<p>Trao máy ngày 20.</p>"), ("update", "<p>Trao máy ngày 22.</p>")]
    assert [action for action, _ in chat(life)] == ["publish", "update"]
    assert chat(life)[1][1].endswith("Trao máy ngày 22.")
    assert inbox(life) == ["Lịch trao máy", "Đính chính: Lịch trao máy"]
    notice = entries(life.running.outbox / "hop")[0].post
    assert "ngày 14/02/2022" in notice.text
    assert "Trao máy ngày 22." in notice.text
    assert notice.amends == life.row("02-14 08:00", "hop").key
    assert [row.reason for row in amending(life)] == ["corrected"] * 3


def test_a_notice_that_mends_an_earlier_post_is_told_from_one_that_does_not(life: Life) -> None:
    everywhere(life)
    post = life.row("02-14 08:00", "hop").post
    assert post is not None
    assert "amends" not in post.as_json()  # its hash is what it was before posts could amend others


def test_asking_twice_changes_nothing(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    correct(life)
    assert {one.reason for one in correct(life)} == {"its text is this one already"}
    life.at("02-14 10:00")
    assert len(web(life)) == len(chat(life)) == len(inbox(life)) == 2
    withdraw(life)
    assert {one.reason for one in withdraw(life)} == {"it is withdrawn"}
    life.at("02-14 11:00")
    assert [action for action, _ in web(life)] == ["publish", "update", "delete"]
    assert [action for action, _ in chat(life)] == ["publish", "update", "delete"]
    assert inbox(life)[2:] == ["Thu hồi: Lịch trao máy"]


def test_what_was_not_edited_is_not_corrected(life: Life) -> None:
    everywhere(life)
    assert {one.reason for one in correct(life)} == {"its text is this one already"}
    assert amending(life) == []


def test_a_new_text_is_approved_before_it_corrects_anything(life: Life) -> None:
    everywhere(life, "approval: once-per-text")
    edited(life, "Trao máy ngày 22.")
    correct(life)
    assert {row.state for row in amending(life)} == {State.AWAITING}
    edited(life, "Trao máy ngày 23.")  # the approver sees the newest
    life.at("02-14 10:00")
    assert len(web(life)) == 1
    assert life.approve() == 1
    life.at("02-14 10:30")
    assert web(life)[1:] == [("update", "<p>Trao máy ngày 23.</p>")]
    assert len(chat(life)) == 2


def test_an_older_approved_text_never_takes_the_place_of_a_correction(life: Life) -> None:
    everywhere(life, "approval: once-per-text")
    edited(life, "Trao máy ngày 22.")
    correct(life)
    life.running.plan()
    life.at("02-14 12:00")
    assert {row.state for row in amending(life)} == {State.AWAITING}
    assert len(web(life)) == len(chat(life)) == 1


def test_a_correction_that_waits_leaves_the_approved_text_in_force(life: Life) -> None:
    days = "s: {content: a.md, days: [2022-02-14, 2022-02-15], at: 08:00, to: tg}"
    life.began(days, campaign="approval: once-per-text")
    life.approve()
    life.at("02-14 09:00")
    edited(life, "Trao máy ngày 22.")
    correct(life)
    edited(life, "Trao máy ngày 23.")
    life.at("02-15 12:00")
    assert [action for action, _ in chat(life)] == ["publish", "publish"]
    assert chat(life)[1][1].endswith("Trao máy ngày 20.")
    assert [row.state for row in amending(life)] == [State.AWAITING]


def test_every_correction_is_approved_where_every_post_is(life: Life) -> None:
    everywhere(life, "approval: every-post")
    edited(life, "Trao máy ngày 22.")
    correct(life)
    assert {row.state for row in amending(life)} == {State.AWAITING}
    life.approve()
    life.at("02-14 09:00")
    assert {row.state for row in amending(life)} == {State.PUBLISHED}


def test_a_withdrawn_message_is_chosen_no_more_until_it_is_released(life: Life) -> None:
    life.message("f/1.md", text="Một.")
    life.message("f/2.md", text="Hai.")
    life.began("s: {content: f/, at: 08:00, to: tg}")
    life.at("02-14 09:00")
    app = life.running
    with app.store.write() as tx:
        mending.withdraw(tx, app.workspace, app.store.uuid, "c", "f/2.md", LAN, "sai", life.clock.now())
    life.at("02-17 09:00")
    assert life.seen("tg") == [f"02-{day} 08:00 f/1.md" for day in (14, 15, 16, 17)]
    chosen = [entry["message"] for entry in life.log(life.row("02-15 08:00")) if entry["event"] == "replanned"]
    assert chosen == ["f/1.md"]
    with pytest.raises(Objection, match="is withdrawn"):
        life.send("f/2.md", "tg")
    with app.store.write() as tx:
        mending.let_go(tx, "c", "f/2.md", LAN, "đã sửa", life.clock.now())
    life.at("03-07 09:00")  # what is planned keeps its message
    assert "f/2.md" in {line.split()[-1] for line in life.seen("tg")}


def test_what_was_to_send_a_withdrawn_message_alone_is_skipped_and_comes_back(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: tg}")
    life.at("02-14 09:00")
    withdraw(life)
    life.at("02-16 09:00")
    assert life.row("02-15 08:00").reason == "its message is withdrawn"
    assert life.row("02-20 08:00").state is State.SKIPPED
    with life.running.store.write() as tx:
        mending.let_go(tx, "c", "a.md", LAN, "đã sửa", life.clock.now())
    life.at("02-17 09:00")
    assert life.row("02-17 08:00").state is State.PUBLISHED
    assert life.row("02-15 08:00").state is State.SKIPPED  # its time is over


def test_what_proves_absent_after_its_message_was_withdrawn_does_not_go_out(life: Life) -> None:
    life.sandbox.fault("telegram", "reset", place=f"@{life.mark}_tg", times=1)
    everywhere(life)
    withdraw(life)
    doubtful = life.row("02-14 08:00", "tg")
    with life.running.store.write() as tx:
        decisions.settle(tx, doubtful, LAN, "không có ở đó", life.clock.now(), published=False, url=None)
    life.at("02-14 12:00")
    assert chat(life) == []
    assert life.row("02-14 08:00", "tg").reason == "its message is withdrawn"
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.CANCELLED]


@pytest.mark.parametrize(
    ("fault", "request_", "state"),
    [
        ("too-many", r"POST .*/posts/\d+", State.SKIPPED),
        ("unavailable", r"POST .*/posts/\d+", State.NEEDS_PERSON),  # a draft is left, and the server may yet publish it
        ("reset", r"POST .*/posts", State.SKIPPED),
    ],
)
def test_what_was_being_sent_when_its_message_was_withdrawn_does_not_go_out(
    life: Life, fault: str, request_: str, state: State
) -> None:
    life.sandbox.fault("wordpress", fault, place=life.site("web"), request=request_, times=1)
    life.began(BOTH.format(web=life.site("web")))
    life.clock.set(life.instant("02-14 08:00"))
    life.running.work()
    life.running.dispatcher.drain()
    withdraw(life)
    life.at("02-14 12:00")
    assert web(life) == []
    row = original(life)
    assert row.state is state
    if state is State.NEEDS_PERSON:
        with life.running.store.write() as tx:
            decisions.settle(tx, row, LAN, "đã xóa bản nháp", life.clock.now(), published=False, url=None)
        life.at("02-15 12:00")
        assert web(life) == []
        assert original(life).state is State.SKIPPED


def test_a_text_that_is_newer_than_what_is_being_sent_is_asked_for_again(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    life.sandbox.fault("telegram", "hang", place=f"@{life.mark}_tg", seconds=3)
    app = life.running
    with app.store.write() as tx:
        mending.correct(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, "sai ngày", life.clock.now())
    app.work()
    sending = begun(life, "tg")
    life.message("a.md", title="Lịch trao máy", text="Trao máy ngày 25.")
    app.reload()
    with app.store.write() as tx:
        later = life.clock.now() + timedelta(seconds=1)
        again = mending.correct(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, "sai nữa", later)
    assert [one.is_behind for one in again if one.row == sending.id] == [True]
    app.dispatcher.drain()
    life.at("02-14 12:00")
    assert not any(one.is_behind for one in correct(life))
    life.at("02-14 13:00")
    assert [text[-3:] for _, text in (chat(life)[-1], web(life)[-1])] == ["25.", "/p>"]
    assert "ngày 25" in web(life)[-1][1]
    assert "ngày 25" in entries(life.running.outbox / "hop")[0].post.text


def test_a_withdrawal_whose_channel_left_the_plan_goes_on_when_it_is_back(life: Life) -> None:
    everywhere(life)
    life.sandbox.fault("telegram", "unavailable", place=f"@{life.mark}_tg", times=None)
    withdraw(life)
    life.channels("web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
    life.changed(f"s: {{content: a.md, days: 2022-02-14, at: 08:00, to: [{life.site('web')}, hop]}}")
    life.at("02-14 12:00")
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.CANCELLED]
    life.sandbox.clear_faults()
    life.channels("tg", "web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
    life.changed(BOTH.format(web=life.site("web")))
    life.at("02-16 12:00")
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.PUBLISHED]
    assert [action for action, _ in chat(life)] == ["publish", "delete"]


def test_nothing_of_a_withdrawn_message_can_be_released_but_its_withdrawal(life: Life) -> None:
    everywhere(life, "approval: once-per-text")
    edited(life, "Trao máy ngày 22.")
    correct(life)
    withdraw(life)
    (correction,) = (row for row in amending(life) if row.state is State.CANCELLED and row.channel == "hop")
    with pytest.raises(Objection, match="is withdrawn"):
        life.release(correction)


def test_what_cannot_be_reached_is_mended_when_it_can(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    life.sandbox.fault("telegram", "unavailable", place=f"@{life.mark}_tg", times=3)
    correct(life)
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.PLANNED]
    assert len(web(life)) == len(inbox(life)) == 2  # nobody waits for it
    life.at("02-14 10:00")
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.PUBLISHED]
    assert len(chat(life)) == 2


@pytest.mark.parametrize("fault", ["accept-then-504", "accept-then-reset", "reset"])
def test_a_doubt_about_a_change_is_ended_by_doing_it_again(life: Life, fault: str) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    life.sandbox.fault("telegram", fault, place=f"@{life.mark}_tg")
    life.sandbox.fault("wordpress", fault, place=life.site("web"), request=r"POST .*/posts/\d+$")
    correct(life)
    life.at("02-14 10:00")
    assert [row.state for row in amending(life)] == [State.PUBLISHED] * 3
    assert [text for action, text in web(life) if action == "update"] == ["<p>Trao máy ngày 22.</p>"]
    assert [action for action, _ in chat(life)] == ["publish", "update"]
    life.sandbox.fault("telegram", fault, place=f"@{life.mark}_tg")
    life.sandbox.fault("wordpress", fault, place=life.site("web"), request=r"DELETE .*")
    withdraw(life)
    life.at("02-14 11:00")
    assert {row.state for row in amending(life)} == {State.PUBLISHED}
    assert [action for action, _ in web(life)][2:] == [action for action, _ in chat(life)][2:] == ["delete"]


def test_a_program_that_dies_while_it_corrects_goes_on_where_it_was(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    life.sandbox.fault("telegram", "unavailable", place=f"@{life.mark}_tg", times=1)
    correct(life)
    life.down(life.now, "02-14 12:00")
    life.at("02-14 12:30")
    assert len(chat(life)) == len(web(life)) == len(inbox(life)) == 2


def test_a_correction_waits_until_it_is_known_whether_there_is_something_to_correct(life: Life) -> None:
    life.sandbox.fault("telegram", "accept-then-504", place=f"@{life.mark}_tg")
    everywhere(life)
    assert life.row("02-14 08:00", "tg").state is State.NEEDS_PERSON
    edited(life, "Trao máy ngày 22.")
    correct(life)
    (waiting,) = [row for row in amending(life) if row.channel == "tg"]
    assert (waiting.state, waiting.reason[:5]) == (State.HELD, "waits")
    life.at("02-14 12:00")
    assert len(chat(life)) == 1
    settled(life, life.row("02-14 08:00", "tg"), published=False)
    life.at("02-14 12:10")
    (moot,) = [row for row in amending(life) if row.channel == "tg"]
    assert moot.state is State.CANCELLED
    assert chat(life)[1][0] == "publish"  # composed anew, with the corrected text
    assert chat(life)[1][1].endswith("Trao máy ngày 22.")


def test_what_a_person_found_on_telegram_cannot_be_corrected_from_here(life: Life) -> None:
    life.sandbox.fault("telegram", "accept-then-504", place=f"@{life.mark}_tg")
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    correct(life)
    settled(life, life.row("02-14 08:00", "tg"), published=True)
    life.at("02-14 12:10")
    (row,) = [row for row in amending(life) if row.channel == "tg"]
    assert row.state is State.FAILED
    assert "numbers of its messages are not known" in row.reason


def settled(life: Life, row: Delivery, *, published: bool) -> None:
    from publisher import decisions

    with life.running.store.write() as tx:
        decisions.settle(tx, row, LAN, "đã xem", life.clock.now(), published=published, url=None)


def test_a_station_reads_the_correction_of_what_it_has_read_in_its_next_session(life: Life) -> None:
    life.began(SPOKEN, when="02-13 12:00")
    life.at("02-14 06:00")  # 05:15 was read; the script of 17:00 is out
    edited(life, "Trao máy ngày 22.")
    found = correct(life)
    assert [life.local(one.publication.occurrence) for one in found] == ["02-14 17:00"]  # the last is spoken of
    life.at("02-14 18:00")
    (notice,) = [row for row in amending(life) if row.state is State.PUBLISHED]
    assert notice.session is not None
    assert life.local(notice.session) == "02-14 17:00"
    assert notice.supplement == 1
    assert notice.post is not None
    assert notice.post.title == "Đính chính: Lịch trao máy"


def test_a_withdrawal_after_a_correction_is_the_last_word(life: Life) -> None:
    everywhere(life)
    edited(life, "Trao máy ngày 22.")
    life.sandbox.fault("telegram", "unavailable", place=f"@{life.mark}_tg", times=2)
    correct(life)
    withdraw(life)  # while the correction still waits for a retry
    life.at("02-14 10:00")
    assert [action for action, _ in chat(life)] == ["publish", "delete"]
    assert [row.state for row in amending(life) if row.channel == "tg"] == [State.CANCELLED, State.PUBLISHED]


def test_a_channel_that_left_the_plan_is_named_to_call(life: Life) -> None:
    everywhere(life)
    life.channels("web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
    edited(life, "Trao máy ngày 22.")
    life.changed(f"s: {{content: a.md, days: 2022-02-14, at: 08:00, to: [{life.site('web')}, hop]}}")
    found = {one.publication.channel: one for one in correct(life)}
    assert found["tg"].needs_person
    assert found["hop"].row is not None


def test_a_restore_repeats_changes_and_doubles_no_notice(tmp_path: Path, sandbox: Sandbox) -> None:
    life = SecondLife(tmp_path, sandbox)
    try:
        life.channels("tg", "web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
        life.message("a.md", title="Lịch trao máy", text="Trao máy ngày 20.")
        everywhere(life)
        edited(life, "Trao máy ngày 22.")
        app = life.running
        with app.store.write() as tx:
            mending.correct(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, "sai", life.clock.now())
        backup = life.back_up()  # asked for, and not done
        life.at("02-14 10:00")
        life.come_back(backup, when="02-14 11:00")
        life.at("02-14 12:00")
        assert {row.state for row in amending(life)} == {State.PUBLISHED}
        assert [action for action, _ in chat(life)] == ["publish", "update"]
        assert inbox(life) == ["Lịch trao máy", "Đính chính: Lịch trao máy"]
    finally:
        life.stop()
