"""`publisher correct`: what is out of a message gets the text that its file has now."""

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


def configure(parser: argparse.ArgumentParser) -> None:
    shared.configure(parser)


def run(args: argparse.Namespace) -> int:
    return shared.mend(args, _correct, Wanted.NEWEST, phrase("{message} is out nowhere: there is nothing to mend."))


def _correct(
    tx: Connection, workspace: Workspace, uuid: str, campaign: str, message: str, who: Actor, why: str
) -> list[Mended]:
    return mending.correct(tx, workspace, uuid, campaign, message, who, why, now())
