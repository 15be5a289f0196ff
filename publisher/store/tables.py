"""The tables. Instants are whole microseconds since 1970 in UTC; JSON is text.

`migrations/` makes them; a test holds the two together.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 so that both databases order and compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


#: A row id: SQLite counts up by itself only in an INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: Every constraint has a name, so that a migration can change it. Never edited: the migrations read it, too.
_NAMES = {
    "ix": "%(table_name)s_by_%(column_0_name)s",
    "uq": "%(table_name)s_%(column_0_name)s_is_unique",
    "fk": "%(table_name)s_%(column_0_name)s_is_known",
    "pk": "%(table_name)s_key",
}
metadata = MetaData(naming_convention=_NAMES)

workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", Text, nullable=False),  # enters the key of every post
    Column("created_at", Instant, nullable=False),
)

texts = Table(  # every version of a file that was ever in force, by its hash
    "texts",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

plans = Table(  # the valid versions of the workspace's files; the newest is in force
    "plans",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("files", JSON, nullable=False),  # path: sha256 of its text
    Column("timezone", Text, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", Text, primary_key=True),  # Schedule.id
    Column("content", Text, nullable=False),
    Column("definition", Text, nullable=False),  # hash of all that implies its occurrences
    Column("first_loaded_at", Instant, nullable=False),
    Column("planned_from", Instant, nullable=False),  # its last edit: earlier occurrences are not planned any more
    Column("planned_until", Instant, nullable=False),  # up to here all its occurrences have rows
    Column("removed_at", Instant),
    Column("origin", Text, nullable=False, server_default=""),  # the name in its posts' keys: its first id
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("schedule", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("occurrence", Instant, nullable=False),
    Column("day", Text, nullable=False),  # the nominal local day, in the zone in which it was planned
    Column("channel", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("message", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("session", Instant),
    Column("place", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("not_before", Instant),
    Column("free_of_grace", Boolean, nullable=False),
    Column("held_from", Text),
    Column("ruled", Boolean, nullable=False),  # a rule or an edit put it where it is, and may take it back
    Column("attempts", Integer, nullable=False),
    Column("lookups", Integer, nullable=False),
    Column("may_be_out", Boolean, nullable=False),  # as `Delivery` says
    Column("epoch", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("supplement", Integer),
    Column("revision", Text),
    Column("post", JSON),
    Column("post_sha256", Text),
    Column("plan", RowId),
    Column("doubt_at", Instant),  # after this no byte of the doubtful attempt left
    Column("accepted", Text),  # the token to settle with
    Column("receipt", JSON),
    Column("published_at", Instant),
    Column("action", Text, nullable=False, server_default="publish"),
    Column("of", RowId),  # the delivery that it corrects or withdraws
    Column("number", Integer),
    UniqueConstraint("schedule", "occurrence", "channel", "item"),
)
Index("deliveries_by_state", deliveries.c.state, deliveries.c.due)
Index("deliveries_by_channel", deliveries.c.channel, deliveries.c.occurrence)
Index("deliveries_by_queue", deliveries.c.channel, deliveries.c.state, deliveries.c.due)
Index("deliveries_by_session", deliveries.c.state, deliveries.c.session)
Index("deliveries_by_occurrence", deliveries.c.occurrence)
_amends = deliveries.c.of.is_not(None)  # few rows do
Index(
    "deliveries_by_of",
    deliveries.c.of,
    deliveries.c.number,
    unique=True,
    sqlite_where=_amends,
    postgresql_where=_amends,
)
Index("deliveries_by_mending", deliveries.c.state, deliveries.c.due, sqlite_where=_amends, postgresql_where=_amends)
Index("deliveries_by_message", deliveries.c.campaign, deliveries.c.message)
for _waits in (deliveries.c.not_before, deliveries.c.lease_until):  # few rows have them, and they say when to wake
    _are_set = _waits.is_not(None)
    Index(f"deliveries_by_{_waits.name}", _waits, sqlite_where=_are_set, postgresql_where=_are_set)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery", RowId, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("intent_at", Instant, nullable=False),
    Column("answer_at", Instant),
    Column("outcome", Text),
)

steps = Table(  # durable facts between two requests of a publication
    "steps",
    metadata,
    Column("delivery", RowId, ForeignKey("deliveries.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

revisions = Table(  # exact texts of messages and items, with all that they may read
    "revisions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("message", Text, nullable=False),  # the path, or the id of a feed's item
    Column("channel", Text, nullable=False),  # "" where the text does not depend on it
    Column("author", Text),
    Column("context", JSON, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("revision", Text, ForeignKey("revisions.sha256"), nullable=False, index=True),
    Column("delivery", RowId),  # for every-post only
    Column("approver", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("document", Text),
    Column("at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

feeds = Table(
    "feeds",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("modified", Text),
    Column("polled_at", Instant),
    Column("error", Text),
    Column("read_at", Instant),  # the last poll that the feed answered
)

feed_items = Table(
    "feed_items",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("item", Text, nullable=False),  # our id of it: the start of a hash
    Column("content", JSON, nullable=False),
    Column("old", Boolean, nullable=False),  # known, but never goes out
    Column("published", Instant),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("schedule", "channel", "item"),
)

feed_slots = Table(  # how far the slots of a feed were opened
    "feed_slots",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("opened_until", Instant, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("scope", Text, primary_key=True),  # all, campaign or channel
    Column("name", Text, primary_key=True),  # "" for all
    Column("cause", Text, primary_key=True),  # each is lifted by itself
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("who", Text, nullable=False),
)

breakers = Table(  # of the channels that failed since they worked last
    "breakers",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("failures", Integer, nullable=False),  # in a row
    Column("since", Instant),  # the first of them
    Column("probe_at", Instant),  # the channel is not spoken to before; null while it is spoken to as usual
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),  # of the last failure
)

withdrawals = Table(  # messages that are chosen no more, until they are released
    "withdrawals",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("released_at", Instant),
)

inbox_links = Table(
    "inbox_links",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

restores = Table(  # what came back from a backup; in a backup itself a row that says when it was made
    "restores",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("backup_at", Instant, nullable=False),
    Column("restored_at", Instant),  # none: a backup that has not come back yet
)

restored_doubts = Table(  # deliveries that may have gone out between a backup and its restore
    "restored_doubts",
    metadata,
    Column("delivery", RowId, ForeignKey("deliveries.id"), primary_key=True),
    Column("restore", RowId, ForeignKey("restores.id"), nullable=False),
    Column("was", Text, nullable=False),  # the state that it comes back to if it is not out
    Column("reason", Text, nullable=False),
    Column("held_from", Text),
    Column("ended", Boolean, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("fingerprint", Text, nullable=False),  # of what is wrong: at most one open alert has it
    Column("topic", Text, nullable=False),
    Column("campaign", Text),
    Column("agency", Text),
    Column("facts", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

tellings = Table(  # who accepted which alert
    "tellings",
    metadata,
    Column("alert", RowId, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("receiver", Text, primary_key=True),
    Column("at", Instant, nullable=False),  # the last time
    Column("is_end_told", Boolean, nullable=False),
)

receivers = Table(  # of alerts; and the outside watcher
    "receivers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("not_before", Instant),
    Column("reason", Text, nullable=False),  # of the last failure
    Column("digest_day", Text),  # the local day of the last digest
)

cursors = Table(  # how far a reader has read the log
    "cursors",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("entry", RowId, nullable=False),
)

notices = Table(  # e-mails to announcers and agencies, and what became of them
    "notices",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("about", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("delivery", RowId),
    Column("fate", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("about", "channel", "name", "receiver"),
)
Index("notices_by_fate", notices.c.fate)

log = Table(
    "log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("delivery", RowId, index=True),
    Column("body", Text, nullable=False),  # canonical JSON
)
