"""The judge: what the servers accepted, what the rows say, and what the log says, held against each other."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from content.values import parse_duration
from publisher.delivery import Delivery, State
from tests.faults.life import chat_place, web_place
from tests.faults.proxy import Heard
from tests.faults.replay import Replay, replay
from tests.faults.scenes import CODE, Scene

_KEY = re.compile(r"[a-z2-7]{16}")
ENDS = frozenset({State.PUBLISHED, State.FAILED, State.MISSED, State.SKIPPED, State.CANCELLED})
#: Ended, or standing where everybody sees it, with a reason.
VISIBLE = ENDS | {State.HELD, State.NEEDS_PERSON}
#: The states that say: the public does not have it.
NOT_OUT = frozenset({State.PLANNED, State.AWAITING, State.FAILED, State.MISSED, State.SKIPPED, State.CANCELLED})
SOON = timedelta(minutes=5)
#: A server that asks for patience is asked no sooner, but for what clocks and rounding take.
_TICK = timedelta(seconds=1)
_MOMENT = 0.001


@dataclass(frozen=True)
class Evidence:
    """All that is known when everything is over."""

    scene: Scene
    mark: str
    rows: Sequence[Delivery]
    log: Sequence[Mapping[str, Any]]
    first: frozenset[tuple[Any, ...]]  # the identities that there were at the beginning
    records: Sequence[Mapping[str, Any]]  # what the sandbox accepted
    shelves: Sequence[tuple[str, str]]  # channel and key of what came to stand in inboxes
    spoilt: Sequence[str]  # what changed, or was not whole, in a station's folder or an inbox
    heard: Sequence[Heard]
    end: datetime
    healed: datetime  # when the last fault was over
    begin: datetime = datetime(1970, 1, 1, tzinfo=UTC)  # where the clock began that is never set
    clock_was_set: bool = False
    is_unsteady: bool = False  # the log is not the whole one, or its times are not those of the requests
    full: Sequence[tuple[datetime, datetime]] = ()  # when the disk had no room
    resumed: bool = False  # a person let go on what was paused
    texts: Sequence[tuple[str, str]] = ()  # channel and code of what stands in inboxes

    def channel_at(self, place: str) -> str | None:
        """The channel whose place in the sandbox it is."""
        places = {
            web_place(self.mark, name) if kind == "wordpress" else chat_place(self.mark, name): name
            for name, kind in self.scene.channels.items()
        }
        return places.get(place)


@dataclass
class Verdict:
    """What became of a case."""

    case: str
    fault: str
    struck: int = 0  # how many of its strikes hit
    strikes: int = 0  # of how many
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # occurrences that disappeared, or of which a wrong thing is said
    unfit: list[str] = field(default_factory=list)  # the log, a life's end, the manners
    needs_person: int = 0
    settled: list[float] = field(default_factory=list)  # seconds, of each that settled by itself after the fault
    stuck: list[str] = field(default_factory=list)  # that should have settled by themselves, and did not

    @property
    def objections(self) -> list[str]:
        """All that the judge says against it; nothing is as it must be."""
        return [*self.twice, *self.lost, *self.unfit, *self.stuck]


def judge(verdict: Verdict, evidence: Evidence) -> Verdict:
    """Write what is found into the verdict."""
    told = replay(evidence.log)
    accepted = _accepted(evidence)
    _judge_servers(verdict, evidence, accepted)
    _judge_rows(verdict, evidence, accepted)
    _judge_log(verdict, evidence, told)
    _judge_liveness(verdict, evidence, told)
    _judge_manners(verdict, evidence)
    _judge_intents(verdict, evidence)
    _judge_lateness(verdict, evidence)
    return verdict


def _accepted(evidence: Evidence) -> Counter[tuple[str, str]]:
    """How often the servers accepted each thing: by channel, and key or code."""
    seen: Counter[tuple[str, str]] = Counter(evidence.shelves)
    for name, kind in evidence.scene.channels.items():
        for entry in evidence.records:
            if entry["action"] != "publish" or entry["kind"] != kind:
                continue
            if kind == "wordpress" and entry["place"] == web_place(evidence.mark, name):
                seen[name, _KEY.findall(entry["slug"])[-1]] += 1
            elif kind == "telegram" and entry["place"] == chat_place(evidence.mark, name):
                seen.update((name, code) for code in CODE.findall(entry["text"]))
            elif kind == "loudspeaker" and entry["place"] == name:
                seen.update((name, key) for key in entry["keys"])
    return seen


def _texts(evidence: Evidence) -> Counter[tuple[str, str]]:
    """How often each text went out where it goes out once, whichever row it was of."""
    seen: Counter[tuple[str, str]] = Counter(evidence.texts)
    for name, kind in evidence.scene.channels.items():
        for entry in evidence.records:
            if (
                kind == "wordpress"
                and entry["place"] == web_place(evidence.mark, name)
                and entry["action"] == "publish"
            ):
                seen.update((name, code) for code in CODE.findall(unescape(entry["text"])))
    return seen


def _judge_servers(verdict: Verdict, evidence: Evidence, accepted: Counter[tuple[str, str]]) -> None:
    texts = _texts(evidence)
    verdict.twice += [
        f"{name} accepted text {what} {count} times" for (name, what), count in texts.items() if count > 1
    ]
    verdict.twice += [f"{name} accepted {what} {count} times" for (name, what), count in accepted.items() if count > 1]
    verdict.unfit += evidence.spoilt
    known = {(row.channel, what) for row in evidence.rows for what in _names(evidence.scene, row)}
    verdict.lost += [
        f"{name} has {what}, of which no row tells" for name, what in accepted if (name, what) not in known
    ]


def _names(scene: Scene, row: Delivery) -> Iterable[str]:
    """What a delivery is known by on its channel."""
    if scene.channels.get(row.channel) == "telegram" and row.message:
        return scene.codes(row.message)
    return (row.key,)


def _judge_rows(verdict: Verdict, evidence: Evidence, accepted: Counter[tuple[str, str]]) -> None:
    there = {row.identity for row in evidence.rows}
    verdict.lost += [f"{_short(one)} has no row any more" for one in evidence.first - there]
    standing = {(row.channel, row.message) for row in evidence.rows if row.is_out}
    for row in evidence.rows:
        names = _names(evidence.scene, row)
        out = sum(accepted[row.channel, what] > 0 for what in names)
        said = f"{_short(row.identity)} is {row.state.value} ({row.reason})"
        if row.state is State.PUBLISHED and out < len(list(names)):
            verdict.lost.append(f"{said}, and its channel has {out} of {len(list(names))} parts")
        is_of_another = (
            evidence.scene.channels.get(row.channel) == "telegram" and (row.channel, row.message) in standing
        )
        if row.state in NOT_OUT and out and not row.may_be_out and not is_of_another:
            verdict.lost.append(f"{said}, and its channel has it")
        if row.state not in VISIBLE and row.due <= evidence.end:
            verdict.stuck.append(f"{said} at the end")
        if row.state in VISIBLE and not row.reason:
            verdict.lost.append(f"{said} without a reason")
        if row.lease_until is not None:
            verdict.unfit.append(f"{said}, and somebody holds it")


def _judge_log(verdict: Verdict, evidence: Evidence, told: Replay) -> None:
    verdict.unfit += told.gaps
    by_number = {row.id: row for row in evidence.rows}
    for number, row in by_number.items():
        one = told.deliveries.get(number)
        if one is None:
            verdict.unfit.append(f"{_short(row.identity)} is not in the log")
        elif one.state is not row.state:
            verdict.unfit.append(
                f"{_short(row.identity)} is {row.state.value}, and by the log it would be {one.state.value}"
            )
        elif one.epoch > row.epoch or (row.receipt and (one.receipt or {}).get("id") != row.receipt.id):
            verdict.unfit.append(f"{_short(row.identity)}: epoch or receipt are not those of the log")
    verdict.unfit += [
        f"the log tells of delivery {one}, which is not there" for one in told.deliveries.keys() - by_number
    ]


def _judge_liveness(verdict: Verdict, evidence: Evidence, told: Replay) -> None:
    for row in evidence.rows:
        can_be_asked = evidence.scene.channels.get(row.channel) != "telegram"
        if row.state is State.NEEDS_PERSON:
            verdict.needs_person += 1
            if can_be_asked:
                verdict.stuck.append(f"{_short(row.identity)} needs a person: {row.reason}")
        if row.state is State.HELD:
            verdict.stuck.append(f"{_short(row.identity)} is held still: {row.reason}")
        one = told.deliveries.get(row.id)
        if evidence.resumed and one and any(state == "held" for _, state in one.journey):
            verdict.needs_person += 1
        elif row.state is State.PUBLISHED and one:
            at = datetime.fromisoformat(one.journey[-1][0])
            if at >= evidence.healed:
                verdict.settled.append(max((at - max(row.due, evidence.healed)).total_seconds(), 0.0))


def _judge_intents(verdict: Verdict, evidence: Evidence) -> None:
    """A request that may publish leaves only while a delivery of its channel is being sent, by the log."""
    if evidence.is_unsteady:
        return
    sending = _intervals(evidence)
    for heard in evidence.heard:
        name = evidence.channel_at(heard.place)
        if name is None or not heard.label.startswith(("POST", "DELETE", "send")):
            continue
        if not any(begin <= heard.elapsed <= end for begin, end in sending[name]):
            verdict.unfit.append(f"{name} got {heard.label} at {heard.at:%H:%M:%S}, and nothing was being sent to it")


def _intervals(evidence: Evidence) -> Mapping[str, list[tuple[float, float]]]:
    """By channel from when to when a delivery was being sent, in seconds that passed."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in evidence.scene.channels}
    begun: dict[int, tuple[str, float]] = {}
    jumped = 0.0
    for entry in evidence.log:
        if entry["event"] == "clock_jumped":
            jumped += entry["seconds"]
        if "delivery" not in entry:
            continue
        number, at = entry["delivery"], (datetime.fromisoformat(entry["at"]) - evidence.begin).total_seconds() - jumped
        if entry["event"] == State.SENDING:
            begun[number] = entry["channel"], at - _MOMENT
        elif number in begun and "was" in entry:
            name, since = begun.pop(number)
            found[name].append((since, at + _MOMENT))
    for name, since in begun.values():
        found[name].append((since, math.inf))
    return found


