"""`publisher log`: what happened, oldest first."""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from publisher.cli.complaint import Complaint
from publisher.cli.reading import peeked
from publisher.store import log
from publisher.versions import zone_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--delivery", type=int, metavar="N", help="only what concerns this delivery")
    parser.add_argument("--last", type=int, metavar="N", help="only the newest N entries")
    parser.add_argument("--json", action="store_true", help="print an array of entries as they are kept")


def run(args: argparse.Namespace) -> int:
    with peeked(args.workspace) as store:
        if store is None:
            raise Complaint("nothing has happened yet on this workspace: start it with `publisher run`")
        with store.read() as view:
            entries = log.last(view, args.last) if args.last else list(log.entries(view, delivery=args.delivery))
            zone = zone_of(view)
    if args.json:
        json.dump(entries, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for entry in entries:
        print(_line(entry, zone))
    return 0


def _line(entry: Mapping[str, Any], zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(entry["at"]).astimezone(zone)
    who = entry["who"]["name"] + ("" if entry["who"].get("verified", True) else " (unverified)")
    number = f"#{entry['delivery']}" if "delivery" in entry else ""
    about = " ".join(str(entry[name]) for name in ("schedule", "channel", "message") if entry.get(name))
    more = entry.get("reason") or "; ".join(entry.get("mistakes", ()))
    receipt = entry.get("receipt") or {}
    where = receipt.get("url") or ""
    parts = (f"{at:%Y-%m-%d %H:%M:%S}", f"{entry['event']:<13}", f"{number:<6}", about, more, where, f"[{who}]")
    return "  ".join(part for part in parts if part)
