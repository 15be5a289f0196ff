"""`publisher withdraw`: what is out of a message is taken from the public, and nothing more of it goes out."""

import argparse

from sqlalchemy import Connection

from content.words import phrase
from publisher import mending
from publisher.cli import mending as shared
from publisher.cli.carrying import Wanted
from publisher.cli.reading import now
from publisher.mending import Mended
from publisher.store.log import Actor
from publisher.workspace import Workspace

_NOTHING = phrase(
    "{message} is withdrawn. It is out nowhere, and what was planned of it does not go out (see `publisher plan`)."
)


def configure(parser: argparse.ArgumentParser) -> None:
    shared.configure(parser)


def run(args: argparse.Namespace) -> int:
    return shared.mend(args, _withdraw, Wanted.IN_FORCE, _NOTHING)


def _withdraw(
    tx: Connection, workspace: Workspace, uuid: str, campaign: str, message: str, who: Actor, why: str
) -> list[Mended]:
    return mending.withdraw(tx, workspace, uuid, campaign, message, who, why, now())
