"""`publisher release`: held and ended deliveries go on; `--channel` resumes a paused channel."""

import argparse
from datetime import datetime

from sqlalchemy import Connection

from content.templates import Renderer
from publisher import decisions
from publisher.cli import deciding
from publisher.cli.complaint import Complaint, Misuse
from publisher.cli.reading import in_force, now
from publisher.cli.selecting import HELP, Words
from publisher.composer import Composer
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
    if bool(args.channel) == bool(args.filter):
        raise Misuse("say what to release: a FILTER, or --channel NAME for a paused channel with all that it held")
    if args.channel:
        return _resume(args)
    by_number = not Words.of(args.filter).names
    states = {State.HELD} | (ENDED if args.ended or by_number else frozenset())
    code = deciding.decide(args, frozenset(states), "released", _release)
    with in_force(args.workspace) as (store, workspace), Renderer() as renderer:
        Composer(store, renderer).settle(workspace, now())  # its text may have been approved, or changed, meanwhile
    return code


def _release(tx: Connection, row: Delivery, workspace: Workspace, who: Actor, why: str, at: datetime) -> None:
    channel = workspace.schedules.channels.get(row.channel)
    if channel is None:
        raise decisions.Objection(f"channel {row.channel} of delivery {row.id} is no longer in channels.yaml")
    decisions.release(tx, row, channel, who, why, at, workspace.schedules.timezone)


def _resume(args: argparse.Namespace) -> int:
    with deciding.objections(), in_force(args.workspace) as (store, _), store.write() as tx:
        who = person(args.who)
        deciding.check_reason(args.because)
        if not pauses.lift(tx, args.channel):
            paused = ", ".join(pauses.paused(tx)) or "none"
            raise Complaint(f"channel {args.channel!r} is not paused (paused are: {paused})")
        log.append(tx, "resumed", now(), who, channel=args.channel, reason=args.because)
    print(f"resumed: {args.channel}")
    return 0
