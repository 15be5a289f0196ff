"""Which answers go out at all, and the headers that go with every one of them."""

import ipaddress
import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Addresses of inbox pages are secrets: nothing may keep them, pass them on, or show them inside another page.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_LOCAL_NAME = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)


class GuardedHeaders:
    """Puts the headers on every answer, whoever gave it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the inner application does, with the headers added where it has none of its own."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)


def is_local(request: Request) -> bool:
    """Whether a person at this very machine asks, not a proxy and not a foreign page by a name of its own.

    The name counts as well as the peer: a page elsewhere can point its own name at 127.0.0.1 and ask from here.
    """
    forwarded = any(name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers)
    names = request.headers.getlist("host")
    is_named_so = len(names) == 1 and _LOCAL_NAME.fullmatch(names[0]) is not None
    return is_named_so and not forwarded and _is_loopback_peer(request)


def _is_loopback_peer(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
