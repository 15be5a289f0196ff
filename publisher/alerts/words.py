"""Alerts in words: Vietnamese or English, with the command to run. Pure."""

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

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

    vi: str
    en: str
    vi_hint: str
    en_hint: str
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
        "chưa rõ đã đăng hay chưa, cần người xác minh", "perhaps out: a person has to look",
        "Mở kênh xem bài đã đăng chưa; nếu chưa, ghi --absent thay cho --published",
        "Look at the channel; if it is not out, write --absent instead of --published", _settle,
    ),
    Topic.IN_DOUBT: _Topic(
        "chưa rõ đã đăng hay chưa, vẫn đang tra cứu", "perhaps out, and still being looked up",
        "Kiểm tra máy chủ của kênh có hoạt động không", "See whether the channel's server works",
        lambda same, _: f"publisher log --delivery {same[0].facts['delivery']}",
    ),
    Topic.FAILED: _Topic(
        "không đăng được", "cannot be published",
        "Sửa nguyên nhân, rồi cho đăng lại", "Mend the cause, then let it go on", _numbers("release"),
    ),
    Topic.MISSED: _Topic(
        "đã lỡ giờ đăng", "missed their time",
        "Nếu vẫn muốn đăng", "If it shall still go out", _numbers("release"),
    ),
    Topic.HELD: _Topic(
        "đang giữ lại vì quá giờ, cần người quyết định", "held since they are late: a person decides",
        "Cho đăng, hoặc dùng publisher cancel để bỏ", "Let it go out, or take it out with publisher cancel",
        _numbers("release"),
    ),
    Topic.APPROVAL: _Topic(
        "văn bản cần duyệt trước giờ đăng", "texts to be approved before their time",
        "Xem văn bản; thêm --as TÊN để duyệt", "Read the text; add --as NAME to approve it", _approve,
    ),
    Topic.LATE: _Topic(
        "kênh có lượt đăng đến giờ mà chưa gửi được", "channels with deliveries that are due and wait",
        "Xem kênh nào đang nghẽn", "See what keeps the channel", _plain("publisher channels"),
    ),
    Topic.CHANNEL: _Topic(
        "kênh (hoặc toàn bộ) đang tạm dừng", "paused: a channel, or everything",
        "Sửa nguyên nhân (thường là mật khẩu của kênh), rồi cho chạy tiếp",
        "Mend the cause (mostly its credentials), then resume it", _resume,
    ),
    Topic.FEED: _Topic(
        "nguồn tin không đọc được", "feeds cannot be read",
        "Mở địa chỉ của nguồn tin để xem", "Open the feed's address", _plain("publisher check"),
    ),
    Topic.FILES: _Topic(
        "có lỗi trong các tệp; kế hoạch hợp lệ gần nhất vẫn được thực hiện",
        "mistakes in the files; the last valid plan stays in force",
        "Xem mọi lỗi", "See every mistake", _plain("publisher check"),
    ),
    Topic.DISK: _Topic(
        "đĩa sắp đầy", "the disk is nearly full",
        "Giải phóng chỗ trên đĩa chứa thư mục var/", "Free space on the disk of the folder var/", _plain("df -h var"),
    ),
    Topic.CLOCK: _Topic(
        "đồng hồ của máy bị thay đổi", "the machine's clock jumped",
        "Kiểm tra giờ của máy", "Check the machine's time", _plain("timedatectl"),
    ),
    Topic.NOTICE: _Topic(
        "thư cho phát thanh viên hoặc cơ quan chưa chắc tới nơi", "e-mails that perhaps did not arrive",
        "Gọi điện báo họ: kịch bản hoặc nội dung vẫn ở chỗ cũ; sửa địa chỉ hoặc phần mail",
        "Tell them by telephone: the script or post is where it was; mend the address or `mail`",
        lambda same, _: f"publisher log --delivery {same[0].facts['delivery']}"
        if "delivery" in same[0].facts else "publisher log --last 100",
    ),
    Topic.RECEIVER: _Topic(
        "không gửi được cảnh báo cho", "cannot be reached with alerts",
        "Sửa phần mail hoặc alerts, rồi thử lại", "Mend `mail` or `alerts`, then try",
        _plain("publisher alerts --test"),
    ),
}  # fmt: skip

_WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {"fresh": "Mới", "again": "Vẫn chưa xong", "over": "Đã hết", "more": "và {n} việc khác: publisher alerts",
           "do": "Lệnh", "before": "trước", "since": "từ", "count": "{n} lượt", "free": "còn trống {free}",
           "test": "Thư thử", "works": "Cảnh báo của Publisher tới được đây."},
    "en": {"fresh": "New", "again": "Still so", "over": "Over", "more": "and {n} more: publisher alerts",
           "do": "Command", "before": "before", "since": "since", "count": "{n} deliveries", "free": "{free} free",
           "test": "A test", "works": "Publisher's alerts reach you here."},
}  # fmt: skip


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
        return _TOPICS[topic].vi if self.lang == "vi" else _TOPICS[topic].en

    def advice(self, same: Sequence[Alert]) -> tuple[str, str]:
        """What to do about alerts of one topic: a hint, and the command."""
        topic = _TOPICS[same[0].topic]
        return topic.vi_hint if self.lang == "vi" else topic.en_hint, topic.command(same, self.lang)

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
        reason = facts.get("reason", "")
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
        return _WORDS[self.lang][name]

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
