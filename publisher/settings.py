"""The environment, read at the edge: secrets by NAME, or from the file that NAME_FILE names."""

from collections.abc import Mapping
from pathlib import Path

from channels.base import Unauthorized
from content.values import Secret


class SecretMissing(Unauthorized):
    """A secret has no value: its channel waits until it has one."""


class Secrets:
    """Reads secrets where they are used; keeps none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def is_set(self, secret: Secret) -> bool:
        """Whether the secret has a value."""
        return bool(self._value(secret))

    def reveal(self, secret: Secret) -> str:
        """The value. SecretMissing if it is not set: the channel waits, others go on."""
        value = self._value(secret)
        if not value:
            raise SecretMissing(missing(secret))
        return value

    def redact(self, text: str, secrets: tuple[Secret, ...]) -> str:
        """The text without the values of the secrets, should one have slipped into it."""
        values = {value: str(secret) for secret in secrets if (value := self._value(secret))}
        for value in sorted(values, key=len, reverse=True):  # one may be the beginning of another
            text = text.replace(value, values[value])
        return text

    def _value(self, secret: Secret) -> str | None:
        value = self._environment.get(secret.name, "").strip()
        if value:
            return value
        file = self._environment.get(f"{secret.name}_FILE")
        if not file:
            return None
        try:
            return Path(file).read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError):
            return None


def missing(secret: Secret) -> str:
    """What to tell a person about a secret that is not set."""
    return f"the secret {secret.name} is not set (set the variable {secret.name}, or {secret.name}_FILE to a file)"
