"""`publisher run`: everything in one process, until it is stopped."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.app import App, NoPlan, Occupied
from publisher.cli.complaint import Complaint
from publisher.clock import SystemClock
from publisher.daemon import Daemon
from publisher.installation import foreign_packages
from publisher.links import Links
from publisher.store.database import StoreError
from publisher.web.app import create_app
from publisher.web.serve import Pages, serve
from publisher.web.workspace_desk import WorkspaceDesk
from publisher.world import RealWorld


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address that the pages answer on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8470, help="its port (8470; 0 takes a free one)")
    parser.add_argument("--url", help="where agencies reach the pages, e.g. through a proxy: https://…")
    parser.add_argument("--contact", default="", help="whom an agency asks for a new link")


def run(args: argparse.Namespace) -> int:
    owners = foreign_packages()
    if owners:
        raise Complaint("\n".join(owners))
    clock = SystemClock()
    with opened(args.workspace, clock) as app:
        daemon = Daemon(app, lambda what: _tell(app, what))
        app.on_done = daemon.ring
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.stop())
        with served(app, args.host, args.port, args.url, args.contact) as pages:
            print(
                f"Publisher works on {args.workspace.resolve()}; overview: {pages.url}/ (stop with Ctrl-C)", flush=True
            )
            _tell(app, "mistakes" if app.mistakes else "")
            daemon.run()
        print("Finishing what is being sent ...", flush=True)
    print("Stopped; nothing was lost.", flush=True)
    return 0


@contextmanager
def opened(directory: Path, clock: SystemClock) -> Iterator[App]:
    """The workspace's app, started. What hinders it is a complaint."""
    if not (directory / "schedules.yaml").is_file() and not (directory / "var" / "publisher.db").is_file():
        raise Complaint(
            f"there is no schedules.yaml in {directory.resolve()} (name the workspace with --workspace DIR)"
        )
    try:
        with App(directory, clock, RealWorld(os.environ)) as app:
            app.start()
            yield app
    except (Occupied, NoPlan, StoreError) as error:
        raise Complaint(str(error)) from None


@contextmanager
def served(app: App, host: str, port: int, url: str | None, contact: str) -> Iterator[Pages]:
    """The pages of an app, with a link for every inbox that never had one."""
    links = Links(app.store, app.directory / "var" / "keys" / "inbox.key")
    app.issue_links()
    desk = WorkspaceDesk(app, links, contact or "cơ quan chủ trì chiến dịch")
    try:
        pages = serve(create_app(desk), host, port)
    except OSError as error:
        raise Complaint(f"the pages cannot answer on {host}:{port}: {error.strerror} (choose another --port)") from None
    with pages:
        desk.address = (url or pages.url).rstrip("/")
        yield pages


def _tell(app: App, what: str) -> None:
    if what == "reloaded":
        print("The edited files are in force.", flush=True)
    elif what == "mistakes":
        for mistake in app.mistakes:
            print(mistake, file=sys.stderr, flush=True)
