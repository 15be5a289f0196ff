"""Every stand-in that the sandbox serves."""

from sandbox.email import Email
from sandbox.exchange import StandIn
from sandbox.feed import Feed
from sandbox.telegram import Telegram
from sandbox.watch import Watch
from sandbox.wordpress import WordPress

STAND_INS: tuple[type[StandIn], ...] = (Feed, WordPress, Telegram, Email, Watch)
