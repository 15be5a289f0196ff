"""The kind that benches speak through: a publication is one POST, at any rate; and the world in which it is used."""

from typing import Any, ClassVar

from channels.base import Channel, Io, Receipt
from content.post import Format, Post
from content.values import Rate, Url
from publisher.settings import Secrets


class Sink(Channel):
    """A server that takes whatever is sent to it."""

    format: ClassVar[Format] = Format.HTML
    default_rate: ClassVar[Rate] = Rate(1_000_000, 1)

    url: Url

    def publish(self, post: Post, io: Io) -> Receipt:
        """One request."""
        url = f"{self.url}/{post.key}"
        io.http.request("POST", url, json=payload(post.key, post.title, post.text))
        return Receipt(post.key, url)


def payload(key: str, title: str, text: str) -> dict[str, Any]:
    """What is sent: the baselines send the same."""
    return {"slug": key, "title": title, "content": text, "status": "publish"}


class SinkWorld:
    """Every channel of the workspace is a sink; of feeds there are none.

    In the sinks' address `{channel}` stands for the channel's name, if each has a host of its own.
    """

    allowed: tuple[str, ...] = ()

    def __init__(self, url: str) -> None:
        self._url = url
        self._sinks: dict[str, Sink] = {}  # a real world makes none at each delivery
        self.secrets = Secrets({"PASSWORD": "bench"})

    def channel(self, channel: Channel) -> Channel:
        """The sink in a channel's place."""
        if channel.name not in self._sinks:
            url = self._url.format(channel=channel.name)
            self._sinks[channel.name] = Sink(name=channel.name, agency=channel.agency, url=url)
        return self._sinks[channel.name]

    def feed(self, url: str) -> str:
        """As it is."""
        return url
