"""Notices: e-mails that tell somebody of a script, a post in an inbox, or its link, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher import ledger
from publisher.store import log, tables
from publisher.store.log import Actor

_n = tables.notices
_WHO = Actor("notices")


class About(StrEnum):
    """What a notice tells of."""

    SCRIPT = "script"  # of a session, or a supplement of it
    POST = "post"  # new in an inbox
    LINK = "link"  # the private link of an inbox


class Fate(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENDING = "sending"  # it may have left
    SENT = "sent"
    IN_DOUBT = "in_doubt"  # perhaps sent: never again by itself
    REFUSED = "refused"  # it cannot be sent
    DROPPED = "dropped"  # what it tells of is no longer so


@dataclass(frozen=True)
class Notice:
    """One e-mail to one address. What it tells of and the address say together which it is."""

    about: About
    channel: str
    name: str  # of the script's folder, the key of the post, or the number of the link
    receiver: str
    delivery: int | None = None
    fate: Fate = Fate.WAITING
    reason: str = ""
    id: int = 0  # once it is kept
    attempts: int = 0
    made_at: datetime | None = None

    @property
    def what(self) -> str:
        """It in words, for the log and for alerts; no secret."""
        return f"{self.about} {self.name} → {self.receiver}"


def add(tx: Connection, found: Iterable[Notice], at: datetime) -> None:
    """Keep notices; one that was ever kept stays as it is."""
    for notice in found:
        values = {
            "about": notice.about.value, "channel": notice.channel, "name": notice.name, "receiver": notice.receiver,
            "delivery": notice.delivery, "fate": notice.fate.value, "reason": notice.reason, "attempts": 0,
            "made_at": at,
        }  # fmt: skip
        is_new = tx.execute(upsert(_n).values(values).on_conflict_do_nothing()).rowcount == 1
        if is_new and notice.fate is Fate.IN_DOUBT:
            tell(tx, notice.fate, notice, notice.reason, at)


def due(view: Connection, now: datetime, longest: timedelta) -> list[Notice]:
    """Those that may be sent now, the oldest first. `longest`: a wait beyond it comes of a clock that was set."""
    waits = _n.c.not_before
    may = or_(waits.is_(None), waits <= now, waits > now + longest)
    return _select(view, Fate.WAITING, may)


def orphaned(view: Connection) -> list[Notice]:
    """Those that somebody began to send."""
    return _select(view, Fate.SENDING)


def open_ones(view: Connection) -> list[Notice]:
    """All that are not at their end."""
    return [*_select(view, Fate.SENDING), *_select(view, Fate.WAITING)]


def claim(tx: Connection, notice: Notice) -> bool:
    """Make a notice one's own before it leaves; False if another hand was first."""
    is_as_read = (_n.c.id == notice.id) & (_n.c.fate == Fate.WAITING.value) & (_n.c.attempts == notice.attempts)
    values = {"fate": Fate.SENDING.value, "attempts": notice.attempts + 1}
    return tx.execute(update(_n).where(is_as_read).values(values)).rowcount == 1


def put_off(tx: Connection, notice: Notice, reason: str, until: datetime) -> None:
    """Let a notice wait that was certainly not accepted."""
    values = {"fate": Fate.WAITING.value, "reason": reason, "not_before": until, "attempts": notice.attempts + 1}
    tx.execute(update(_n).where(_n.c.id == notice.id).values(values))


def end(tx: Connection, notice: Notice, fate: Fate, reason: str, at: datetime) -> None:
    """Note what became of a notice, here and in the log."""
    values = {"fate": fate.value, "reason": reason, "ended_at": at, "not_before": None}
    tx.execute(update(_n).where(_n.c.id == notice.id).values(values))
    tell(tx, fate, notice, reason, at)


def tell(tx: Connection, event: str, notice: Notice, reason: str, at: datetime) -> None:
    """Say in the log what is to be known of a notice."""
    log.append(
        tx, f"notice_{event}", at, _WHO, delivery=notice.delivery, channel=notice.channel, message=notice.what,
        reason=ledger.plain(reason) or None,
    )  # fmt: skip


def _select(view: Connection, fate: Fate, *conditions: object) -> list[Notice]:
    query = select(_n).where(_n.c.fate == fate.value, *conditions).order_by(_n.c.id)  # type: ignore[arg-type]
    return [
        Notice(
            About(row.about), row.channel, row.name, row.receiver, row.delivery, Fate(row.fate), row.reason, row.id,
            row.attempts, row.made_at,
        )
        for row in view.execute(query)
    ]  # fmt: skip
