"""A place with a record of its own, behind a wire without sockets, and three kinds of channels that publish there.

The place reckons by time that really passes, whatever the clock is set to. What goes wrong with the next requests is
told beforehand, in `troubles`.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from channels.base import (
    Absent,
    Accepted,
    Channel,
    InDoubt,
    Io,
    Receipt,
    Refused,
    TryLater,
    Unauthorized,
    Unavailable,
)
from content.post import Format, Post
from content.values import Rate

#: A rate that keeps nobody waiting, nor the clock from standing still.
AT_ONCE = Rate(10**9, 1)
#: How long what a place took may stay out of sight.
SETTLING = timedelta(minutes=10)
#: How long a place works on what it accepted.
_WORK = timedelta(minutes=2)

#: It is carried out and answered.
WELL = ""
#: What else may become of a request that would change something.
TROUBLES = (
    "loses the answer",
    "takes it late",  # the answer is lost, and it stands there only when the settling time is over
    "drops it",  # bytes left, and nothing came of it
    "answers nonsense",  # which the kind stumbles over; it stands there
    "is silent",
    "asks for patience",
    "refuses",
    "is locked",
    "works on it",
    "works on it in vain",
    "stalls before",  # the process stands still, and its lease runs out meanwhile
    "stalls after",
    "stalls after",
    "dies before",
    "dies after",
)
#: What may become of a question.
RIDDLES = ("is silent", "is locked", "answers nonsense", "dies before", "dies after")


class Died(BaseException):
    """The process ends here: no handler, no farewell."""


@dataclass(frozen=True)
class Stand:
    """Something public: a post, or a part of one."""

    key: str
    part: str
    visible: float  # from when on it can be found


@dataclass
class Place:
    """What the public sees, and what was done to it."""

    elapsed: Callable[[], float]
    die: Callable[[], None]
    stall: Callable[[], None]
    stands: list[Stand] = field(default_factory=list)
    troubles: deque[str] = field(default_factory=deque)
    riddles: deque[str] = field(default_factory=deque)
    drafts: int = 0
    published: set[int] = field(default_factory=set)  # drafts: to publish one again changes nothing
    tokens: Iterator[int] = field(default_factory=count)
    vain: set[str] = field(default_factory=set)  # what it accepted and drops later, by token

    def times(self, key: str) -> int:
        """How often the public has it, or will have; the part that it has most often."""
        parts = Counter(one.part for one in self.stands if one.key == key)
        return max(parts.values(), default=0)

    def take(self, path: str, body: dict[str, Any], fence: Callable[[], None]) -> Any:
        """A request that changes something: `draft`, or `post` with a key, a part and perhaps the number of a draft."""
        trouble = self.troubles.popleft() if self.troubles else WELL
        match trouble:
            case "stalls before":
                self.stall()
            case "dies before":
                self.die()
        fence()
        match trouble:
            case "drops it":
                raise InDoubt("no answer in time")
            case "is silent":
                raise Unavailable("refuses the connection")
            case "asks for patience":
                raise TryLater("too many requests", 600)
            case "refuses":
                raise Refused("too long")
            case "is locked":
                raise Unauthorized("unknown user")
        answer = self._drafted() if path == "draft" else self._posted(body, trouble)
        match trouble:
            case "loses the answer" | "takes it late":
                raise InDoubt("the connection was reset")
            case "answers nonsense":
                return {}
            case "stalls after":
                self.stall()
            case "dies after":
                self.die()
        return answer

    def _drafted(self) -> Any:
        self.drafts += 1
        return {"draft": self.drafts}

    def _posted(self, body: dict[str, Any], trouble: str) -> Any:
        key, draft, now = body["key"], body.get("draft"), self.elapsed()
        if draft in self.published:
            return {"id": key}
        if draft is not None:
            self.published.add(draft)
        works = trouble.startswith("works on it") and body["settles"]
        token = f"{key}.{next(self.tokens)}"
        if works and trouble.endswith("in vain"):
            self.vain.add(token)
        else:
            is_late = trouble == "takes it late"
            wait = SETTLING if is_late else _WORK if works else timedelta(0)
            self.stands.append(Stand(key, body["part"], now + wait.total_seconds()))
        return {"token": token} if works else {"id": key}

    def show(self, path: str, fence: Callable[[], None]) -> Any:
        """A question: `find` or `settle`, and a key."""
        riddle = self.riddles.popleft() if self.riddles else WELL
        if riddle == "dies before":
            self.die()
        fence()
        match riddle:
            case "is silent":
                raise Unavailable("refuses the connection")
            case "is locked":
                raise Unauthorized("unknown user")
            case "answers nonsense":
                return {}
        name = path.split("/")[1]
        is_there = any(one.key == name.split(".")[0] and one.visible <= self.elapsed() for one in self.stands)
        if riddle == "dies after":
            self.die()
        return {"is_there": is_there, "in_vain": name in self.vain}


@dataclass(frozen=True)
class _Line:
    """An `Http` for one delivery."""

    place: Place
    fence: Callable[[], None]

    def request(self, method: str, url: str, *, json: Any = None, **_: Any) -> Any:
        return self.place.show(url, self.fence) if method == "GET" else self.place.take(url, json, self.fence)


@dataclass(frozen=True)
class Wire:
    """What a worker takes for its client: the fence stands before each request, as it does over a socket."""

    place: Place

    def bound(self, before: Callable[[], None], deadline: float) -> _Line:
        return _Line(self.place, before)


class Drafting(Channel):
    """Makes a draft that nobody sees, and publishes that one: absent is absent at once."""

    format: ClassVar[Format] = Format.PLAIN
    default_rate: ClassVar[Rate] = AT_ONCE
    settling: ClassVar[timedelta | None] = timedelta(0)

    def publish(self, post: Post, io: Io) -> Receipt:
        draft = io.once("draft", lambda: io.http.request("POST", "draft")["draft"])
        body = {"key": post.key, "part": "all", "draft": draft, "settles": False}
        return Receipt(io.http.request("POST", "post", json=body)["id"])

    def find(self, post: Post, io: Io) -> Receipt | Absent:
        is_there = io.http.request("GET", f"find/{post.key}")["is_there"]
        return Receipt(post.key) if is_there else Absent(may_come="draft" in io.steps)


class Slow(Channel):
    """Has one request, and what it took may stay out of sight for a while; may work on it before."""

    format: ClassVar[Format] = Format.PLAIN
    default_rate: ClassVar[Rate] = AT_ONCE
    settling: ClassVar[timedelta | None] = SETTLING

    def publish(self, post: Post, io: Io) -> Receipt | Accepted:
        answer = io.http.request("POST", "post", json={"key": post.key, "part": "all", "settles": True})
        return Accepted(answer["token"]) if "token" in answer else Receipt(answer["id"])

    def find(self, post: Post, io: Io) -> Receipt | Absent:
        return Receipt(post.key) if io.http.request("GET", f"find/{post.key}")["is_there"] else Absent()

    def settle(self, accepted: Accepted, io: Io) -> Receipt | Accepted:
        answer = io.http.request("GET", f"settle/{accepted.token}")
        if answer["in_vain"]:
            raise Refused("the picture is broken")
        return Receipt(accepted.token) if answer["is_there"] else accepted


class Chat(Channel):
    """Speaks in two parts, and cannot be asked afterwards."""

    format: ClassVar[Format] = Format.PLAIN
    default_rate: ClassVar[Rate] = AT_ONCE
    public_steps: ClassVar[tuple[str, ...]] = ("first",)

    def publish(self, post: Post, io: Io) -> Receipt:
        def part(name: str) -> str:
            answer = io.http.request("POST", "post", json={"key": post.key, "part": name, "settles": False})
            return str(answer["id"])

        io.once("first", lambda: part("first"))
        return Receipt(part("second"))


KINDS: dict[str, type[Channel]] = {"drafting": Drafting, "slow": Slow, "chat": Chat}
