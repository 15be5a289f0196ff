"""The private links of inboxes: which are in force. The unguessable part is not here, see `publisher.links`."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from publisher.store import tables

_l = tables.inbox_links
_SKIPPED = 1_000_000


def current(view: Connection, channel: str) -> int | None:
    """The number of the link in force of a channel."""
    query = select(_l.c.id).where(_l.c.channel == channel, _l.c.revoked_at.is_(None))
    return view.scalar(query.order_by(_l.c.id.desc()).limit(1))


def issue(tx: Connection, channel: str, at: datetime) -> int:
    """A new link for a channel; its number."""
    return int(tx.execute(insert(_l).values(channel=channel, created_at=at)).inserted_primary_key[0])  # type: ignore[index]


def skip_numbers(tx: Connection, at: datetime) -> None:
    """Leave out the numbers that a lost database may have given since it was backed up.

    A link is made of its number: the same one, given to another channel, would open that to the wrong agency.
    """
    newest = tx.scalar(select(func.max(_l.c.id))) or 0
    tx.execute(insert(_l).values(id=newest + _SKIPPED, channel="", created_at=at, revoked_at=at))


def revoke(tx: Connection, channel: str, at: datetime) -> int:
    """Revoke all links of a channel; how many were in force."""
    in_force = (_l.c.channel == channel) & _l.c.revoked_at.is_(None)
    return tx.execute(update(_l).where(in_force).values(revoked_at=at)).rowcount


def in_force(view: Connection) -> dict[int, str]:
    """The channel of each link in force, by number."""
    return {row.id: row.channel for row in view.execute(select(_l).where(_l.c.revoked_at.is_(None)))}


def opened(view: Connection, channel: str) -> datetime | None:
    """When the link in force of a channel was made."""
    query = select(_l.c.created_at).where(_l.c.channel == channel, _l.c.revoked_at.is_(None))
    return view.scalar(query.order_by(_l.c.id.desc()).limit(1))


def ever(view: Connection) -> set[str]:
    """The channels that have, or had, a link."""
    return set(view.scalars(select(_l.c.channel)))
