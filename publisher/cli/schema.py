"""`publisher schema`: JSON Schemas beside the files, by which an editor completes, explains and marks what is typed."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from channels.registry import KINDS
from content.front_matter import message_schema
from publisher.cli.complaint import Complaint
from publisher.cli.speaking import show
from publisher.cli.tabling import columns
from publisher.schedules.schema import included_schema, schedules_schema

SCHEDULES, INCLUDED, MESSAGE = "schedules.schema.json", "channels.schema.json", "message.schema.json"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", type=Path, help="write them there (else into the workspace)")


def run(args: argparse.Namespace) -> int:
    folder: Path = args.out or args.workspace
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
    elif not folder.is_dir():
        raise Complaint(f"{folder} is not a folder")
    for name, text in texts().items():
        (folder / name).write_text(text, "utf-8")
    show(f"Wrote into {folder.resolve()}:")
    show(
        columns(
            (
                (SCHEDULES, "for schedules.yaml"),
                (INCLUDED, "for channels.yaml, and every other file that is included"),
                (MESSAGE, "for the keys above a message's text"),
            )
        )
    )
    show(
        "An editor with a YAML language server finds the schema of a file by a comment in its first lines, with the\n"
        "path from the folder of the file to the schema:\n"
        f"  # yaml-language-server: $schema={SCHEDULES}\n"
        "Write them again after an update of Publisher."
    )
    return 0


def texts() -> Mapping[str, str]:
    """The files by their names."""
    schemas = {SCHEDULES: schedules_schema(KINDS), INCLUDED: included_schema(KINDS), MESSAGE: message_schema()}
    return {name: _text(schema) for name, schema in schemas.items()}


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
