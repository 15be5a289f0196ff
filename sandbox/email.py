"""A stand-in of people's mailboxes: what `sandbox.smtp` takes, on record and as pages.

`/email/<Message-ID>` is a message as its reader sees it, `/email/<Message-ID>/<Content-ID>` a picture in it. A place is
the first address that a message was handed over for; the mailbox `missing@…` does not exist anywhere.
"""

import hashlib
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from html import escape
from typing import Any

from sandbox.exchange import Answer, Request, StandIn
from sandbox.pages import missing_page, page
from sandbox.record import Record

#: The method of a request that is a message handed over: no method of HTTP.
MAIL = "MAIL"
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)


class Email(StandIn):
    """Any number of mailboxes."""

    kind = "email"

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self._messages: dict[str, EmailMessage] = {}
        self._headers: dict[str, dict[str, str]] = {}

    def answer(self, request: Request) -> Answer:
        """Keep a message that was handed over; show one that is here."""
        if request.method == MAIL:
            return self._take(request)
        match [part for part in request.parts if part]:
            case [name] if message := self._messages.get(name):
                return Answer.html(_page(message, self._headers[name], f"{request.base}/{name}"))
            case [name, cid] if (message := self._messages.get(name)) and (part := _part(message, cid)):
                return Answer(200, _bytes(part), {"Content-Type": part.get_content_type()})
        return Answer.html(missing_page(), 404)

    def _take(self, request: Request) -> Answer:
        message = message_from_bytes(request.body, policy=policy.default)
        assert isinstance(message, EmailMessage)
        name = str(message["Message-ID"]).strip("<> ")
        self._messages[name] = message
        self._headers[name] = headers = _headers(request.body)
        self.record.add(
            self.kind, self.place(request), "publish", name,
            title=headers["Subject"], text=_text(message, "plain"), html=_text(message, "html"),
            url=f"{request.base}/{name}", to=list(request.parts), headers=headers, files=_files(message),
        )  # fmt: skip
        return Answer()


def _headers(data: bytes) -> dict[str, str]:
    """The headers that people see. The library's newer parser puts spaces into names of encoded words."""
    raw = BytesHeaderParser(policy=policy.compat32).parsebytes(data)
    names = ("From", "To", "Reply-To", "Subject", "Date", "Auto-Submitted")
    lines = {name: "".join(str(raw[name] or "").splitlines()) for name in names}
    return {name: str(make_header(decode_header(line))) for name, line in lines.items()}


def _text(message: EmailMessage, kind: str) -> str:
    body: Any = message.get_body((kind,))
    return str(body.get_content()) if body else ""


def _files(message: EmailMessage) -> list[dict[str, Any]]:
    """All that is neither text nor HTML: pictures and attachments."""
    named = [part for part in message.walk() if part.get_filename()]
    return [
        {
            "name": part.get_filename(), "mime": part.get_content_type(),
            "cid": str(part["Content-ID"] or "").strip("<> "), "sha256": hashlib.sha256(_bytes(part)).hexdigest(),
        }
        for part in named
    ]  # fmt: skip


def _part(message: EmailMessage, cid: str) -> EmailMessage | None:
    found = (part for part in message.walk() if str(part["Content-ID"] or "").strip("<> ") == cid)
    return next((part for part in found if isinstance(part, EmailMessage)), None)


def _bytes(part: Any) -> bytes:
    return bytes(part.get_payload(decode=True) or b"")


def _page(message: EmailMessage, headers: dict[str, str], address: str) -> str:
    """The message as its reader sees it."""
    html = _text(message, "html")
    body = _BODY.search(html)
    shown = body[1] if body else f"<pre>{escape(_text(message, 'plain'))}</pre>"
    shown = re.sub(r'(?<=src=")cid:', f"{escape(address)}/", shown)
    lines = "<br>".join(f"{name}: {escape(headers[name])}" for name in ("From", "To", "Date"))
    return page(headers["Subject"], f'<p class="meta">{lines}</p><article>{shown}</article>')
