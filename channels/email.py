"""The kind `email`: each post is an e-mail to one or several addresses, for all of them or for none.

A mail server tells nobody what became of a message: after a doubt only a person can look, and nothing is sent again by
itself. The message has the same `Message-ID` whenever it is made, so that who looks knows it by that.
"""

from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlsplit

from pydantic import ConfigDict, Field, JsonValue, PrivateAttr

from channels.base import Channel, Io, Receipt, Refused
from channels.mail import PORTS, Mail, Security, header, one_line
from content.plain import text_from_html
from content.post import Format, Post
from content.values import Email as EmailAddress
from content.values import Emails, Host, Rate, Secret
from content.words import phrase

_ENCODED = "quoted-printable"  # lines of any length, and letters of any kind, pass through every server
_PICTURE = "picture"
_IN_THE_CLEAR = "without TLS the password would travel in the clear — không có TLS thì mật khẩu bị lộ trên đường truyền"
#: What its keys demand of one another, for editors: `check` says the same where the plan is read.
_RULES: list[JsonValue] = [
    {"dependencies": {"username": ["password"], "password": ["username"], "host": ["from"]}},
    {"dependencies": {key: ["host"] for key in ("port", "security", "username", "password")}},
    {
        "if": {"required": ["security"], "properties": {"security": {"const": "none"}}},
        "then": {"properties": {"password": False}, "errorMessage": _IN_THE_CLEAR},
    },
]


class Email(Channel):
    """Readers, or an editor, who get their posts by e-mail. A channel without a server of its own uses another's."""

    format: ClassVar[Format] = Format.HTML
    default_rate: ClassVar[Rate] = Rate(30, 60)
    omits: ClassVar[tuple[str, ...]] = ("tags",)
    offer: ClassVar[str] = phrase("readers or editors who get each post by e-mail")
    asked: ClassVar[tuple[str, ...]] = ("host", "from", "username", "password")
    settling: ClassVar[timedelta | None] = None  # what was sent cannot be looked up

    model_config = ConfigDict(json_schema_extra={"allOf": _RULES})

    to: Emails
    """Who gets it: one address or several, e.g. `toa-soan@bao.example.vn`. All of them see each other. —
    Gửi cho ai: một hoặc nhiều địa chỉ, ví dụ `toa-soan@bao.example.vn`. Những người nhận thấy địa chỉ của nhau.
    """
    reply_to: EmailAddress | None = None
    """Where answers go, if not to the sender, e.g. `phong.tt@so.example.gov.vn`. —
    Địa chỉ nhận thư trả lời, nếu khác người gửi, ví dụ `phong.tt@so.example.gov.vn`.
    """
    host: Host | None = None
    """A mail server of its own, e.g. `mail.example.gov.vn`; without it that of `mail` at the top is used. —
    Máy chủ thư riêng, ví dụ `mail.example.gov.vn`; nếu không ghi thì dùng máy chủ của `mail` ở đầu tệp.
    """
    port: int | None = Field(default=None, strict=True, ge=1, le=65535)
    """Its port, e.g. `587`; without it the usual one. —
    Cổng của máy chủ, ví dụ `587`; không ghi thì dùng cổng thông thường.
    """
    security: Security = Security.STARTTLS
    """How the way to it is protected: `starttls` (the default), `tls` or `none`. —
    Cách bảo vệ đường truyền: `starttls` (mặc định), `tls` hoặc `none`.
    """
    username: str | None = Field(default=None, min_length=1)
    """The name to sign in with, e.g. `publisher`. — Tên đăng nhập, ví dụ `publisher`."""
    password: Secret | None = None
    """Where the password stands, never itself: e.g. `${MAIL_PASSWORD}`. —
    Tên biến chứa mật khẩu, không ghi trực tiếp mật khẩu: ví dụ `${MAIL_PASSWORD}`.
    """
    sender: EmailAddress | None = Field(default=None, alias="from")
    """The address that it comes from, e.g. `publisher@so.example.gov.vn`. —
    Địa chỉ người gửi, ví dụ `publisher@so.example.gov.vn`.
    """
    _pages: str | None = PrivateAttr(None)  # where people see what a stand-in took

    def through(self, mail: Mail) -> Self:
        """The same channel over that mail server, from its address unless the channel names its own."""
        server = {"host": mail.host, "port": mail.port, "security": mail.security}
        login = {"username": mail.username, "password": mail.password}
        return self.model_copy(update={**server, **login, "sender": self.sender or mail.sender})

    def rehearsed(self, sandbox: str) -> Self:
        """The same channel with the sandbox's mail server, whose port is the one after that of its pages."""
        place = urlsplit(sandbox)
        server = {"host": place.hostname, "port": (place.port or 0) + 1, "security": Security.NONE}
        copy = self.model_copy(update=server)
        copy._pages = f"{sandbox}/email"
        return copy

    def publish(self, post: Post, io: Io) -> Receipt:
        """Hand the message over, in one exchange."""
        mail = self._mail()
        message = _message(post, self, mail.sender, io)
        said = io.mail.send(message, self.to, mail.server(io.secret))
        name = str(message["Message-ID"]).strip("<>")
        url = f"{self._pages}/{quote(name, safe='@')}" if self._pages else None
        return Receipt(name, url, {"to": list(self.to), "answer": said})

    def ping(self, io: Io) -> None:
        """Ask whether the server lets us in: a doubt about a message would need a person."""
        mail = self._mail()
        io.mail.ping(mail.server(io.secret), mail.sender)

    def _mail(self) -> Mail:
        if self.host is None or self.sender is None:
            raise Refused("the channel has no mail server (add `host` and `from` to it, or `mail` to schedules.yaml)")
        port = self.port or PORTS[self.security]
        return Mail(self.host, port, self.security, self.username, self.password, self.sender)


