"""`publisher demo`: two weeks of the campaign in seconds, then every minute for real, against the sandbox."""

import argparse
import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from publisher.app import App
from publisher.cli.complaint import Complaint
from publisher.cli.following import Follower
from publisher.cli.reading import now, read_files
from publisher.cli.run import served
from publisher.cli.speaking import said, said_many, spoken
from publisher.clock import SystemClock
from publisher.daemon import Daemon
from publisher.delivery import State
from publisher.demo import LENGTH, Demo, Published, live_workspace
from publisher.exercise import ExerciseError, copy_workspace, fresh_folder
from publisher.links import Links
from publisher.world import SandboxWorld
from sandbox.client import Sandbox


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="end after the summary")
    parser.add_argument("--directory", type=Path, default=Path("demo"), help="where the demo's files go (demo)")


def run(args: argparse.Namespace) -> int:
    console = Console()
    _on_signals(_interrupt)  # so that the sandbox ends, too
    read_files(args.workspace)
    try:
        fresh_folder(args.directory, args.workspace)
        copy_workspace(args.workspace, args.directory / "workspace")
        with ExitStack() as stack:
            sandbox = stack.enter_context(Sandbox(args.directory / "sandbox"))
            demo = Demo(args.directory / "workspace", sandbox)
            stack.callback(demo.close)
            pages, _ = stack.enter_context(served(demo.app, "127.0.0.1", 0, None, ""))
            links = _links(demo.app, pages.url)
            demo.watch(links)
            _play(demo, console)
            agrees = _summary(demo, args.directory, sandbox, links, console)
            if not args.once and agrees:
                _go_on(args.directory, demo, sandbox, console)
    except ExerciseError as error:
        raise Complaint(str(error)) from None
    return 0 if agrees else 1


def _links(app: App, url: str) -> dict[str, str]:
    links = Links(app.store, app.directory / "var" / "keys" / "inbox.key")
    names = app.workspace.schedules.channels
    return {name: f"{url}{path}" for name in names if (path := links.path(name))}


def _play(demo: Demo, console: Console) -> None:
    days = LENGTH.days
    told = said("{title}: the first {days} days, on a fast clock, against the sandbox.", title=demo.title, days=days)
    console.print(told, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=days)

        def progress(at: datetime) -> None:
            done = max(0, (at - demo.period.opens).days)
            bar.update(task, completed=min(done, days), description=f"{at.astimezone(demo.zone):%a %d/%m/%Y %H:%M}")

        def approved(number: int, who: str) -> None:
            at = f"{demo.clock.now().astimezone(demo.zone):%d/%m/%Y %H:%M}"
            told = said_many("{who} approves {number} text", "{who} approves {number} texts", number, who=who)
            console.print(f"  {at}  {told}, 07/TB-STTTT", markup=False)

        demo.play(progress, approved)


def _summary(demo: Demo, directory: Path, sandbox: Sandbox, links: dict[str, str], console: Console) -> bool:
    """Show what was published, by channel; whether the sandbox's own record agrees."""
    found = demo.published()
    demo.save_pages(found, directory / "posts")
    (directory / "published.txt").write_text("".join(f"{_line(one)}\n" for one in found), encoding="utf-8")
    console.print(_table(found))
    for channel, mine in _by_channel(found):
        if mine[0].where.startswith("http"):
            kept = said("pages kept in {folder}", folder=directory / "posts" / channel)
            console.print(f"[bold]{channel}[/] ({kept}):")
            for one in mine:
                console.print(f"  {_line(one)}", soft_wrap=True, highlight=False, markup=False)
        elif channel in links:
            console.print(f"[bold]{channel}[/] {links[channel]}", soft_wrap=True, highlight=False)
        else:
            folder = demo.app.outbox / channel
            where = said("script.txt and script.pdf of each session in {folder}", folder=folder)
            console.print(f"[bold]{channel}[/] {where}", soft_wrap=True)
    counts = ", ".join(f"{number} {said(state.value)}" for state, number in sorted(demo.counts().items()))
    ahead = len(found) - demo.counts().get(State.PUBLISHED, 0)
    missing = [one for one in found if not one.is_recorded]
    for text in (
        f"All deliveries of these {LENGTH.days} days: {counts}, and {ahead} script(s) ahead of time for the next.",
        f"Each publication, with its place: {directory / 'published.txt'}",
        f"Their log: publisher log --workspace {demo.app.directory}",
        f"What the sandbox itself says it accepted: {sandbox.directory / 'record.jsonl'}",
        *(f"NOT in the sandbox's record: {_line(one)}" for one in missing),
    ):
        console.print(spoken().of(text), soft_wrap=True, highlight=False, markup=False)
    return bool(found) and not missing


def _table(found: list[Published]) -> Table:
    table = Table(title=said("Published in two weeks"), title_justify="left")
    for heading in (said("channel"), said("kind"), said("published"), said("in the sandbox's own record")):
        table.add_column(heading, overflow="fold")
    for channel, mine in _by_channel(found):
        table.add_row(channel, mine[0].kind, str(len(mine)), str(sum(one.is_recorded for one in mine)))
    return table


def _by_channel(found: list[Published]) -> list[tuple[str, list[Published]]]:
    names = dict.fromkeys(one.channel for one in found)
    return [(name, [one for one in found if one.channel == name]) for name in names]


def _line(one: Published) -> str:
    return f"{one.at:%Y-%m-%d %H:%M}  {one.channel}  {one.title}  {one.where}"


def _go_on(directory: Path, demo: Demo, sandbox: Sandbox, console: Console) -> None:
    """Every minute, in real time, until stopped."""
    live = directory / "live"
    copy_workspace(directory / "workspace", live)
    live_workspace(demo.app.workspace, live, now().astimezone(demo.zone).date())
    with App(live, SystemClock(), SandboxWorld(sandbox.url)) as app:
        app.start()
        with served(app, "127.0.0.1", 0, None, "") as (_, overview):
            daemon = Daemon(app, Follower(app).tell)
            _on_signals(daemon.stop)
            going = said(
                "Now a schedule that goes on every minute, until you press Ctrl-C. Overview: {url}", url=overview
            )
            console.print(f"\n{going}")
            console.print(said("What the sandbox's public sees: {url}", url=f"{sandbox.url}/"))
            told = said("To try the other commands on it, add to each: --workspace {folder}", folder=live)
            console.print(told, soft_wrap=True, highlight=False)
            daemon.run()


def _on_signals(act: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _interrupt() -> None:
    raise KeyboardInterrupt
