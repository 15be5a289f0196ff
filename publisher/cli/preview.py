"""`publisher preview`: a message as each channel would show it, from the files as they are now."""

import argparse
from collections.abc import Iterator
from datetime import datetime, time
from difflib import get_close_matches
from pathlib import Path

from content.templates import Renderer
from publisher.cadence import instant_of
from publisher.cli.complaint import Complaint
from publisher.cli.reading import now, read_files
from publisher.cli.speaking import said, tell
from publisher.preview import Preview, goes_to, previews
from publisher.sheets.paper import Paper, inline, plain, write
from publisher.workspace import CAMPAIGNS, Folder, Workspace

_MORNING = time(8)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", help="the file's path, or campaign/path.md")
    parser.add_argument(
        "--channel", nargs="+", default=[], metavar="NAME", help="only on these (else where the plan sends it)"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, the looks side by side")


def run(args: argparse.Namespace) -> int:
    workspace = read_files(args.workspace)
    campaign, message = _named(args.message, workspace)
    names = _channels(args.channel, workspace) or goes_to(workspace, campaign, message)
    at = _moment(workspace, campaign)
    with Renderer() as renderer:
        looks = previews(workspace, campaign, message, names, at, renderer.render)
    paper = Paper(args.lang, workspace.schedules.timezone)
    if args.html:
        _write(args, workspace, campaign, message, looks, at, paper)
    else:
        for line in _lines(f"{campaign}/{message}", looks, at, paper):
            print(line)
    return 1 if any(look.problem for look in looks) else 0


def _named(text: str, workspace: Workspace) -> tuple[str, str]:
    """Campaign and path of the message that a text means; a complaint with all its mistakes if it has any."""
    _, _, below = Path(text).as_posix().removeprefix("./").rpartition(f"{CAMPAIGNS}/")
    mistakes = [str(one) for one in workspace.mistakes if one.file == f"{CAMPAIGNS}/{below}"]
    if mistakes:
        raise Complaint("\n".join(mistakes))
    campaign, _, message = below.partition("/")
    if workspace.written(campaign, message):
        return campaign, message
    known = [f"{key}/{path}" for key, messages in workspace.messages.items() for path in messages]
    near = get_close_matches(below, known, n=1) or known[:1] or ["campaign/message.md"]
    raise Complaint(
        said("there is no message {name} in the files (write it like {near})", name=repr(text), near=near[0])
    )


def _channels(names: list[str], workspace: Workspace) -> list[str]:
    known = workspace.schedules.channels
    for name in names:
        if name not in known:
            there = ", ".join(known)
            raise Complaint(said("there is no channel {name} (there are: {there})", name=repr(name), there=there))
    return list(dict.fromkeys(names))


def _moment(workspace: Workspace, campaign: str) -> datetime:
    """The morning of today, or of the campaign's first day if that is still to come."""
    zone = workspace.schedules.timezone
    today = now().astimezone(zone).date()
    return instant_of(max(today, workspace.schedules.campaigns[campaign].first or today), _MORNING, zone)


def _lines(name: str, looks: list[Preview], at: datetime, paper: Paper) -> Iterator[str]:
    yield said("{message}, as if it were published at {moment}", message=name, moment=paper.moment(at))
    for look in looks:
        yield ""
        yield f"{look.kind}: {', '.join(look.channels)}"
        yield from (f"   {line}" for line in _of_look(look, paper))


def _of_look(look: Preview, paper: Paper) -> Iterator[str]:
    if look.problem:
        why = said("it cannot be made: {reason} ({place})", reason=look.problem, place=look.place)
        yield f"✗ {why}"
        return
    yield said("Title: {title} ({count})", title=look.title, count=_count(len(look.title), look.longest_title))
    for number, (piece, post) in enumerate(zip(look.pieces, look.posts, strict=True), 1):
        yield _heading(number, len(look.pieces), _count(piece.length, piece.most))
        if piece.image:
            yield f"│ [{piece.image.name}: {piece.image.alt}]"
        yield from (f"│ {line}" for line in plain(post, look.format).splitlines())
    yield from (f"{paper.words.of(label)}: {value}" for label, value in look.parts)
    yield from map(paper.words.of, look.remarks)
    yield from (f"! {paper.words.of(lost)}" for lost in look.lost)


def _heading(number: int, whole: int, count: str) -> str:
    if whole == 1:
        return said("Text ({count})", count=count)
    return said("Message {number} of {whole} ({count})", number=number, whole=whole, count=count)


def _count(length: int, most: int | None) -> str:
    if most is None:
        return said("{length} characters", length=length)
    return said("{length} of {most} characters", length=length, most=most)


def _write(
    args: argparse.Namespace,
    workspace: Workspace,
    campaign: str,
    message: str,
    looks: list[Preview],
    at: datetime,
    paper: Paper,
) -> None:
    written = workspace.written(campaign, message)
    sources = {}
    if written and written.image and written.image_path:
        sources[written.image.sha256] = inline(written.image, Folder(args.workspace).read(written.image_path))
    of = workspace.schedules.campaigns[campaign]
    page = paper.page("preview.html", campaign=of, message=message, looks=looks, at=at, sources=sources, count=_count)
    write(args.html, page)
    tell("Written: {file}", file=args.html)
