"""A stand-in WordPress site, a channel to it and the attempts of one delivery, for the tests of the kind."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from channels.base import Absent, CannotTell, Http, Io, Receipt
from channels.http import Client
from channels.wordpress import WordPress
from content.post import Post
from sandbox.client import Sandbox
from tests import kinds

# The requests of a publication, as a fault's regular expression.
MEDIA, TAGS, DRAFT, PUBLISH = "POST .*/media$", "POST .*/tags$", "POST .*/posts$", r"POST .*/posts/\d+$"
LOOK = "GET .*/posts"
PICTURE = kinds.png()
NOT_ACCEPTED = ["error", "unavailable", "gateway-timeout", "reset", "hang"]
ACCEPTED = ["accept-then-504", "accept-then-garbage", "accept-then-reset", "accept-then-hang", "accept-then-drip"]
SLOW = ["hang", "accept-then-hang", "accept-then-drip", "hang-then-accept"]
QUICK = [fault for fault in NOT_ACCEPTED + ACCEPTED if fault not in SLOW]


@dataclasses.dataclass
class Desk:
    """One site, one channel to it, and the attempts of one delivery."""

    sandbox: Sandbox
    channel: WordPress
    http: Http
    hurried: Http  # for servers that hang
    folder: Path
    steps: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def draft(self) -> int | None:
        """The draft that the attempts remember."""
        kept = self.steps.get("draft")
        return kept["made"] if kept else None

    @property
    def io(self) -> Io:
        return kinds.io(self.http, self.folder, steps=self.steps, media=(PICTURE,))

    def publish(self, post: Post) -> Receipt:
        return self.channel.publish(post, self.io)

    def find(self, post: Post) -> Receipt | Absent | CannotTell:
        return self.channel.find(post, self.io)

    def fault(self, fault: str, request: str, **order: Any) -> None:
        self.sandbox.fault("wordpress", fault, place=self.channel.name, request=request, **order)

    def meet(self, error: type[Exception], fault: str, request: str, post: Post, **order: Any) -> None:
        """An attempt that ends in the error; a server that hangs is not waited for long."""
        self.fault(fault, request, **order)
        http = self.hurried if fault in SLOW else self.http
        with pytest.raises(error):
            self.channel.publish(post, dataclasses.replace(self.io, http=http))

    def record(self, action: str) -> list[dict[str, Any]]:
        return self.sandbox.record(kind="wordpress", place=self.channel.name, action=action)

    def api(self, method: str, path: str, value: Any = None) -> Any:
        answer = self.http.request(
            method, f"{self.channel.url}/wp-json/wp/v2/{path}", json=value, auth=("bien-tap", kinds.PASSWORD)
        )
        return answer.json()

    def page(self, path: str = "/") -> str:
        return self.http.request("GET", self.channel.url + path).body.decode()


def open_desk(sandbox: Sandbox, http: Client, folder: Path) -> Desk:
    """A desk with a new, empty site."""
    rehearsed = wordpress().rehearsed(sandbox.url)
    return Desk(sandbox, rehearsed, http.bound(_at_once, 5.0), http.bound(_at_once, 0.4), folder)


def wordpress(**values: Any) -> WordPress:
    """A channel; `values` replaces any of its settings."""
    defaults = {
        "name": kinds.unique("trang"),
        "agency": "so-tttt",
        "url": "https://www.example.gov.vn",
        "username": "bien-tap",
        "password": "${PASSWORD}",
    }
    return WordPress(**{**defaults, **values})


def _at_once() -> None:
    pass


def full_post(**values: Any) -> Post:
    """A post with an image and tags."""
    return kinds.post(**{"image": kinds.image(PICTURE), "tags": ("Sóng và máy tính cho em", "A & B"), **values})
