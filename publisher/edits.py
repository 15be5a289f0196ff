"""What an edit means for what already went out: renamed schedules, and places that are taken. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from publisher.delivery import Delivery, Identity
from publisher.layout import Place, content_of, local_day
from publisher.picking import Pick
from publisher.schedules import Schedule
from publisher.store.plans import Known
from publisher.workspace import Workspace, is_in


def renamed(known: Mapping[str, Known], schedules: Iterable[Schedule]) -> dict[str, Schedule]:
    """Which vanished schedule is now which new one: exactly one of the same content or feed on either side."""
    present = {schedule.id: schedule for schedule in schedules}
    vanished = [old for old in known.values() if old.removed_at is None and old.id not in present]
    appeared = [schedule for schedule in present.values() if schedule.id not in known]
    pairs = {}
    for old in vanished:
        alike = [new for new in appeared if _same_content(old.id, old.content, new)]
        rivals = [other for other in vanished if alike and _same_content(other.id, other.content, alike[0])]
        if len(alike) == 1 and len(rivals) == 1:
            pairs[old.id] = alike[0]
    return pairs


def _same_content(schedule: str, content: str, new: Schedule) -> bool:
    return schedule.split("/")[0] == new.campaign and content == content_of(new)


@dataclass(frozen=True)
class Candidate:
    """A place that the plan in force implies and that a displaced delivery may take."""

    schedule: Schedule
    place: Place
    item: str = ""

    @property
    def identity(self) -> Identity:
        return self.schedule.id, self.place.occurrence, self.place.channel.name, self.item

    def key(self, zone: ZoneInfo) -> tuple[str, str]:
        """Its channel and its local day."""
        return self.place.channel.name, local_day(self.place.occurrence, zone)

    def suits(self, row: Delivery) -> bool:
        """Whether it is for the row's content."""
        if row.campaign != self.schedule.campaign or self.schedule.content is None:
            return False
        if self.item:
            return self.item == row.message
        return row.content == self.schedule.content or bool(row.message and is_in(row.message, self.schedule.content))


def candidates(workspace: Workspace, schedule: Schedule, places: Iterable[Place]) -> list[Candidate]:
    """These places of a schedule of the plan in force, in their order; none for a feed."""
    if schedule.feed is not None:
        return []
    if schedule.pick is Pick.ALL:
        return [Candidate(schedule, place, item) for place in places for item in workspace.listing(schedule)]
    return [Candidate(schedule, place) for place in places]


def taken(displaced: Iterable[Delivery], free: Iterable[Candidate], zone: ZoneInfo) -> dict[Identity, str]:
    """The places that deliveries which went out, but which the plan no longer contains, take in it.

    Each takes the nearest free one of its content, channel and nominal local day, past ones included. The reason is
    for the row of the place that is taken.
    """
    places: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in free:
        places.setdefault(candidate.key(zone), []).append(candidate)
    reasons = {}
    for row in sorted(displaced, key=lambda row: (row.occurrence, row.id)):
        there = places.get((row.channel, row.day), [])
        suitable = [candidate for candidate in there if candidate.suits(row)]
        if suitable:
            nearest = min(suitable, key=lambda one: (abs(one.place.occurrence - row.occurrence), one.place.occurrence))
            there.remove(nearest)
            was = row.occurrence.astimezone(zone)
            reasons[nearest.identity] = (
                f"delivery {row.id} of {was:%Y-%m-%d %H:%M} takes its place: an edit moved it after it went out"
            )
    return reasons


def is_manual(row: Delivery) -> bool:
    """Whether a person sent, corrected or withdrew it, outside of any schedule."""
    return "/@" in row.schedule
