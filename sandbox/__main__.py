"""`python -m sandbox --directory DIR [--port PORT]`: the sandbox as a process of its own.

It prints `{"url": …}` when it is ready, and ends on SIGTERM, on Ctrl-C, or when a pipe on its standard input is
closed, so that it never outlives the process that started it.
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
from sandbox.stand_ins import STAND_INS

_ENDING = {signal.SIGTERM, signal.SIGINT}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Stand-in servers of every kind of channel")
    parser.add_argument("--directory", type=Path, required=True, help="where record.jsonl is kept")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # no thread takes them; the main thread waits for them
    record = Record(options.directory / "record.jsonl", lambda: datetime.now(UTC))
    server = Server(options.port, record, STAND_INS)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    if _is_piped():
        threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps({"url": server.url}), flush=True)
    signal.sigwait(_ENDING)
    server.close()
    return 0


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
