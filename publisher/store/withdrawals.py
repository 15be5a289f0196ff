"""Messages that were withdrawn: they are chosen no more until somebody releases them."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from publisher.delivery import Action, Delivery
from publisher.store import tables

_w = tables.withdrawals


def add(tx: Connection, campaign: str, message: str, at: datetime, who: str, reason: str) -> None:
    """Choose a message no more; nothing is added to a withdrawal that stands."""
    if (campaign, message) not in standing(tx):
        tx.execute(insert(_w).values(campaign=campaign, message=message, at=at, who=who, reason=reason))


def lift(tx: Connection, campaign: str, message: str, at: datetime) -> bool:
    """Let a message be chosen again; whether it was withdrawn."""
    same = (_w.c.campaign == campaign, _w.c.message == message, _w.c.released_at.is_(None))
    return tx.execute(update(_w).where(*same).values(released_at=at)).rowcount > 0


def covers(view: Connection, row: Delivery) -> bool:
    """Whether a delivery's message is withdrawn, and the delivery is not what withdraws it."""
    return row.action is not Action.WITHDRAW and (row.campaign, row.message) in standing(view)


def standing(view: Connection) -> frozenset[tuple[str, str]]:
    """The messages that are withdrawn now: campaign and path."""
    rows = view.execute(select(_w.c.campaign, _w.c.message).where(_w.c.released_at.is_(None)))
    return frozenset((row.campaign, row.message) for row in rows)
