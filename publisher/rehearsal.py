"""A period in seconds: the real planner, composer, worker, channels and log, driven by a virtual clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from publisher.app import App
from publisher.clock import VirtualClock

_PLAN = timedelta(days=1)


def rehearse(
    app: App,
    clock: VirtualClock,
    until: datetime,
    *,
    stride: timedelta = timedelta(hours=1),
    act: Callable[[datetime], None] = lambda _: None,
    progress: Callable[[datetime], None] = lambda _: None,
) -> None:
    """Let a started app live through the time until then. `act` is what people do; `progress` is told the time.

    `stride`: how far the clock moves at most at once; feeds are polled and people act that often.
    """
    planned = clock.now()
    while clock.now() < until:
        now = clock.now()
        if now - planned >= _PLAN:
            app.plan()
            planned = now
        app.poll_feeds()
        act(now)
        finish(app)
        progress(now)
        clock.set(min(filter(None, (app.next_wake(), now + stride, until))))
    finish(app)
    progress(until)


def finish(app: App) -> None:
    """Do all that is due at this instant, and wait for it."""
    while app.work():
        app.dispatcher.drain()
