"""Kinds of channels that have settings and sessions, and publish nothing: for tests of the plan's grammar."""

from typing import Annotated, ClassVar

from pydantic import Field

from channels.base import Accepted, Channel, Io, Receipt, SessionChannel, Slot
from content.post import Format, Post
from content.values import Secret, Url


class Site(Channel):
    """A website with an address and a password."""

    format: ClassVar[Format] = Format.HTML
    url: Url
    username: str
    password: Secret

    def publish(self, post: Post, io: Io) -> Receipt | Accepted:
        raise AssertionError("nothing is published here")


class Box(Channel):
    """A channel without settings of its own."""

    format: ClassVar[Format] = Format.PLAIN

    def publish(self, post: Post, io: Io) -> Receipt | Accepted:
        raise AssertionError("nothing is published here")


class Station(SessionChannel):
    """A loudspeaker."""

    format: ClassVar[Format] = Format.SPOKEN
    volume: Annotated[int, Field(ge=1, le=10)] = 5

    def publish_slot(self, slot: Slot, io: Io) -> Receipt:
        raise AssertionError("nothing is published here")


KINDS: dict[str, type[Channel]] = {"site": Site, "box": Box, "station": Station}
