"""The world outside: the real servers, or the sandbox's stand-ins of them for a rehearsal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from channels.base import Channel
from content.values import Secret
from publisher.settings import Secrets


class World(Protocol):
    """Where channels and feeds are, and what opens them."""

    @property
    def secrets(self) -> Secrets:
        """The credentials."""
        ...

    @property
    def allowed(self) -> Collection[str]:
        """Hosts inside a network that feeds may be fetched from, beside those of the workspace."""
        ...

    def channel(self, channel: Channel) -> Channel:
        """The channel as it is spoken to."""
        ...

    def feed(self, url: str) -> str:
        """The address at which a feed is read."""
        ...


class RealWorld:
    """The servers that the workspace names, with the secrets of the environment."""

    allowed: Collection[str] = ()

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.secrets = Secrets(environment)

    def channel(self, channel: Channel) -> Channel:
        return channel

    def feed(self, url: str) -> str:
        return url


class _SandboxSecrets(Secrets):
    """Any secret opens the sandbox, so that a rehearsal needs none and can leak none."""

    def _value(self, _secret: Secret) -> str | None:
        return "sandbox"


@dataclass(frozen=True)
class SandboxWorld:
    """The sandbox at an address: every channel speaks to its stand-in there, every feed is the same one."""

    url: str
    secrets: Secrets = field(default_factory=lambda: _SandboxSecrets({}))

    @property
    def allowed(self) -> Collection[str]:
        return (urlsplit(self.url).netloc,)

    def channel(self, channel: Channel) -> Channel:
        return channel.rehearsed(self.url)

    def feed(self, _url: str) -> str:
        return f"{self.url}/feed/bo.xml"
