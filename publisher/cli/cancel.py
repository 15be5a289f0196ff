"""`publisher cancel`."""

import argparse

from publisher import decisions
from publisher.cli import deciding
from publisher.delivery import OPEN, State

configure = deciding.configure


def run(args: argparse.Namespace) -> int:
    return deciding.decide(
        args,
        OPEN | {State.NEEDS_PERSON},
        "cancelled",
        lambda tx, row, _workspace, who, why, at: decisions.cancel(tx, row, who, why, at),
    )
