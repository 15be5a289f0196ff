"""The contract of a kind of channel: what one file in this package must say and do.

A kind subclasses `Channel`; its settings are its typed fields, and validation, docs and editors' hints come
from them. It must be able to `publish`; the powers `Finds`, `Settles`, `Pings`, `Updates`, `Withdraws` and `Looks` are
methods that a kind may have or lack. A kind that collects subclasses `SessionChannel` and publishes a whole slot.

What goes wrong is said by consequence, not by cause:

    ChannelError
    ├── Refused        this text, or these settings, can never pass; says what to change
    ├── Unauthorized   the credentials are refused: the channel is paused, others go on
    ├── TryLater       certainly not accepted; the same may pass later, `after` so many seconds if known
    │   └── Unavailable    because nobody answers, or the server broke: the channel is tried sparingly
    └── InDoubt        perhaps accepted: never repeated without asking the channel, or else a person

Anything else that a kind raises is a bug, and a bug counts as InDoubt.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from channels.mail import MailServer
from content.post import Format, Limits, Media, Post
from content.values import ClockTime, Duration, Rate, RateValue, Secret


class ChannelError(Exception):
    """A publication did not simply succeed. The text is for an officer to read and holds no secret."""


class Refused(ChannelError):
    """This text, or these settings, can never pass. The text says what to change."""


class Unauthorized(ChannelError):
    """The channel does not accept the credentials, or they may not do this."""


class TryLater(ChannelError):
    """Certainly not accepted; the same may pass later. `after`: seconds to wait, where the server said so."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


class Unavailable(TryLater):
    """Certainly not accepted, and not because of the post: nobody answers there, or the server broke."""


class InDoubt(ChannelError):
    """Perhaps accepted: bytes left, and no answer that can be understood came back."""


@dataclass(frozen=True)
class Receipt:
    """The channel's answer that the post is out: its id there and, if it has one, its address."""

    id: str
    url: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)  # plain JSON values, for the log

    def as_json(self) -> dict[str, Any]:
        """As a row and the log keep it."""
        return {"id": self.id, "url": self.url, "details": dict(self.details)}


@dataclass(frozen=True)
class Accepted:
    """The channel took the post and finishes by itself; `settle` is asked again with the token."""

    token: str
    after: float = 30.0  # seconds until it is worth asking


@dataclass(frozen=True)
class Absent:
    """A look-up that reached the channel and found nothing that the public sees.

    `may_come`: there is something unseen that a request which is still on its way could make public. Another attempt
    takes up the same, so it may be made; but until then nothing else may go out in its place.
    """

    may_come: bool = False


@dataclass(frozen=True)
class CannotTell:
    """A look-up that proves neither: the reason, for a person."""

    reason: str


class Response(Protocol):
    """A complete answer of a server."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...  # names in any case
    @property
    def body(self) -> bytes: ...  # inflated
    def json(self) -> Any: ...  # InDoubt if it is not JSON (TryLater after a GET)


class Http(Protocol):
    """The guarded client, bound to one delivery: its rate, its fence and its deadline stand before each request."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,  # field: (file name, bytes, MIME type)
        auth: tuple[str, str] | None = None,
        deadline: float | None = None,  # seconds for the whole exchange; None: the client's default
        check: bool = True,  # raise by status: see `channels.http.consequence`
    ) -> Response:
        """One exchange. Raises TryLater when surely nothing was accepted, InDoubt when something may have been."""
        ...


class Mailer(Protocol):
    """The guarded mail client, bound to one delivery as `Http` is."""

    def send(self, message: EmailMessage, to: Sequence[str], server: MailServer) -> str:
        """Hand a message over for all these addresses, or none; what the server said as it took it.

        Raises TryLater when surely nothing was accepted, InDoubt when the message may have been.
        """
        ...

    def ping(self, server: MailServer, sender: str) -> None:
        """Ask whether the server answers and lets us in, as somebody who would send from that address."""
        ...


@dataclass(frozen=True)
class Io:
    """What a kind may touch while it works on one delivery."""

    http: Http
    mail: Mailer
    now: datetime  # aware
    folder: Path  # the channel's own folder; kinds that write files write only below it
    secret: Callable[[Secret], str]  # Unauthorized if it is not set
    media: Callable[[Media], bytes]
    steps: Mapping[str, Any]  # what earlier attempts made durable, by name
    step: Callable[[str, Any], None]  # makes a plain JSON value durable before it returns; `steps` shows it

    def once(self, name: str, action: Callable[[], Any]) -> Any:
        """The value of a durable step: remembered if an earlier attempt did it, else done now and kept."""
        if name not in self.steps:
            self.step(name, action())
        return self.steps[name]


