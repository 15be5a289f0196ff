"""What corrections and withdrawals ask of the deliveries: what went out of a message, and what mends it."""

from sqlalchemy import Connection, func, select

from channels.base import Receipt
from publisher.delivery import OPEN, Action, Delivery, State
from publisher.store import tables
from publisher.store.deliveries import select_where

_d = tables.deliveries


def publications(view: Connection, campaign: str, message: str) -> list[Delivery]:
    """The deliveries that publish, or were to publish, a message, in order of occurrence."""
    return select_where(view, _d.c.campaign == campaign, _d.c.message == message, _d.c.of.is_(None))


def of(view: Connection, number: int) -> list[Delivery]:
    """The corrections and withdrawals of a delivery, in the order in which they were asked for."""
    return sorted(select_where(view, _d.c.of == number), key=lambda row: row.number or 0)


def next_number(view: Connection, number: int) -> int:
    """The number of the next correction or withdrawal of a delivery."""
    return (view.scalar(select(func.max(_d.c.number)).where(_d.c.of == number)) or 0) + 1


def receipt_of(view: Connection, number: int) -> Receipt | None:
    """The newest receipt of a publication: its last correction's, or its own."""
    published = _d.c.state == State.PUBLISHED.value
    query = select(_d.c.receipt).where(published, _d.c.of == number, _d.c.action == Action.UPDATE.value)
    corrected = view.scalar(query.order_by(_d.c.number.desc()).limit(1))
    receipt = corrected or view.scalar(select(_d.c.receipt).where(published, _d.c.id == number))
    return Receipt(**receipt) if receipt else None


def open_of_message(view: Connection, campaign: str, message: str) -> list[Delivery]:
    """The deliveries of a message that have not gone out, whatever they do."""
    states = _d.c.state.in_([state.value for state in OPEN])
    return select_where(view, _d.c.campaign == campaign, _d.c.message == message, states)


def messages(view: Connection) -> set[tuple[str, str]]:
    """Every message that ever had a delivery: campaign and path."""
    rows = view.execute(select(_d.c.campaign, _d.c.message).where(_d.c.message.is_not(None)).distinct())
    return {(row.campaign, row.message) for row in rows}
