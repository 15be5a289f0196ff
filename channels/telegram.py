"""The kind `telegram`: a channel, group or chat of Telegram, through the Bot API (https://core.telegram.org/bots/api).

A text that is too long for one message goes out in several, and each is a step of its own. A bot cannot read
what it has sent: after a doubt nobody but a person can tell, and nothing is repeated by itself.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, PrivateAttr, WithJsonSchema
from telegram import Bot, InputFile, InputMediaPhoto, LinkPreviewOptions
from telegram.constants import FileSizeLimit, MessageLimit, ParseMode

from channels.answers import consequence, retry_after
from channels.base import (
    Channel,
    ChannelError,
    Io,
    Look,
    Piece,
    Receipt,
    Refused,
    Response,
    TryLater,
    Unauthorized,
    Unavailable,
)
from channels.bot_api import Unchanged, bot, done, sent
from channels.redaction import excerpt, redact
from content import patterns
from content.post import Format, Media, Post
from content.splitting import split, visible_length
from content.values import Rate, Secret, Url, mistake
from content.words import phrase

_LONGEST_WAIT = 7 * 86400  # seconds; what a server says beyond it is a mistake


_CHAT = r"@[A-Za-z][A-Za-z0-9_]{2,31}|-?[1-9][0-9]{0,18}"
_CHAT_SCHEMA = {
    "anyOf": [
        patterns.text(
            _CHAT,
            'write "@its_name" in quotes, or a number: -1001234567890 — '
            'viết "@ten_kenh" trong ngoặc kép, hoặc mã số: -1001234567890',
            "@songvamaytinh",
        ),
        {"type": "integer", "minimum": 1, "exclusiveMaximum": 10**19},
        {"type": "integer", "maximum": -1, "exclusiveMinimum": -(10**19)},
    ]
}


def parse_chat(value: object) -> str:
    """`@name` of a public channel or group, or the number of a chat."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(_CHAT, text):
        raise mistake("chat", f'{text!r} is not a chat (write "@its_name" in quotes, or a number: -1001234567890)')
    return text


