"""`publisher approve`: texts that wait, shown with every distinct post that they make, and approved."""

import argparse
from collections.abc import Iterable
from dataclasses import replace

from channels.base import Channel
from content.plain import text_from_html
from content.post import Format
from content.templates import Renderer
from content.words import say
from publisher import decisions, wording
from publisher.cli.complaint import Complaint
from publisher.cli.deciding import objections
from publisher.cli.reading import in_force, now
from publisher.cli.selecting import HELP, Words
from publisher.cli.speaking import said, show, tell
from publisher.composer import ComposeError, Moment, compose
from publisher.decisions import Draft, drafts, person
from publisher.delivery import Delivery
from publisher.store import deliveries
from publisher.store.database import Store
from publisher.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help=say("{which} (all that waits)", which=HELP))
    parser.add_argument("--as", dest="who", metavar="NAME", help="who approves; without it the texts are only shown")
    parser.add_argument("--document", metavar="NO", help="the number of the document that approves them")


def run(args: argparse.Namespace) -> int:
    with objections(), in_force(args.workspace) as (store, workspace), Renderer() as renderer:
        with store.read() as view:
            waiting = _chosen(drafts(view, workspace), args.filter)
        for draft in waiting:
            _show(draft, workspace, renderer, store)
        if not waiting:
            show("Nothing waits for approval.")
            return 0
        if args.who is None:
            show(f"{_texts(waiting)} to approve: do it with the same command and --as NAME [--document NO].")
            return 0
        with store.write() as tx:
            decisions.approve(tx, waiting, person(args.who), now(), document=args.document)
        wording.bring_in_step(store, workspace, now())
    show(f"Approved by {args.who}: {_texts(waiting)}.")
    return 0


def _texts(chosen: list[Draft]) -> str:
    return f"{len(chosen)} text{'s' if len(chosen) > 1 else ''}"


def _chosen(waiting: Iterable[Draft], words: list[str]) -> list[Draft]:
    if not words:
        return list(waiting)
    meant = Words.of(words)
    chosen = [part for draft in waiting if (part := _part(draft, meant))]
    if not chosen:
        raise Complaint(f"no text that waits for approval is meant by {' '.join(words)!r} (see `publisher approve`)")
    return chosen


def _part(draft: Draft, words: Words) -> Draft | None:
    """What of a draft is meant: all, or, where each post is approved by itself, only those posts."""
    rows = tuple(row for row in draft.deliveries if words.mean(row))
    if draft.each:
        channels = tuple(dict.fromkeys(row.channel for row in rows))
        return replace(draft, deliveries=rows, channels=channels) if rows else None
    revision = draft.revision
    own = {revision.campaign, revision.message, f"{revision.campaign}/{revision.message}", *draft.channels}
    is_item = not draft.deliveries and not words.numbers and own.issuperset(words.names)
    return draft if rows or is_item else None


def _show(draft: Draft, workspace: Workspace, renderer: Renderer, store: Store) -> None:
    """The text as each of its channels would get it, each distinct one once."""
    revision = draft.revision
    text = f"{revision.campaign}/{revision.message}  ({revision.sha256[:12]})"
    tell("── {text}  author: {author}", text=text, author=revision.author or said("unknown"))
    shown: dict[str, dict[str, None]] = {}
    for name, row in _examples(draft):
        shown.setdefault(_text(draft, name, row, workspace, renderer, store), {})[name] = None
    for text, channels in shown.items():
        show(f"   {said('for {channels}', channels=', '.join(channels))}:")
        show("\n".join(f"   │ {line}" for line in text.splitlines()))
    numbers = sorted(row.id for row in draft.deliveries)
    shown_numbers = ", ".join(map(str, numbers[:12])) + (" …" if len(numbers) > 12 else "")
    show(f"   deliveries: {shown_numbers}" if numbers else "   goes out at the next slots of its feed")
    print()


def _examples(draft: Draft) -> list[tuple[str, Delivery | None]]:
    """A delivery of each sort on each channel: what publishes the text, and what corrects an earlier one."""
    if not draft.deliveries:
        return [(name, None) for name in draft.channels]
    return list({(row.channel, row.of): (row.channel, row) for row in draft.deliveries}.values())


def _text(
    draft: Draft, channel: str, row: Delivery | None, workspace: Workspace, renderer: Renderer, store: Store
) -> str:
    campaign = workspace.schedules.campaigns[draft.revision.campaign]
    settings = workspace.schedules.channels[channel]
    moment = _moment(row, settings, store) if row else Moment("a" * 16, now())
    try:
        post = compose(draft.revision, moment, settings, campaign, workspace, renderer.render, None)
    except ComposeError as error:
        return f"cannot be composed: {error}"
    image = f"[{post.image.name}: {post.image.alt}]\n" if post.image else ""
    is_html = settings.format in (Format.HTML, Format.TELEGRAM)
    return f"{post.title}\n{image}{text_from_html(post.text) if is_html else post.text}"


def _moment(row: Delivery, channel: Channel, store: Store) -> Moment:
    with store.read() as view:
        amended = deliveries.get(view, row.of) if row.of else None
    return Moment.of(row, amended, channel)
