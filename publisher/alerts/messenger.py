"""Carries messages out: by e-mail, through a service, and the sign of life to an outside watcher."""

import ssl
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from channels.base import ChannelError, Http, Refused
from channels.mail import header
from channels.redaction import place
from channels.services import LONGEST, notify
from channels.smtp import send, tls_context
from content.values import Secret
from publisher.alerts.words import Note
from publisher.schedules import Mail, Receiver
from publisher.settings import Secrets

_DEADLINE = 20.0  # seconds


class Messenger:
    """Sends at once or raises ChannelError, whose text holds no secret. Keeps nothing."""

    def __init__(self, secrets: Secrets, http: Http, tls: ssl.SSLContext | None = None) -> None:
        self._secrets = secrets
        self._http = http
        self._tls = tls or tls_context()

    def send(self, receiver: Receiver, mail: Mail | None, note: Note, now: datetime, hidden: Iterable[Secret]) -> None:
        """Hand a message over to whom it is for. `hidden`: whose values must not be in it."""
        note = Note(self._clean(note.subject, hidden), self._clean(note.body, hidden))
        if receiver.service is not None:
            self._notify(receiver.service, note)
        elif receiver.email is not None and mail is not None:
            self._mail(receiver.email, mail, note, now)
        else:
            raise Refused("there is no mail server for it (add `mail` to schedules.yaml)")

    def ping(self, address: Secret) -> None:
        """Give the outside watcher a sign of life."""
        url = self._secrets.reveal(address)
        try:
            self._http.request("GET", url, deadline=_DEADLINE)
        except ChannelError as error:
            reason = str(error).replace(place(url), str(address))  # any part of it may be its key
        else:
            return
        raise Refused(self._clean(reason, [address]))  # outside the except: what came before holds the address

    def _notify(self, service: Secret, note: Note) -> None:
        body = note.body if len(note.body) <= LONGEST else note.body[: LONGEST - 30].rsplit("\n", 1)[0]
        notify(
            self._secrets.reveal(service), note.subject, body if body == note.body else f"{body}\n… publisher alerts"
        )

    def _mail(self, address: str, mail: Mail, note: Note, now: datetime) -> None:
        message = EmailMessage()
        message["From"] = f"Publisher <{mail.sender}>"
        message["To"] = address
        message["Subject"] = header(note.subject)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(note.body)
        send(message, [address], mail.server(self._secrets.reveal), tls=self._tls, deadline=_DEADLINE)

    def _clean(self, text: str, hidden: Iterable[Secret]) -> str:
        return self._secrets.redact(text, tuple(hidden))
