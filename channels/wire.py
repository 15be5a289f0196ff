"""One exchange with a server: a prepared request goes out, a whole answer comes in, within a time and a size.

What goes wrong is told apart by one question only, whether a byte of the request may have left:

    Unfit      it cannot be sent at all: a header or an address that HTTP does not allow
    NotSent    certainly nothing left; NoSuchPlace where the address itself seems to be wrong
    Broken     it may have left, and no whole answer came back

None says a word of the request, nor names its cause: a cause may print an address, and an address a key.
"""

import errno
import logging
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from socket import EAI_AGAIN, EAI_FAIL, EAI_SYSTEM, gaierror

import urllib3
from requests import PreparedRequest
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

from channels.guard import Origin, Resolve, Unfit, look_up, refuse_inside
from channels.pool import Line, Pool
from channels.sockets import Cut, Flood, MeteredSocket, MeteredTlsSocket, dial

logging.getLogger("urllib3").setLevel(logging.ERROR)  # below that it prints addresses, and with them keys

_HEADERS = 64 * 1024  # bytes of a status line and headers
_PIECE = 64 * 1024  # bytes read at a time


class NotSent(Exception):
    """Certainly no byte of the request left. The text is a clause about the server."""


class NoSuchPlace(NotSent):
    """Nobody has that name, or who answers to it cannot prove that it is theirs: the address is hardly right."""


class Broken(Exception):
    """Bytes may have left, and no whole answer came back. The text is a clause about the server."""


class TooLarge(Exception):
    """The answer is larger than it may be."""


@dataclass(frozen=True)
class Reply:
    """A whole answer, inflated."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Makes exchanges, from any number of threads, and keeps connections for the next ones."""

    def __init__(self, *, resolve: Resolve, verify: bool | str, idle: float, clock: Callable[[], float]) -> None:
        if isinstance(verify, str) and not Path(verify).exists():
            raise FileNotFoundError(errno.ENOENT, "there is no such file of trusted certificates", verify)
        self._resolve = resolve
        self._verify = verify
        self._pool = Pool(idle, clock)

    @cached_property
    def _tls(self) -> ssl.SSLContext:  # reading the certificates takes a while, and not all need them
        return _tls_context(self._verify)

    def close(self) -> None:
        """Close the connections that wait; those in use are closed after their exchange."""
        self._pool.close()

    def exchange(
        self, request: PreparedRequest, *, seconds: float, max_bytes: int, allow: Collection[str] | None
    ) -> Reply:
        """The answer to one request, complete within `seconds`.

        `max_bytes` bounds its body before and after inflation. With `allow` given, only public addresses and
        the hosts it names are reached (`guard`). Raises Unfit, NotSent, Broken, and Forbidden of `guard`.
        """
        deadline = time.monotonic() + seconds
        origin = Origin.of(request.url or "")
        key = (origin, allow is not None)  # a line to an inside network must not serve a guarded request
        line, reply = None, None
        try:
            line = self._pool.take(key) or self._open(origin, deadline, allow)
            reply = _converse(line, request, deadline, max_bytes)
            return reply
        except (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError, TooLarge) as error:
            raise _failure(error, sent=line is not None and line.sock.sent) from None
        finally:
            if line is not None and reply is not None and line.connection.sock is not None:
                self._pool.give(key, line, reply.headers.get("Keep-Alive", ""))
            elif line is not None:
                line.close()

    def _open(self, origin: Origin, deadline: float, allow: Collection[str] | None) -> Line:
        addresses = look_up(origin.host, origin.port, self._resolve, deadline - time.monotonic())
        if allow is not None:
            refuse_inside(origin.host, origin.port, addresses, allow)
        connection: _Plain | _Tls
        if origin.scheme == "https":
            connection = _Tls(origin.host, origin.port, ssl_context=self._tls)
        else:
            connection = _Plain(origin.host, origin.port)
        connection.dialled = dial(addresses, deadline)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            connection.dialled.close()
            raise
        assert isinstance(connection.sock, MeteredSocket)
        return Line(connection, connection.sock)