class Telegram(Channel):
    """A chat in which the bot may post; in a channel it must be an administrator."""

    format: ClassVar[Format] = Format.TELEGRAM
    public_steps: ClassVar[tuple[str, ...]] = ("part-",)
    omits: ClassVar[tuple[str, ...]] = ("summary", "tags")
    offer: ClassVar[str] = phrase("a channel, group or chat of Telegram")
    default_rate: ClassVar[Rate] = Rate(20, 60)  # what Telegram allows a bot in one group

    chat: Annotated[str, BeforeValidator(parse_chat), WithJsonSchema(_CHAT_SCHEMA)]
    """The channel, group or chat: `"@its_name"` in quotes, or its number, e.g. `-1001234567890`. —
    Kênh, nhóm hoặc cuộc trò chuyện: `"@ten_kenh"` trong ngoặc kép, hoặc mã số, ví dụ `-1001234567890`.
    """
    token: Secret
    """Where the bot's token stands, never itself: e.g. `${TELEGRAM_TOKEN}`. —
    Tên biến chứa mã truy cập của bot, không ghi trực tiếp mã: ví dụ `${TELEGRAM_TOKEN}`.
    """
    api: Url = "https://api.telegram.org"
    """Another server of the Bot API, e.g. `https://bot.example.gov.vn`. —
    Máy chủ Bot API khác, ví dụ `https://bot.example.gov.vn`.
    """
    preview: bool = False  # whether messages show a preview of their first link
    """Whether messages show a preview of their first link: `true`, or `false` (the default). —
    Có hiển thị bản xem trước của liên kết đầu tiên không: `true`, hoặc `false` (mặc định).
    """
    _pages: str = PrivateAttr("https://t.me")  # where the public reads chats that have a name

    def rehearsed(self, sandbox: str) -> Self:
        """The same chat in the sandbox."""
        copy = self.model_copy(update={"api": f"{sandbox}/telegram"})
        copy._pages = f"{sandbox}/telegram"
        return copy

    def publish(self, post: Post, io: Io) -> Receipt:
        """Send those messages of the post that are not out yet; the receipt's details hold the ids of all."""
        messages = tuple(_messages(post))
        if not messages:
            raise Refused("the post has no text; write one")
        token = self._revealed(io)
        server = bot(io.http, self.api, token, partial(self._judge, token))
        ids: list[int] = []
        for number, message in enumerate(messages, 1):
            try:
                ids.append(io.once(f"part-{number}", partial(self._send, message, server, io)))
            except ChannelError as error:
                if len(messages) > 1:
                    error.args = (f"{error} ({_progress(number, len(messages), ids)})",)
                raise
        photo = {"photo": post.image.sha256} if post.image else {}
        return Receipt(str(ids[0]), self._address(ids[0]), {"messages": ids, **photo})

    def look(self, post: Post) -> Look:
        """Its messages, each with the most that one takes."""
        return Look(tuple(map(_piece, _messages(post))))

    def update(self, receipt: Receipt, post: Post, io: Io) -> Receipt:
        """Give the messages of the post this text; those that it does not need any more are deleted."""
        ids, messages = _ids(receipt), tuple(_messages(post))
        if len(messages) > len(ids):
            raise Refused(
                f"its text needs {len(messages)} messages now, and {len(ids)} are out: shorten it, or withdraw it and "
                "send it again"
            )
        if (messages[0].photo is None) is not ("photo" not in receipt.details):
            raise Refused("a message cannot get, or lose, its photo: withdraw it, and send it again")
        edits = self._edits(io)
        for id, message in zip(ids, messages, strict=False):
            self._edit(id, message, edits, io, is_same_photo=receipt.details.get("photo") == _digest(message))
        self._remove(ids[len(messages) :], edits)
        photo = {"photo": post.image.sha256} if post.image else {}
        return Receipt(receipt.id, receipt.url, {"messages": ids[: len(messages)], **photo})

    def withdraw(self, receipt: Receipt, io: Io) -> Receipt:
        """Delete the messages of the post."""
        ids = _ids(receipt)
        self._remove(ids, self._edits(io))
        return Receipt(receipt.id, None, {"deleted": ids, "was": receipt.url})

    def _edits(self, io: Io) -> Bot:
        """A bot for changes: that there is nothing to change any more is a success."""
        token = self._revealed(io)
        return bot(io.http, self.api, token, partial(self._judge_edit, token))

    def _edit(self, id: int, message: "_Message", server: Bot, io: Io, *, is_same_photo: bool) -> None:
        if message.photo is None:
            preview = LinkPreviewOptions(is_disabled=not self.preview)
            done(
                server.edit_message_text(
                    message.text, self.chat, id, parse_mode=ParseMode.HTML, link_preview_options=preview
                )
            )
        elif is_same_photo:
            done(server.edit_message_caption(self.chat, id, caption=message.text, parse_mode=ParseMode.HTML))
        else:
            media = InputMediaPhoto(_bytes(message.photo, io), message.text, ParseMode.HTML)
            done(server.edit_message_media(media, self.chat, id))

    def _remove(self, ids: Sequence[int], server: Bot) -> None:
        for id in ids:
            done(server.delete_message(self.chat, id))

    def _judge_edit(self, token: str, response: Response) -> ChannelError | None:
        """What an answer means for something that is out already."""
        said = response.body.decode(errors="replace").lower()
        if response.status == 400 and any(words in said for words in _DONE_ALREADY):
            raise Unchanged
        if response.status == 400 and "can't be" in said:  # deleted, or edited: a bot may only for a time
            return Refused(f"Telegram lets the bot change this no more; do it by hand in {self.chat}")
        return self._judge(token, response)

    def _address(self, id: int) -> str | None:
        return f"{self._pages}/{self.chat[1:]}/{id}" if self.chat.startswith("@") else None

    def ping(self, io: Io) -> None:
        """Ask for the chat: a doubt about a message would need a person."""
        token = self._revealed(io)
        address = f"{self.api.rstrip('/')}/bot{token}/getChat"
        try:
            answer = io.http.request("GET", address, params={"chat_id": self.chat}, check=False)
            error = self._judge(token, answer, "GET") or _unread(answer.json())
        except ChannelError as failure:
            error = failure
        if error:
            error.args = (redact(str(error), (token,)),)
            raise error

    def _revealed(self, io: Io) -> str:
        token = io.secret(self.token)
        if not re.fullmatch(r"[A-Za-z0-9:_-]+", token):
            raise Unauthorized(f"{self.token} holds no bot's token; they look like 123456789:AAF_letters-and-digits")
        return token

    def _send(self, message: "_Message", server: Bot, io: Io) -> int:
        if message.photo is None:
            preview = LinkPreviewOptions(is_disabled=not self.preview)
            return sent(server.send_message(self.chat, message.text, ParseMode.HTML, link_preview_options=preview))
        photo = _bytes(message.photo, io)
        return sent(server.send_photo(self.chat, photo, message.text, parse_mode=ParseMode.HTML))

    def _judge(self, token: str, response: Response, method: str = "POST") -> ChannelError | None:
        """What an answer means; None for a success."""
        said = excerpt(response.body, (token,))
        words = f" (Telegram says: {said})" if said else ""
        parameters = _parameters(response.body)
        match response.status:
            case 400 if number := parameters.get("migrate_to_chat_id"):
                return Refused(f'the group {self.chat} has become a supergroup; write its new number, chat: "{number}"')
            case 400:
                return Refused(f"Telegram does not take the message to {self.chat}; change its text or `chat`{words}")
            case 401 | 404:
                return Unauthorized(f"Telegram does not know the bot's token; put a valid one into {self.token}{words}")
            case 403:
                return Unauthorized(
                    f"the bot may not post to {self.chat}; let it in, in a channel as an administrator{words}"
                )
            case 409:
                return TryLater(f"another program is using the bot; give Publisher a bot of its own{words}")
            case 429:
                return TryLater(f"too many messages{words}", _wait(parameters, response))
        return consequence(method, response)


