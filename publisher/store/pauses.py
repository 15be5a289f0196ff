"""Channels that are paused, with the reason."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import tables

_p = tables.pauses


def pause(tx: Connection, channel: str, reason: str, at: datetime, *, passing: bool = False) -> bool:
    """Pause a channel; False if it was paused already. A passing pause is lifted when its cause is gone."""
    values = {"channel": channel, "reason": reason, "since": at, "passing": passing}
    return tx.execute(upsert(_p).values(values).on_conflict_do_nothing()).rowcount == 1


def lift(tx: Connection, channel: str) -> bool:
    """Lift a pause; False if there was none."""
    return tx.execute(delete(_p).where(_p.c.channel == channel)).rowcount == 1


def passing(view: Connection) -> set[str]:
    """The channels whose pause is lifted when its cause is gone."""
    return set(view.scalars(select(_p.c.channel).where(_p.c.passing)))


def paused(view: Connection) -> Mapping[str, str]:
    """The paused channels, with their reasons."""
    return {row.channel: row.reason for row in view.execute(select(_p).order_by(_p.c.channel))}
