"""`publisher check`: every mistake in one run, each with its file, line and column."""

import argparse
import json
import os
import sys
from collections.abc import Collection, Mapping

from channels.http import Client
from content.proofreading.addresses import Link
from content.templates import Renderer
from content.yaml12 import Mistake, Mistakes
from publisher.cli.complaint import Complaint
from publisher.cli.counting import counted
from publisher.cli.reading import now
from publisher.cli.speaking import said, said_many, show, spoken, tell
from publisher.dead_links import ask_links
from publisher.proof import proofs
from publisher.proofreader import Proofreader
from publisher.settings import Secrets, missing
from publisher.workspace import Folder, Workspace, read_workspace


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--links", action="store_true", help="also ask over the network where links in messages lead")
    parser.add_argument("--json", action="store_true", help="print an array of mistakes, warnings and notes")


def run(args: argparse.Namespace) -> int:
    if not args.workspace.is_dir():
        raise Complaint(f"{args.workspace} is not a folder")
    files = Folder(args.workspace)
    workspace: Workspace | None = None
    try:
        workspace = read_workspace(files)
        mistakes = list(workspace.mistakes)
    except Mistakes as found:
        mistakes = list(found.mistakes)
    warnings: list[Mistake] = []
    notes: list[Mistake] = []
    if workspace is not None:
        with Renderer() as renderer:
            mistakes += proofs(workspace, renderer.render)
        proofreader = Proofreader(workspace, now())
        warnings = [*workspace.schedules.warnings, *_unset_secrets(workspace), *proofreader.warnings()]
        if args.links:
            dead, notes = _ask_links(proofreader.links(), workspace.schedules.allow_hosts)
            warnings += dead
    _show({"mistake": sorted(set(mistakes)), "warning": warnings, "note": notes}, args.json)
    if workspace is not None and not mistakes and not args.json:
        _summarise(workspace)
    return 1 if mistakes else 0


def _unset_secrets(workspace: Workspace) -> list[Mistake]:
    secrets = Secrets(os.environ)
    return [
        Mistake(*workspace.schedules.place_of_channel(channel.name), missing(secret))
        for channel in workspace.schedules.channels.values()
        for secret in channel.secrets
        if not secrets.is_set(secret)
    ]


def _ask_links(links: list[Link], allow: Collection[str]) -> tuple[list[Mistake], list[Mistake]]:
    """The dead links, and those of which nobody can tell; on a terminal with a bar that shows how far it is."""
    with Client(allow=allow) as client, counted(said("links")) as advance:
        return ask_links(links, client, advance)


def _show(found: Mapping[str, list[Mistake]], as_json: bool) -> None:
    """By kind: mistakes as they are, what is less with its kind before it."""
    words = {"warning": said("warning"), "note": said("note")}
    if as_json:
        lines = [{"kind": kind, **vars(one)} for kind, some in found.items() for one in some]
        json.dump(lines, sys.stdout, ensure_ascii=False)
        print()
        return
    for kind, some in found.items():
        for one in some:
            if kind == "mistake":
                show(one)
            else:
                print(f"{one.file}:{one.line}:{one.column}: {words[kind]}: {spoken().of(one.text)}")
    number = len(found["mistake"])
    if number:
        print(said_many("{number} mistake found.", "{number} mistakes found.", number), file=sys.stderr)


def _summarise(workspace: Workspace) -> None:
    schedules = workspace.schedules
    numbers = (
        said_many("{number} campaign", "{number} campaigns", len(schedules.campaigns)),
        said_many("{number} schedule", "{number} schedules", len(schedules.schedules)),
        said_many("{number} channel", "{number} channels", len(schedules.channels)),
        said_many("{number} message", "{number} messages", sum(len(found) for found in workspace.messages.values())),
    )
    tell("No mistakes: {numbers}.", numbers=", ".join(numbers))
