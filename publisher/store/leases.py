"""Leases: which worker a delivery's row is with, and in which epoch."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from publisher.delivery import Delivery
from publisher.store import tables
from publisher.store.moves import Overtaken

_d = tables.deliveries


def claim(tx: Connection, delivery: Delivery, now: datetime, until: datetime) -> Delivery:
    """Take a row for this worker until `until`: the row in its new epoch; Overtaken if another has it."""
    free = and_(
        _d.c.id == delivery.id,
        _d.c.state == delivery.state.value,
        _d.c.epoch == delivery.epoch,
        or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now),
    )
    epoch = delivery.epoch + 1
    if tx.execute(update(_d).where(free).values(epoch=epoch, lease_until=until)).rowcount != 1:
        raise Overtaken(f"delivery {delivery.id} is held by another")
    return replace(delivery, epoch=epoch, lease_until=until)


def holds(view: Connection, claimed: Collection[Delivery]) -> bool:
    """Whether all rows are still held in the epoch in which they were claimed."""
    return view.scalar(select(func.count()).where(_held(claimed))) == len(claimed)


def renew(tx: Connection, claimed: Collection[Delivery], until: datetime) -> bool:
    """Prolong the leases; False if any of the rows is no longer held in its epoch."""
    return tx.execute(update(_d).where(_held(claimed)).values(lease_until=until)).rowcount == len(claimed)


def _held(claimed: Collection[Delivery]) -> ColumnElement[bool]:
    """The rows in their epochs, until their lease is taken from them."""
    ours = or_(*(and_(_d.c.id == row.id, _d.c.epoch == row.epoch) for row in claimed))
    return and_(ours, _d.c.lease_until.is_not(None))


def free_all(tx: Connection) -> None:
    """Clear every lease: nobody who could hold one is alive."""
    tx.execute(update(_d).where(_d.c.lease_until.is_not(None)).values(lease_until=None))
