"""The one guarded HTTP client: every request of Publisher passes here.

It keeps a deadline for the whole exchange and caps for what comes back, tells failures by consequence, follows
no redirect that could repeat a publication or carry a key away, and lets no secret into an error.
"""

import dataclasses
import socket
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urljoin

import requests

from channels.answers import MOVED, SAFE, Answer, consequence, doubt
from channels.base import ChannelError, Http, Refused, Unavailable
from channels.guard import Forbidden, Origin, Resolve, Unfit
from channels.redaction import place, redact, secrets_of
from channels.wire import Broken, NoSuchPlace, NotSent, Wire

__all__ = ["Answer", "Client", "WrongAddress", "consequence"]

USER_AGENT = "Publisher/0.1 (+outreach publishing scheduler)"
MAX_BYTES = 8 * 1024 * 1024
_REDIRECTS = 5
_ASKING = {"accept", "accept-language", "if-modified-since", "if-none-match", "range", "user-agent"}


class WrongAddress(Unavailable):
    """Nobody answers, and the address itself seems to be wrong: an unknown name, or another's certificate."""


@dataclass(frozen=True)
class _Trip:
    """A request with all that bounds it; a redirect makes another of it."""

    request: requests.PreparedRequest
    seconds: float  # for it and what it is redirected to
    max_bytes: int
    allow: Collection[str] | None  # hosts allowed inside; None: unguarded, an address from the settings
    secrets: frozenset[str]
    shown: str  # the address, as it may be shown

    @property
    def method(self) -> str:
        return self.request.method or "GET"

    @property
    def url(self) -> str:
        return self.request.url or ""

    def __str__(self) -> str:
        return f"{self.method} {self.shown}"


class Client:
    """An `Http` for any number of threads at once; `bound` makes the one for a delivery. Close it at the end.

    `allow`: hosts inside a network that `fetch` may reach all the same, as `name`, `address` or `host:port`.
    `resolve`: socket.getaddrinfo or its like. `verify`: True, the path of a CA bundle, or False for no check of
    certificates. `deadline`: seconds for an exchange that names none. `max_bytes`: the largest answer, before
    and after inflation. `idle`: seconds for which an open connection may wait for its next use, by `clock`.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        allow: Collection[str] = (),
        resolve: Resolve = socket.getaddrinfo,
        verify: bool | str = True,
        deadline: float = 30.0,
        max_bytes: int = MAX_BYTES,
        idle: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "*/*"}
        self.allow(allow)
        self._wire = Wire(resolve=resolve, verify=verify, idle=idle, clock=clock)
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._before: Callable[[], None] = _nothing

    def bound(self, before: Callable[[], None], deadline: float) -> Http:
        """The same client for one delivery, over the same connections.

        `before` is called right before each exchange, redirected ones too, and may wait; what it raises passes
        unchanged, and then nothing was sent. `deadline`: seconds for each request that names none, not counting
        the waits.
        """
        twin = object.__new__(type(self))  # there is one for each delivery: copy.copy takes ten times as long
        vars(twin).update(vars(self), _before=before, _deadline=deadline)
        return twin

    def allow(self, hosts: Collection[str]) -> None:
        """From now on these are the hosts inside a network that `fetch` may reach."""
        self._allow = frozenset(host.lower() for host in hosts)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        auth: tuple[str, str] | None = None,
        deadline: float | None = None,
        check: bool = True,
    ) -> Answer:
        """One exchange with a channel, as `Http.request` says.

        Only GET and HEAD follow redirects, and only within their origin; another redirect is Refused, whatever
        `check` says. An answer that is too large counts as one that cannot be read.
        """
        prepared = _prepared(
            method=method.upper(),
            url=url,
            headers={**self._headers, **(headers or {}), "Accept-Encoding": "gzip, deflate"},
            params=params,
            json=json,
            data=data,
            files=files,
            # requests would write letters beyond Latin-1 in no encoding at all; servers expect UTF-8 (RFC 7617)
            auth=(auth[0].encode(), auth[1].encode()) if auth else None,
        )
        secrets = secrets_of(prepared.url or "", prepared.headers, json or data)
        secrets |= {auth[1]} if auth and auth[1] else set()
        seconds = self._deadline if deadline is None else deadline
        return self._run(_Trip(prepared, seconds, self._max_bytes, None, secrets, place(prepared.url or "")), check)

    def fetch(
        self,
        url: str,
        *,
        method: Literal["GET", "HEAD"] = "GET",
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
        check: bool = True,
    ) -> Answer:
        """GET, or ask for the HEAD of, an address that others chose: a feed, an image, a permalink.

        Up to five redirects are followed, to any origin. Refused if an address on the way is not public and not
        in `allow`. Of `headers` only those that say what is wanted are sent (Accept, If-None-Match and the
        like), so that no key travels. `check`: raise by status, as `request` does.
        """
        given = {name: value for name, value in (headers or {}).items() if name.lower() in _ASKING}
        prepared = _prepared(
            method=method, url=url, headers={**self._headers, **given, "Accept-Encoding": "gzip, deflate"}
        )
        secrets = secrets_of(prepared.url or "", prepared.headers)
        seconds = self._deadline if deadline is None else deadline
        size = self._max_bytes if max_bytes is None else max_bytes
        return self._run(_Trip(prepared, seconds, size, self._allow, secrets, place(prepared.url or "")), check)

    def close(self) -> None:
        """Close the connections; of bound clients too."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, trip: _Trip, check: bool) -> Answer:
        for _ in range(1 + _REDIRECTS):
            self._before()
            started = time.monotonic()
            answer = self._exchange(trip)
            location = _location(trip, answer)
            if location is None:
                error = answer.error() if check else None
                if error:
                    raise error
                return answer
            trip = _onward(trip, location, trip.seconds - (time.monotonic() - started))
        raise Refused(f"{trip}: the server sends us on more than {_REDIRECTS} times; check the address")

    def _exchange(self, trip: _Trip) -> Answer:
        error: ChannelError
        try:
            reply = self._wire.exchange(trip.request, seconds=trip.seconds, max_bytes=trip.max_bytes, allow=trip.allow)
        except (Unfit, Forbidden) as failure:
            error = Refused(f"{trip}: {failure}")
        except NotSent as failure:
            kind = WrongAddress if isinstance(failure, NoSuchPlace) else Unavailable
            error = kind(f"{trip}: the server {failure}; nothing was sent")
        except Broken as failure:
            error = doubt(trip.method, f"{trip}: the server {failure}")
        else:
            return Answer(reply.status, reply.headers, reply.body, trip.method, trip.shown, trip.secrets)
        raise error  # outside the except, so that no traceback shows what came before


