"""`publisher pause`: everything, a campaign or a channel is held until `publisher resume`."""

import argparse

from publisher import decisions
from publisher.cli import deciding
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import show
from publisher.decisions import person
from publisher.store.pauses import Scope


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="all campaigns on all channels")
    what.add_argument("--campaign", metavar="NAME", help="one campaign")
    what.add_argument("--channel", metavar="NAME", help="one channel")
    deciding.add_who(parser)
    deciding.add_reason(parser)


def scope_of(args: argparse.Namespace) -> tuple[Scope, str]:
    """What is meant, and its name; "" for all."""
    if args.all:
        return Scope.ALL, ""
    return (Scope.CAMPAIGN, args.campaign) if args.campaign is not None else (Scope.CHANNEL, args.channel)


def run(args: argparse.Namespace) -> int:
    scope, name = scope_of(args)
    with deciding.objections(), in_force(args.workspace) as (store, workspace):
        who = person(args.who)
        deciding.check_reason(args.because)
        with store.write() as tx:
            decisions.pause(tx, workspace, scope, name, who, args.because, now())
    show(f"paused: {name or 'everything'}")
    show("What falls due is held until `publisher resume`; what is being sent at this moment comes to its end.")
    return 0