@dataclass(frozen=True)
class _Message:
    text: str  # HTML; the caption if there is a photo
    photo: Media | None = None


#: What Telegram says where an edit changes nothing, or what is to be deleted is not there.
_DONE_ALREADY = ("message is not modified", "message to delete not found")


def _ids(receipt: Receipt) -> list[int]:
    """The numbers of the messages that are out."""
    ids = receipt.details.get("messages")
    if not ids:
        raise Refused("the numbers of its messages are not known: somebody only told that it is out")
    return list(ids)


def _piece(message: _Message) -> Piece:
    most = MessageLimit.CAPTION_LENGTH if message.photo else MessageLimit.MAX_TEXT_LENGTH
    return Piece(message.text, visible_length(message.text), int(most), message.photo)


def _digest(message: _Message) -> str | None:
    return message.photo.sha256 if message.photo else None


def _bytes(photo: Media, io: Io) -> InputFile:
    kind = photo.mime.rpartition("/")[2]
    return InputFile(io.media(photo), filename=f"photo.{kind}")


def _messages(post: Post) -> Iterator[_Message]:
    """The messages of a post, in order; always the same ones, because steps know them by their number."""
    title = _paragraphs(f"<b>{escape(post.title)}</b>" if post.title else "")
    body = _paragraphs(post.text, _link(post))
    rest = whole = _paragraphs(title, body)
    if post.image:
        if post.image.size > FileSizeLimit.PHOTOSIZE_UPLOAD:
            raise Refused(f"the image {post.image.name} is larger than 10 MB; make it smaller")
        lead = _paragraphs(title, escape(post.summary))
        choices = ((whole, ""), (lead, body), (title, body), ("", whole))
        caption, rest = next(pair for pair in choices if visible_length(pair[0]) <= MessageLimit.CAPTION_LENGTH)
        yield _Message("".join(split(caption, MessageLimit.CAPTION_LENGTH)), post.image)
    yield from map(_Message, split(rest, MessageLimit.MAX_TEXT_LENGTH))


def _link(post: Post) -> str:
    """The post's link, unless its text has it already."""
    link = escape(post.link or "")
    return "" if re.search(re.escape(link) + r'(?=["<\s]|$)', post.text) else link


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _progress(number: int, count: int, ids: list[int]) -> str:
    out = f"; already out: {', '.join(map(str, ids))}" if ids else ""
    return f"message {number} of {count}{out}"


def _parameters(body: bytes) -> dict[str, Any]:
    """The ResponseParameters of an error; empty if there are none."""
    try:
        parameters = json.loads(body)["parameters"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _unread(answer: Any) -> ChannelError | None:
    """What it means that an answer to a question is not the Bot API's `{"ok": true, ...}`; None if it is."""
    if isinstance(answer, dict) and answer.get("ok") is True:
        return None
    return Unavailable("what answers in Telegram's place is not the Bot API; check `api`")


def _wait(parameters: dict[str, Any], response: Response) -> float | None:
    """Seconds to wait, by Telegram's own word or by the header of what stands in front of it."""
    seconds = parameters.get("retry_after")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        return float(min(max(seconds, 0), _LONGEST_WAIT))
    return retry_after(response.headers)
