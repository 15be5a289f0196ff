"""Writes a notice as a letter: in Vietnamese or English, with what it tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from channels.base import Refused, TryLater
from channels.loudspeaker import programme
from content.dates import short
from content.plain import text_from_html
from content.words import phrase, words
from publisher.schedules import Schedules
from publisher.store import deliveries, inboxes
from publisher.store.notices import About, Notice


class Gone(Exception):
    """What a notice tells of is no longer so; the text says why."""


@dataclass(frozen=True)
class Letter:
    """An e-mail to be written. `secret`: a part of it that may be repeated nowhere else."""

    subject: str
    body: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    secret: str | None = None


@dataclass(frozen=True)
class Desk:
    """What letters are written from. `link`: the address of an inbox's page; None without one that others reach."""

    schedules: Schedules
    folder: Path  # of all channels
    link: Callable[[str], str | None]

    def write(self, view: Connection, notice: Notice) -> Letter:
        """The letter of a notice. Gone if nothing is to be told any more; Refused or TryLater if it cannot be told."""
        spoken = words(self.schedules.alerts.lang)
        told = {name: spoken.sentence(one) for name, one in _WORDS.items()}
        match notice.about:
            case About.SCRIPT:
                return self._script(notice, told)
            case About.POST:
                return self._post(view, notice, told)
            case About.LINK:
                return self._link(view, notice, told)

    def _script(self, notice: Notice, told: Mapping[str, str]) -> Letter:
        found = programme(self.folder / notice.channel, notice.name)
        if found is None:
            raise Refused(f"the script {notice.name} is not whole in the station's folder any more")
        named = {"at": short(found.session), "agency": found.agency, "number": found.number}
        subject, lead = ("supplement", "supplement_lead") if found.number else ("script", "script_lead")
        text = found.files["script.txt"].decode()
        body = f"{told[lead].format(**named)}\n\n{told['printed']}\n\n{'-' * 40}\n\n{text}"
        files = {name: content for name, content in found.files.items() if name in ("script.pdf", "script.txt")}
        return Letter(told[subject].format(**named), body, files)

    def _post(self, view: Connection, notice: Notice, told: Mapping[str, str]) -> Letter:
        row = deliveries.get(view, notice.delivery or 0)
        post = row.post if row else None
        if post is None:
            raise Refused(f"the post {notice.name} is not kept any more")
        link = self.link(notice.channel)
        named = {"agency": self._agency(notice), "at": short(post.occurrence), "title": post.title, "url": link}
        parts = [told["post_lead"], told["open"] if link else "", "-" * 40, "{title}"]
        lead = "\n\n".join(part for part in parts if part).format(**named)
        body = "\n\n".join(part for part in (lead, post.summary, text_from_html(post.text)) if part)
        return Letter(told["post"].format(**named), f"{body}\n", secret=link)

    def _link(self, view: Connection, notice: Notice, told: Mapping[str, str]) -> Letter:
        if str(inboxes.current(view, notice.channel)) != notice.name:
            raise Gone("the link was revoked, or renewed, before it was sent")
        link = self.link(notice.channel)
        if link is None:
            raise TryLater("the pages have no address that agencies reach (start `publisher run` with --url)")
        named = {"agency": self._agency(notice), "url": link}
        return Letter(told["link"].format(**named), told["link_lead"].format(**named) + "\n", secret=link)

    def _agency(self, notice: Notice) -> str:
        channel = self.schedules.channels.get(notice.channel)
        return self.schedules.agencies[channel.agency].name if channel else notice.channel


_WORDS: Mapping[str, str] = {
    "script": phrase("Script of the session at {at}"),
    "script_lead": phrase("This is the script of the session at {at} of {agency}."),
    "supplement": phrase("Script of the session at {at}: supplement {number}"),
    "supplement_lead": phrase(
        "This is supplement {number} to the session at {at} of {agency}: read it after the script."
    ),
    "printed": phrase("The attached script.pdf is for printing."),
    "post": phrase("New: {title}"),
    "post_lead": phrase("The inbox of {agency} holds something new, to be published at {at}."),
    "open": phrase("Read, copy and download it: {url}"),
    "link": phrase("The private link to the inbox of {agency}"),
    "link_lead": phrase(
        "This is the private link to the inbox of {agency}:\n\n{url}\n\nIt opens the inbox to "
        "anybody who has it, so please do not forward this letter. An earlier link is not "
        "valid any more."
    ),
}
