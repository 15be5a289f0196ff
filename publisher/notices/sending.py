"""Sends notices: each is claimed before it leaves, and never sent again by itself once it may have left."""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from channels.base import ChannelError, InDoubt, Mailer, Refused, TryLater, Unauthorized, Unavailable
from channels.mail import Mail, header
from channels.redaction import redact
from channels.smtp import Unsuitable
from publisher.notices.letters import Desk, Gone, Letter
from publisher.notices.making import make
from publisher.schedules import Schedules
from publisher.settings import Secrets
from publisher.store import notices
from publisher.store.database import Store
from publisher.store.notices import Fate, Notice

_FIRST, _MOST = timedelta(minutes=1), timedelta(hours=1)
#: So long is tried to send a notice that is certainly not accepted.
_KEEP = timedelta(days=7)
#: So often in a row may it fail before that is an alert.
_FAILURES = 3
#: So many are sent in one round: whoever stops Publisher waits for its end.
_AT_ONCE = 50
#: What says that the mail server, and not the letter or its address, is in trouble.
_OF_THE_SERVER = Unavailable | Unauthorized | Unsuitable | InDoubt
_ENCODED = "quoted-printable"
_ORPHANED = "Publisher ended while it was being sent: it may have been"


class Notifier:
    """Tells announcers and agencies of one workspace. Safe for threads: one round at a time, another does nothing."""

    def __init__(
        self, store: Store, mail: Mailer, secrets: Secrets, folder: Path, link: Callable[[str], str | None]
    ) -> None:
        self._store = store
        self._mail = mail
        self._secrets = secrets
        self._folder = folder
        self._link = link
        self._turn = threading.Lock()

    def round(self, schedules: Schedules, now: datetime) -> None:
        """Make the notices of what is new, and send what may be sent."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._doubt_orphans(now)
            make(self._store, schedules, now)
            if schedules.mail is not None:
                self._send_all(Desk(schedules, self._folder, self._link), schedules.mail, now)
        finally:
            self._turn.release()

    def _doubt_orphans(self, now: datetime) -> None:
        """What an earlier round, or an earlier process, began to send may have left."""
        with self._store.read() as view:
            found = notices.orphaned(view)
        for notice in found:
            self._end(notice, Fate.IN_DOUBT, _ORPHANED, now)

    def _send_all(self, desk: Desk, mail: Mail, now: datetime) -> None:
        """One after another, until the mail server itself has no use for more."""
        with self._store.read() as view:
            due = notices.due(view, now, _MOST)
        for notice in due[:_AT_ONCE]:
            if isinstance(self._send(notice, desk, mail, now), _OF_THE_SERVER):
                return

    def _send(self, notice: Notice, desk: Desk, mail: Mail, now: datetime) -> ChannelError | None:
        """Send one, if it is still ours to send; the error if it failed."""
        try:
            with self._store.read() as view:
                letter = desk.write(view, notice)
        except Gone as gone:
            self._end(notice, Fate.DROPPED, str(gone), now)
            return None
        except ChannelError as error:
            self._failed(notice, error, str(error), now)
            return error
        message = _message(letter, notice, mail.sender, self._store.uuid, now)
        with self._store.write() as tx:
            if not notices.claim(tx, notice):
                return None
        try:
            self._mail.send(message, [notice.receiver], mail.server(self._secrets.reveal))
        except ChannelError as error:
            self._failed(notice, error, self._clean(str(error), letter, mail), now)
            return error
        self._end(notice, Fate.SENT, "", now)
        return None

    def _failed(self, notice: Notice, error: ChannelError, reason: str, now: datetime) -> None:
        match error:
            case TryLater() | Unauthorized() | Unsuitable():
                self._put_off(notice, reason, now)
            case Refused():
                self._end(notice, Fate.REFUSED, reason, now)
            case _:
                self._end(notice, Fate.IN_DOUBT, reason, now)

    def _put_off(self, notice: Notice, reason: str, now: datetime) -> None:
        """It is certainly not accepted: it is tried again, but not for ever."""
        if abs(now - (notice.made_at or now)) > _KEEP:
            self._end(notice, Fate.REFUSED, f"not accepted for {_KEEP.days} days: {reason}", now)
            return
        wait = min(_FIRST * 2 ** min(notice.attempts, 10), _MOST)
        with self._store.write() as tx:
            notices.put_off(tx, notice, reason, now + wait)
            if notice.attempts + 1 == _FAILURES:
                notices.tell(tx, "late", notice, reason, now)

    def _end(self, notice: Notice, fate: Fate, reason: str, now: datetime) -> None:
        with self._store.write() as tx:
            notices.end(tx, notice, fate, reason, now)

    def _clean(self, reason: str, letter: Letter, mail: Mail) -> str:
        """What a server said, without what it was told in confidence."""
        known = {letter.secret, letter.secret.rstrip("/").rpartition("/")[2]} if letter.secret else set()
        return redact(self._secrets.redact(reason, (mail.password,) if mail.password else ()), known)


def _message(letter: Letter, notice: Notice, sender: str, uuid: str, now: datetime) -> EmailMessage:
    """The same notice always has the same `Message-ID`."""
    message = EmailMessage()
    message["From"] = f"Publisher <{sender}>"
    message["To"] = notice.receiver
    message["Subject"] = header(letter.subject)
    message["Date"] = format_datetime(now)
    name = hashlib.sha256(f"{uuid} notice {notice.id}".encode()).hexdigest()[:24]
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(letter.body, cte=_ENCODED)
    for file, content in letter.files.items():
        if file.endswith(".pdf"):
            message.add_attachment(content, "application", "pdf", filename=file)
        else:
            message.add_attachment(content.decode(), filename=file, cte=_ENCODED)
    return message
