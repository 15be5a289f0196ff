"""`publisher import`: a signed plan's table becomes rows of a schedule and message files, after a look at both."""

import argparse
import re
import shlex
from pathlib import Path

from content.templates import Renderer
from content.vietnamese import fold
from publisher.cli.complaint import Complaint, Misuse
from publisher.cli.previewing import counted, preview, said
from publisher.cli.reading import now, read_files
from publisher.cli.speaking import show
from publisher.importing.grid import TableError
from publisher.importing.preparation import KINDS, Prepared, TableMistakes, prepare
from publisher.importing.putting import put
from publisher.importing.template import template
from publisher.proof import proofs
from publisher.schedules import Campaign, Schedules
from publisher.workspace import CAMPAIGNS, Folder


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the plan, as .xlsx or .csv")
    parser.add_argument("--campaign", metavar="KEY", help="the campaign (where there is only one: that one)")
    parser.add_argument("--schedule", metavar="NAME", help="the schedule's name (made from the file's name)")
    parser.add_argument("--sheet", metavar="NAME", help="the sheet (the one that holds a plan)")
    parser.add_argument("--add", action="store_true", help="add the rows that a schedule of this name lacks")
    parser.add_argument("--yes", action="store_true", help="write it; without this it is only shown")
    parser.add_argument("--template", type=Path, metavar="FILE", help="write a table to fill in, as .xlsx or .csv")


def run(args: argparse.Namespace) -> int:
    if (args.file is None) == (args.template is None):
        raise Misuse("name the plan's file, or the one to fill in with --template FILE.xlsx")
    workspace = read_files(args.workspace)
    if args.template:
        return _write_template(args.template, workspace.schedules, args.campaign)
    campaign = _campaign(workspace.schedules, args.campaign)
    name = args.schedule or _name_of(args.file)
    try:
        found = prepare(args.file, args.sheet, Folder(args.workspace), workspace, campaign, name, add=args.add)
    except TableError as error:
        raise Complaint(str(error)) from None
    except TableMistakes as error:
        raise Complaint(_listed(error.lines)) from None
    if found is None:
        show(f"All rows of {args.file.name} stand in the schedule {name!r} already: nothing is to be written.")
        return 0
    _prove(found)
    if args.yes:
        return _write(found, args.workspace)
    for line in preview(found, now()):
        show(line)
    show(f"{counted(found)} Nothing is written yet. To write it:\n\n  {_command(args, found)}")
    return 0


def _write_template(target: Path, schedules: Schedules, key: str | None) -> int:
    if target.suffix.lower() not in KINDS:
        raise Misuse(f"{target.name} ends neither in .xlsx nor in .csv")
    single = len(schedules.campaigns) == 1
    campaign = _campaign(schedules, key) if key or single else None
    try:
        with target.open("xb") as file:
            file.write(template(target.suffix.lower(), schedules, campaign))
    except FileExistsError:
        raise Complaint(f"{target} is there already (write another name, or delete it)") from None
    show(f"{target} is ready to be filled in. Then: publisher import {shlex.quote(str(target))}")
    return 0


def _campaign(schedules: Schedules, key: str | None) -> Campaign:
    names = ", ".join(schedules.campaigns)
    if key is None and len(schedules.campaigns) == 1:
        return next(iter(schedules.campaigns.values()))
    if key is None:
        raise Misuse(f"say for which campaign with --campaign (there are: {names or 'none yet'})")
    if key not in schedules.campaigns:
        raise Complaint(f"there is no campaign {key!r} (there are: {names or 'none yet'})")
    return schedules.campaigns[key]


def _name_of(path: Path) -> str:
    """A schedule's name from a file's: letters without marks, digits and -."""
    return re.sub(r"[^a-z0-9]+", "-", fold(path.stem)).strip("-")[:63].strip("-") or "ke-hoach"


def _prove(found: Prepared) -> None:
    """Complaint if a text that is new cannot be composed for one of its channels."""
    used = {f"{CAMPAIGNS}/{found.draft.campaign}/{row.content}" for row in found.draft.rows}
    with Renderer() as renderer:
        mistakes = [one for one in proofs(found.workspace, renderer.render) if one.file in used]
    if mistakes:
        raise Complaint(_listed([found.at_row(one) for one in mistakes]))


def _listed(lines: tuple[str, ...] | list[str]) -> str:
    count = f"{len(lines)} mistake{'s' if len(lines) > 1 else ''} found; nothing was written."
    return "\n".join([*lines, count])


def _write(found: Prepared, directory: Path) -> int:
    try:
        put(directory, found.draft.files, found.plan, found.before, found.inserted.data)
    except TableError as error:
        raise Complaint(str(error)) from None
    for path in (*found.draft.files, found.plan):
        show(f"written: {path}")
    for note in said(found, now()):
        show(note)
    show(f"{counted(found)} Look at it with `publisher plan`.")
    return 0


def _command(args: argparse.Namespace, found: Prepared) -> str:
    """What was typed, with everything said and `--yes`."""
    words = ["publisher", "import", str(args.file), "--campaign", found.draft.campaign]
    words += ["--schedule", found.draft.schedule]
    words += ["--sheet", args.sheet] if args.sheet else []
    words += ["--add"] if args.add else []
    words += ["--workspace", str(args.workspace)] if args.workspace != Path() else []
    return shlex.join([*words, "--yes"])
