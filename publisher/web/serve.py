"""The pages' server: uvicorn in a thread of its own, which can be stopped."""

import logging
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp


class Pages:
    """A running server; use it as a context manager, or call `stop`."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=256)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            proxy_headers=False,  # who asks is decided by the connection, never by what a header claims
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        # Addresses hold tokens; `access_log` alone would still give them to a handler that somebody adds.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="pages", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def stop(self) -> None:
        """Finish what is being answered, for two seconds at most, and end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Pages:
    """Start serving; port 0 takes any free one, which `port` then names. OSError if the address is taken."""
    return Pages(app, host, port)
