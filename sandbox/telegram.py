"""A stand-in of Telegram: the part of the Bot API that posts, and the chats as the public reads them.

`/telegram/bot<token>/<method>` is the API; any token but `wrong` is a bot's, and it may post to any chat but
`@missing`. `/telegram/<chat>/` is a chat's page, without the @ of its name; a message has `/telegram/<chat>/<id>`.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.exchange import Answer, Part, Request, StandIn
from sandbox.record import Entry, Record
from sandbox.telegram_chat import BOT, Chat, Message, chat_page, missing_page
from sandbox.telegram_text import Text, read

_LONGEST_TEXT, _LONGEST_CAPTION = 4096, 1024
_LARGEST_PHOTO = 10 * 1024 * 1024
_FAILURES = {
    "refuse": 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0',
    "unauthorised": "Unauthorized",
    "forbidden": "Forbidden: bot is not a member of the channel chat",
    "error": "Internal Server Error",
}


class _No(Exception):
    """The Bot API's refusal of a call: the status and the description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.answer = _failure(status, description)


class Telegram(StandIn):
    """Any number of chats, made on first use."""

    kind = "telegram"

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self._chats: dict[str, Chat] = {}
        self._methods: dict[str, Callable[[Request, dict[str, Any]], Any]] = {
            "getme": lambda _request, _fields: BOT,
            "getchat": lambda _request, fields: self._chat(fields).as_json(),
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "editmessagetext": self._edit_text,
            "editmessagecaption": self._edit_caption,
            "editmessagemedia": self._edit_media,
            "deletemessage": self._delete,
        }

    def place(self, request: Request) -> str:
        """The chat, as the channel's settings write it."""
        if _is_call(request):
            return str(request.fields().get("chat_id", ""))
        name = request.parts[0] if request.parts else ""
        return name if name.lstrip("-").isdigit() else f"@{name}"

    def failure(self, fault: str, status: int, seconds: float) -> Answer:
        """Telegram's own words, or the page of the web server in front of it."""
        if status == 429:
            wait = round(seconds)
            return _failure(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        if fault in _FAILURES:
            return _failure(status, _FAILURES[fault])
        return Answer.html(f"<html><body><h1>{status}</h1><hr>nginx</body></html>", status)

    def answer(self, request: Request) -> Answer:
        """The API below bot<token>, pages elsewhere."""
        if not _is_call(request):
            return self._page(request)
        token, method = request.parts[0].removeprefix("bot"), request.parts[1].lower()
        if method not in self._methods or not token:
            return _failure(404, "Not Found")
        if token == "wrong":
            return _failure(401, "Unauthorized")
        try:
            return Answer.json({"ok": True, "result": self._methods[method](request, request.fields())})
        except _No as refusal:
            return refusal.answer

    def _send_message(self, request: Request, fields: dict[str, Any]) -> Any:
        chat = self._chat(fields)
        text = _text(fields, "text", _LONGEST_TEXT, "message is too long")
        if not text.seen:
            raise _No(400, "Bad Request: message text is empty")
        return self._post(request, chat, text, None)

    def _send_photo(self, request: Request, fields: dict[str, Any]) -> Any:
        chat = self._chat(fields)
        photo = request.form().get("photo")
        if photo is None or not photo.filename:
            raise _No(400, "Bad Request: there is no photo in the request")
        if len(photo.body) > _LARGEST_PHOTO:
            raise _No(413, "Request Entity Too Large")
        return self._post(
            request, chat, _text(fields, "caption", _LONGEST_CAPTION, "message caption is too long"), photo
        )

    def _edit_text(self, request: Request, fields: dict[str, Any]) -> Any:
        message = _message(self._chat(fields), fields, "edit")
        if message.photo:
            raise _No(400, "Bad Request: there is no text in the message to edit")
        text = _text(fields, "text", _LONGEST_TEXT, "message is too long")
        if not text.seen:
            raise _No(400, "Bad Request: message text is empty")
        return self._edit(request, fields, text, None)

    def _edit_caption(self, request: Request, fields: dict[str, Any]) -> Any:
        message = _message(self._chat(fields), fields, "edit")
        if message.photo is None:
            raise _No(400, "Bad Request: there is no caption in the message to edit")
        caption = _text(fields, "caption", _LONGEST_CAPTION, "message caption is too long")
        return self._edit(request, fields, caption, message.photo)

    def _edit_media(self, request: Request, fields: dict[str, Any]) -> Any:
        _message(self._chat(fields), fields, "edit")
        media = json.loads(str(fields.get("media", "{}")))
        photo = request.form().get(str(media.get("media", "")).removeprefix("attach://"))
        if photo is None or media.get("type") != "photo":
            raise _No(400, "Bad Request: wrong file identifier/HTTP URL specified")
        caption = _text(media, "caption", _LONGEST_CAPTION, "message caption is too long")
        return self._edit(request, fields, caption, photo)

    def _edit(self, request: Request, fields: dict[str, Any], text: Text, photo: Part | None) -> Any:
        chat = self._chat(fields)
        message = _message(chat, fields, "edit")
        if text == message.text and _bytes(photo) == _bytes(message.photo):
            raise _No(400, "Bad Request: message is not modified")
        message.text, message.photo, message.edited = text, photo, True
        self._note(request, chat, message, "update")
        return chat.message_json(message)

    def _delete(self, request: Request, fields: dict[str, Any]) -> Any:
        chat = self._chat(fields)
        message = _message(chat, fields, "delete")
        del chat.messages[message.id]
        self._note(request, chat, message, "delete")
        return True

    def _chat(self, fields: dict[str, Any]) -> Chat:
        name = str(fields.get("chat_id", ""))
        if not name:
            raise _No(400, "Bad Request: chat_id is empty")
        if name == "@missing" or not (name.startswith("@") or name.lstrip("-").isdigit()):
            raise _No(400, "Bad Request: chat not found")
        return self._chats.setdefault(name, Chat(name))

    def _post(self, request: Request, chat: Chat, text: Text, photo: Part | None) -> Any:
        chat.last_id += 1
        message = Message(chat.last_id, text, photo)
        entry = self._note(request, chat, message, "publish")
        message.sent = datetime.fromisoformat(entry["at"])
        chat.messages[message.id] = message
        return chat.message_json(message)

    def _note(self, request: Request, chat: Chat, message: Message, action: str) -> Entry:
        address = f"{request.base}/{chat.path}/{message.id}"
        content: dict[str, Any] = {"text": message.text.seen, "html": message.text.html, "url": address}
        if message.photo:
            body = message.photo.body
            content["photo"] = {"mime": message.photo.mime, "sha256": hashlib.sha256(body).hexdigest()}
        return self.record.add(self.kind, chat.name, action, str(message.id), **content)

    def _page(self, request: Request) -> Answer:
        name = self.place(request)
        chat = self._chats.get(name, Chat(name))
        match [part for part in request.parts[1:] if part]:
            case []:
                return Answer.html(chat_page(chat, list(chat.messages.values()), request.base))
            case [id] if message := chat.messages.get(_number(id)):
                return Answer.html(chat_page(chat, [message], request.base))
            case [id, "photo"] if (message := chat.messages.get(_number(id))) and message.photo:
                return Answer(200, message.photo.body, {"Content-Type": message.photo.mime})
        return Answer.html(missing_page(), 404)


def _is_call(request: Request) -> bool:
    parts = request.parts
    return len(parts) == 2 and parts[0].startswith("bot") and parts[1].isalpha()


def _failure(status: int, description: str, **parameters: int) -> Answer:
    value: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Answer.json({**value, "parameters": parameters} if parameters else value, status)


def _text(fields: dict[str, Any], name: str, longest: int, too_long: str) -> Text:
    try:
        text = read(str(fields.get(name, "")), str(fields.get("parse_mode", "")))
    except ValueError as mistake:
        raise _No(400, f"Bad Request: {mistake}") from None
    if text.length > longest:
        raise _No(400, f"Bad Request: {too_long}")
    return text


def _message(chat: Chat, fields: dict[str, Any], purpose: str) -> Message:
    message = chat.messages.get(_number(fields.get("message_id")))
    if message is None:
        raise _No(400, f"Bad Request: message to {purpose} not found")
    return message


def _bytes(photo: Part | None) -> bytes | None:
    return photo.body if photo else None


def _number(text: object) -> int:
    return int(str(text)) if str(text).isdecimal() else 0
