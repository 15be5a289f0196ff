"""The process of `hosts`: it tells its port, answers until its input ends, and then tells when each request came."""

import asyncio
import json
import ssl
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from bench.answering import answers

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'
_MANY = 4096  # connections that wait to be taken


class _Host(asyncio.Protocol):
    """One connection to one of the hosts; who comes names it."""

    def __init__(self, street: "_Street") -> None:
        self._street = street
        self._got = b""
        self._came = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._got:
            self._came = time.time()
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        given = {name.lower(): value for name, _, value in (one.partition(": ") for one in fields)}
        if not found or len(body) < int(given["content-length"]):
            return
        self._got = b""
        seconds = self._street.asked(given["host"].partition(".")[0], line.split()[1], self._came)
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


class _Street:
    """All hosts, and the record of what came."""

    def __init__(self, hung: Collection[str], scale: float) -> None:
        self._hung = frozenset(hung)
        self._scale = scale
        self._answers: dict[str, Iterator[float]] = {}
        self.record: defaultdict[str, list[float]] = defaultdict(list)

    def asked(self, host: str, path: str, came: float) -> float | None:
        """The seconds until the answer; None: there will be none."""
        self.record[path.rpartition("/")[2]].append(came)
        if host in self._hung:
            return None
        if host not in self._answers:
            self._answers[host] = answers(host, self._scale)
        return next(self._answers[host])


async def _serve(certificate: str, key: str, hung: Collection[str], scale: float) -> None:
    street = _Street(hung, scale)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Host(street), "127.0.0.1", 0, ssl=tls, backlog=_MANY)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    print(json.dumps(street.record))


def main(options: str) -> None:
    """Be all hosts."""
    given: dict[str, Any] = json.loads(options)
    asyncio.run(_serve(**given))


if __name__ == "__main__":
    main(*sys.argv[1:])
