"""The contract of a stand-in: a request comes in, one answer goes out, and how the real server says no.

A stand-in subclasses `StandIn`, names its `kind` (also the first part of its addresses) and answers. The frame
calls `answer` for one request at a time, so that a stand-in needs no locks.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl

from sandbox.record import Record


@dataclass(frozen=True)
class Part:
    """One field of a form; `filename` is set for a file."""

    body: bytes
    filename: str | None = None
    mime: str = "text/plain"


@dataclass(frozen=True)
class Request:
    """A complete request."""

    method: str
    target: str  # path and query as they were sent
    parts: tuple[str, ...]  # the decoded path below the stand-in's prefix: ("portal", "wp-json", …)
    query: Mapping[str, str]  # the last of a repeated name
    headers: Message  # names in any case
    body: bytes
    base: str  # the stand-in's own address, http://127.0.0.1:PORT/KIND, for the links that it gives

    @property
    def path(self) -> str:
        """The decoded path below the stand-in's prefix, with a slash in front."""
        return "/" + "/".join(self.parts)

    @property
    def mime(self) -> str:
        """The type of the body, lower-case, without parameters."""
        return self.headers.get_content_type()

    def json(self) -> Any:
        """The body read as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> dict[str, Part]:
        """The fields of a urlencoded or multipart body, by name; empty for any other."""
        if self.mime == "application/x-www-form-urlencoded":
            pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
            return {name: Part(value.encode()) for name, value in pairs}
        if self.mime == "multipart/form-data":
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            message = BytesParser(policy=HTTP).parsebytes(head + self.body)
            return dict(_field(part) for part in message.iter_parts())
        return {}

    def fields(self) -> dict[str, Any]:
        """What was sent, by name, whichever way: query, form (texts only) or JSON object; the body wins."""
        posted = self.json() if self.mime == "application/json" else None
        texts = {name: part.body.decode("utf-8", "replace") for name, part in self.form().items() if not part.filename}
        return {**self.query, **texts, **(posted if isinstance(posted, dict) else {})}


def _field(part: Message) -> tuple[str, Part]:
    content = part.get_payload(decode=True)
    name = part.get_param("name", header="content-disposition")
    return str(name), Part(content if isinstance(content, bytes) else b"", part.get_filename(), part.get_content_type())


@dataclass(frozen=True)
class Answer:
    """A complete answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Self:
        """A JSON answer; a header's name is written with underscores."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=UTF-8", **_named(headers)})

    @classmethod
    def html(cls, page: str, status: int = 200, **headers: str) -> Self:
        """A page for people; a header's name is written with underscores."""
        return cls(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8", **_named(headers)})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class StandIn(ABC):
    """One kind of server, with all its places. Its state lives in memory and ends with the process."""

    kind: ClassVar[str]  # also its prefix: /KIND/…

    def __init__(self, record: Record) -> None:
        self.record = record

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Do what the request says, record what was accepted, answer as the real server does."""

    def place(self, request: Request) -> str:
        """Which of its places a request is for; faults are set by place."""
        return request.parts[0] if request.parts else ""

    def failure(self, fault: str, status: int, seconds: float) -> Answer:
        """How the real server says the fault. `seconds`: how long a 429 asks to wait."""
        headers = {"Retry_After": str(round(seconds))} if status == 429 else {}
        return Answer.json({"error": fault}, status, **headers)
