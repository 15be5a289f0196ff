"""The one guarded mail client: hands an e-mail to a mail server (RFC 5321), and tells failures by consequence.

All recipients or none: a message that one of them cannot get goes to nobody, and the error names the address.
TLS is used unless the settings say otherwise; a server that does not offer it is told nothing, and gets nothing.
"""

import base64
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from channels.base import ChannelError, InDoubt, Mailer, Refused, TryLater, Unauthorized, Unavailable
from channels.guard import Resolve, look_up
from channels.mail import MailServer, Security, one_line
from channels.redaction import excerpt
from channels.sockets import Cut, MeteredSocket, MeteredTlsSocket, dial
from content.values import EMAIL

_REPLIES = 256 * 1024  # bytes that a server may say in all
_SIGN_IN = frozenset({530, 534, 535, 538})  # replies about credentials (RFC 4954, section 6)
_BEFORE_A_MESSAGE = frozenset({"greeting", "STARTTLS", "sender"})  # where a refusal is not for what is sent
_LONG = 500  # characters: a word that has no space in it cannot be folded (RFC 5322, 2.1.1: 998)
_CLOSING = 421  # the server as a whole is not available (RFC 5321, section 4.2.3)


class Unsuitable(Refused):
    """The server cannot be used as the settings say: that concerns every message, not this one."""


def tls_context(certificates: str | None = None) -> ssl.SSLContext:
    """What servers have to prove: a certificate of their name, by the system's authorities or those of a file."""
    context = ssl.create_default_context(cafile=certificates)
    context.sslsocket_class = MeteredTlsSocket
    return context


def send(
    message: EmailMessage,
    to: Sequence[str],
    server: MailServer,
    *,
    tls: ssl.SSLContext,
    deadline: float = 30.0,
    resolve: Resolve = socket.getaddrinfo,
) -> str:
    """Hand a message over, for the addresses `to`; what the server said as it took it.

    The sender is the address of the message's `From`. `deadline`: seconds for all of it. Raises Refused,
    Unauthorized, TryLater (certainly not taken), or InDoubt when the whole message may have left and no answer
    came back.
    """
    data = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=_POLICY)) + b".\r\n"  # RFC 5321, 4.5.2
    sender = message["From"].addresses[0]
    for address in (sender.addr_spec, *to):
        if not EMAIL.fullmatch(address):
            raise Refused(f"{address!r} is no address that every mail server takes (write e.g. office@example.gov.vn)")
    session = _Session(server, sender.domain, tls, time.monotonic() + deadline, resolve)
    return session.told(lambda: session.deliver(sender.addr_spec, to, data))


def ping(
    server: MailServer,
    sender: str,
    *,
    tls: ssl.SSLContext,
    deadline: float = 30.0,
    resolve: Resolve = socket.getaddrinfo,
) -> None:
    """Ask whether the server answers, and takes the user name and password. Sends nothing; raises as `send`."""
    session = _Session(server, sender.rpartition("@")[2], tls, time.monotonic() + deadline, resolve)
    session.told(session.look)


class MailClient:
    """Makes a `Mailer` for each delivery; for any number of threads at once.

    `tls`: what servers have to prove; by the system's authorities, unless it is given.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    def bound(self, before: Callable[[], None], deadline: float) -> Mailer:
        """The client for one delivery.

        `before` is called right before each exchange, and may wait; what it raises passes unchanged, and then
        nothing was sent. `deadline`: seconds for each exchange, not counting the waits.
        """
        return _Bound(self._context, before, deadline)

    def _context(self) -> ssl.SSLContext:
        """Made when it is first needed: to read the system's authorities takes a while."""
        if self._tls is None:
            self._tls = tls_context()
        return self._tls


