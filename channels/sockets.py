"""Sockets that keep a deadline and a measure: no read or write outlasts the one, none exceeds the other.

A timeout of a socket is for one call; a server that drips a byte a second never meets it. These sockets give
each call only the time that is left of the whole exchange, also below TLS, and know whether a byte left.
"""

import math
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, SupportsIndex

#: Bytes that leave together rather than one after another: a request with a usual text.
_TOGETHER = 64 * 1024
#: A timeout that is so near to the time that is left stays: to set one is a call to the system.
_NEAR = 0.98


class Flood(OSError):
    """The other side sent more than it may."""


class Cut(ConnectionError):
    """The other side closed the connection where more had to come."""


class MeteredSocket(socket.socket):
    """A socket for one exchange at a time: `start` it before, and look at `sent` afterwards."""

    sent = False  # whether a byte of the exchange may have left
    _deadline = math.inf
    _allowance = 0
    _may_end = False
    _kept: bytearray | None = None  # what is to leave together

    def start(self, deadline: float) -> None:
        """Begin an exchange that ends at `deadline`, in seconds of time.monotonic."""
        self._deadline = deadline
        self.sent = False

    def expect(self, allowance: int, *, may_end: bool) -> None:
        """Let so many bytes come in from now on; `may_end`: whether the end of the stream is a proper one."""
        self._allowance = allowance
        self._may_end = may_end

    @contextmanager
    def together(self) -> Iterator[None]:
        """What `sendall` is given meanwhile leaves at once in the end, as far as it is not much."""
        self._kept = bytearray()
        try:
            yield
            self._flush()
        finally:
            self._kept = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As of socket.socket; raises TimeoutError, Flood or Cut."""
        self._allot()
        count = super().recv_into(*args, **kwargs)
        self._allowance -= count
        if self._allowance < 0:
            raise Flood
        if count == 0 and not self._may_end:
            raise Cut
        return count

    def send(self, data: Any, flags: SupportsIndex = 0, /) -> int:
        """As of socket.socket; raises TimeoutError."""
        self._allot()
        self.sent = True
        return super().send(data, int(flags))

    def sendall(self, data: Any, flags: SupportsIndex = 0, /) -> None:
        """As of socket.socket, whose timeout is for all of the data; raises TimeoutError."""
        if self._kept is not None and len(self._kept) + len(data) <= _TOGETHER:
            self._kept += data
            return
        self._flush()
        self._send_all(data, flags)

    def _flush(self) -> None:
        if self._kept:
            data, self._kept = self._kept, bytearray()
            self._send_all(data, 0)

    def _send_all(self, data: Any, flags: SupportsIndex) -> None:
        self._allot()
        self.sent = True
        super().sendall(data, int(flags))

    def _allot(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        timeout = self.gettimeout()
        if left < math.inf and not (timeout and left * _NEAR <= timeout <= left):
            self.settimeout(left * (1 + _NEAR) / 2)


class MeteredTlsSocket(MeteredSocket, ssl.SSLSocket):
    """The same above TLS; its `sendall` calls `send` for each record, so each gets the time that is left."""


def dial(addresses: list[tuple[int, tuple[Any, ...]]], deadline: float) -> MeteredSocket:
    """A connection to the first address that takes one; each gets its share of the time that is left.

    Raises the OSError of the last address. The socket's timeout is then the time left, for a TLS handshake.
    """
    trouble: OSError = TimeoutError()
    for place, (family, sockaddr) in enumerate(addresses):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            sock = _connected(family, sockaddr, left / (len(addresses) - place))
        except OSError as error:
            trouble = error
        else:
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
            return sock
    raise trouble


def _connected(family: int, sockaddr: tuple[Any, ...], seconds: float) -> MeteredSocket:
    sock = MeteredSocket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(seconds)
        sock.connect(sockaddr)
    except OSError:
        sock.close()
        raise
    return sock
