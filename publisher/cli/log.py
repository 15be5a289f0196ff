"""`publisher log`: what happened, oldest first."""

import argparse
import json
import sys

from publisher.cli.complaint import Complaint
from publisher.cli.reading import started
from publisher.cli.speaking import show
from publisher.cli.telling import line
from publisher.store import deliveries, log
from publisher.versions import zone_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--delivery", type=int, metavar="N", help="only what concerns this delivery")
    parser.add_argument("--last", type=_count, metavar="N", help="only the newest N entries")
    parser.add_argument("--json", action="store_true", help="print an array of entries as they are kept")


def run(args: argparse.Namespace) -> int:
    with started(args.workspace) as store, store.read() as view:
        zone = zone_of(view)
        if args.delivery is None:
            entries = log.last(view, args.last) if args.last else list(log.entries(view))
        elif deliveries.get(view, args.delivery):
            entries = list(log.entries(view, delivery=args.delivery))[-(args.last or 0) :]
        else:
            raise Complaint(f"there is no delivery {args.delivery}")
    if args.json:
        json.dump(entries, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for entry in entries:
        show(line(entry, zone))
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of entries (write e.g. 20)")
    return int(text)
