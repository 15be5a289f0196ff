"""python-telegram-bot over the guarded client: its calls and its answers, but none of its network."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Bot, Message
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from channels.base import ChannelError, Http, InDoubt, Response
from channels.redaction import redact

Judge = Callable[[Response], ChannelError | None]

#: What the library raises when a success is not the JSON that it expects.
_UNREADABLE = (TelegramError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

for _name in ("telegram", "httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # they log addresses, which hold the token, and answers


def bot(http: Http, api: str, token: str, judge: Judge) -> Bot:
    """The bot with that token at the Bot API server `api`; `judge` says which answers are errors."""
    request = _Request(http, judge, token)
    address = f"{api.rstrip('/')}/bot{token}"
    # As a function, since the library would take braces in a text for places of its own.
    return Bot(token, base_url=lambda _: address, request=request, get_updates_request=request)


def sent(call: Coroutine[Any, Any, Message]) -> int:
    """Make a call that sends a message, in this thread; gives the message's id.

    Raises what the client or the judge raised, unchanged, and InDoubt for a success that cannot be read. The
    thread may have no event loop of its own running.
    """
    error: Exception
    try:
        return asyncio.run(call).message_id
    except _Stopped as stopped:
        error = stopped.error
    except _UNREADABLE:
        error = InDoubt("Telegram's answer cannot be read; the message may be out all the same")
    raise error  # outside the except, so that no traceback shows what came before


class Unchanged(Exception):
    """Raised by a judge: what was asked for is so already."""


def done(call: Coroutine[Any, Any, Any]) -> None:
    """Make a call that changes what is out, or takes it away; what it gives does not matter.

    Raises what the client or the judge raised; nothing where the judge said `Unchanged`.
    """
    error: Exception | None = None
    try:
        asyncio.run(call)
    except _Stopped as stopped:
        error = None if isinstance(stopped.error, Unchanged) else stopped.error
    except _UNREADABLE:
        error = InDoubt("Telegram's answer cannot be read; it may have been done all the same")
    if error:
        raise error


class _Stopped(TelegramError):
    """Carries an error through the library, which wraps all that are not of its own family."""

    def __init__(self, error: Exception) -> None:
        super().__init__("stopped")
        self.error = error


class _Request(BaseRequest):
    """The library's way out."""

    def __init__(self, http: Http, judge: Judge, token: str) -> None:
        self._http = http
        self._judge = judge
        self._token = token

    @property
    def read_timeout(self) -> float | None:
        """None: the guarded client keeps the deadline."""
        return None

    async def initialize(self) -> None:
        """Nothing is to be opened."""

    async def shutdown(self) -> None:
        """Nothing is to be closed."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_timeouts: Any, **_named: Any
    ) -> tuple[int, bytes]:
        """One exchange: status and body of a success."""
        try:
            response = self._http.request(
                method,
                url,
                data=request_data.json_parameters if request_data else None,
                files=_files(request_data) if request_data else None,
                check=False,
            )
            # Judged here and not by the library's exceptions: they do not tell 413, 429 and 500 apart.
            if error := self._judge(response):
                raise error
        except ChannelError as failure:
            failure.args = (redact(str(failure), (self._token,)),)  # the address is in it, and the token in that
            raise _Stopped(failure) from None
        except Exception as failure:
            raise _Stopped(failure) from None
        return response.status, response.body


def _files(data: RequestData) -> dict[str, tuple[str, bytes, str]]:
    return {
        field: (name, content if isinstance(content, bytes) else content.read(), mime)
        for field, (name, content, mime) in data.multipart_data.items()
    }
