"""The sandbox's mail server (RFC 5321), which gives each whole message to the stand-in `email`.

It listens on the port after that of the pages. Any password but `wrong` is right. An ordered fault comes about when a
whole message has been sent, so that whoever sent it cannot tell a cut before it was taken from one after.
"""

import base64
import os
import re
import socket
import socketserver
import struct
from email.message import Message

from sandbox.email import MAIL
from sandbox.exchange import Request, StandIn
from sandbox.faults import STATUS, Fault
from sandbox.server import Server

_KIND = "email"
_LONGEST = 100_000  # bytes of a line
_DRIP_GAP = 0.2  # seconds between two bytes
_TAKEN = b"250 2.0.0 Ok: queued\r\n"
_ADDRESS = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)
_FAILURES = {
    "refuse": "554 5.7.1 Message rejected",
    "unauthorised": "530 5.7.0 Authentication required",
    "forbidden": "550 5.7.1 Relaying denied",
    "too-many": "451 4.7.1 Too many messages, try again later",
    "error": "451 4.3.0 Local error in processing",
    "unavailable": "421 4.3.2 Service not available",
    "gateway-timeout": "451 4.4.1 No answer from the next server",
}


class MailServer(socketserver.ThreadingTCPServer):
    """Serves beside the pages of a sandbox until closed. OSError if its port is taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, pages: Server) -> None:
        super().__init__(("127.0.0.1", pages.server_port + 1), _Handler)
        self.pages = pages
        stand_in = pages.stand_in(_KIND)
        assert stand_in is not None
        self.stand_in: StandIn = stand_in


class _Handler(socketserver.StreamRequestHandler):
    """One connection."""

    server: MailServer

    def handle(self) -> None:
        """Answer commands until the client goes, or a fault ends it."""
        self._sender, self._to = "", list[str]()
        try:
            self._say("220 sandbox ESMTP")
            while (line := self.rfile.readline(_LONGEST)) and self._obey(line.decode("utf-8", "replace").strip()):
                pass
        except ConnectionError:  # the client went away
            return

    def _obey(self, line: str) -> bool:
        """Carry out a command; whether the connection goes on."""
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                self._say("250-sandbox\r\n250-8BITMIME\r\n250 AUTH PLAIN")
            case "AUTH":
                self._say("535 5.7.8 Authentication failed" if _is_wrong(rest) else "235 2.7.0 Authenticated")
            case "MAIL":
                self._sender, self._to = _address(rest), []
                self._say("250 2.1.0 Ok")
            case "RCPT":
                self._say(self._recipient(_address(rest)))
            case "DATA" if self._to:
                self._say("354 End data with <CR><LF>.<CR><LF>")
                return self._take(self._data())
            case "QUIT":
                self._say("221 2.0.0 Bye")
                return False
            case "NOOP" | "RSET" | "HELO":
                self._say("250 2.0.0 Ok")
            case _:
                self._say("503 5.5.1 Bad sequence of commands")
        return True

    def _recipient(self, address: str) -> str:
        if not address or address.startswith("missing@"):
            return f"550 5.1.1 <{address}>: user unknown"
        self._to.append(address)
        return "250 2.1.5 Ok"

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline(_LONGEST)) != b".\r\n":
            if not line:
                raise ConnectionResetError("the client went away within a message")
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _take(self, data: bytes) -> bool:
        """Give a whole message to the mailboxes, unless a fault was ordered; whether the connection goes on."""
        pages, stand_in = self.server.pages, self.server.stand_in
        base = f"{pages.url}/{_KIND}"
        request = Request(MAIL, self._sender, tuple(self._to), {}, Message(), data, base)
        fault = pages.faults.take(_KIND, stand_in.place(request), f"{MAIL} {self._sender}")
        if fault is None:
            pages.accept(stand_in, request)
            self.wfile.write(_TAKEN)
            return True
        if fault.fault in STATUS and not fault.accepts:
            self._say(_FAILURES[fault.fault])
            return True
        if fault.fault == "hang-then-accept":
            if not pages.closing.wait(fault.seconds or 0):
                pages.accept(stand_in, request)
            return False
        if fault.accepts:
            pages.accept(stand_in, request)
        self._fail(fault)
        return False

    def _fail(self, fault: Fault) -> None:
        """End the connection without a proper answer."""
        match fault.fault:
            case "hang" | "accept-then-hang":
                self.server.pages.closing.wait(fault.seconds)
            case "accept-then-garbage":
                self.wfile.write(b"\xff\xfe what was that?\r\n")
            case "accept-then-drip":
                for byte in _TAKEN:
                    self.wfile.write(bytes([byte]))
                    if self.server.pages.closing.wait(_DRIP_GAP if fault.seconds is None else fault.seconds):
                        return
            case "reset" | "accept-then-reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())  # no FIN goes before it

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


def _address(rest: str) -> str:
    found = _ADDRESS.match(rest)
    return found[1] if found else ""


def _is_wrong(rest: str) -> bool:
    """Whether `PLAIN <proof>` proves nothing."""
    try:
        return base64.b64decode(rest.split()[-1]).rsplit(b"\0", 1)[-1] in (b"wrong", b"")
    except (ValueError, IndexError):
        return True
