"""`publisher status`: what is under way, what is next, and what needs a person."""

import argparse
import json
import sys
from typing import Any
from zoneinfo import ZoneInfo

from content.yaml12 import Mistakes
from publisher.app import is_running
from publisher.cli.complaint import Complaint
from publisher.cli.reading import in_force, peeked
from publisher.decisions import drafts
from publisher.delivery import Delivery, State
from publisher.store import deliveries, pauses
from publisher.workspace import Folder, Workspace, read_workspace

_PEOPLE = (State.NEEDS_PERSON, State.HELD, State.FAILED)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print an object")


def run(args: argparse.Namespace) -> int:
    with peeked(args.workspace) as store:
        if store is None:
            raise Complaint("nothing is planned yet on this workspace: start it with `publisher run`")
    with in_force(args.workspace) as (store, workspace), store.read() as view:
        found: dict[str, Any] = {
            "running": is_running(args.workspace),
            "mistakes": _mistakes(args.workspace, workspace),
            "counts": {state.value: number for state, number in deliveries.counts(view).items()},
            "paused": dict(pauses.paused(view)),
            "needs": deliveries.unfinished(view, _PEOPLE),
            "drafts": [f"{draft.revision.campaign}/{draft.revision.message}" for draft in drafts(view, workspace)],
            "next": deliveries.coming(view, 10),
        }
    zone = workspace.schedules.timezone
    if args.json:
        rows = {name: [_as_json(row, zone) for row in found[name]] for name in ("needs", "next")}
        json.dump(found | rows, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _show(found, zone)
    return 0


def _mistakes(directory: Any, workspace: Workspace) -> list[str]:
    """The mistakes in the files as they are now, which keep the last valid plan in force."""
    try:
        return [str(mistake) for mistake in read_workspace(Folder(directory), workspace).mistakes]
    except Mistakes as found:
        return [str(mistake) for mistake in found.mistakes]


def _show(found: dict[str, Any], zone: ZoneInfo) -> None:
    print("Publisher is running." if found["running"] else "Publisher is NOT running: nothing goes out until it does.")
    if found["mistakes"]:
        print("\nMistakes in the files; the last valid plan goes on:")
        print("\n".join(f"  {mistake}" for mistake in found["mistakes"]))
    print("\nDeliveries: " + ", ".join(f"{number} {state}" for state, number in sorted(found["counts"].items())))
    for channel, reason in found["paused"].items():
        print(f"Paused: {channel}: {reason}  (publisher release --channel {channel} --as NAME --because TEXT)")
    if found["drafts"]:
        print("\nTexts that wait for approval (publisher approve):")
        print("\n".join(f"  {draft}" for draft in found["drafts"]))
    if found["needs"]:
        print("\nNeeds a person:")
        print("\n".join(f"  {_line(row, zone)}" for row in found["needs"]))
    if found["next"]:
        print("\nNext:")
        print("\n".join(f"  {_line(row, zone)}" for row in found["next"]))


def _line(row: Delivery, zone: ZoneInfo) -> str:
    due = row.due.astimezone(zone)
    about = row.message or row.item or "(chosen at its time)"
    reason = f"  {row.reason}" if row.reason else ""
    return f"#{row.id}  {due:%Y-%m-%d %H:%M}  {row.name}  {row.channel}  {about}  {row.state.value}{reason}"


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
