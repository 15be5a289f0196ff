"""What `correct` and `withdraw` share: a message is mended wherever it is out, and the outcome is a table."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from publisher.cli.carrying import Hands, Wanted, hands
from publisher.cli.deciding import add_reason, add_who, check_reason, objections
from publisher.cli.naming import named
from publisher.cli.speaking import said, show, spoken, state_of, tell
from publisher.cli.tabling import columns
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.mending import Mended
from publisher.store import mendings
from publisher.store.log import Actor
from publisher.workspace import Workspace

#: Asks for the mending of a message: transaction, workspace, its id, campaign, message, who, why.
Ask = Callable[[Connection, Workspace, str, str, str, Actor, str], list[Mended]]

_DONE = (State.PUBLISHED, State.ACCEPTED)
#: How often it is asked for, where an earlier correction was being made with a text that is not the newest.
_TIMES = 3
_STUCK = (State.FAILED, State.MISSED, State.NEEDS_PERSON, State.CANCELLED, State.SKIPPED)


@dataclass(frozen=True)
class Outcome:
    """A line of the table: one publication, and what became of its mending."""

    mended: Mended
    row: Delivery | None

    @property
    def is_stuck(self) -> bool:
        """Whether only a person can do it."""
        return self.mended.needs_person or (self.row is not None and self.row.state in _STUCK)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of both verbs."""
    parser.add_argument("message", metavar="MESSAGE", help="campaign/path.md, or the file's path")
    add_who(parser)
    add_reason(parser)


def mend(args: argparse.Namespace, ask: Ask, wanted: Wanted, nothing: str) -> int:
    """Ask for it, have it carried out, and show what became of it; 1 where a person has to do something.

    `nothing`: what to say of a message that is out nowhere.
    """
    with objections(), hands(args.workspace, wanted) as found:
        check_reason(args.because)
        who = person(args.who)
        with found.store.read() as view:
            campaign, message = named(args.message, found.workspace, mendings.messages(view))
        if wanted is Wanted.NEWEST:
            found.check(campaign, message)
        for _ in range(_TIMES):
            with found.store.write() as tx:
                asked = ask(tx, found.workspace, found.store.uuid, campaign, message, who, args.because)
            outcomes = _carried_out(found, asked)
            if not any(one.mended.is_behind for one in outcomes):
                break
        if not asked:
            show(nothing.format(message=message))
            return 0
    return _show(outcomes, found.workspace)


def _carried_out(found: Hands, asked: Sequence[Mended]) -> list[Outcome]:
    rows = {row.id: row for row in found.carry_out([one.row for one in asked if one.row])}
    return [Outcome(one, rows[one.row] if one.row else None) for one in asked]


def _show(outcomes: Sequence[Outcome], workspace: Workspace) -> int:
    show(columns([_cells(one, workspace) for one in outcomes]))
    states = [one.row.state for one in outcomes if one.row]
    stuck = [one for one in outcomes if one.is_stuck]
    behind = [one for one in outcomes if one.mended.is_behind]
    done = sum(state in _DONE for state in states) - len([one for one in behind if one.row and one.row.state in _DONE])
    show()
    tell("Done: {done} of {number}.", done=done, number=len(outcomes))
    if State.AWAITING in states:
        show("The new text waits for approval: publisher approve. It goes out as soon as it is approved.")
    if any(state in (State.PLANNED, State.SENDING, State.IN_DOUBT, State.HELD) for state in states):
        show("What is not done yet is done as soon as it can be, while `publisher run` is at work: publisher status.")
    if behind:
        show("An earlier correction is still being made: correct it once more when that has ended.")
    for one in stuck:
        channel = one.mended.publication.channel
        tell("Call {agency}: {channel} cannot be mended from here.", agency=_agency(one, workspace), channel=channel)
    return 1 if stuck or behind else 0


def _cells(one: Outcome, workspace: Workspace) -> tuple[str, ...]:
    out = one.mended.publication
    at = (out.session or out.published_at or out.due).astimezone(workspace.schedules.timezone)
    where = (out.receipt.url or out.receipt.id) if out.receipt else "?"
    return f"#{out.id}", f"{at:%Y-%m-%d %H:%M}", out.channel, _said(one, workspace), where


def _said(one: Outcome, workspace: Workspace) -> str:
    """What became of it, in a few words."""
    row = one.row
    if row is None or (one.mended.reason and row.state in _DONE):
        return spoken().of(one.mended.reason)
    if row.state in _DONE and row.post and row.post.amends:
        return said("a notice is out: {title}", title=row.post.title)
    if row.state in _DONE:
        return spoken().of(row.reason)
    if row.session and row.state is State.PLANNED:
        session = row.session.astimezone(workspace.schedules.timezone)
        return said("a notice will be read at {at}", at=spoken().moment(session))
    return state_of(row.state.value, row.reason)


def _agency(one: Outcome, workspace: Workspace) -> str:
    channel = workspace.schedules.channels.get(one.mended.publication.channel)
    return workspace.schedules.agencies[channel.agency].name if channel else said("whoever keeps that channel")
