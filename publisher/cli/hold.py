"""`publisher hold`."""

import argparse

from publisher import decisions
from publisher.cli import deciding
from publisher.delivery import OPEN, State

configure = deciding.configure


def run(args: argparse.Namespace) -> int:
    return deciding.decide(
        args,
        OPEN - {State.HELD},
        "held",
        lambda tx, row, _workspace, who, why, at: decisions.hold(tx, row, who, why, at),
    )
