"""`publisher resume`: what was paused goes on, with all that it held."""

import argparse

from publisher import decisions
from publisher.cli import deciding
from publisher.cli.pause import configure, scope_of
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import said, spoken, tell
from publisher.decisions import person
from publisher.store.pauses import Scope

__all__ = ["configure", "resume", "run"]


def run(args: argparse.Namespace) -> int:
    return resume(args, *scope_of(args))


def resume(args: argparse.Namespace, scope: Scope, name: str) -> int:
    """Resume it; say what stands in its way still."""
    with deciding.objections(), in_force(args.workspace) as (store, _):
        who = person(args.who)
        deciding.check_reason(args.because)
        with store.write() as tx:
            others = decisions.resume(tx, scope, name, who, args.because, now())
    tell("resumed: {what}", what=name or said("everything"))
    for pause in others:
        tell("still: {pause}", pause=spoken().of(str(pause)))
    return 0
