"""`publisher check`: every mistake in one run, each with its file, line and column."""

import argparse
import json
import os
import sys

from content.templates import Renderer
from content.yaml12 import Mistake, Mistakes
from publisher.cli.complaint import Complaint
from publisher.cli.speaking import show
from publisher.proof import proofs
from publisher.settings import Secrets, missing
from publisher.workspace import Folder, Workspace, read_workspace


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print an array of mistakes and warnings")


def run(args: argparse.Namespace) -> int:
    if not args.workspace.is_dir():
        raise Complaint(f"{args.workspace} is not a folder")
    workspace: Workspace | None = None
    try:
        workspace = read_workspace(Folder(args.workspace))
        mistakes = list(workspace.mistakes)
    except Mistakes as found:
        mistakes = list(found.mistakes)
    warnings: list[Mistake] = []
    if workspace is not None:
        with Renderer() as renderer:
            mistakes += proofs(workspace, renderer.render)
        warnings = [*workspace.schedules.warnings, *_unset_secrets(workspace)]
    _show(sorted(set(mistakes)), warnings, args.json)
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


def _show(mistakes: list[Mistake], warnings: list[Mistake], as_json: bool) -> None:
    if as_json:
        kinds = (("mistake", mistakes), ("warning", warnings))
        json.dump(
            [{"kind": kind, **vars(one)} for kind, found in kinds for one in found], sys.stdout, ensure_ascii=False
        )
        print()
        return
    for mistake in mistakes:
        show(mistake)
    for warning in warnings:
        show(f"{warning.file}:{warning.line}:{warning.column}: warning: {warning.text}")
    if mistakes:
        show(f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''} found.", file=sys.stderr)


def _summarise(workspace: Workspace) -> None:
    schedules = workspace.schedules
    numbers = {
        "campaign": len(schedules.campaigns),
        "schedule": len(schedules.schedules),
        "channel": len(schedules.channels),
        "message": sum(len(found) for found in workspace.messages.values()),
    }
    show("No mistakes: " + ", ".join(f"{number} {name}{'s' * (number != 1)}" for name, number in numbers.items()) + ".")
