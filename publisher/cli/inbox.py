"""`publisher inbox`: the private links of agencies without an API."""

import argparse
import sys
from pathlib import Path

from channels.inbox import Inbox
from publisher.cli.complaint import Complaint
from publisher.cli.deciding import add_who, objections
from publisher.cli.reading import in_force, now
from publisher.cli.speaking import show
from publisher.decisions import person
from publisher.links import Links
from publisher.store import inboxes, log


def configure(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    show = acts.add_parser("list", help="show every inbox with its link")
    show.add_argument("--url", default="", help="where agencies reach the pages; the links then begin with it")
    for act, text in (("revoke", "make a link invalid"), ("renew", "make a link invalid, and a new one")):
        sub = acts.add_parser(act, help=text)
        sub.add_argument("channel", metavar="CHANNEL")
        add_who(sub)
    for sub in acts.choices.values():
        sub.add_argument("--workspace", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    with objections(), in_force(args.workspace) as (store, workspace):
        links = Links(store, args.workspace / "var" / "keys" / "inbox.key")
        names = [channel.name for channel in workspace.schedules.channels.values() if isinstance(channel, Inbox)]
        if args.act == "list":
            for name in names:
                path = links.path(name)
                show(f"{name}  {args.url.rstrip('/') + path if path else '(revoked)'}")
            if not args.url:
                show("(below the address of the pages that `publisher run` shows, or its --url)", file=sys.stderr)
            return 0
        if args.channel not in names:
            raise Complaint(f"{args.channel!r} is no inbox (there are: {', '.join(names)})")
        who = person(args.who)
        with store.write() as tx:
            inboxes.revoke(tx, args.channel, now())
            log.append(tx, "link_revoked", now(), who, channel=args.channel)
            if args.act == "renew":
                inboxes.issue(tx, args.channel, now())
                log.append(tx, "link_made", now(), who, channel=args.channel)
        show(f"{args.channel}  {links.path(args.channel) or '(revoked)'}")
    return 0