class Channel(BaseModel, ABC):
    """One configured place. Subclasses are the kinds; the fields below are common to all of them.

    What stands below a field is the hint that editors show for it, in English and Vietnamese.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: ClassVar[Format]
    limits: ClassVar[Limits] = Limits()
    default_rate: ClassVar[Rate] = Rate(60, 60)
    #: How long after the last byte left a look-up's "not there" is proof. Zero: the create is keyed by us, or
    #: what may exist is an invisible draft whose single id gets published. None: it never is, a person decides.
    settling: ClassVar[timedelta | None] = None

    #: How the names of those steps begin after which part of the post is public. Empty tuple: no step is.
    public_steps: ClassVar[tuple[str, ...]] = ()

    #: Those parts of a post that the public does not get there: `summary`, `link`, `image`, `tags`.
    omits: ClassVar[tuple[str, ...]] = ()

    #: What `publisher init` says of the kind; settings that it asks for beside those that every channel must have;
    #: and whether it is for another agency than the one that runs Publisher.
    offer: ClassVar[str] = ""
    asked: ClassVar[tuple[str, ...]] = ()
    for_others: ClassVar[bool] = False

    name: str = Field(exclude=True)  # the key in `channels:`
    agency: str
    """Which agency publishes there, by its name in `agencies`, e.g. `so-tttt`. —
    Cơ quan, đơn vị phụ trách kênh, ghi theo tên trong `agencies`, ví dụ `so-tttt`.
    """
    rate: RateValue | None = None
    """How many requests its server gets at most, e.g. `30/minute`; each kind has a default. —
    Số yêu cầu nhiều nhất gửi đến máy chủ, ví dụ `30/minute`; mỗi loại kênh có mức mặc định.
    """

    @property
    def effective_rate(self) -> Rate:
        """Its own `rate`, or its kind's."""
        return self.rate or self.default_rate

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The references that its settings hold, in the order of the fields."""
        return tuple(value for _, value in self if isinstance(value, Secret))

    def rehearsed(self, sandbox: str) -> Self:  # noqa: ARG002 - a kind without a server has nothing to replace
        """The same channel with its server replaced by the stand-in below the address `sandbox`."""
        return self

    @abstractmethod
    def publish(self, post: Post, io: Io) -> Receipt | Accepted:
        """Publish the post, once. Raises the errors above."""


@runtime_checkable
class Finds(Protocol):
    """The power to look whether a post, perhaps accepted earlier, is out."""

    def find(self, post: Post, io: Io) -> Receipt | Absent | CannotTell: ...


@runtime_checkable
class Settles(Protocol):
    """The power to ask what became of an accepted post; Refused if the channel dropped it."""

    def settle(self, accepted: Accepted, io: Io) -> Receipt | Accepted: ...


@runtime_checkable
class Pings(Protocol):
    """The power to ask the server something that changes nothing: whether it answers.

    A channel that did not is asked so before a delivery is tried on it. Raises the errors above. Worth having where
    a doubt needs a person.
    """

    def ping(self, io: Io) -> None: ...


@runtime_checkable
class Updates(Protocol):
    """The power to give a published post another text where it stands; without it, a correction is a notice.

    `receipt` is the newest of that publication, `post` the whole new text. Done twice it is as if done once, so a
    doubt about it is ended by doing it again. Raises the errors above; Refused where it is not there any more.
    """

    def update(self, receipt: Receipt, post: Post, io: Io) -> Receipt: ...


@runtime_checkable
class Withdraws(Protocol):
    """The power to take a published post from the public; without it, a withdrawal is a notice.

    What is gone already is withdrawn. Done twice it is as if done once. Raises the errors above.
    """

    def withdraw(self, receipt: Receipt, io: Io) -> Receipt: ...


@dataclass(frozen=True)
class Piece:
    """A part of a post as the public gets it: a message, or what is read aloud."""

    text: str  # in the kind's format
    length: int  # as the kind counts it
    most: int | None = None  # that it takes; None where it has no limit of its own
    image: Media | None = None


@dataclass(frozen=True)
class Look:
    """How a post will look, and what else is worth knowing of it, in sentences."""

    pieces: tuple[Piece, ...]
    remarks: tuple[str, ...] = ()


@runtime_checkable
class Looks(Protocol):
    """The power to say how a post will look; without it, it is its title, its image and its text.

    Asks no server. Raises Refused for what can never pass.
    """

    def look(self, post: Post) -> Look: ...


@dataclass(frozen=True)
class Slot:
    """The posts that a collecting kind publishes together: one session of one station."""

    session: datetime  # when it is read, in the workspace's time zone
    number: int  # 0: the script; 1, 2, …: its supplements
    posts: tuple[Post, ...]  # in the order in which they are read


class SessionChannel(Channel):
    """A kind that speaks at fixed times of day and publishes all that falls into one session together."""

    sessions: tuple[ClockTime, ...] = Field(min_length=1)
    """When it speaks, e.g. `[05:15, 17:00]`. — Các buổi phát trong ngày, ví dụ `[05:15, 17:00]`."""
    length: Duration = timedelta(minutes=15)
    """How long one session is, e.g. `15m` (the default). — Thời lượng một buổi phát, ví dụ `15m` (mặc định)."""
    ready: Duration = timedelta(hours=12)  # with nothing, every script would come when its session begins
    """How long before its session a script is out, e.g. `12h` (the default). —
    Kịch bản có sẵn trước buổi phát bao lâu, ví dụ `12h` (mặc định).
    """

    @abstractmethod
    def publish_slot(self, slot: Slot, io: Io) -> Receipt:
        """Publish the whole session at once, or nothing of it."""

    def takes(self, _slot: Slot) -> timedelta | None:
        """How long it takes to read a session; None for a kind that cannot tell."""
        return None

    def publish(self, post: Post, io: Io) -> Receipt:
        """A slot of one."""
        return self.publish_slot(Slot(post.occurrence, 0, (post,)), io)


def sessions_of(channel: Channel) -> tuple[time, ...]:
    """The times of day at which a channel speaks, in order; empty for kinds that publish at any time."""
    return tuple(sorted(channel.sessions)) if isinstance(channel, SessionChannel) else ()


def ready_of(channel: Channel) -> timedelta:
    """How long before the public hears it a channel must have the post."""
    return channel.ready if isinstance(channel, SessionChannel) else timedelta(0)
