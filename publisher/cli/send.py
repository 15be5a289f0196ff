"""`publisher send`: one message to one channel, now; by the daemon if it runs, else by this command itself."""

import argparse

from publisher import decisions
from publisher.cli.carrying import Hands, Wanted, hands, user
from publisher.cli.complaint import Complaint
from publisher.cli.deciding import objections
from publisher.cli.naming import named
from publisher.cli.reading import now
from publisher.cli.speaking import show, spoken
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", help="campaign/path.md, or the file's path")
    parser.add_argument("--to", required=True, metavar="CHANNEL", help="the channel")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who sends it (your name on this machine)")
    parser.add_argument("--again", action="store_true", help="although it is out there already")


def run(args: argparse.Namespace) -> int:
    with hands(args.workspace, Wanted.NEWEST_VALID) as found:
        number = _order(args, found)
        return _report(found.carry_out([number])[0], found.workspace)


def _order(args: argparse.Namespace, found: Hands) -> int:
    workspace, uuid = found.workspace, found.store.uuid
    campaign, message = named(args.message, workspace)
    found.check(campaign, message)
    channel = workspace.schedules.channels.get(args.to)
    if channel is None:
        raise Complaint(f"there is no channel {args.to!r} (there are: {', '.join(workspace.schedules.channels)})")
    with objections(), found.store.write() as tx:
        who = person(args.who or user())
        return decisions.send(tx, workspace, uuid, campaign, message, channel, who, now(), again=args.again)


def _report(row: Delivery, workspace: Workspace) -> int:
    wakes = row.wakes.astimezone(workspace.schedules.timezone)
    reason = row.reason if row.reason != row.state.value else ""
    where = (row.receipt.url or row.receipt.id) if row.receipt else ""
    parts = (f"#{row.id}", row.channel, row.message, spoken().of(row.state.value), spoken().of(reason), where)
    show("  ".join(part for part in parts if part))
    if row.state is State.PLANNED:
        show(f"It goes out at {wakes:%Y-%m-%d %H:%M:%S}, if `publisher run` is at work then.")
    if row.state is State.AWAITING:
        show("Its text is not approved: see `publisher approve`.")
    return 0 if row.state in (State.PUBLISHED, State.ACCEPTED, State.PLANNED, State.AWAITING) else 1
