"""`publisher settle`: a person has looked, and says what became of a doubtful delivery."""

import argparse
from datetime import datetime

from sqlalchemy import Connection

from publisher import decisions
from publisher.cli import deciding
from publisher.cli.complaint import Misuse
from publisher.delivery import Delivery, State
from publisher.store.log import Actor
from publisher.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    deciding.configure(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--published", nargs="?", const="", metavar="URL", help="it is out (there)")
    what.add_argument("--absent", action="store_true", help="it is not out: send it now")


def run(args: argparse.Namespace) -> int:
    if args.published and not args.published.startswith(("https://", "http://")):
        raise Misuse(f"{args.published!r} after --published is no address (write it as https://…, or leave it out)")

    def settle(tx: Connection, row: Delivery, _workspace: Workspace, who: Actor, why: str, at: datetime) -> None:
        published = args.published is not None
        decisions.settle(tx, row, who, why, at, published=published, url=args.published or None)

    return deciding.decide(args, frozenset({State.NEEDS_PERSON}), "settled", settle)
