"""Faults on request: which requests go wrong, in which way, and how many times.

| fault | accepted? | what the client sees |
|---|---|---|
| refuse, unauthorised, forbidden, too-many | no | 400, 401, 403, 429 with Retry-After, in the real server's words |
| error, unavailable, gateway-timeout | no | 500, 503, 504 |
| reset, hang | no | a connection reset; no answer |
| hang-then-accept | after `seconds` | no answer |
| accept-then-504, -hang, -drip, -garbage, -reset | yes | 504; no answer; a byte at a time; nonsense; a reset |
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

#: Faults that are an ordinary answer: their HTTP status.
STATUS = {
    "refuse": 400,
    "unauthorised": 401,
    "forbidden": 403,
    "too-many": 429,
    "error": 500,
    "unavailable": 503,
    "gateway-timeout": 504,
    "accept-then-504": 504,
}
FAULTS = (
    *STATUS,
    "hang",
    "hang-then-accept",
    "reset",
    "accept-then-hang",
    "accept-then-drip",
    "accept-then-garbage",
    "accept-then-reset",
)


@dataclass(frozen=True)
class Fault:
    """One order for trouble."""

    kind: str
    fault: str  # one of FAULTS
    place: str | None = None  # None: every place
    request: str = ""  # a regular expression, searched for in "METHOD /path?query"
    times: int | None = 1  # None: until cleared
    seconds: float | None = None  # Retry-After, the wait before accepting, how long to hang, or the gap of a drip

    def meets(self, kind: str, place: str, line: str) -> bool:
        """Whether a request is one of those that shall go wrong."""
        return self.kind == kind and self.place in (None, place) and re.search(self.request, line) is not None

    @property
    def accepts(self) -> bool:
        """Whether the request takes effect although the client is not told so."""
        return self.fault.startswith("accept-") or self.fault == "hang-then-accept"


def fault_of(order: Any) -> Fault:
    """The fault that a JSON object orders. ValueError says what is wrong with it."""
    known = Fault.__dataclass_fields__
    if not isinstance(order, Mapping) or not {"kind", "fault"} <= set(order) <= set(known):
        raise ValueError(f"a fault is an object with kind, fault and perhaps {', '.join(list(known)[2:])}")
    if order["fault"] not in FAULTS:
        raise ValueError(f"unknown fault {order['fault']!r} (known: {', '.join(FAULTS)})")
    fault = Fault(**order)
    try:
        re.compile(fault.request)
    except re.error as mistake:
        raise ValueError(f"request is not a regular expression: {mistake}") from None
    return fault


class Faults:
    """The orders that stand, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let further requests go wrong."""
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        """Let every request go well again."""
        with self._lock:
            self._orders.clear()

    def standing(self) -> list[Fault]:
        """The orders that are not used up."""
        with self._lock:
            return list(self._orders)

    def take(self, kind: str, place: str, line: str) -> Fault | None:
        """The oldest order that meets a request, used up by one; None if the request goes well."""
        with self._lock:
            for index, fault in enumerate(self._orders):
                if fault.meets(kind, place, line):
                    if fault.times is not None:
                        left = replace(fault, times=fault.times - 1)
                        self._orders[index : index + 1] = [left] if fault.times > 1 else []
                    return fault
        return None
