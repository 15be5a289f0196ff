"""Revisions, and the approvals that bind to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import tables

_r, _a = tables.revisions, tables.approvals


@dataclass(frozen=True)
class Revision:
    """One exact text of a message or item, with all that it may read except its occurrence."""

    sha256: str
    campaign: str
    message: str
    channel: str  # "" where the text does not depend on it
    author: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Approval:
    """That a person lets a revision go out."""

    revision: str
    approver: str
    document: str | None
    at: datetime


def keep(tx: Connection, revision: Revision, at: datetime) -> None:
    """Keep a revision for good."""
    tx.execute(upsert(_r).values(**vars(revision), seen_at=at).on_conflict_do_nothing())


def get(view: Connection, digest: str) -> Revision | None:
    """The revision with that hash."""
    row = view.execute(_REVISION, {"sha256": digest}).first()
    return Revision(**row._asdict()) if row else None


def is_kept(view: Connection, digest: str) -> bool:
    """Whether a revision with that hash is kept."""
    return view.scalar(_KEPT, {"sha256": digest}) is not None


def of_item(view: Connection, campaign: str, item: str) -> Revision | None:
    """The revision of an item of a feed."""
    digest = view.scalar(select(_r.c.sha256).where(_r.c.campaign == campaign, _r.c.message == item))
    return get(view, digest) if digest else None


def approve(
    tx: Connection,
    revision: str,
    approver: str,
    at: datetime,
    *,
    verified: bool,
    document: str | None,
    delivery: int | None,
) -> None:
    """Record an approval: of a text, or of one delivery of it."""
    tx.execute(
        insert(_a).values(
            revision=revision, approver=approver, at=at, verified=verified, document=document, delivery=delivery
        )
    )


def of_text(view: Connection, revision: str) -> Approval | None:
    """The approval of exactly this text, if it has one in force."""
    return _first(view, _OF_TEXT, revision=revision)


def newest_of_message(view: Connection, campaign: str, message: str, channel: str) -> Approval | None:
    """The last approval in force of any text of a message that may go to a channel; its own text before others."""
    return _first(view, _NEWEST_OF_MESSAGE, campaign=campaign, message=message, channel=channel)


def of_message(view: Connection, campaign: str, message: str) -> list[Approval]:
    """Every approval of any text of a message, oldest first."""
    query = select(_a).join(_r, _r.c.sha256 == _a.c.revision)
    query = query.where(_r.c.campaign == campaign, _r.c.message == message).order_by(_a.c.at, _a.c.id)
    return [Approval(row.revision, row.approver, row.document, row.at) for row in view.execute(query)]


def of_delivery(view: Connection, delivery: int) -> Approval | None:
    """The last approval in force of one delivery."""
    return _first(view, _OF_DELIVERY, delivery=delivery)


def _first(view: Connection, query: Select[Any], **values: Any) -> Approval | None:
    row = view.execute(query, values).first()
    return Approval(row.revision, row.approver, row.document, row.at) if row else None


# Asked for row by row at every plan: a query that is made once is translated once.
_IN_FORCE = select(_a).where(_a.c.withdrawn_at.is_(None)).order_by(_a.c.at.desc()).limit(1)
_KEPT = select(_r.c.sha256).where(_r.c.sha256 == bindparam("sha256"))
_REVISION = select(*(column for column in _r.c if column.name != "seen_at")).where(_r.c.sha256 == bindparam("sha256"))
_OF_TEXT = _IN_FORCE.where(_a.c.revision == bindparam("revision"), _a.c.delivery.is_(None)).order_by(_a.c.id.desc())
_OF_DELIVERY = _IN_FORCE.where(_a.c.delivery == bindparam("delivery")).order_by(_a.c.id.desc())
_NEWEST_OF_MESSAGE = (
    _IN_FORCE.join(_r, _r.c.sha256 == _a.c.revision)
    .where(_r.c.campaign == bindparam("campaign"), _r.c.message == bindparam("message"))
    .where(or_(_r.c.channel == "", _r.c.channel == bindparam("channel")), _a.c.delivery.is_(None))
    .order_by(_r.c.channel.desc(), _a.c.id.desc())
)
