"""A desk for the tests of the pages: what it shows is given, and its links are known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from channels.base import Io
from channels.inbox import Entry, Inbox, entries
from publisher.web.desk import ChannelLine, Count, DeliveryLine, InboxView, Need, Overview
from publisher.web.serve import Pages
from tests import kinds

TOKEN = "Zx3-lien-ket-rieng-cua-bao"
AGENCY = "Báo Đắk Nông"
CONTACT = "Phòng Thông tin – Báo chí, điện thoại 0261 3543 543"


@dataclass
class Desk:
    """Opens the links that it is given."""

    views: dict[str, InboxView] = field(default_factory=dict)
    shown: Overview = field(default_factory=lambda: Overview("Không gian thử", kinds.NOW))
    address: str = "https://tuyen-truyen.example.gov.vn"
    contact: str = CONTACT

    def inbox(self, token: str) -> InboxView | None:
        """The view of a known link."""
        return self.views.get(token)

    def overview(self) -> Overview:
        """What it was given."""
        return self.shown


def view(*shown: Entry, agency: str = AGENCY) -> InboxView:
    """What a link opens."""
    return InboxView("bao", agency, kinds.NOW, shown)


def filled(folder: Path, io: Io, *posts: dict[str, object]) -> tuple[Entry, ...]:
    """The entries of a real inbox with posts of these values, the last one the newest."""
    inbox = Inbox(name="bao", agency="bao-dak-nong")
    for hours, values in enumerate(posts):
        inbox.publish(kinds.post(**values), _later(io, hours))
    return entries(folder)


def _later(io: Io, hours: int) -> Io:
    return Io(io.http, io.mail, io.now + timedelta(hours=hours), io.folder, io.secret, io.media, io.steps, io.step)


def _at(hour: int, minute: int = 0) -> datetime:
    return kinds.NOW.replace(hour=hour, minute=minute)


BUSY = Overview(
    workspace="Sở Thông tin và Truyền thông tỉnh Đắk Nông",
    now=_at(8, 3),
    needs=(Need("“Khai mạc” đã đăng trên telegram-tinh hay chưa?", "Mở kênh xem, rồi ghi: publisher resolve 12"),),
    mistakes=("schedules.yaml:14:7: unknown key 'contnet' (did you mean 'content'?)",),
    counts=(Count("Trong kế hoạch", 214), Count("Đã đăng", 31), Count("Chờ duyệt", 2), Count("Lỡ hẹn", 1)),
    next=(
        DeliveryLine(_at(8, 5), "Chung tay vì học sinh vùng chưa có sóng", "telegram-tinh", "Trong kế hoạch"),
        DeliveryLine(_at(17), "Bản tin loa số 2", "loa-dak-mil", "Chờ duyệt", "Duyệt trước 05:00"),
    ),
    last=(
        DeliveryLine(_at(8), "Khai mạc", "cong-so", "Đã đăng", url="https://so.example.gov.vn/khai-mac"),
        DeliveryLine(_at(7), "Bẫy", "cong-so", "Đã đăng", url="javascript:alert(1)"),
    ),
    channels=(
        ChannelLine("cong-so", "wordpress", "Sở Thông tin và Truyền thông", "Hoạt động", is_well=True),
        ChannelLine("telegram-tinh", "telegram", "Sở TTTT", "Tạm dừng", is_well=False, reason="sai mã truy cập"),
    ),
)


def get(pages: Pages, path: str, **more: Any) -> requests.Response:
    """What a page answers."""
    answer = requests.get(pages.url + path, timeout=10, **more)
    answer.encoding = "utf-8"
    return answer
