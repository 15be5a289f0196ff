"""Trying out every text: each message is composed once for each channel that it goes to. Changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from content.yaml12 import Mistake
from publisher import revision as revisions
from publisher.cadence import instant_of
from publisher.composer import ComposeError, Moment, compose
from publisher.schedules import Schedule
from publisher.workspace import CAMPAIGNS, Workspace

_KEY = "a" * 16
_SOME_DAY = datetime(2022, 2, 14, tzinfo=UTC)


def proofs(workspace: Workspace, render: Callable[[str, dict[str, Any]], str]) -> list[Mistake]:
    """The mistakes that show only when a text is made: names that are missing in it, texts that do not fit."""
    places = {
        (schedule.campaign, message, channel): schedule
        for schedule in workspace.schedules.schedules
        for message in workspace.listing(schedule)
        for channel in schedule.to
    }
    found: dict[tuple[str, str], list[str]] = {}
    for (campaign, message, channel), schedule in places.items():
        text = _trial(workspace, schedule, message, channel, render)
        if text:
            found.setdefault((f"{CAMPAIGNS}/{campaign}/{message}", text), []).append(channel)
    return [
        Mistake(path, 1, 1, f"{text} (it is to go to {', '.join(channels)})")
        for (path, text), channels in found.items()
    ]


def _trial(
    workspace: Workspace,
    schedule: Schedule,
    message: str,
    name: str,
    render: Callable[[str, dict[str, Any]], str],
) -> str | None:
    """What is wrong with a message for a channel; None if nothing is."""
    schedules = workspace.schedules
    campaign, channel = schedules.campaigns[schedule.campaign], schedules.channels[name]
    written = workspace.written(schedule.campaign, message)
    if written is None:
        return None
    revision = revisions.of_message(written, message, campaign, channel, workspace)
    try:
        compose(revision, Moment(_KEY, _day(schedule, workspace)), channel, campaign, workspace, render, None)
    except ComposeError as error:
        return str(error)
    return None


def _day(schedule: Schedule, workspace: Workspace) -> datetime:
    first: date | None = schedule.cadence.first
    return instant_of(first, time(8), workspace.schedules.timezone) if first else _SOME_DAY
