"""What an exercise leaves to look at: a folder that opens in a browser, with every post exactly as it would be.

Each page says that it is an exercise; the posts and scripts themselves say nothing of it, so that they can be read as
the public would.
"""

import calendar
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.base import SessionChannel
from channels.registry import kind_of
from content.post import Format, Media
from publisher.delivery import Delivery, State
from publisher.exercise import Exercise
from publisher.sheets.paper import Paper, write
from publisher.store import log

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True)
class Shown:
    """One delivery as a page shows it."""

    row: Delivery
    at: datetime  # local: when the public hears or sees it
    kind: str
    agency: str
    format: Format
    script: str | None  # the folder of the script in which it is read, from the album's own folder


@dataclass(frozen=True)
class Day:
    """A day of the calendar."""

    day: date
    shown: tuple[Shown, ...]

    @property
    def texts(self) -> list[tuple[Shown, ...]]:
        """Its deliveries, those of one and the same text together, in order of the first of them."""
        found: dict[tuple[object, ...], list[Shown]] = {}
        for one in self.shown:
            post = one.row.post
            same = (post.title, post.text, post.image) if post else (one.row.id,)
            found.setdefault((one.format, *same), []).append(one)
        return [tuple(together) for together in found.values()]

    @property
    def trouble(self) -> int:
        """How many of its deliveries did not go out."""
        return sum(one.row.state is not State.PUBLISHED for one in self.shown)


class Album:
    """Writes the pages of an exercise into a folder."""

    def __init__(self, exercise: Exercise, folder: Path, paper: Paper) -> None:
        self._exercise = exercise
        self._folder = folder
        self._paper = paper
        self._zone: ZoneInfo = exercise.workspace.schedules.timezone
        self._shown = [self._show(row) for row in exercise.rows()]

    def write(self, progress: Callable[[int, int], None]) -> Path:
        """Write all of it; the page to open. `progress` is told how many days of how many are done."""
        days = [Day(day, tuple(shown)) for day, shown in groupby(self._shown, key=lambda one: one.at.date())]
        sources = {image.sha256: self._picture(image) for image in self._images()}
        for number, day in enumerate(days, 1):
            page = self._paper.page(
                "exercise_day.html", is_exercise=True, day=day, before=_name(days, number - 2),
                after=_name(days, number), sources={digest: f"../{path}" for digest, path in sources.items()},
            )  # fmt: skip
            write(self._folder / "days" / f"{day.day}.html", page)
            progress(number, len(days))
        self._write_posts()
        self._write_log()
        text = self._paper.words.say("EXERCISE: nothing of this was published")
        (self._folder / "EXERCISE.txt").write_text(f"{text}\n", encoding="utf-8")
        index = self._folder / "index.html"
        write(index, self._index(days))
        return index

    def _index(self, days: Sequence[Day]) -> str:
        schedules = self._exercise.workspace.schedules
        return self._paper.page(
            "exercise.html", is_exercise=True,
            titles=[campaign.title for campaign in schedules.campaigns.values()],
            first=self._exercise.period.opens.astimezone(self._zone).date(),
            last=days[-1].day if days else None,
            counts=Counter(one.row.state.value for one in self._shown),
            months=list(_months(days)),
            channels=list(self._channels()),
            trouble=[one for one in self._shown if one.row.state is not State.PUBLISHED],
        )  # fmt: skip

    def _show(self, row: Delivery) -> Shown:
        channel = self._exercise.workspace.schedules.channels[row.channel]
        at = (row.session or max(row.due, row.occurrence)).astimezone(self._zone)
        is_read = isinstance(channel, SessionChannel) and row.receipt is not None
        script = f"scripts/{row.channel}/{row.receipt.id}" if is_read and row.receipt else None
        agency = self._exercise.workspace.schedules.agencies[channel.agency].name
        return Shown(row, at, kind_of(channel), agency, channel.format, script)

    def _images(self) -> Iterator[Media]:
        found = {
            one.row.post.image.sha256: one.row.post.image for one in self._shown if one.row.post and one.row.post.image
        }
        yield from found.values()

    def _picture(self, image: Media) -> str:
        """Keep an image of a post; its path from the album's own folder."""
        path = f"images/{image.sha256[:16]}.{_ENDINGS.get(image.mime, 'bin')}"
        (self._folder / "images").mkdir(exist_ok=True)
        (self._folder / path).write_bytes(self._exercise.app.media.read(image.sha256))
        return path

    def _channels(self) -> Iterator[tuple[str, str, str, int, int]]:
        """By channel: name, kind, agency, how many were published, and how many of all."""
        for name, channel in self._exercise.workspace.schedules.channels.items():
            mine = [one for one in self._shown if one.row.channel == name]
            out = sum(one.row.state is State.PUBLISHED for one in mine)
            if mine:
                agency = self._exercise.workspace.schedules.agencies[channel.agency].name
                yield name, kind_of(channel), agency, out, len(mine)

    def _write_posts(self) -> None:
        """Every post to the letter, a line each; and the stations' scripts as they would get them."""
        lines = [_line(one.row) for one in self._shown if one.row.post]
        (self._folder / "posts.jsonl").write_text("".join(lines), encoding="utf-8")
        for name, channel in self._exercise.workspace.schedules.channels.items():
            folder = self._exercise.app.outbox / name
            if isinstance(channel, SessionChannel) and folder.is_dir():
                shutil.copytree(folder, self._folder / "scripts" / name, dirs_exist_ok=True)

    def _write_log(self) -> None:
        with (
            self._exercise.app.store.read() as view,
            (self._folder / "log.jsonl").open("w", encoding="utf-8") as file,
        ):
            file.write(json.dumps({"exercise": True, "published": False}) + "\n")
            for entry in log.entries(view):
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _line(row: Delivery) -> str:
    post = row.post.as_json() if row.post else None
    told = {"channel": row.channel, "schedule": row.name, "occurrence": row.occurrence.isoformat(), "post": post}
    return json.dumps(told, ensure_ascii=False) + "\n"


def _name(days: Sequence[Day], index: int) -> str | None:
    return f"{days[index].day}.html" if 0 <= index < len(days) else None


def _months(days: Iterable[Day]) -> Iterator[tuple[date, list[list[tuple[date, Day | None]]]]]:
    """Each month of the period in weeks that begin on Monday."""
    known = {day.day: day for day in days}
    for year, month in sorted({(day.year, day.month) for day in known}):
        weeks = calendar.Calendar().monthdatescalendar(year, month)
        yield date(year, month, 1), [[(day, known.get(day)) for day in week] for week in weeks]