def _judge_manners(verdict: Verdict, evidence: Evidence) -> None:
    """Nothing begins on a full disk; who asked for patience is left in peace for as long."""
    if evidence.clock_was_set:
        return  # waits keep their length, and move with the clock
    for entry in evidence.log:
        if entry["event"] == State.SENDING and any(
            since < datetime.fromisoformat(entry["at"]) < end for since, end in evidence.full
        ):
            verdict.unfit.append(f"delivery {entry['delivery']} was begun although the disk was full")
    until: dict[str, datetime] = {}
    for heard in evidence.heard:
        if heard.at < until.get(heard.place, heard.at) - _TICK:
            verdict.unfit.append(f"{heard.place} was asked {heard.label} although it had asked for patience")
        if heard.status == 429 and heard.after:
            until[heard.place] = heard.at + timedelta(seconds=heard.after)


def _judge_lateness(verdict: Verdict, evidence: Evidence) -> None:
    """Nothing begins beyond its grace, or when its session has begun; unless a person let it go on."""
    if evidence.clock_was_set or evidence.resumed:
        return
    grace, by_number = parse_duration(evidence.scene.grace), {row.id: row for row in evidence.rows}
    for entry in evidence.log:
        row = by_number.get(entry.get("delivery", 0))
        if entry["event"] != State.SENDING or row is None:
            continue
        at = datetime.fromisoformat(entry["at"])
        if at > (row.session or datetime.fromisoformat(entry["due"]) + grace):
            verdict.unfit.append(f"{_short(row.identity)} was begun at {at:%H:%M:%S} UTC, which is too late")


def _short(identity: tuple[Any, ...]) -> str:
    schedule, occurrence, channel, item = identity
    return f"{schedule} of {occurrence:%H:%M} UTC on {channel}" + (f" ({item})" if item else "")