def _nothing() -> None:
    pass


def _prepared(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    params: Mapping[str, str] | None = None,
    json: Any = None,
    data: bytes | Mapping[str, str] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    auth: tuple[bytes, bytes] | None = None,
) -> requests.PreparedRequest:
    """The encoded request, without cookies; Refused, without a word of it, if it cannot be encoded."""
    request = requests.PreparedRequest()
    try:
        request.prepare_method(method)
        request.prepare_url(url, params)
        request.prepare_headers(headers)
        request.prepare_body(data, files, json)
        if auth:  # a user in the address is none: it is refused
            request.prepare_auth(auth)
        Origin.of(request.url or "")
        return request
    except (requests.RequestException, ValueError, Unfit):
        pass
    raise Refused(
        "a request cannot be made of these settings: check that the address begins with http:// or https:// "
        "and holds no user name, and that no key holds a line break"
    )


def _location(trip: _Trip, answer: Answer) -> str | None:
    """Where an answer sends us on to, None if it does not."""
    if answer.status in MOVED or (answer.status == 303 and trip.method in SAFE):
        return answer.headers.get("Location") or None
    return None


def _onward(trip: _Trip, location: str, seconds: float) -> _Trip:
    """The trip to where we are sent on to; Refused if we may not go there."""
    request = trip.request.copy()
    try:
        # Headers come as Latin-1, and some servers write Vietnamese paths in plain UTF-8.
        request.prepare_url(urljoin(trip.url, location.encode("latin-1").decode("utf-8", "replace")), None)
        origin = Origin.of(request.url or "")  # of the very address that would be asked
    except (requests.RequestException, ValueError, Unfit):
        origin = None
    if origin is None:
        raise Refused(f"{trip}: the server sends us on to something that is no web address")
    if trip.allow is None and (trip.method not in SAFE or origin != Origin.of(trip.url)):
        raise Refused(
            f"{trip}: the server sends us on to {redact(str(origin), trip.secrets)}, where neither a publication "
            "nor a key may follow. Write the address that it wants into the channel's settings"
        )
    secrets = trip.secrets | secrets_of(request.url or "", {})
    shown = redact(place(request.url or ""), trip.secrets)  # the server may have put into it what it was sent
    return dataclasses.replace(trip, request=request, seconds=seconds, secrets=secrets, shown=shown)
