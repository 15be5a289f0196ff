"""What picks the latest message: it is chosen when a delivery is due, each message once a channel."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from content.post import Priority
from publisher.delivery import Delivery, State, Step
from publisher.picking import Pick
from publisher.schedules import Schedule
from publisher.store import deliveries, log
from publisher.store.database import Store
from publisher.store.log import PLANNER
from publisher.workspace import Workspace


def choose_latest(store: Store, workspace: Workspace, now: datetime) -> None:
    """Choose for those whose time has come."""
    schedules = {one.id: one for one in workspace.schedules.schedules if one.pick is Pick.LATEST}
    if not schedules:
        return
    with store.read() as view:
        found = deliveries.unchosen(view, now, schedules.keys())
    rows = [row for row in found if row.due <= now or _is_urgent(workspace, schedules[row.schedule], now)]
    if rows:
        with store.write() as tx:
            for row in rows:
                with suppress(deliveries.Overtaken):
                    _choose_latest(tx, workspace, schedules[row.schedule], row, now)


def newest_message(workspace: Workspace, schedule: Schedule, now: datetime) -> tuple[str | None, list[str]]:
    """The newest message whose date has come, if any, and all that have not expired."""
    zone, messages = workspace.schedules.timezone, workspace.messages[schedule.campaign]
    fresh = [name for name in workspace.listing(schedule) if not messages[name].message.expired(now, zone)]
    dates = {name: messages[name].message.dated(zone) for name in fresh}
    _, newest = max(((date, name) for name, date in dates.items() if date and date <= now), default=(now, None))
    return newest, fresh


def _is_urgent(workspace: Workspace, schedule: Schedule, now: datetime) -> bool:
    newest, _ = newest_message(workspace, schedule, now)
    written = workspace.written(schedule.campaign, newest) if newest else None
    return written is not None and written.message.priority is Priority.URGENT


def _choose_latest(tx: Connection, workspace: Workspace, schedule: Schedule, row: Delivery, now: datetime) -> None:
    newest, fresh = newest_message(workspace, schedule, now)
    if newest is None:
        reason = "no message has a date that has come" if fresh else "its messages have expired"
        deliveries.move(tx, row, Step(State.SKIPPED, reason), now, PLANNER)
    elif newest in deliveries.went_out(tx, row.schedule, row.channel):
        reason = f"its newest message, {newest}, has been out on this channel"
        deliveries.move(tx, row, Step(State.SKIPPED, reason), now, PLANNER)
    else:
        columns: dict[str, Any] = {"message": newest, "post": None, "post_sha256": None, "revision": None}
        if _is_urgent(workspace, schedule, now):  # passes quiet hours and sessions
            columns |= {
                "priority": Priority.URGENT.rank,
                "session": None,
                "due": min(row.due, max(row.occurrence, now)),
            }
        deliveries.amend(tx, row, **columns)
        log.append(tx, "replanned", now, PLANNER, delivery=row.id, message=newest)
