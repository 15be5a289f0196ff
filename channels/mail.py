"""By whom e-mail goes out: the mail server that takes it, and the address that it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.header import Header
from enum import StrEnum

from content.values import Secret


def one_line(text: str) -> str:
    """A text without line ends and other signs that nobody sees."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def header(text: str) -> str:
    """A text as a header of an `EmailMessage`, which stands for what is written.

    A word of the text that looks like an encoded one (RFC 2047) would be decoded, whatever is hidden in it.
    """
    line = one_line(text)
    return Header(line, "utf-8").encode(maxlinelen=0) if "=?" in line else line


class Security(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"  # the connection becomes TLS before anything is said
    TLS = "tls"  # it is TLS from the beginning
    NONE = "none"  # for a relay on the same machine


#: The port that belongs to each of them.
PORTS: Mapping[Security, int] = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed over, and as whom."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"the mail server {self.host}:{self.port}"


@dataclass(frozen=True)
class Mail:
    """A mail server as the settings name it, and the address that is sent from."""

    host: str
    port: int
    security: Security
    username: str | None
    password: Secret | None
    sender: str

    def server(self, reveal: Callable[[Secret], str]) -> MailServer:
        """The server, with its password."""
        password = reveal(self.password) if self.password else None
        return MailServer(self.host, self.port, self.security, self.username, password)
