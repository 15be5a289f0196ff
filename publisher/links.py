"""The private links of inboxes: unguessable, revocable.

A link's token is derived from its number by a key that lies outside the database, so that neither alone, nor a
copy of the database, opens an inbox.
"""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from publisher.store import inboxes
from publisher.store.database import Store


class Links:
    """Makes and recognises tokens."""

    def __init__(self, store: Store, key: Path) -> None:
        self._store = store
        self._key = _key(key)

    def path(self, channel: str) -> str | None:
        """The path of the link in force of an inbox; None if it is revoked, or there is none yet."""
        with self._store.read() as view:
            number = inboxes.current(view, channel)
        return f"/i/{self._token(number)}/" if number is not None else None

    def channel(self, token: str) -> str | None:
        """The inbox that a token opens; None if it is unknown or revoked. In constant time for each link."""
        with self._store.read() as view:
            known = inboxes.in_force(view)
        found = None
        for number, channel in known.items():
            if hmac.compare_digest(self._token(number).encode(), token.encode()):
                found = channel
        return found

    def _token(self, number: int) -> str:
        digest = hmac.new(self._key, f"inbox link {number}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:24]).decode()


def _key(path: Path) -> bytes:
    """The key, made at first use with rights for the owner alone, and never but whole."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as made:  # for the owner alone
        made.write(secrets.token_bytes(32))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):  # another process was first
            os.link(made.name, path)
    return path.read_bytes()
