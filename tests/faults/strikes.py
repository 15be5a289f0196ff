"""Cases and strikes as values: which fault, at which point, in which scene. A case is known by its text."""

import re
from dataclasses import dataclass, field

_STRIKE = re.compile(r"(?P<fault>\S+)(?: for (?P<seconds>[\d.]+) s)? @ (?P<point>.+?)(?: #(?P<nth>\d+))?")
_SEED = re.compile(r" \(seed (\d+)\)$")


@dataclass(frozen=True)
class Strike:
    """One fault at one point. The next strike of its case is armed once it has hit."""

    point: str  # its name, as `points` and `proxy` say it
    fault: str
    nth: int = 1  # at which passing of the point since it was armed
    seconds: float = 0.0  # of virtual time: how long it lasts, or how long the program is dead

    def __str__(self) -> str:
        lasts = f" for {self.seconds:g} s" if self.seconds else ""
        times = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.fault}{lasts} @ {self.point}{times}"

    @classmethod
    def read(cls, text: str) -> "Strike":
        """The strike of a text that one wrote. ValueError if none could have."""
        found = _STRIKE.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is no strike; they look like: kill for 60 s @ publish begins #2")
        return cls(found["point"], found["fault"], int(found["nth"] or 1), float(found["seconds"] or 0))


@dataclass(frozen=True)
class Case:
    """A scene and what befalls it."""

    scene: str
    strikes: tuple[Strike, ...] = ()
    seed: int = 0  # of all chance within it
    sure: bool = field(default=True, compare=False)  # every strike must hit: else the case proves nothing
    doubts: int | None = field(default=None, compare=False)  # how many deliveries may need a person; None: any number

    @property
    def fault(self) -> str:
        """The class of its faults, for the table."""
        if not self.sure:
            return "random lives"
        return " + ".join(dict.fromkeys(strike.fault for strike in self.strikes)) or "none"

    def __str__(self) -> str:
        seed = f" (seed {self.seed})" if self.seed else ""
        return f"{self.scene}: {'; '.join(map(str, self.strikes)) or 'nothing'}{seed}"

    @classmethod
    def read(cls, text: str) -> "Case":
        """The case of a text that one wrote; its strikes need not all hit. ValueError if none could have."""
        seed = _SEED.search(text)
        scene, _, strikes = text[: seed.start() if seed else None].partition(": ")
        read = () if strikes == "nothing" else tuple(map(Strike.read, strikes.split("; ")))
        return cls(scene, read, int(seed[1]) if seed else 0, sure=False)
