"""What may be shown of a request and its answer: never a key, even where a server repeats it to us.

Addresses lose their query and every part of their path that may be a key (a Telegram bot's token stands in the
path). Texts lose the secrets that were sent, and whatever else looks like one.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from content.characters import normal

_MASK = "…"
_LONGEST = 200  # characters of a server's words, or of an address
_SHORTEST = 4  # characters of a secret; fewer would mask every other word
_PUBLIC_HEADERS = {
    "accept", "accept-encoding", "accept-language", "content-disposition", "content-length", "content-type",
    "idempotency-key", "if-match", "if-modified-since", "if-none-match", "user-agent",
}  # fmt: skip
_SECRET_NAME = re.compile(r"pass|token|secret|key|hash|jwt|auth|sig|cred", re.IGNORECASE)
_TOKEN_LIKE = re.compile(r"(?=[^\s\"'<>]*\d)[\w:+/=.~%-]{16,}")
_WORDS = ("message", "error_description", "description", "detail", "title", "error", "errors")


def place(url: str) -> str:
    """An address as it may be shown: without user, query and fragment, and with parts like keys masked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that cannot be read"
    if ":" in host:
        host = f"[{host}]"
    path = "/".join(_MASK if _is_token_like(part) else part for part in parts.path.split("/"))
    shown = f"{parts.scheme}://{host}" + (f":{port}" if port else "") + path
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + _MASK


def secrets_of(url: str, headers: Mapping[str, str], fields: Any = None) -> frozenset[str]:
    """Every value of a request that may be secret: of its headers, its query, its path, and of form or JSON
    fields with telling names."""
    values: list[str] = []
    for name, value in headers.items():
        if name.lower() not in _PUBLIC_HEADERS:
            values += [value, *value.split()[-1:]]  # the last word: a token after its scheme
    parts = urlsplit(url)
    values += [value for _, value in parse_qsl(parts.query)]
    values += [part for part in parts.path.split("/") if _is_token_like(part)]
    if isinstance(fields, Mapping):
        values += [str(value) for name, value in fields.items() if _SECRET_NAME.search(str(name))]
    return frozenset(form for value in values if len(value) >= _SHORTEST for form in (value, unquote(value)))


def redact(text: str, secrets: Collection[str]) -> str:
    """The text with every one of the secrets masked, in whatever form others write them, the longest first."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is, and as Unicode, JSON, HTML, addresses and those who strip its spaces write it."""
    yield from (secret, normal(secret), normal(secret, "NFD"))
    yield from (json.dumps(secret)[1:-1], escape(secret), " ".join(secret.split()))
    for write in (quote, quote_plus):
        yield from (write(secret, errors="replace"), write(secret, safe="", errors="replace"))
    bare = "".join(secret.split())
    if len(bare) >= _SHORTEST:
        yield bare


def excerpt(body: bytes, secrets: Collection[str]) -> str:
    """What a server says in an answer, for a person: one line of at most 200 characters, or ''.

    It is the message in a JSON body, or a body that is plain text; pages of HTML say nothing here.
    """
    said = redact(_message(body), secrets)[: 10 * _LONGEST]
    said = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in said)
    said = redact(" ".join(said.split()), secrets)  # it may have been broken over lines
    said = _TOKEN_LIKE.sub(_MASK, said)
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + _MASK


def _message(body: bytes) -> str:
    text = body[: 64 * 1024].decode("utf-8", "replace").strip()
    try:
        return next(_texts(json.loads(text)), "")
    except (ValueError, RecursionError):
        return "" if text.startswith(("<", "{", "[")) else text[: 10 * _LONGEST]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value[:1]:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name in _WORDS:
            yield from _texts(value.get(name))


def _is_token_like(part: str) -> bool:
    """Whether a part of a path may be a key: a colon or an escape in it, or long and not made of plain words."""
    if ":" in part or "%" in part or len(part) > 64:
        return True
    mixed = any(word != word.lower() and len(word) >= 16 for word in re.split(r"[._~-]", part))
    return len(part) >= 16 and (mixed or any(letter.isdigit() for letter in part))