@dataclass(frozen=True)
class _Bound:
    """The client for one delivery."""

    tls: Callable[[], ssl.SSLContext]
    before: Callable[[], None]
    deadline: float

    def send(self, message: EmailMessage, to: Sequence[str], server: MailServer) -> str:
        """As `Mailer.send` says."""
        self.before()
        return send(message, to, server, tls=self.tls(), deadline=self.deadline)

    def ping(self, server: MailServer, sender: str) -> None:
        """As `Mailer.ping` says."""
        self.before()
        ping(server, sender, tls=self.tls(), deadline=self.deadline)


class _Policy(EmailPolicy):
    """As a mail server wants it. The library's own way loses spaces between the encoded words of a long header.

    It also decodes encoded words that somebody wrote into a text, line ends and all, and would write them out as they
    are: such a text is made one line, and encoded again as a whole.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        words, address = str(value), ""
        if name.lower() == "from":
            words, address = value.addresses[0].display_name, f" <{value.addresses[0].addr_spec}>"
        is_plain = words.isascii() and words.isprintable() and "=?" not in words and len(words) < _LONG
        if name.lower() not in ("subject", "from") or is_plain:
            return bytes(super().fold_binary(name, value))
        line = Header(one_line(words), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {line}{address}{self.linesep}".encode("ascii")


_POLICY = _Policy(linesep="\r\n")


class _Answered(Exception):
    """The server answered with anything but success."""

    def __init__(self, stage: str, code: int, said: bytes) -> None:
        super().__init__(stage)
        self.stage, self.code, self.said = stage, code, said


class _Session(smtplib.SMTP):
    """One connection, on a socket that keeps the deadline."""

    def __init__(self, server: MailServer, name: str, tls: ssl.SSLContext, deadline: float, resolve: Resolve) -> None:
        super().__init__(local_hostname=name)  # not this machine's own name
        self._server = server
        self._host = server.host
        self._tls = tls
        self._deadline = deadline
        self._resolve = resolve
        self._is_sent = False

    def told(self, conversation: Callable[[], str]) -> str:
        """What a whole conversation comes to; each failure by its consequence."""
        trouble: ChannelError
        try:
            return conversation()
        except _Answered as answered:
            trouble = self.refusal(answered)
        except smtplib.SMTPResponseException as answered:
            trouble = self.refusal(_Answered("greeting", answered.smtp_code, _bytes(answered.smtp_error)))
        except (OSError, ValueError) as error:
            trouble = self.failure(error)
        finally:
            self.close()
        raise trouble  # outside the except: what came before may hold a password

    def look(self) -> str:
        """A conversation that changes nothing."""
        self._open()
        code, said = self.noop()
        self._expect("question", range(200, 300), code, said)
        return self._taken(code, said)

    def deliver(self, sender: str, to: Sequence[str], data: bytes) -> str:
        """The conversation that hands a message over."""
        self._open()
        self._expect("sender", (250,), *self.mail(sender))
        for address in to:
            self._expect(f"recipient {address}", (250, 251, 252), *self.rcpt(address))
        self._expect("message", (354,), *self.docmd("DATA"))
        self._is_sent = True
        self.send(data)
        code, said = self.getreply()
        self._expect("message", range(200, 300), code, said)
        return self._taken(code, said)

    def _open(self) -> None:
        """From the connection to where a message may begin."""
        self._expect("greeting", (220,), *self.connect(self._server.host, self._server.port))
        self.ehlo_or_helo_if_needed()
        if self._server.security is Security.STARTTLS:
            self._secure()
        if self._server.username is not None:
            self._sign_in(self._server.username, self._server.password or "")

    def _taken(self, code: int, said: bytes) -> str:
        with suppress(OSError):
            self.putcmd("QUIT")  # whatever becomes of it changes nothing
        return _words(code, said, self._server)

    def refusal(self, answered: _Answered) -> ChannelError:
        """What an answer other than success means."""
        code, stage = answered.code, answered.stage
        if not 400 <= code < 600:
            return self._unclear("says what cannot be understood")
        text = f"{self._server} answered the {stage}: {_words(code, answered.said, self._server)}"
        if code in _SIGN_IN or (stage == "sign-in" and code >= 500):
            return Unauthorized(f"{text}; check `username` and `password`")
        if code == _CLOSING:
            return Unavailable(text)
        if code >= 500 and stage in _BEFORE_A_MESSAGE:
            return Unsuitable(text)
        return Refused(text) if code >= 500 else TryLater(text)

    def failure(self, error: Exception) -> ChannelError:
        """What an error of the connection means."""
        if isinstance(error, smtplib.SMTPNotSupportedError):
            lacking = "STARTTLS" if "STARTTLS" in str(error) else "sign-in"
            return Unsuitable(f"{self._server} offers no {lacking}; nothing was sent (check `port` and `security`)")
        if isinstance(error, ValueError) and not isinstance(error, OSError):
            return Unsuitable(f"{self._server} cannot be given these letters as a user name or password")
        if time.monotonic() >= self._deadline:  # smtplib tells of a time that ran out as of any other end
            return self._unclear("took longer than the time for it")
        return self._unclear(next((text for kind, text in _REASONS if isinstance(error, kind)), "cannot be reached"))

    def _unclear(self, reason: str) -> ChannelError:
        if self._is_sent:
            return InDoubt(f"{self._server} {reason}; it may have taken the message all the same")
        return Unavailable(f"{self._server} {reason}; nothing was sent")

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        addresses = look_up(host, port, self._resolve, self._deadline - time.monotonic())
        sock = dial(addresses, self._deadline)
        if self._server.security is Security.TLS:
            sock = self._secured(sock)
        return self._metered(sock)

    def _secured(self, sock: Any) -> MeteredSocket:
        try:
            secured = self._tls.wrap_socket(sock, server_hostname=self._server.host)
        except BaseException:
            sock.close()
            raise
        assert isinstance(secured, MeteredTlsSocket)
        return secured

    def _metered(self, sock: MeteredSocket) -> MeteredSocket:
        sock.start(self._deadline)
        sock.expect(_REPLIES, may_end=False)
        return sock

    def _secure(self) -> None:
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("STARTTLS")
        self._expect("STARTTLS", (220,), *self.docmd("STARTTLS"))
        self.sock = self._metered(self._secured(self.sock))
        self.file = None  # what came before TLS is not believed (RFC 3207, section 6)
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.ehlo()

    def _sign_in(self, user: str, password: str) -> None:
        if "PLAIN" not in self.esmtp_features.get("auth", "").upper().split():
            try:
                self.login(user, password)
            except smtplib.SMTPResponseException as refusal:
                raise _Answered("sign-in", refusal.smtp_code, _bytes(refusal.smtp_error)) from None
            return
        # smtplib's own encodes passwords as ASCII; RFC 4616 says UTF-8.
        proof = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self._expect("sign-in", (235,), *self.docmd("AUTH", f"PLAIN {proof}"))

    def _expect(self, stage: str, wanted: Container[int], code: int, said: bytes) -> None:
        if code not in wanted:
            raise _Answered(stage, code, said)


_REASONS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (TimeoutError, "took longer than the time for it"),
    (socket.gaierror, "has a name that is not known (check `host`)"),
    (ssl.SSLCertVerificationError, "has a certificate that is not valid for it"),
    (ssl.SSLError, "cannot be spoken to over TLS (check `port` and `security`)"),
    (ConnectionRefusedError, "refuses the connection"),
    (smtplib.SMTPServerDisconnected, "broke the connection off"),
    (Cut, "broke the connection off"),
    (ConnectionError, "broke the connection off"),
    (smtplib.SMTPException, "says what cannot be understood"),
)


def _words(code: int, said: bytes, server: MailServer) -> str:
    """A reply for people, without what was told the server in confidence."""
    user, password = server.username or "", server.password or ""
    forms = (password, f"\0{user}\0{password}", user) if password else ()
    secrets = {password, *(base64.b64encode(form.encode()).decode() for form in forms)} - {""}
    return f"{code} {excerpt(said, secrets)}".strip()


def _bytes(said: bytes | str) -> bytes:
    return said.encode() if isinstance(said, str) else said
