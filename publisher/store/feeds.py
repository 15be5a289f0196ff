"""Feeds that are polled, and the items that are known of them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from content.feeds import Item
from publisher.store import tables

_f, _i, _s, _d = tables.feeds, tables.feed_items, tables.feed_slots, tables.deliveries


@dataclass(frozen=True)
class Polled:
    """What the last poll of a feed said."""

    url: str
    etag: str | None = None
    modified: str | None = None
    polled_at: datetime | None = None
    error: str | None = None
    read_at: datetime | None = None  # the last poll that the feed answered


@dataclass(frozen=True)
class KnownItem:
    """An item of a feed, for one schedule and channel."""

    schedule: str
    channel: str
    item: str
    content: Item
    old: bool
    published: datetime | None
    seen_at: datetime


def polled(view: Connection, url: str) -> Polled:
    """What is known of a feed; nothing yet for one never polled."""
    row = view.execute(select(_f).where(_f.c.url == url)).first()
    return Polled(**row._asdict()) if row else Polled(url)


def remember_poll(tx: Connection, poll: Polled) -> None:
    """Keep the outcome of a poll."""
    values = vars(poll)
    tx.execute(upsert(_f).values(values).on_conflict_do_update(index_elements=["url"], set_=values))


def items(view: Connection, schedule: str, channel: str) -> list[KnownItem]:
    """The known items, the oldest first."""
    return _oldest_first(view, select(_i).where(_i.c.schedule == schedule, _i.c.channel == channel))


def waiting(view: Connection, schedule: str, channel: str) -> list[KnownItem]:
    """Those that may go out and have, and had, no delivery, the oldest first."""
    same = (_d.c.schedule == _i.c.schedule, _d.c.channel == _i.c.channel, _d.c.item == _i.c.item)
    query = select(_i).where(_i.c.schedule == schedule, _i.c.channel == channel, ~_i.c.old, ~exists().where(*same))
    return _oldest_first(view, query)


def _oldest_first(view: Connection, query: Select[Any]) -> list[KnownItem]:
    rows = [_known(row) for row in view.execute(query.order_by(_i.c.id))]
    return sorted(rows, key=lambda known: known.published or known.seen_at)


def count(view: Connection) -> int:
    """How many items are known."""
    return view.scalar(select(func.count()).select_from(_i)) or 0


def item(view: Connection, schedule: str, channel: str, number: str) -> KnownItem | None:
    """One known item by its id."""
    query = select(_i).where(_i.c.schedule == schedule, _i.c.channel == channel, _i.c.item == number)
    row = view.execute(query).first()
    return _known(row) if row else None


def add_item(tx: Connection, known: KnownItem) -> None:
    """Keep an item for good."""
    published = known.content.published.isoformat() if known.content.published else None
    content = {**asdict(known.content), "published": published}
    tx.execute(insert(_i).values({**vars(known), "content": content}))


def _known(row: Row[Any]) -> KnownItem:
    values = row._asdict()
    del values["id"]
    content = dict(values.pop("content"))
    published = content.pop("published")
    item = Item(**content, published=datetime.fromisoformat(published) if published else None)
    return KnownItem(**values, content=item)


def opened_until(view: Connection, schedule: str, channel: str) -> datetime | None:
    """Up to which instant a feed's slots were opened on a channel."""
    return view.scalar(_OPENED_UNTIL, {"schedule": schedule, "channel": channel})


def open_until(tx: Connection, schedule: str, channel: str, at: datetime) -> None:
    """Remember that the slots up to an instant were opened."""
    values = {"schedule": schedule, "channel": channel, "opened_until": at}
    tx.execute(upsert(_s).values(values).on_conflict_do_update(index_elements=["schedule", "channel"], set_=values))


_OPENED_UNTIL = select(_s.c.opened_until).where(
    _s.c.schedule == bindparam("schedule"), _s.c.channel == bindparam("channel")
)
