"""What a plan lets one foresee: each warning where it is due, and silence where all is well."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from content.templates import Renderer
from publisher.foresight import warnings
from publisher.outlook import outlook
from publisher.workspace import Folder, Workspace, read_workspace
from sandbox.client import Sandbox
from tests.lives import Life, living

KEYS = "from: 2022-02-14\nuntil: 2022-03-31"
LONG = "Câu này dài vừa đủ để đọc trong vài giây. " * 200


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        for path in ("a.md", "b.md", "f/1.md", "f/2.md"):
            life.message(path)
        yield life


def foreseen(
    life: Life, renderer: Renderer, plan: str, first: str = "02-14", end: str = "02-28", **more: str
) -> list[str]:
    """The warnings of a plan that was never run."""
    life.schedules(plan, **{"campaign": KEYS, **more})
    workspace: Workspace = read_workspace(Folder(life.directory))
    start, stop = life.instant(f"{first} 00:00"), life.instant(f"{end} 00:00")
    lines = outlook(workspace, None, start, stop)
    return [one.text for one in warnings(workspace, lines, start, stop, start, renderer.render)]


def test_a_calm_plan_is_no_news(life: Life, renderer: Renderer) -> None:
    assert foreseen(life, renderer, "s: {content: f/, days: [mon, thu], at: 08:00, to: [tg, tg2]}") == []


def test_a_campaign_that_reaches_nobody(life: Life, renderer: Renderer) -> None:
    plan = "s: {content: a.md, days: 2022-03-20, at: 08:00, to: tg}"
    assert foreseen(life, renderer, plan) == ["campaign c reaches nobody in this time: nothing of it goes out"]
    assert foreseen(life, renderer, plan, first="04-01", end="04-10") == []  # it is over


def test_a_week_in_which_nothing_is_said(life: Life, renderer: Renderer) -> None:
    plan = "s: {content: f/, days: [2022-02-14, 2022-02-24], at: 08:00, to: tg}"
    (gap,) = foreseen(life, renderer, plan)
    assert gap == "nothing of campaign c goes out for 10 days, from 14/02/2022 to 24/02/2022"


def test_a_channel_that_is_flooded(life: Life, renderer: Renderer) -> None:
    plan = 's: {content: f/, days: 2022-02-15, cron: "", at: 08:00, to: tg}'.replace('cron: "", ', "")
    assert foreseen(life, renderer, plan, end="02-17") == []
    times = ", ".join(f"08:{minute:02}" for minute in range(0, 60, 8))
    found = foreseen(life, renderer, f"s: {{content: f/, days: 2022-02-15, at: [{times}], to: tg}}", end="02-17")
    assert "channel tg gets 8 posts on 15/02/2022, 8 of them within an hour: spread them over more days" in found


def test_the_same_message_twice_to_one_audience(life: Life, renderer: Renderer) -> None:
    plan = """\
    s: {content: a.md, days: 2022-02-15, at: 08:00, to: tg}
    t: {content: a.md, days: 2022-02-15, at: 19:00, to: [tg, tg2]}
    """
    assert foreseen(life, renderer, plan, end="02-17") == [
        "a.md goes to tg twice within a day: at 08:00 15/02/2022 and at 19:00 15/02/2022"
    ]


def test_in_two_sessions_of_a_day_it_is_meant(life: Life, renderer: Renderer) -> None:
    assert foreseen(life, renderer, "l: {content: a.md, at: sessions, to: loa}", end="02-17") == []


def test_a_public_holiday_that_nobody_thought_of(life: Life, renderer: Renderer) -> None:
    more = {"top": "holidays: VN", "campaign": "from: 2022-04-25\nuntil: 2022-05-10"}
    plan = "s: {content: f/, days: sat, at: 08:00, to: [tg, tg2]}"
    (hit,) = foreseen(life, renderer, plan, first="04-25", end="05-03", **more)
    assert hit.startswith("30/04/2022 is a public holiday, and 2 of c/s go out (write `if_holiday`")
    for said in ("if_holiday: skip", "if_holiday: before", "except: holidays"):
        told = plan.replace("at: 08:00", f"{said}, at: 08:00")
        assert not any("public holiday" in one for one in foreseen(life, renderer, told, "04-25", "05-03", **more))


def test_a_folder_that_runs_dry(life: Life, renderer: Renderer) -> None:
    life.message("g/1.md", expires="2022-02-16")
    found = foreseen(life, renderer, "s: {content: g/, at: 08:00, to: tg}", end="02-20")
    assert any(one.startswith("c/s has nothing to send 3 times: its messages have expired") for one in found)


def test_a_text_that_does_not_fit(life: Life, renderer: Renderer) -> None:
    life.message("a.md", text="{{ facts.none }}")
    found = foreseen(life, renderer, "s: {content: a.md, days: 2022-02-15, at: 08:00, to: tg}", end="02-17")
    (text,) = [one for one in found if "cannot go to" in one]
    assert text.startswith("a.md cannot go to tg: line ")


def test_a_session_with_more_than_it_has_time_for(life: Life, renderer: Renderer) -> None:
    life.message("a.md", text=LONG)
    life.message("b.md", text=LONG)
    plan = """\
    s: {content: a.md, days: 2022-02-15, at: sessions, to: loa}
    t: {content: b.md, days: 2022-02-15, at: sessions, to: loa}
    """
    found = foreseen(life, renderer, plan, end="02-17")
    assert len(found) == 2
    assert found[0].startswith("the session of loa at 05:15 15/02/2022 is too short for its 2 bulletins, by ")


def test_an_approval_that_may_come_too_late(life: Life, renderer: Renderer) -> None:
    life.schedules("s: {content: a.md, at: 08:00, to: tg}", campaign=KEYS + "\napproval: once-per-text")
    life.start("02-14 10:00")
    app = life.running
    now = life.clock.now()
    lines = outlook(app.workspace, app.store, now, life.instant("02-20 00:00"))
    found = [one.text for one in warnings(app.workspace, lines, now, life.instant("02-20 00:00"), now, renderer.render)]
    assert found == ["a.md of c/s is due at 08:00 15/02/2022 and its text is not approved: approve it before"]
