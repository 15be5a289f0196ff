"""The demo: a fresh copy of a workspace lives through its campaign's first two weeks, against the sandbox.

Nothing in it is simulated but the time and the servers: what is published stands in the sandbox's own record.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from channels.inbox import Inbox
from channels.registry import kind_of
from content.media import describe
from publisher.cadence import instant_of
from publisher.clock import VirtualClock
from publisher.delivery import Delivery, State
from publisher.exercise import Exercise, ExerciseError, Period, begins
from publisher.schedules import Schedules
from publisher.store import deliveries
from publisher.web.feed import entry_id
from publisher.workspace import Folder, Workspace, read_workspace
from sandbox.client import Sandbox

#: Who approves in the demo: never the author.
APPROVER = "Nguyễn Thị Thu Hà (Phó Trưởng phòng)"
LENGTH = timedelta(days=14)
_PICTURE = re.compile(r'src="(http[^"]+)"')


@dataclass(frozen=True)
class Published:
    """One publication of the demo."""

    channel: str
    kind: str
    at: datetime  # local
    title: str
    where: str  # an address in the sandbox, or a folder
    is_recorded: bool  # the sandbox's own record has it


class Demo(Exercise):
    """Two weeks of a campaign, with news of the ministry, and a second person who approves."""

    def __init__(self, directory: Path, sandbox: Sandbox) -> None:
        workspace = read_workspace(Folder(directory))
        self.zone = workspace.schedules.timezone
        campaign = next(iter(workspace.schedules.campaigns.values()))
        if campaign.first is None:
            raise ExerciseError(f"campaign {campaign.key} has no `from`: the demo starts there")
        self.title = campaign.title
        opens = instant_of(campaign.first, time(), self.zone)
        period = Period(opens, opens + LENGTH)
        clock = VirtualClock(begins(workspace, period))
        self._news = -1
        self._publish_news(sandbox, clock.now(), opens)
        super().__init__(directory, sandbox, period, clock)

    def watch(self, links: Mapping[str, str]) -> None:
        """Let the sandbox read the inboxes' feeds at these addresses."""
        for name, url in links.items():
            self.sandbox.call("POST", "/_watch", {"kind": "inbox", "place": name, "url": f"{url}feed.atom"})

    def play(self, progress: Callable[[datetime], None], approved: Callable[[int, str], None]) -> None:
        """Let the two weeks pass. `approved` is told how many texts the second person lets go."""

        def act(now: datetime) -> None:
            self._publish_news(self.sandbox, now, self.period.opens)
            number = self.approve(APPROVER, "07/TB-STTTT")
            if number:
                approved(number, APPROVER)

        self.live(act, progress, timedelta(hours=1))

    def published(self) -> list[Published]:
        """All that went out, by channel and time, held against the sandbox's own record."""
        with self.app.store.read() as view:
            rows = deliveries.unfinished(view, (State.PUBLISHED,))
        self.sandbox.call("POST", "/_watch", {})
        record = [entry for entry in self.sandbox.record() if entry["public"]]
        urls = {entry.get("url") for entry in record}
        names = {(entry["place"], str(entry["id"])) for entry in record}
        channels = list(self.app.workspace.schedules.channels)
        rows.sort(key=lambda row: (channels.index(row.channel), row.due))
        return [self._published(row, urls, names) for row in rows]

    def save_pages(self, found: list[Published], folder: Path) -> None:
        """Keep the sandbox's pages of what was published: they are there when it has ended."""
        for one in found:
            if one.where.startswith("http"):
                name = f"{one.at:%Y-%m-%d-%H%M}-{one.where.rstrip('/').rsplit('/', 1)[1]}.html"
                page = folder / one.channel / name
                page.parent.mkdir(parents=True, exist_ok=True)
                html = self.sandbox.fetch(one.where).decode()
                page.write_text(_PICTURE.sub(self._inline, html), encoding="utf-8")

    def _inline(self, found: re.Match[str]) -> str:
        """A picture within the page itself."""
        data = self.sandbox.fetch(found[1])
        return f'src="data:{describe(data, found[1], "").mime};base64,{base64.b64encode(data).decode()}"'

    def _published(self, row: Delivery, urls: set[str | None], names: set[tuple[str, str]]) -> Published:
        channel = self.app.workspace.schedules.channels[row.channel]
        receipt = row.receipt
        assert receipt is not None
        where = receipt.url or str(self.app.outbox / row.channel / receipt.id)
        marks = {(row.channel, receipt.id), (row.channel, entry_id(receipt.id))}
        is_recorded = receipt.url in urls if receipt.url else bool(marks & names)
        at = (row.session or row.due).astimezone(self.zone)
        return Published(row.channel, kind_of(channel), at, row.post.title if row.post else "", where, is_recorded)

    def _publish_news(self, sandbox: Sandbox, now: datetime, opens: datetime) -> None:
        """The news that stands on the ministry's feed at an instant."""
        dated = [(opens + timedelta(days=day, hours=9), title, summary) for day, title, summary in _NEWS]
        items = [
            {
                "id": f"tin-{number}",
                "title": title,
                "link": f"https://bo.example.gov.vn/tin/{number}",
                "summary": summary,
                "published": at.isoformat(),
            }
            for number, (at, title, summary) in enumerate(dated, 1)
            if at <= now
        ]
        if len(items) != self._news:
            sandbox.call("PUT", "/feed/bo.xml", items)
            self._news = len(items)


