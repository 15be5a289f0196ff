"""One value as YAML: as it stands where that means exactly it, else in quotes."""

import re

from content.yaml_scalars import DIGIT_LIMIT, resolve
from publisher.beginning.answers import Value
from publisher.importing.texts import cleaned, quoted

_PLAIN = re.compile(r"[^\W_](?:[\w ./@:–-]*[\w/])?")


def written(value: Value) -> str:
    """A text, a list of them, or a reference to a secret, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return str(value) if not isinstance(value, str) else value if _is_plain(value) else quoted(value)


def one_line(text: str) -> str:
    """What somebody typed, without what nobody sees, and in one line."""
    return " ".join(cleaned(text).split())


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or ": " in text or len(text) > DIGIT_LIMIT:
        return False
    return isinstance(resolve(text), str)
