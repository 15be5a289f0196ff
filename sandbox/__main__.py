"""`python -m sandbox --directory DIR [--port PORT]`: the sandbox as a process of its own.

It prints `{"url": …}` when it is ready, and ends on SIGTERM, on Ctrl-C, or when a pipe on its standard input is
closed, so that it never outlives the process that started it. Mail goes to the port after that of the address.
"""

import argparse
import json
import os
import signal
import stat
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sandbox.record import Record
from sandbox.server import Server
from sandbox.smtp import MailServer
from sandbox.stand_ins import STAND_INS

#: A free port whose next one is taken is given back, and another one tried.
_TRIES = 20
_ENDING = {signal.SIGTERM, signal.SIGINT}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Stand-in servers of every kind of channel")
    parser.add_argument("--directory", type=Path, required=True, help="where record.jsonl is kept")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # no thread takes them; the main thread waits for them
    record = Record(options.directory / "record.jsonl", lambda: datetime.now(UTC))
    server, mail = _opened(options.port, record)
    for one in (server, mail):
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    if _is_piped():
        threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps({"url": server.url}), flush=True)
    signal.sigwait(_ENDING)
    server.close()
    return 0


def _opened(port: int, record: Record) -> tuple[Server, MailServer]:
    """The servers of pages and of mail on two ports that follow each other."""
    for _ in range(_TRIES):
        server = Server(port, record, STAND_INS)
        try:
            return server, MailServer(server)
        except (OSError, OverflowError) as error:  # the next port is taken, or is none
            server.server_close()
            trouble = error
    raise trouble


def _is_piped() -> bool:
    # A terminal or /dev/null says nothing about the parent, and reading a terminal would stop a background job.
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
