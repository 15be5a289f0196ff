"""`publisher release`: held and ended deliveries go on."""

import argparse
from datetime import datetime

from sqlalchemy import Connection

from publisher import decisions, mending, wording
from publisher.cli import deciding
from publisher.cli.deciding import objections
from publisher.cli.reading import in_force, now
from publisher.cli.selecting import Words
from publisher.cli.speaking import show
from publisher.decisions import ENDED, person
from publisher.delivery import Delivery, State
from publisher.store import withdrawals
from publisher.store.log import Actor
from publisher.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    deciding.configure(parser)
    parser.add_argument("--ended", action="store_true", help="also missed, failed, skipped and cancelled ones by name")


def run(args: argparse.Namespace) -> int:
    if _let_go(args):
        return 0
    by_number = not Words.of(args.filter).names
    states = {State.HELD} | (ENDED if args.ended or by_number else frozenset())
    code = deciding.decide(args, frozenset(states), "released", _release)
    with in_force(args.workspace) as (store, workspace):
        wording.bring_in_step(store, workspace, now())  # its text may have been approved, or changed, meanwhile
    return code


def _let_go(args: argparse.Namespace) -> bool:
    """Whether a withdrawn message is meant, which may be chosen again now."""
    with objections(), in_force(args.workspace) as (store, _):
        deciding.check_reason(args.because)
        with store.write() as tx:
            meant = [one for one in withdrawals.standing(tx) if args.filter == ["/".join(one)]]
            for campaign, message in meant:
                mending.let_go(tx, campaign, message, person(args.who), args.because, now())
    for campaign, message in meant:
        show(f"{campaign}/{message} may be sent again; what was taken from the public stays away.")
    return bool(meant)


def _release(tx: Connection, row: Delivery, workspace: Workspace, who: Actor, why: str, at: datetime) -> None:
    channel = workspace.schedules.channels.get(row.channel)
    if channel is None:
        raise decisions.Objection(f"channel {row.channel} of delivery {row.id} is no longer in channels.yaml")
    decisions.release(tx, row, channel, who, why, at, workspace.schedules.timezone)
