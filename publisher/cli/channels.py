"""`publisher channels`: how every channel does; `resume` lets one go on that was paused or does not answer."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from channels.registry import kind_of
from content.words import phrase
from publisher.cli import deciding, resume
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import said, show, spoken, tell
from publisher.cli.tabling import columns
from publisher.health import Health, examine
from publisher.store import pauses
from publisher.store.pauses import Pause, Scope

_HEAD = (
    phrase("CHANNEL"), phrase("KIND"), phrase("AGENCY"), phrase("WAIT"), phrase("NEXT TRY"), phrase("STATE"),
)  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print an array")
    acts = parser.add_subparsers(dest="act", metavar="ACT")
    let_go = acts.add_parser("resume", help="let a channel go on that is paused, or try one now that does not answer")
    let_go.add_argument("channel", metavar="CHANNEL")
    deciding.add_who(let_go)
    deciding.add_reason(let_go)
    let_go.add_argument("--workspace", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    if args.act == "resume":
        return resume.resume(args, Scope.CHANNEL, args.channel)
    with in_force(args.workspace) as (store, workspace), store.read() as view:
        found = examine(view, workspace.schedules, now())
        wider = [pause for pause in pauses.covering(view).standing if pause.scope is not Scope.CHANNEL]
    zone = workspace.schedules.timezone
    if args.json:
        json.dump([_as_json(one, zone) for one in found], sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    _show(found, wider, zone)
    return 0


def _show(found: tuple[Health, ...], wider: list[Pause], zone: ZoneInfo) -> None:
    for pause in wider:
        tell("{pause}  (since {since}, {who})", pause=str(pause), since=_at(pause.since, zone), who=str(pause.who))
    lines = [
        (
            one.channel.name,
            kind_of(one.channel),
            one.agency,
            str(one.waiting or "–"),
            _at(one.breaker.probe_at, zone) or "–",
            spoken().of(_state(one, zone)),
        )
        for one in found
    ]
    show(columns([[said(heading) for heading in _HEAD], *lines]))


def _state(one: Health, zone: ZoneInfo) -> str:
    """In words, with the last error of one that fails."""
    if one.pause:
        return f"paused since {_at(one.pause.since, zone)}: {one.pause.reason}"
    if one.is_silent:
        return f"does not answer since {_at(one.breaker.since, zone)}: {one.breaker.reason}"
    if one.breaker.failures:
        return f"works, but failed {one.breaker.failures}× since {_at(one.breaker.since, zone)}: {one.breaker.reason}"
    return "works"


def _as_json(one: Health, zone: ZoneInfo) -> dict[str, Any]:
    state = "paused" if one.pause else "silent" if one.is_silent else "works"
    since = one.pause.since if one.pause else one.breaker.since
    return {
        "channel": one.channel.name,
        "kind": kind_of(one.channel),
        "agency": one.agency,
        "state": state,
        "since": since and since.astimezone(zone).isoformat(),
        "reason": one.pause.reason if one.pause else None,
        "waiting": one.waiting,
        "failures": one.breaker.failures,
        "last_error": one.breaker.reason or None,
        "next_try": one.breaker.probe_at and one.breaker.probe_at.astimezone(zone).isoformat(),
    }


def _at(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""
