"""`publisher status`: what is under way, what is next, and what needs a person."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from content.yaml12 import Mistakes
from publisher.alerts.news import is_current
from publisher.alerts.words import Writer
from publisher.app import is_running
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import said, show, spoken, state_of, tell
from publisher.cli.tabling import columns
from publisher.decisions import Draft, drafts
from publisher.delivery import Delivery, State
from publisher.health import examine
from publisher.store import alerts, deliveries, pauses
from publisher.store.pauses import Pause
from publisher.workspace import Folder, Workspace, read_workspace

_PEOPLE = (State.NEEDS_PERSON, State.HELD, State.FAILED)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print an object")


def run(args: argparse.Namespace) -> int:
    with in_force(args.workspace) as (store, workspace), store.read() as view:
        found: dict[str, Any] = {
            "running": is_running(args.workspace),
            "mistakes": _mistakes(args.workspace, workspace),
            "counts": {state.value: number for state, number in deliveries.counts(view).items()},
            "paused": pauses.covering(view).standing,
            "silent": [one for one in examine(view, workspace.schedules, now()) if one.is_silent],
            "needs": [row for row in deliveries.unfinished(view, _PEOPLE) if not row.ruled],
            "drafts": _drafts(drafts(view, workspace)),
            "next": deliveries.coming(view, 10),
            "alerts": [one for one in alerts.known(view) if is_current(one, now())],
        }
    zone = workspace.schedules.timezone
    if args.json:
        rows = {name: [_as_json(row, zone) for row in found[name]] for name in ("needs", "next")}
        found |= {"paused": [_pause_as_json(pause, zone) for pause in found["paused"]]}
        found |= {"silent": [one.channel.name for one in found["silent"]]}
        found |= {"alerts": Writer("en", zone).plain(found["alerts"])}
        json.dump(found | rows, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _show(found, zone)
    return 0


def _drafts(waiting: Iterable[Draft]) -> list[str]:
    """The messages whose text waits; of a feed's item, its title."""
    names = (
        f"{one.revision.campaign}/{one.revision.message if one.deliveries else one.revision.context['title']}"
        for one in waiting
    )
    return list(dict.fromkeys(names))


def _mistakes(directory: Path, workspace: Workspace) -> list[str]:
    """The mistakes in the files as they are now, which keep the last valid plan in force."""
    try:
        return [str(mistake) for mistake in read_workspace(Folder(directory), workspace).mistakes]
    except Mistakes as found:
        return [str(mistake) for mistake in found.mistakes]


def _show(found: dict[str, Any], zone: ZoneInfo) -> None:
    show("Publisher is running." if found["running"] else "Publisher is NOT running: nothing goes out until it does.")
    if found["mistakes"]:
        show()
        tell("Mistakes in the files; what was valid before them stays in force:")
        show("\n".join(f"  {mistake}" for mistake in found["mistakes"]))
    show()
    counts = ", ".join(f"{number} {said(state)}" for state, number in sorted(found["counts"].items()))
    tell("Deliveries: {counts}", counts=counts)
    for pause in found["paused"]:
        end = f"publisher resume --{pause.scope.value} {pause.name}".rstrip()
        what = pause.name or said("everything")
        tell(
            "Paused: {what}: {reason}",
            what=what,
            reason=f"{spoken().of(pause.reason)}  ({end} --as NAME --because TEXT)",
        )
    for one in found["silent"]:
        reason = spoken().of(one.breaker.reason)
        tell("Does not answer: {channel}: {reason}  (publisher channels)", channel=one.channel.name, reason=reason)
    if found["alerts"]:
        summary = Writer(spoken().language, zone).summary(one.alert for one in found["alerts"])
        tell("Alerts: {summary}  (publisher alerts)", summary=summary)
    if found["drafts"]:
        show()
        tell("Texts that wait for approval (publisher approve):")
        show("\n".join(f"  {draft}" for draft in found["drafts"]))
    if found["needs"]:
        show()
        tell("Needs a person:")
        show(_table(found["needs"], zone))
    if found["next"]:
        show()
        tell("Next:")
        show(_table(found["next"], zone))


def _table(rows: Sequence[Delivery], zone: ZoneInfo) -> str:
    """Number, due, schedule, channel and message in columns, then the state and why."""
    return columns([_cells(row, zone) for row in rows])


def _cells(row: Delivery, zone: ZoneInfo) -> tuple[str, ...]:
    due = row.due.astimezone(zone)
    about = row.message or (row.post.title if row.post else row.item) or said("(chosen at its time)")
    state = state_of(row.state.value, row.reason)
    return f"#{row.id}", f"{due:%Y-%m-%d %H:%M}", row.name, row.channel, about, state


def _pause_as_json(pause: Pause, zone: ZoneInfo) -> dict[str, str]:
    since = pause.since.astimezone(zone).isoformat()
    told = {"scope": pause.scope.value, "name": pause.name, "cause": pause.cause.value, "reason": pause.reason}
    return told | {"since": since, "who": pause.who}


def _as_json(row: Delivery, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": row.id,
        "schedule": row.name,
        "occurrence": row.occurrence.astimezone(zone).isoformat(),
        "due": row.due.astimezone(zone).isoformat(),
        "channel": row.channel,
        "message": row.message,
        "state": row.state.value,
        "reason": row.reason,
    }
