"""A carrier for the tests of alerts: it keeps what it is given, or fails as it is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.base import ChannelError
from content.values import Secret
from publisher.alerts.conditions import Sight
from publisher.alerts.teller import Around, Teller
from publisher.alerts.watch import Watch
from publisher.alerts.words import Note
from publisher.schedules import Mail, Receiver, Schedules
from publisher.store.database import Store

ROOMY = 10**12


@dataclass
class Post:
    """Accepts everything, but for those whose name has an error in `errors`."""

    sent: list[tuple[str, Note]] = field(default_factory=list)
    pings: int = 0
    errors: dict[str, BaseException] = field(default_factory=dict)
    accepts_first: bool = False  # it took the message before it failed

    def send(self, receiver: Receiver, mail: Mail | None, note: Note, now: datetime, hidden: Iterable[Secret]) -> None:
        if receiver.name not in self.errors or self.accepts_first:
            self.sent.append((receiver.name, note))
        if receiver.name in self.errors:
            raise self.errors[receiver.name]

    def ping(self, address: Secret) -> None:
        if str(address) in self.errors:
            raise self.errors[str(address)]
        self.pings += 1

    def taken(self) -> list[str]:
        """The subjects since this was asked last, with who got them."""
        found = [f"{name}: {note.subject}" for name, note in self.sent]
        self.sent.clear()
        return found


@dataclass
class Alarms:
    """Watch and teller over a store, minute by minute."""

    store: Store
    schedules: Schedules
    now: datetime
    post: Post = field(default_factory=Post)
    sight: Sight = field(default_factory=lambda: Sight((), ROOMY))
    is_well: bool = True

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """As after a crash: nothing is left but the database."""
        self.watch = Watch(self.store)
        self.teller = Teller(self.store, self.post)

    def minute(self) -> list[str]:
        """One minute later: what is told."""
        return self.later(timedelta(minutes=1))

    def later(self, length: timedelta) -> list[str]:
        """So much later: what is told then."""
        self.now += length
        self.turn()
        return self.post.taken()

    def turn(self) -> None:
        """What is done each minute."""
        self.watch.look(self.schedules, self.sight, self.now)
        self.teller.tell(Around("so", self.schedules, self.now), is_well=self.is_well)


def failing(text: str = "no") -> ChannelError:
    """An error of a carrier."""
    return ChannelError(text)
