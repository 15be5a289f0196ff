"""`publisher alerts`: what is wrong now, and who is told of it; `--test` tells everybody now."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import ChannelError
from channels.http import Client
from publisher.alerts.messenger import Messenger
from publisher.alerts.news import is_current
from publisher.alerts.teller import Around, receivers_by_name
from publisher.alerts.words import Writer
from publisher.cli.complaint import Complaint
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import show, tell
from publisher.schedules import Schedules
from publisher.settings import Secrets
from publisher.store import alerts
from publisher.store.alerts import Known, Reached


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print an object")
    parser.add_argument("--test", action="store_true", help="send every receiver a message now, and ping the watcher")


def run(args: argparse.Namespace) -> int:
    with in_force(args.workspace) as (store, workspace), store.read() as view:
        known = [one for one in alerts.known(view) if is_current(one, now())]
        reached = alerts.reached(view)
    if args.test:
        return _test(args.workspace.resolve().name, workspace.schedules)
    zone, settings = workspace.schedules.timezone, workspace.schedules.alerts
    names = [*receivers_by_name(settings.to), *([str(settings.ping)] if settings.ping else [])]
    if args.json:
        told = [_receiver(name, reached.get(name), zone) for name in names]
        json.dump(
            {"alerts": Writer("en", zone).plain(known), "receivers": told}, sys.stdout, ensure_ascii=False, indent=1
        )
        print()
    else:
        _show(known, names, reached, zone)
    return 0


def _receiver(name: str, reached: Reached | None, zone: ZoneInfo) -> dict[str, Any]:
    waits = reached.not_before.astimezone(zone).isoformat() if reached and reached.not_before else None
    return {
        "name": name,
        "failures": reached.failures if reached else 0,
        "reason": reached.reason if reached else "",
        "next_try": waits,
    }


def _show(known: list[Known], names: list[str], reached: dict[str, Reached], zone: ZoneInfo) -> None:
    show(Writer("en", zone).listing(one.alert for one in known) or "Nothing is wrong.")
    print()
    if not names:
        show("Nobody is told: there is no `alerts` in schedules.yaml.")
    for name in names:
        found = reached.get(name)
        well = found is None or not found.failures
        if well or found is None:
            tell("Told: {name}", name=name)
        else:
            tell("Cannot be reached: {name}: {reason}", name=name, reason=found.reason)


def _test(workspace: str, schedules: Schedules) -> int:
    settings = schedules.alerts
    if not settings.to and not settings.ping:
        raise Complaint("nobody is told: write `alerts` into schedules.yaml (see the administrator's page)")
    around = Around(workspace, schedules, now())
    note = around.writer.test(workspace)
    with Client() as http:
        messenger = Messenger(Secrets(os.environ), http)
        acts = {
            name: partial(messenger.send, entries[0], schedules.mail, note, around.now, around.hidden)
            for name, entries in receivers_by_name(settings.to).items()
        }
        if settings.ping:
            acts[str(settings.ping)] = partial(messenger.ping, settings.ping)
        results = [_try(name, act) for name, act in acts.items()]
    return 0 if all(results) else 1


def _try(name: str, act: Callable[[], None]) -> bool:
    try:
        act()
    except ChannelError as error:
        show(f"{name}: {error}", file=sys.stderr)
        return False
    show(f"{name}: accepted")
    return True
