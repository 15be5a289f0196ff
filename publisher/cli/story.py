"""`publisher story`: everything about one message, on one page."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from content.media import MediaFolder
from publisher.cli.naming import named
from publisher.cli.reading import in_force
from publisher.cli.speaking import show, tell
from publisher.delivery import State
from publisher.sheets.paper import Paper, inline, plain, write
from publisher.store import mendings
from publisher.story import Place, Story, story

_MARKS = {
    "published": "well",
    "corrected": "change",
    "withdrawn": "alarm",
    "withdrawn by a notice": "alarm",
    "corrected by a notice": "change",
} | {state.value: "alarm" for state in (State.FAILED, State.MISSED, State.NEEDS_PERSON, State.IN_DOUBT)}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", help="campaign/path.md, or the file's path")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page to send or to print")


def run(args: argparse.Namespace) -> int:
    with in_force(args.workspace) as (store, workspace), store.read() as view:
        campaign, message = named(args.message, workspace, mendings.messages(view))
        told = story(view, workspace, campaign, message)
        paper = Paper(args.lang, workspace.schedules.timezone)
    if args.html is None:
        for line in _lines(told, paper):
            show(line)
        return 0
    sources = _sources(told, MediaFolder(args.workspace / "var" / "media"))
    write(args.html, paper.page("story.html", story=told, marks=_MARKS, sources=sources))
    tell("Written: {file}", file=args.html)
    return 0


def _sources(told: Story, media: MediaFolder) -> dict[str, str]:
    posts = [stood.post for place in told.places for stood in place.texts]
    return {post.image.sha256: inline(post.image, media.read(post.image.sha256)) for post in posts if post.image}


def _lines(told: Story, paper: Paper) -> Iterator[str]:
    say, of, moment = paper.words.say, paper.words.of, paper.moment
    yield f"{told.title}  ({told.message})"
    yield f"{told.campaign}{f', {told.document}' if told.document else ''}"
    if told.is_withdrawn:
        yield say("withdrawn: it is sent no more")
    yield ""
    for one in told.approvals:
        document = f", {one.document}" if one.document else ""
        yield say("Approved by {name}", name=f"{one.approver}{document}, {moment(one.at)}: {one.title}")
    for act in told.acts:
        yield f"{moment(act.at)}  {act.who}: {of(act.what)}{f' – {act.reason}' if act.reason else ''}"
    for place in told.places:
        yield ""
        yield from _of_place(place, paper)


def _of_place(place: Place, paper: Paper) -> Iterator[str]:
    of, moment = paper.words.of, paper.moment
    at = moment(place.delivery.session or place.delivery.occurrence)
    url = f"  {place.url}" if place.url else ""
    yield f"#{place.delivery.id}  {at}  {place.delivery.channel}  {of(place.state)}{url}"
    for stood in place.texts:
        until = f" – {moment(stood.until)}" if stood.until else " –"
        yield f"   {moment(stood.since)}{until}  {stood.post.title}"
        yield from (f"   │ {line}" for line in plain(stood.post, place.format).splitlines())
    for event in place.events:
        yield f"   {moment(event.at)}  {of(event.what)}  {event.who}{f' – {of(event.reason)}' if event.reason else ''}"
