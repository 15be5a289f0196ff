"""The compliance log's entries in canonical form. Pure.

An entry is plain JSON; its canonical bytes (RFC 8785) are what is stored and what is hashed, so that anybody
can check it without this program. Leaf hashes are those of RFC 6962.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import rfc8785

_dumps = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def plain(value: Any) -> Any:
    """A value from outside as canonical JSON can hold it: what has no place there becomes text."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()  # half of a surrogate pair
        case bool() | None:
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {plain(str(name)): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return plain(str(value))


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The one byte string of an entry, made `plain` where it is not."""
    if _is_simple(entry):  # where the two agree, the standard library is many times as fast
        with suppress(UnicodeEncodeError):  # half of a surrogate pair, which is not plain
            return _dumps(entry).encode()
    return rfc8785.dumps(plain(entry))


def _is_simple(value: Any) -> bool:
    """Whether a value has neither numbers nor names that RFC 8785 writes or orders in its own way."""
    kind = type(value)
    if kind is dict:
        for name, item in value.items():
            if type(name) is not str or not name.isascii() or not (type(item) is str or _is_simple(item)):
                return False
        return True
    if kind is int:
        return bool(-(2**53) < value < 2**53)
    return value is None or kind is str or kind is bool or (kind is list and all(map(_is_simple, value)))


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry as a leaf of a Merkle tree (RFC 6962, section 2.1): 32 bytes."""
    return hashlib.sha256(b"\x00" + body).digest()
