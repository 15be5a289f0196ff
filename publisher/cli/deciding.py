"""What the verbs share with which people decide about deliveries."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from publisher.cli.complaint import Complaint
from publisher.cli.reading import in_force, now
from publisher.cli.selecting import add_filter, selected
from publisher.cli.speaking import show
from publisher.decisions import Objection, person
from publisher.delivery import Delivery, State
from publisher.store.deliveries import Overtaken
from publisher.store.log import Actor
from publisher.workspace import Workspace

Decide = Callable[[Connection, Delivery, Workspace, Actor, str, datetime], None]


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of a verb that changes deliveries: which, who, why."""
    add_filter(parser, required=True)
    add_who(parser)
    add_reason(parser)


def add_who(parser: argparse.ArgumentParser) -> None:
    """Who decides. A name typed in a shell is logged as unverified."""
    parser.add_argument("--as", dest="who", required=True, metavar="NAME", help="who decides this")


def add_reason(parser: argparse.ArgumentParser) -> None:
    """Why it is decided."""
    parser.add_argument("--because", required=True, metavar="TEXT", help="why; it goes into the log")


def decide(args: argparse.Namespace, states: frozenset[State], verb: str, act: Decide) -> int:
    """Carry out a decision about all deliveries that are meant, or about none."""
    with objections(), in_force(args.workspace) as (store, workspace):
        who = person(args.who)
        check_reason(args.because)
        with store.write() as tx:
            rows = selected(tx, args.filter, states)
            for row in rows:
                act(tx, row, workspace, who, args.because, now())
    for row in rows:
        local = row.occurrence.astimezone(workspace.schedules.timezone)
        show(f"{verb}: {row.id}  {local:%Y-%m-%d %H:%M}  {row.name}  {row.channel}  {row.message or row.item}")
    return 0


def check_reason(text: str) -> None:
    """The log shall say why."""
    if not text.strip():
        raise Objection("a reason is needed: why is this decided? (--because TEXT)")


@contextmanager
def objections() -> Iterator[None]:
    """What cannot be decided so is a complaint."""
    try:
        yield
    except Objection as objection:
        raise Complaint(str(objection)) from None
    except Overtaken:
        raise Complaint("the delivery changed at this moment: look at `publisher status` and try again") from None
