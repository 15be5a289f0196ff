"""Alerts in words: Vietnamese or English, with the command to run. Pure."""

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from content.words import phrase, words
from publisher.alerts.news import News
from publisher.schedules import Topic
from publisher.store.alerts import Alert, Known

#: So many of a kind are named in one message; the rest is counted.
_NAMED = 10
_LONGEST = 300  # characters of one line

_AS = {"vi": "--as TÊN --because 'LÝ DO'", "en": "--as NAME --because TEXT"}


@dataclass(frozen=True)
class _Topic:
    """What a topic is called, and what to do about it."""

    title: str
    hint: str
    command: Callable[[Sequence[Alert], str], str]


def _numbers(verb: str) -> Callable[[Sequence[Alert], str], str]:
    def command(same: Sequence[Alert], lang: str) -> str:
        numbers = " ".join(alert.facts["delivery"] for alert in same[:_NAMED] if "delivery" in alert.facts)
        return f"publisher {verb} {numbers} {_AS[lang]}"

    return command


def _settle(same: Sequence[Alert], lang: str) -> str:
    return f"publisher settle {same[0].facts['delivery']} --published {_AS[lang]}"


def _approve(same: Sequence[Alert], _lang: str) -> str:
    return f"publisher approve {' '.join(dict.fromkeys(shlex.quote(a.facts['campaign']) for a in same[:1]))}"


def _resume(same: Sequence[Alert], lang: str) -> str:
    channel = same[0].facts.get("channel")
    return f"publisher resume {f'--channel {channel}' if channel else '--all'} {_AS[lang]}"


def _plain(words: str) -> Callable[[Sequence[Alert], str], str]:
    return lambda _same, _lang: words


_TOPICS: Mapping[Topic, _Topic] = {
    Topic.NEEDS_PERSON: _Topic(
        phrase("perhaps out: a person has to look"),
        phrase("Look at the channel; if it is not out, write --absent instead of --published"),
        _settle,
    ),
    Topic.IN_DOUBT: _Topic(
        phrase("perhaps out, and still being looked up"),
        phrase("See whether the channel's server works"),
        lambda same, _: f"publisher log --delivery {same[0].facts['delivery']}",
    ),
    Topic.FAILED: _Topic(
        phrase("cannot be published"),
        phrase("Mend the cause, then let it go on"),
        _numbers("release"),
    ),
    Topic.MISSED: _Topic(
        phrase("missed their time"),
        phrase("If it shall still go out"),
        _numbers("release"),
    ),
    Topic.HELD: _Topic(
        phrase("held since they are late: a person decides"),
        phrase("Let it go out, or take it out with publisher cancel"),
        _numbers("release"),
    ),
    Topic.APPROVAL: _Topic(
        phrase("texts to be approved before their time"),
        phrase("Read the text; add --as NAME to approve it"),
        _approve,
    ),
    Topic.LATE: _Topic(
        phrase("channels with deliveries that are due and wait"),
        phrase("See what keeps the channel"),
        _plain("publisher channels"),
    ),
    Topic.CHANNEL: _Topic(
        phrase("paused: a channel, or everything"),
        phrase("Mend the cause (mostly its credentials), then resume it"),
        _resume,
    ),
    Topic.FEED: _Topic(
        phrase("feeds cannot be read"),
        phrase("Open the feed's address"),
        _plain("publisher check"),
    ),
    Topic.FILES: _Topic(
        phrase("mistakes in the files; the last valid plan stays in force"),
        phrase("See every mistake"),
        _plain("publisher check"),
    ),
    Topic.DISK: _Topic(
        phrase("the disk is nearly full"),
        phrase("Free space on the disk of the folder var/"),
        _plain("df -h var"),
    ),
    Topic.CLOCK: _Topic(
        phrase("the machine's clock jumped"),
        phrase("Check the machine's time"),
        _plain("timedatectl"),
    ),
    Topic.NOTICE: _Topic(
        phrase("e-mails that perhaps did not arrive"),
        phrase("Tell them by telephone: the script or post is where it was; mend the address or `mail`"),
        lambda same, _: f"publisher log --delivery {same[0].facts['delivery']}"
        if "delivery" in same[0].facts else "publisher log --last 100",
    ),
    Topic.RECEIVER: _Topic(
        phrase("cannot be reached with alerts"),
        phrase("Mend `mail` or `alerts`, then try"),
        _plain("publisher alerts --test"),
    ),
}  # fmt: skip

_WORDS: Mapping[str, str] = {
    "fresh": phrase("New"),
    "again": phrase("Still so"),
    "over": phrase("Over"),
    "more": phrase("and {n} more: publisher alerts"),
    "do": phrase("Command"),
    "before": phrase("before"),
    "since": phrase("since"),
    "count": phrase("{n} deliveries"),
    "free": phrase("{free} free"),
    "test": phrase("A test"),
    "works": phrase("Publisher's alerts reach you here."),
}


