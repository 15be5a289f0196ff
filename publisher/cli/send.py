"""`publisher send`: one message to one channel, now; by the daemon if it runs, else by this command itself."""

import argparse
import getpass
import sys
from difflib import get_close_matches
from pathlib import Path

from publisher import decisions
from publisher.app import App, is_running
from publisher.cli.complaint import Complaint
from publisher.cli.deciding import objections
from publisher.cli.reading import in_force, now
from publisher.cli.run import opened
from publisher.clock import SystemClock
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.store import deliveries
from publisher.store.database import Store
from publisher.workspace import CAMPAIGNS, Workspace

_WAIT = 90.0  # seconds for a delivery to end


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", help="campaign/path.md, or the file's path")
    parser.add_argument("--to", required=True, metavar="CHANNEL", help="the channel")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who sends it (your name on this machine)")
    parser.add_argument("--again", action="store_true", help="although it is out there already")


def run(args: argparse.Namespace) -> int:
    clock = SystemClock()
    if is_running(args.workspace):
        with in_force(args.workspace) as (store, workspace):
            number = _order(args, store, workspace)
            return _report(_watched(store, number, clock), workspace)
    with opened(args.workspace, clock) as app:
        for mistake in app.mistakes:
            print(mistake, file=sys.stderr)
        number = _order(args, app.store, app.workspace)
        return _report(_worked(app, number, clock), app.workspace)


def _order(args: argparse.Namespace, store: Store, workspace: Workspace) -> int:
    campaign, message = _named(args.message, workspace)
    channel = workspace.schedules.channels.get(args.to)
    if channel is None:
        raise Complaint(f"there is no channel {args.to!r} (there are: {', '.join(workspace.schedules.channels)})")
    uuid = store.uuid
    with objections(), store.write() as tx:
        who = person(args.who or _user())
        return decisions.send(tx, workspace, uuid, campaign, message, channel, who, now(), again=args.again)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry, as in containers
        return ""


def _named(text: str, workspace: Workspace) -> tuple[str, str]:
    path = Path(text).as_posix().removeprefix("./")
    _, _, below = path.rpartition(f"{CAMPAIGNS}/")
    campaign, _, message = below.partition("/")
    if workspace.written(campaign, message):
        return campaign, message
    known = [f"{campaign}/{path}" for campaign, messages in workspace.messages.items() for path in messages]
    near = get_close_matches(below, known, n=1) or known[:1] or ["campaign/message.md"]
    raise Complaint(f"there is no message {text!r} in the plan that is in force (write it like {near[0]})")


def _watched(store: Store, number: int, clock: SystemClock) -> Delivery:
    """What the running daemon makes of the delivery."""
    for _ in range(int(_WAIT * 2)):
        row = _row(store, number)
        if row.state not in (State.PLANNED, State.SENDING) or row.due > clock.now():
            return row
        clock.wait(0.5)
    return _row(store, number)


def _worked(app: App, number: int, clock: SystemClock) -> Delivery:
    """What this process makes of the delivery; nothing else is sent."""
    for _ in range(int(_WAIT * 5)):
        app.work(only=number)
        app.dispatcher.drain()
        row = _row(app.store, number)
        if row.state not in (State.PLANNED, State.SENDING, State.IN_DOUBT) or row.due > clock.now():
            return row
        clock.wait(0.2)
    return _row(app.store, number)


def _row(store: Store, number: int) -> Delivery:
    with store.read() as view:
        row = deliveries.get(view, number)
    if row is None:
        raise Complaint(f"delivery {number} is gone")
    return row


def _report(row: Delivery, workspace: Workspace) -> int:
    wakes = row.wakes.astimezone(workspace.schedules.timezone)
    reason = row.reason if row.reason != row.state.value else ""
    where = (row.receipt.url or row.receipt.id) if row.receipt else ""
    parts = (f"#{row.id}", row.channel, row.message, row.state.value, reason, where)
    print("  ".join(part for part in parts if part))
    if row.state is State.PLANNED:
        print(f"It goes out at {wakes:%Y-%m-%d %H:%M:%S}, if `publisher run` is at work then.")
    if row.state is State.AWAITING:
        print("Its text is not approved: see `publisher approve`.")
    return 0 if row.state in (State.PUBLISHED, State.ACCEPTED, State.PLANNED, State.AWAITING) else 1
