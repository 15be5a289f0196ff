"""What was answered: the bodies, the campaign, and the channels of a workspace that is to be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from channels.base import Channel, SessionChannel
from content.values import Secret

#: What a key may hold here: a text, several, or a reference to a secret.
Value = str | list[str] | Secret


@dataclass(frozen=True)
class Place:
    """A channel that is to be."""

    kind: str
    model: type[Channel]
    agency: str  # its key
    settings: Mapping[str, Value]  # in the order in which they are written
    hints: Mapping[str, str]  # what each of them means

    @property
    def speaks(self) -> bool:
        """Whether it has sessions of its own."""
        return issubclass(self.model, SessionChannel)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The variables that it reads."""
        return tuple(value.name for value in self.settings.values() if isinstance(value, Secret))


@dataclass(frozen=True)
class Answers:
    """All that was answered."""

    agencies: Mapping[str, str]  # name by key
    campaign: str  # its key
    title: str
    first: date
    at: str
    approves: bool  # a person approves each text
    places: tuple[Place, ...]

    @property
    def second(self) -> date:
        """The day after the first."""
        return self.first + timedelta(days=1)

    @property
    def timed(self) -> list[str]:
        """The channels that publish at any time."""
        return [place.kind for place in self.places if not place.speaks]

    @property
    def stations(self) -> list[str]:
        """The channels that have sessions."""
        return [place.kind for place in self.places if place.speaks]

    @property
    def secrets(self) -> list[str]:
        """The variables that have to be set."""
        return [name for place in self.places for name in place.secrets]