class _Plain(HTTPConnection):
    """A connection over a socket that was dialled for it, and is never dialled again behind our back."""

    auto_open = 0
    dialled: MeteredSocket

    def _new_conn(self) -> MeteredSocket:
        return self.dialled


class _Tls(HTTPSConnection):
    """The same with TLS."""

    auto_open = 0
    dialled: MeteredSocket

    def _new_conn(self) -> MeteredSocket:
        return self.dialled


def _tls_context(verify: bool | str) -> ssl.SSLContext:
    if verify is False:
        context = create_urllib3_context(cert_reqs=ssl.CERT_NONE)
    else:
        context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        bundle = Path(DEFAULT_CA_BUNDLE_PATH if verify is True else verify)
        context.load_verify_locations(**{"capath" if bundle.is_dir() else "cafile": str(bundle)})
    context.sslsocket_class = MeteredTlsSocket
    return context


def _converse(line: Line, request: PreparedRequest, deadline: float, max_bytes: int) -> Reply:
    line.sock.start(deadline)
    line.sock.expect(_HEADERS, may_end=False)
    all_sent = _send(line, request)
    response = line.connection.getresponse()
    try:
        if not all_sent and response.status < 400:
            raise Cut
        # Framing in chunks takes room too; beyond this it is no framing but a flood.
        line.sock.expect(max_bytes + max_bytes // 4 + _HEADERS, may_end=True)
        body = _read(response, max_bytes)
    finally:
        response.close()
    if response.status < 200:
        line.close()
    return Reply(response.status, response.headers, body)


def _send(line: Line, request: PreparedRequest) -> bool:
    """Send a request; False where the server stopped listening, which it may after an early refusal."""
    try:
        with line.sock.together():
            line.connection.request(
                request.method or "GET",
                request.path_url,
                body=request.body,
                headers=request.headers,
                preload_content=False,
            )
    except TimeoutError:
        raise
    except OSError:
        return False
    return True


def _read(response: HTTPResponse, max_bytes: int) -> bytes:
    if (response.length_remaining or 0) > max_bytes:
        raise TooLarge
    pieces: list[bytes] = []
    size = 0
    while piece := response.read(_PIECE, decode_content=True):
        size += len(piece)
        if size > max_bytes:
            raise TooLarge
        pieces.append(piece)
    return b"".join(pieces)


_REASONS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (TimeoutError, "took longer than the time for it"),
    (gaierror, "has a name that is not known (check the address)"),
    (ssl.SSLCertVerificationError, "has a certificate that is not valid for it"),
    (ssl.SSLError, "cannot be spoken to over TLS"),
    (ConnectionRefusedError, "refuses the connection"),
    (Cut, "closed the connection before its answer was whole"),
    (ConnectionError, "broke the connection off"),
    (Flood, "sends more than an answer may hold"),
    (TooLarge, "sends a larger answer than it may"),
    (OSError, "cannot be reached"),
)


def _failure(error: Exception, *, sent: bool) -> Exception:
    """The error to raise instead, without a word of the request."""
    cause = error.__cause__ if isinstance(error, urllib3.exceptions.HTTPError) else None
    if not sent and isinstance(error, ValueError) and not isinstance(error, OSError):
        return Unfit("the address or a header holds letters that HTTP does not allow")
    for kind, reason in _REASONS:
        if isinstance(cause or error, kind):
            return Broken(reason) if sent else (NoSuchPlace if _is_wrong(cause or error) else NotSent)(reason)
    reason = "sends an answer that cannot be read"
    return Broken(reason) if sent else NotSent(reason)


def _is_wrong(error: BaseException) -> bool:
    """Whether the address is to blame; not where names cannot be looked up at the moment."""
    if isinstance(error, gaierror):
        return error.errno not in (EAI_AGAIN, EAI_FAIL, EAI_SYSTEM)
    return isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError)
