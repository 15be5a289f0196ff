"""`publisher hold`."""

import argparse

from publisher import decisions
from publisher.cli import deciding
from publisher.cli.speaking import show
from publisher.delivery import OPEN, State

configure = deciding.configure


def run(args: argparse.Namespace) -> int:
    code = deciding.decide(
        args,
        OPEN - {State.HELD},
        "held",
        lambda tx, row, _workspace, who, why, at: decisions.hold(tx, row, who, why, at),
    )
    show("These deliveries stay held until `publisher release`. What is planned later (14 days ahead) is not held.")
    return code
