"""`publisher release`: held and ended deliveries go on; `--channel` resumes a paused channel."""

import argparse
from datetime import datetime

from sqlalchemy import Connection

from publisher import decisions
from publisher.cli import deciding
from publisher.cli.complaint import Complaint
from publisher.cli.reading import in_force, now
from publisher.cli.selecting import HELP
from publisher.decisions import ENDED, person
from publisher.delivery import Delivery, State
from publisher.store import log, pauses
from publisher.store.log import Actor
from publisher.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help=HELP)
    deciding.add_who(parser)
    parser.add_argument("--because", required=True, metavar="TEXT", help="why; it goes into the log")
    parser.add_argument("--channel", metavar="NAME", help="resume this paused channel, with what it held")
    parser.add_argument("--ended", action="store_true", help="also missed, failed, skipped and cancelled ones by name")


def run(args: argparse.Namespace) -> int:
    if args.channel:
        return _resume(args)
    if not args.filter:
        raise Complaint("say what to release: a FILTER, or --channel NAME")
    by_number = all(word.lstrip("#").isdigit() for word in args.filter)
    states = {State.HELD} | (ENDED if args.ended or by_number else frozenset())
    return deciding.decide(args, frozenset(states), "released", _release)


def _release(tx: Connection, row: Delivery, workspace: Workspace, who: Actor, why: str, at: datetime) -> None:
    channel = workspace.schedules.channels.get(row.channel)
    if channel is None:
        raise decisions.Objection(f"channel {row.channel} of delivery {row.id} is no longer in channels.yaml")
    decisions.release(tx, row, channel, who, why, at, workspace.schedules.timezone)


def _resume(args: argparse.Namespace) -> int:
    with deciding.objections(), in_force(args.workspace) as (store, _), store.write() as tx:
        who = person(args.who)
        if not pauses.lift(tx, args.channel):
            raise Complaint(f"channel {args.channel} is not paused")
        log.append(tx, "resumed", now(), who, channel=args.channel, reason=args.because)
    print(f"resumed: {args.channel}")
    return 0
