"""`publisher run`: everything in one process, until it is stopped."""

import argparse
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from channels.http import Client
from channels.smtp import MailClient
from content.values import parse_url
from publisher.alerts.messenger import Messenger
from publisher.alerts.teller import Around, Teller
from publisher.app import App, NoPlan, Occupied
from publisher.cli.complaint import Complaint
from publisher.cli.following import Follower
from publisher.cli.reading import no_workspace, usable_database
from publisher.cli.speaking import show
from publisher.clock import SystemClock
from publisher.daemon import Daemon
from publisher.installation import foreign_packages
from publisher.links import Links
from publisher.notices.sending import Notifier
from publisher.web.app import create_app
from publisher.web.serve import Pages, serve
from publisher.web.workspace_desk import WorkspaceDesk
from publisher.world import RealWorld

_DEADLINE = 20.0  # seconds for one e-mail to an announcer or an agency


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address that the pages answer on (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8470, help="its port (8470; 0 takes a free one)")
    parser.add_argument("--url", type=_address, help="where agencies reach the pages, e.g. through a proxy: https://…")
    parser.add_argument("--contact", default="", help="whom an agency asks for a new link")


def run(args: argparse.Namespace) -> int:
    owners = foreign_packages()
    if owners:
        raise Complaint("\n".join(owners))
    clock = SystemClock()
    with opened(args.workspace, clock) as app, Client() as http:
        follower = Follower(app)
        teller = Teller(app.store, Messenger(app.secrets, http))
        notifier = _notifier(app, args.url)

        def tell(is_well: bool) -> None:
            try:
                teller.tell(_around(app), is_well=is_well)
            finally:
                notifier.round(app.workspace.schedules, app.clock.now())

        daemon = Daemon(app, follower.tell, tell)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: daemon.stop())
        with served(app, args.host, args.port, args.url, args.contact) as (_, overview):
            show(f"Publisher works on {args.workspace.resolve()} (stop with Ctrl-C); overview: {overview}", flush=True)
            follower.tell_standing()
            daemon.run()
        show("Finishing what is being sent ...", flush=True)
    show("Stopped; nothing was lost.", flush=True)
    return 0


def _notifier(app: App, url: str | None) -> Notifier:
    """Who tells announcers and agencies. `url`: where agencies reach the pages; without it they get no links."""
    links = _links(app)

    def link(channel: str) -> str | None:
        path = links.path(channel)
        return f"{url.rstrip('/')}{path}" if url and path else None

    mail = MailClient().bound(lambda: None, _DEADLINE)
    return Notifier(app.store, mail, app.secrets, app.outbox, link)


def _links(app: App) -> Links:
    return Links(app.store, app.directory / "var" / "keys" / "inbox.key")


def _around(app: App) -> Around:
    """What is told from."""
    return Around(app.directory.resolve().name, app.workspace.schedules, app.clock.now())


@contextmanager
def opened(directory: Path, clock: SystemClock) -> Iterator[App]:
    """The workspace's app, started. What hinders it is a complaint."""
    if not (directory / "schedules.yaml").is_file() and not (directory / "var" / "publisher.db").is_file():
        raise Complaint(no_workspace(directory))
    with usable_database():
        try:
            with App(directory, clock, RealWorld(os.environ)) as app:
                app.start()
                yield app
        except (Occupied, NoPlan) as error:
            raise Complaint(str(error)) from None


@contextmanager
def served(app: App, host: str, port: int, url: str | None, contact: str) -> Iterator[tuple[Pages, str]]:
    """The pages of an app, and where their overview answers.

    With a public address a proxy stands before the pages, and may hide where its requests come from: the
    overview then answers on a port of its own, which no proxy knows.
    """
    desk = WorkspaceDesk(app, _links(app), contact or "cơ quan chủ trì chiến dịch")
    is_public = url is not None and not is_loopback(urlsplit(url).hostname or "")
    try:
        pages = serve(create_app(desk, overview=not is_public), host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise Complaint(f"the pages cannot answer on {host}:{port}: {reason} (choose another --port)") from None
    with pages, serve(create_app(desk)) if is_public else nullcontext(pages) as private:
        desk.address = (url or pages.url).rstrip("/")
        yield pages, _overview_of(private)


def _overview_of(pages: Pages) -> str:
    """Where the overview answers: on this machine alone."""
    if pages.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return f"http://{'[::1]' if ':' in pages.host else '127.0.0.1'}:{pages.port}/"
    return f"{pages.url}/" if is_loopback(pages.host) else "none, since the pages do not answer on a loopback address"


def is_loopback(host: str) -> bool:
    """Whether a host names this very machine."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (write a number up to 65535)")
    return int(text)


def _address(text: str) -> str:
    try:
        return parse_url(text)
    except PydanticCustomError as error:
        raise argparse.ArgumentTypeError(error.message()) from None
