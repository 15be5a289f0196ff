"""The compliance log's entries in canonical form. Pure.

An entry is plain JSON; its canonical bytes (RFC 8785) are what is stored and what is hashed, so that anybody
can check it without this program. Leaf hashes are those of RFC 6962.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import rfc8785


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
    """The one byte string of an entry."""
    return rfc8785.dumps(dict(entry))


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry as a leaf of a Merkle tree (RFC 6962, section 2.1): 32 bytes."""
    return hashlib.sha256(b"\x00" + body).digest()
