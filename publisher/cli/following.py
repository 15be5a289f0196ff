"""What a working Publisher says on its terminal: the noteworthy entries of the log, as they come."""

import sys
from collections.abc import Mapping
from typing import Any

from publisher.app import App
from publisher.cli.speaking import show
from publisher.cli.telling import line
from publisher.delivery import State
from publisher.store import log, pauses

_NEWS = frozenset({State.PUBLISHED.value, "plan_in_force", "mended", "resumed", "channel_up", "disk_well"})
_ALERTS = frozenset(
    {
        "mistakes",
        "paused",
        "feed_failed",
        "channel_down",
        "clock_jumped",
        *(State[name].value for name in ("HELD", "FAILED", "MISSED", "NEEDS_PERSON")),
    }
)


class Follower:
    """Prints what is new since it was made; what needs a person goes to standard error."""

    def __init__(self, app: App) -> None:
        self._app = app
        with app.store.read() as view:
            newest = log.last(view, 1)
        self._seen = newest[-1]["id"] if newest else 0

    def tell_standing(self) -> None:
        """What is wrong already: mistakes in the files, channels that are paused."""
        for mistake in self._app.mistakes:
            show(mistake, file=sys.stderr)
        with self._app.store.read() as view:
            paused = pauses.covering(view).standing
        for pause in paused:
            text = str(pause)
            show(text[0].upper() + text[1:], file=sys.stderr, flush=True)

    def tell(self) -> None:
        """The entries that are new."""
        zone = self._app.workspace.schedules.timezone
        with self._app.store.read() as view:
            fresh = list(log.entries(view, after=self._seen))
        for entry in fresh:
            self._seen = entry["id"]
            if entry["event"] in _NEWS:
                show(line(entry, zone), flush=True)
            elif entry["event"] in _ALERTS:
                show(_alert(entry) or line(entry, zone), file=sys.stderr, flush=True)


def _alert(entry: Mapping[str, Any]) -> str:
    """Mistakes as `check` shows them."""
    return "\n".join(entry.get("mistakes", ()))
