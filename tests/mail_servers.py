"""A real mail server for the tests: aiosmtpd on a port of its own, which keeps what it takes and refuses on request."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.mail import MailServer, Security
from channels.smtp import tls_context
from tests.raw_server import CERTIFICATE

USER, PASSWORD = "publisher", "mật khẩu/Rất+Dài=2022"


@dataclass
class Post:
    """What a server took, and how it answers: `replies` by the address of a recipient, or by `DATA`."""

    messages: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    signed_in: list[bytes] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.messages.append(found)
        self.raw.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 2.0.0 queued as 4XyZ"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, proof: Any) -> AuthResult:
        assert isinstance(proof, LoginPassword)
        self.signed_in.append(proof.login)
        return AuthResult(success=(proof.login, proof.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def mail_server(security: Security = Security.NONE, *, auth: bool = False) -> Iterator[tuple[MailServer, Post]]:
    """A running server: how it is reached, and what it takes."""
    post = Post()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    more: dict[str, Any] = {"hostname": "mail.test"}
    if security is Security.STARTTLS:
        more |= {"tls_context": context, "require_starttls": True}
    if auth:
        more |= {"authenticator": post.authenticate, "auth_require_tls": False}
    named = {"username": USER, "password": PASSWORD} if auth else {}
    with _serving(lambda: SMTP(post, **more), context if security is Security.TLS else None) as port:
        yield MailServer("127.0.0.1", port, security, **named), post


@contextmanager
def _serving(protocol: Callable[[], SMTP], tls: ssl.SSLContext | None) -> Iterator[int]:
    """A server of this protocol in a thread of its own; its port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(_in(loop, protocol), "127.0.0.1", 0, ssl=tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _in(loop: asyncio.AbstractEventLoop, protocol: Callable[[], SMTP]) -> Callable[[], SMTP]:
    def made() -> SMTP:
        asyncio.set_event_loop(loop)  # aiosmtpd asks for the loop of the thread
        return protocol()

    return made


async def _ended(server: asyncio.Server) -> None:
    """Take nothing new; let what is going on come to its end, or end it."""
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        await asyncio.wait(others, timeout=0.2)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def trusting() -> ssl.SSLContext:
    """Trusts the certificate of the tests' servers."""
    return tls_context(str(CERTIFICATE))
