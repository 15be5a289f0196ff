"""Deliveries that are alike: of very many rows one of each kind is looked at."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select

from publisher.delivery import Delivery, State
from publisher.store import tables
from publisher.store.deliveries import bare, look_at

_d = tables.deliveries
_TOGETHER = 64  # channels whose rows one query sorts


def one_of_each(view: Connection, states: Collection[State], each: Collection[str]) -> Iterator[Delivery]:
    """Of all that are `alike` one; of the campaigns in `each` every one. Without their posts.

    Some channels at a time: SQLite keeps in memory whatever it sorts into groups.
    """
    wanted = _d.c.state.in_([state.value for state in states])
    some = _d.c.channel.in_(bindparam("channels", expanding=True))
    alone = case((_d.c.campaign.in_(list(each)), _d.c.id), else_=0)
    firsts = select(func.min(_d.c.id)).where(wanted, some).group_by(*_ALIKE, _d.c.post_sha256.is_(None), alone)
    query = bare(_d.c.id.in_(firsts))
    channels = list(view.scalars(_CHANNELS))
    for start in range(0, len(channels), _TOGETHER):
        yield from look_at(view, query, channels=channels[start : start + _TOGETHER])


def _channels() -> Select[Any]:
    """All channels that have rows: from one to the next by their index, past the rows of each."""
    found = select(func.min(_d.c.channel).label("channel")).cte("found", recursive=True)
    following = select(func.min(_d.c.channel)).where(_d.c.channel > found.c.channel).scalar_subquery()
    found = found.union_all(select(following).where(found.c.channel.is_not(None)))
    return select(found.c.channel).where(found.c.channel.is_not(None))


_CHANNELS = _channels()


def alike(view: Connection, row: Delivery) -> list[Delivery]:
    """The deliveries of the same text on the same channel that stand as this one does. Without their posts."""
    same = [column.is_not_distinct_from(_plain(getattr(row, column.name))) for column in _ALIKE]
    composed = _d.c.post_sha256.is_not(None) if row.post_sha256 else _d.c.post_sha256.is_(None)
    return look_at(view, bare(*same, composed))


def of_text(view: Connection, campaign: str, message: str, channel: str, states: Collection[State]) -> list[Delivery]:
    """The deliveries of a message on a channel in these states, in order of occurrence. Without their posts."""
    same = (_d.c.campaign == campaign, _d.c.message == message, _d.c.channel == channel)
    wanted = _d.c.state.in_([state.value for state in states])
    return look_at(view, bare(*same, wanted, order=(_d.c.occurrence, _d.c.due, _d.c.place)))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, State) else value


_ALIKE = (
    _d.c.campaign, _d.c.schedule, _d.c.message, _d.c.item, _d.c.channel,
    _d.c.state, _d.c.revision, _d.c.held_from, _d.c.may_be_out,
)  # fmt: skip
