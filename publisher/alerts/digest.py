"""The day's summary: what went out, what comes, and what waits for somebody."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from content.words import phrase, words
from publisher.alerts.news import is_current
from publisher.alerts.words import Note, Writer, line
from publisher.schedules import Receiver, Schedules, Topic
from publisher.store import alerts
from publisher.store.alerts import Alert, Known, Line, Reached

_DAY = timedelta(days=1)
_NAMED = 20

_WORDS = {
    "subject": phrase("The day"),
    "out": phrase("Published in the last 24 hours"),
    "next": phrase("Due in the next 24 hours"),
    "open": phrase("What waits for somebody"),
    "none": phrase("nothing"),
    "more": phrase("… and {n} more: publisher plan"),
}


def digest_day(schedules: Schedules, receivers: Sequence[Receiver], reached: Reached, now: datetime) -> str | None:
    """The local day whose digest a receiver shall get now; None if it has it, or it is not time."""
    at = schedules.alerts.digest
    if at is None or not any(Topic.DIGEST in receiver.about for receiver in receivers):
        return None
    local = now.astimezone(schedules.timezone)
    time = datetime.combine(local.date(), at, schedules.timezone)
    day = local.date().isoformat()
    is_known = reached.since < time or reached.since > now
    return day if local >= time and is_known and reached.digest_day != day else None


def compile_digest(
    view: Connection,
    writer: Writer,
    workspace: str,
    schedules: Schedules,
    concerns: Callable[[Alert], bool],
    known: Sequence[Known],
    now: datetime,
) -> Note:
    """The summary for somebody whom these alerts and deliveries concern."""
    told = {name: words(writer.lang).sentence(one) for name, one in _WORDS.items()}

    def mine(rows: Iterable[Line]) -> list[Line]:
        return [row for row in rows if concerns(_as_alert(row, schedules))]

    out, coming = mine(alerts.published(view, now - _DAY)), mine(alerts.coming(view, now, now + _DAY))
    standing = [one.alert for one in known if concerns(one.alert) and is_current(one, now)]
    parts = [
        f"{told['open']}: {writer.summary(standing) or told['none']}",
        *([writer.listing(standing)] if standing else []),
        f"{told['out']}: {len(out)}",
        "\n".join([f"{told['next']}: {len(coming)}", *_lines(coming, writer, told["more"])]),
    ]
    subject = f"[Publisher {workspace}] {told['subject']} {writer.at(now)[6:]}: {writer.summary(standing) or 'OK'}"
    return Note(line(subject), "\n\n".join(parts) + "\n")


def _as_alert(row: Line, schedules: Schedules) -> Alert:
    channel = schedules.channels.get(row.channel)
    return Alert(Topic.DIGEST, "", row.campaign, channel.agency if channel else None)


def _lines(rows: Sequence[Line], writer: Writer, more: str) -> list[str]:
    said = [line(f"{writer.at(row.due)}  {row.what or row.name} → {row.channel}") for row in rows[:_NAMED]]
    rest = [more.format(n=len(rows) - _NAMED)] if len(rows) > _NAMED else []
    return [f"  {text}" for text in (*said, *rest)]