def _message(post: Post, channel: Email, sender: str, io: Io) -> EmailMessage:
    """The post as an e-mail: as plain text and as HTML, with its image within."""
    message = EmailMessage()
    message["From"] = Address(one_line(post.agency), addr_spec=sender)
    message["To"] = [Address(addr_spec=address) for address in channel.to]
    if channel.reply_to:
        message["Reply-To"] = channel.reply_to
    message["Subject"] = header(post.title)
    message["Date"] = format_datetime(io.now.astimezone(post.occurrence.tzinfo))
    message["Message-ID"] = f"<{post.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    picture = f"{_PICTURE}.{post.key}@{sender.rpartition('@')[2]}"
    message.set_content(f"{_plain(post)}\n", cte=_ENCODED)
    message.add_alternative(_html(post, picture), subtype="html", cte=_ENCODED)
    if post.image:
        _embed(message, post, picture, io)
    message["Content-Language"] = post.lang  # last, or it would go to the first part
    return message


def _embed(message: EmailMessage, post: Post, name: str, io: Io) -> None:
    """Put the image beside the HTML that shows it."""
    assert post.image is not None
    main, _, kind = post.image.mime.partition("/")
    shown: Any = list(message.iter_parts())[-1]
    content = io.media(post.image)
    shown.add_related(content, main, kind, cid=f"<{name}>", filename=post.image.name, disposition="inline")


def _html(post: Post, picture: str) -> str:
    image = ""
    if post.image:
        alt = escape(post.image.alt)
        image = f'<p><img src="cid:{picture}" alt="{alt}" style="max-width: 100%; height: auto"></p>\n'
    link = f'\n<p><a href="{escape(_link(post))}">{escape(_link(post))}</a></p>' if _link(post) else ""
    lead = f"<p><strong>{escape(_lead(post))}</strong></p>\n" if _lead(post) else ""
    return (
        f'<!doctype html>\n<html lang="{escape(post.lang)}">\n<head><meta charset="utf-8">'
        f"<title>{escape(post.title)}</title></head>\n<body>\n{lead}{image}{post.text}{link}\n</body>\n</html>\n"
    )


def _plain(post: Post) -> str:
    image = f"[{post.image.alt}]" if post.image and post.image.alt else ""
    parts = (_lead(post), image, text_from_html(post.text), _link(post))
    return "\n\n".join(part for part in parts if part)


def _lead(post: Post) -> str:
    """The summary, which mail programs show beside the subject, unless the text says the same."""
    return "" if post.summary in text_from_html(post.text) else post.summary


def _link(post: Post) -> str:
    """The post's link, unless its text has it already."""
    link = post.link or ""
    return "" if link in text_from_html(post.text).split() or f'"{escape(link)}"' in post.text else link
