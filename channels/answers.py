"""What a server's answer means: the class of consequence of each status, and a body that is JSON or a doubt.

Certainly not accepted: 401, 403, 425, 429 and other refusals of the 400s. In doubt, unless the request could
change nothing (GET, HEAD): any 5xx, 408, what is neither a success nor a refusal, and a body that cannot be read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from channels.base import ChannelError, InDoubt, Refused, Response, TryLater, Unauthorized, Unavailable
from channels.redaction import excerpt

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing on a server (RFC 9110, 9.2.1)
MOVED = frozenset({301, 302, 307, 308})  # what was asked was not done here, but may be done elsewhere
_LONGEST_WAIT = 7 * 86400.0  # seconds; what a server says beyond it is a mistake


@dataclass(frozen=True, repr=False)
class Answer:
    """A complete answer: a `Response` that knows what it answers."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes  # inflated
    method: str
    place: str  # where it came from, as it may be shown
    secrets: frozenset[str] = field(default_factory=frozenset)  # what may not be shown

    def __repr__(self) -> str:
        return f"<{self.method} {self.place}: {self.status}, {len(self.body)} bytes>"

    def json(self) -> Any:
        """The body as JSON. If it is none: the error of the status, else InDoubt, or Unavailable after a GET."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            pass  # raised below: the error at hand quotes the body
        raise self.error() or doubt(self.method, f"{self.method} {self.place}: the answer is not JSON")

    def error(self) -> ChannelError | None:
        """The consequence of the status, None if it is a success."""
        return consequence(self.method, self)


def consequence(method: str, response: Response) -> ChannelError | None:
    """The error that a status stands for, to be raised by the caller; None for a success.

    For kinds that read a body before they judge it (`check=False`). The text quotes what the server says, but
    nothing secret that was sent to it.
    """
    known = response if isinstance(response, Answer) else None
    status = response.status
    if 200 <= status < 300 or (status == 304 and method in SAFE):
        return None
    said = excerpt(response.body, known.secrets if known else ())
    text = f"{method} {known.place if known else 'the server'}: answered {status}" + (f" ({said})" if said else "")
    if status in (401, 403):
        return Unauthorized(f"{text}; check the channel's user name, its key and what they may do")
    if status == 429:
        return TryLater(f"{text}; too many requests", retry_after(response.headers))
    if status == 425:
        # RFC 8470: the server says that it did not begin, for fear of a replay.
        return TryLater(text, retry_after(response.headers))
    if _is_doubtful(status):
        return doubt(method, text, retry_after(response.headers))
    return Refused(f"{text}; check the channel's settings and the text")


def doubt(method: str, text: str, after: float | None = None) -> ChannelError:
    """InDoubt; or Unavailable where the method changes nothing, so that nothing can have been done.

    A server that says `after` how many seconds it may be asked again lives: TryLater.
    """
    if method in SAFE:
        return Unavailable(text) if after is None else TryLater(text, after)
    return InDoubt(f"{text}; it may have been carried out all the same")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the Retry-After header (RFC 9110, 10.2.3), at most a week; None if it says nothing.

    A date is read against the answer's own Date, so that the two clocks need not agree.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        seconds = float(value)
    else:
        try:
            wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
        except (ValueError, TypeError):
            return None
        seconds = wait.total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _is_doubtful(status: int) -> bool:
    # 303 answers a request that was carried out. 408 should mean that the request never came whole, but gateways
    # also say it when the server behind them is slow: not certain, hence a doubt.
    return (status < 400 and status not in MOVED) or status == 408 or status >= 500


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
