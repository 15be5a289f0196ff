"""Workspaces to measure on: their files, and databases with as many rows as are wanted.

Rows due at an instant of the clock are what people send (`@send`): they stay where they are whatever is planned.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, insert, literal, select, update

from bench.sink import SinkWorld
from content.media import MediaFolder
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import Planned, State
from publisher.store import deliveries, queues, tables
from publisher.store.database import Store
from publisher.store.log import PLANNER
from publisher.versions import Versions
from publisher.workspace import Folder, read_workspace

TITLE = "Thôn Đắk R'Măng đã có sóng và máy tính"
TEXT = (
    "Từ tháng 02/2022, học sinh của thôn học trực tuyến tại nhà: trạm phát sóng mới đã hoạt động, và mỗi em có một "
    "chiếc máy tính bảng. **Sở Thông tin và Truyền thông** cảm ơn các doanh nghiệp đã chung tay.\n\n"
) * 5
#: When prepared rows are due, until they are moved.
DUE = datetime(2022, 2, 14, 1, 0, tzinfo=UTC)
_FAR = datetime(2099, 1, 1, tzinfo=UTC)
DATABASE = Path("var", "publisher.db")
_HEAD = "timezone: Asia/Ho_Chi_Minh\nagencies: {so: {name: Sở Thông tin và Truyền thông}}\nchannels:\n"
_CAMPAIGN = "campaigns:\n  thu:\n    title: Sóng và máy tính cho em\n    schedules:\n"


def write_files(directory: Path, channels: int, schedules: Sequence[str], messages: int = 1) -> None:
    """A workspace with so many channels and messages, and schedules, whose other keys are given, for them in turn."""
    names = [channel(number) for number in range(channels)]
    site = 'kind: wordpress, agency: so, username: u, password: "${PASSWORD}"'
    lines = [_HEAD, *(f'  {name}: {{{site}, url: "https://{name}.example"}}\n' for name in names)]
    lines += [f"groups: {{tat-ca: [{', '.join(names)}]}}\n", _CAMPAIGN]
    for number, keys in enumerate(schedules):
        lines.append(f"      {schedule(number)}: {{content: {message(number % messages)}, {keys}}}\n")
    (directory / "schedules.yaml").write_text("".join(lines), encoding="utf-8")
    folder = directory / "content" / "campaigns" / "thu"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(messages):
        (folder / message(number)).write_text(f"---\ntitle: {TITLE}\n---\n{TEXT}", encoding="utf-8")


def channel(number: int) -> str:
    """The name of a channel."""
    return f"kenh-{number:04}"


def message(number: int) -> str:
    """The file of a message."""
    return f"tin-{number}.md" if number else "tin.md"


def schedule(number: int) -> str:
    """The name of a schedule."""
    return f"lich-{number:05}"


def prepare_due(directory: str, channels: int, dues: Sequence[float]) -> float:
    """A workspace with rows that are planned and composed: so many seconds after DUE, the channels in turn.

    Gives the seconds that composing took.
    """
    place = Path(directory)
    write_files(place, channels, ["days: 2099-01-01, at: 08:00, to: tat-ca"])
    with opened(place / DATABASE) as store, store.write() as tx:
        rows = [_sent(number, channel(number % channels), seconds) for number, seconds in enumerate(dues)]
        deliveries.add_all(tx, rows, store.uuid, DUE, PLANNER)
    with App(place, VirtualClock(DUE - timedelta(minutes=5)), SinkWorld("http://127.0.0.1:9")) as app:
        app.start()
        began = time.perf_counter()
        left = [True]  # a round composes no longer than it may make others wait
        app.on_done = lambda: left.append(True)
        while left:
            left.clear()
            app.work()
        seconds = time.perf_counter() - began
        with app.store.read() as view:
            if queues.to_compose(view, DUE + timedelta(hours=1), 1):
                raise RuntimeError("not all rows are composed")
    return seconds


def _sent(number: int, where: str, seconds: float) -> Planned:
    """Alike but for their occurrences, as the deliveries of one schedule are."""
    due = DUE + timedelta(seconds=seconds)
    return Planned(
        schedule="thu/@send", name="thu/@send", campaign="thu", occurrence=due + timedelta(microseconds=number),
        day=f"{due:%Y-%m-%d}", channel=where, item="tin.md", content="tin.md", message="tin.md",
        due=due, session=None, place=0, priority=2,
    )  # fmt: skip


def move_due(directory: Path, to: datetime) -> None:
    """Move all rows in time, so that the first of them is due then."""
    with opened(directory / DATABASE) as store, store.write() as tx:
        first = tx.scalar(select(func.min(tables.deliveries.c.due)))
        shift = (to - first) // timedelta(microseconds=1) if first else 0
        tx.exec_driver_sql("UPDATE deliveries SET due = due + ?, occurrence = occurrence + ?", (shift, shift))


def put_off(directory: Path, channels: Sequence[str]) -> None:
    """Move the rows of these channels to where nobody waits for them."""
    with opened(directory / DATABASE) as store, store.write() as tx:
        tx.execute(update(tables.deliveries).where(tables.deliveries.c.channel.in_(channels)).values(due=_FAR))


def dues(directory: Path, without: Sequence[str] = ()) -> dict[str, float]:
    """When each row is due, in seconds since 1970, by its key; `without` those of some channels."""
    with opened(directory / DATABASE) as store, store.read() as view:
        others = tables.deliveries.c.channel.not_in(without)
        found = view.execute(select(tables.deliveries.c.key, tables.deliveries.c.due).where(others))
        return {key: due.timestamp() for key, due in found}


def prepare_planned(directory: str, channels: int, schedules: int) -> int:
    """A workspace with schedules that go daily to all channels, twelve hours from now, and all its rows; how many.

    The planner plans the first schedule; the rows of the others are copies of its own.
    """
    place, now = Path(directory), datetime.now(UTC)
    at = (now + timedelta(hours=19)).strftime("%H:%M")  # local, as UTC is seven hours behind
    lines = [f'at: "{at}", to: tat-ca'] * schedules or ["days: 2099-01-01, at: 08:00, to: tat-ca"]
    write_files(place, channels, lines[:1])
    with App(place, VirtualClock(now), SinkWorld("http://127.0.0.1:9")) as app:
        app.start()
    write_files(place, channels, lines)
    with opened(place / DATABASE) as store:
        with store.write() as tx:
            for number in range(1, schedules):
                _copy_schedule(tx, number, channels)
        files = Folder(place)
        Versions(store, MediaFolder(place / "var" / "media")).put_in_force(read_workspace(files), files, now)
    return count(place)


def count(directory: Path) -> int:
    """How many rows there are; all of them must be planned, or what was to be measured is something else."""
    with opened(directory / DATABASE) as store, store.read() as view:
        found = deliveries.counts(view)
    if found.keys() - {State.PLANNED}:
        raise RuntimeError(f"not all rows are planned: {found}")
    return found.get(State.PLANNED, 0)


def _copy_schedule(tx: Connection, number: int, channels: int) -> None:
    first, copy = f"thu/{schedule(0)}", f"thu/{schedule(number)}"
    rows, known = tables.deliveries, tables.schedules
    new = {
        "schedule": literal(copy), "name": literal(copy), "key": func.lower(func.hex(func.randomblob(8))),
        "place": rows.c.place + number * channels,
    }  # fmt: skip
    columns = [column for column in rows.c if column.name != "id"]
    source = select(*(new.get(column.name, column) for column in columns)).where(rows.c.schedule == first)
    tx.execute(insert(rows).from_select(columns, source))
    source = select(*(literal(copy) if column.name == "id" else column for column in known.c))
    tx.execute(insert(known).from_select(list(known.c), source.where(known.c.id == first)))


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The database at a path, brought up to date."""
    store = Store.open(path, DUE)
    try:
        yield store
    finally:
        store.close()