@dataclass(frozen=True)
class Note:
    """A message to a person."""

    subject: str
    body: str


@dataclass(frozen=True)
class Writer:
    """Writes in one language, with the local times of one place."""

    lang: str
    zone: ZoneInfo

    def note(self, workspace: str, told: News) -> Note:
        """One message of all that is told at once."""
        parts = [
            (self.word(name), [one.alert for one in known])
            for name, known in (("fresh", told.fresh), ("again", told.again), ("over", told.over))
            if known
        ]
        summary = "; ".join(f"{word}: {self.summary(group)}" for word, group in parts)
        over = self.word("over")
        body = "\n\n".join(f"{word.upper()}\n\n{self.listing(group, acts=word != over)}" for word, group in parts)
        return Note(line(f"[Publisher {workspace}] {summary}"), body + "\n")

    def test(self, workspace: str) -> Note:
        """A message that tells nothing but that it came."""
        return Note(line(f"[Publisher {workspace}] {self.word('test')}"), f"{self.word('works')}\n")

    def summary(self, group: Iterable[Alert]) -> str:
        """`2 không đăng được, 1 đã lỡ giờ đăng`."""
        return ", ".join(f"{len(same)} {self.title(topic)}" for topic, same in _by_topic(group).items())

    def listing(self, group: Iterable[Alert], *, acts: bool = True) -> str:
        """Each topic with its alerts and, if one acts upon them, with what to do."""
        return "\n\n".join(self._section(topic, same, acts) for topic, same in _by_topic(group).items())

    def title(self, topic: Topic) -> str:
        """What a topic is called."""
        return words(self.lang).of(_TOPICS[topic].title)

    def advice(self, same: Sequence[Alert]) -> tuple[str, str]:
        """What to do about alerts of one topic: a hint, and the command."""
        topic = _TOPICS[same[0].topic]
        return words(self.lang).of(topic.hint), topic.command(same, self.lang)

    def say(self, alert: Alert) -> str:
        """One alert in one line."""
        facts = alert.facts
        number = f"#{facts['delivery']}" if "delivery" in facts else ""
        where = f"→ {facts['channel']}" if "channel" in facts and "what" in facts else facts.get("channel", "")
        at = self.at(facts["at"]) if "at" in facts else ""
        due = ""
        if "due" in facts:
            due = f"{self.word('before' if alert.topic is Topic.APPROVAL else 'since')} {self.at(facts['due'])}"
        count = self.word("count").format(n=facts["count"]) if "count" in facts and alert.topic is Topic.LATE else ""
        free = self.word("free").format(free=facts["free"]) if "free" in facts else ""
        said = "  ".join(filter(None, (number, facts.get("what", ""), where, due or at, count, free)))
        reason = words(self.lang).of(facts.get("reason", ""))
        return line(f"{said}: {reason}" if said and reason else said or reason or self.title(alert.topic))

    def plain(self, known: Iterable[Known]) -> list[dict[str, str | None]]:
        """Alerts for programs."""
        return [
            {
                "topic": one.alert.topic.value,
                "since": one.opened_at.astimezone(self.zone).isoformat(),
                "campaign": one.alert.campaign,
                "agency": one.alert.agency,
                "text": self.say(one.alert),
                "command": self.advice([one.alert])[1],
            }
            for one in known
        ]

    def at(self, instant: str | datetime) -> str:
        """`08:00 14/02/2022`."""
        moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return f"{moment.astimezone(self.zone):%H:%M %d/%m/%Y}"

    def word(self, name: str) -> str:
        """One of the small words."""
        return words(self.lang).sentence(_WORDS[name])

    def _section(self, topic: Topic, same: Sequence[Alert], acts: bool) -> str:
        lines = [f"{self.title(topic).capitalize()} ({len(same)})", *(f"  {self.say(one)}" for one in same[:_NAMED])]
        if len(same) > _NAMED:
            lines.append(f"  … {self.word('more').format(n=len(same) - _NAMED)}")
        if acts:
            hint, command = self.advice(same)
            lines += [f"  {hint}.", f"  {self.word('do')}: {command}"]
        return "\n".join(lines)


def line(text: str) -> str:
    """A text from outside as one line: no breaks, no control characters, not too long."""
    said = "".join(letter if letter.isprintable() else " " for letter in text)
    said = " ".join(said.split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def by_topic(known: Iterable[Known]) -> Mapping[Topic, Sequence[Alert]]:
    """The alerts of each topic, in the order of urgency."""
    return _by_topic(one.alert for one in known)


def _by_topic(group: Iterable[Alert]) -> dict[Topic, list[Alert]]:
    found: dict[Topic, list[Alert]] = defaultdict(list)
    for alert in group:
        found[alert.topic].append(alert)
    return {topic: found[topic] for topic in _TOPICS if topic in found}