_NEWS = (
    (
        1,
        "Thêm 500 trạm phát sóng phục vụ Chương trình “Sóng và máy tính cho em”",
        "Các doanh nghiệp viễn thông tiếp tục phủ sóng những thôn, bản còn trắng sóng trong cả nước.",
    ),
    (
        4,
        "“Sóng và máy tính cho em”: trao máy tính bảng cho học sinh vùng khó khăn",
        "Đợt trao máy tính tiếp theo dành cho học sinh hộ nghèo, hộ cận nghèo ở các tỉnh miền núi.",
    ),
    (6, "Hội nghị triển khai công tác bưu chính năm 2022", "Tin không thuộc chủ đề của chiến dịch."),
)


def live_workspace(source: Workspace, target: Path, today: date) -> None:
    """Write a workspace whose one schedule goes on every minute, with a folder of the campaign's messages.

    It goes to one channel of each kind, and ends tomorrow: every minute of two weeks would be a long plan.
    """
    schedules = source.schedules
    schedule = next(
        (one for one in schedules.schedules if (one.content or "").endswith("/") and not one.cadence.at_sessions), None
    )
    if schedule is None:
        raise ExerciseError("no schedule takes turns with a folder's messages: there is nothing to go on with")
    campaign = schedules.campaigns[schedule.campaign]
    inboxes = (name for name, channel in schedules.channels.items() if isinstance(channel, Inbox))
    first: dict[str, str] = {}
    for name in (*schedule.to, *inboxes):
        first.setdefault(kind_of(schedules.channels[name]), name)
    plan = {
        "timezone": str(schedules.timezone),
        "include": ["channels.yaml"],
        **_mail(schedules),
        "campaigns": {
            campaign.key: {
                "title": campaign.title,
                "from": today.isoformat(),
                "until": (today + timedelta(days=1)).isoformat(),
                "facts": dict(campaign.facts),
                "schedules": {
                    "moi-phut": {
                        "content": schedule.content,
                        "cron": "* * * * *",
                        "quiet": [],
                        "to": list(first.values()),
                    }
                },
            }
        },
    }
    note = "# Written by the demo: goes on every minute. JSON is YAML, too.\n"
    text = note + json.dumps(plan, ensure_ascii=False, indent=2) + "\n"
    (target / "schedules.yaml").write_text(text, encoding="utf-8")


def _mail(schedules: Schedules) -> dict[str, Any]:
    """`mail` where channels.yaml does not have it: what it holds may need it. The sandbox stands in for the server."""
    is_there = re.search(rb"^mail\s*:", schedules.sources.get("channels.yaml", b""), re.MULTILINE)
    mail = None if is_there else schedules.mail
    return {"mail": {"host": mail.host, "from": mail.sender}} if mail else {}
