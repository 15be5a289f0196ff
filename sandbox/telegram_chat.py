"""One chat of the stand-in Telegram in memory: its messages, and how the Bot API and a page show them."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from sandbox.exchange import Part
from sandbox.pages import page
from sandbox.telegram_text import Text

BOT = {"id": 5000000001, "is_bot": True, "first_name": "Máy chủ mô phỏng", "username": "mo_phong_bot"}
_STYLE = """<style>
.chat { background: #cfdcc8; padding: 1rem; border-radius: 12px }
.bubble { background: #fff; border-radius: 12px; max-width: 30rem; margin: 0 0 .6rem; padding: .55rem .8rem;
  box-shadow: 0 1px 1px #0003; overflow-wrap: anywhere }
.bubble img { display: block; width: 100%; border-radius: 8px; margin-bottom: .4rem }
.text { white-space: pre-wrap } .text pre, .text code { background: #eef1f4 }
.text blockquote { border-left: 3px solid #3a8ee6; margin: .2rem 0; padding-left: .6rem }
.spoiler { background: #9aa5af; color: transparent } .spoiler:hover { color: inherit }
.time { text-align: right }
</style>"""

_NOT_YET = datetime.min.replace(tzinfo=UTC)  # the record says when, and is written first


@dataclass
class Message:
    """A message that the bot has sent."""

    id: int
    text: Text  # the caption if there is a photo
    photo: Part | None = None
    sent: datetime = _NOT_YET
    edited: bool = False


class Chat:
    """A chat; ids of messages count up from 1."""

    def __init__(self, name: str) -> None:
        self.name = name  # @name, or a number
        self.messages: dict[int, Message] = {}
        self.last_id = 0

    @property
    def path(self) -> str:
        """Its page's place below the stand-in's address."""
        return self.name.removeprefix("@")

    def as_json(self) -> dict[str, Any]:
        """The Bot API's Chat object."""
        if not self.name.startswith("@"):
            return {"id": int(self.name), "type": "supergroup", "title": self.name}
        number = -1_000_000_000_000 - zlib.crc32(self.name.encode())  # as stable as a real one
        return {"id": number, "type": "channel", "title": self.path, "username": self.path}

    def message_json(self, message: Message) -> dict[str, Any]:
        """The Bot API's Message object, without its entities."""
        shown: dict[str, Any] = {"text": message.text.seen}
        if message.photo:
            size = {"file_id": f"p{message.id}", "file_unique_id": f"u{message.id}", "width": 1, "height": 1}
            shown = {"caption": message.text.seen, "photo": [size]}
        return {
            "message_id": message.id, "from": BOT, "chat": self.as_json(),
            "date": int(message.sent.timestamp()), **shown,
        }  # fmt: skip


def chat_page(chat: Chat, messages: list[Message], base: str) -> str:
    """Messages as people see them; `base` is the stand-in's address."""
    bubbles = "".join(_bubble(chat, message, base) for message in messages)
    return page(
        f"Telegram: {chat.name}",
        f'{_STYLE}<div class="chat">{bubbles or "<p>Chưa có tin nhắn nào.</p>"}</div>',
    )


def missing_page() -> str:
    """What stands where no message is."""
    return page("Không tìm thấy tin nhắn", '<p><a href="/">Về trang đầu</a></p>')


def _bubble(chat: Chat, message: Message, base: str) -> str:
    address = f"{base}/{chat.path}/{message.id}"
    photo = f'<img src="{escape(address)}/photo" alt="">' if message.photo else ""
    edited = "đã sửa · " if message.edited else ""
    moment = f"{message.sent:%H:%M, %d/%m/%Y} (UTC)"
    return (
        f'<div class="bubble" id="{message.id}">{photo}<div class="text">{message.text.html}</div>'
        f'<div class="meta time">{edited}<a href="{escape(address)}">{moment}</a></div></div>'
    )
