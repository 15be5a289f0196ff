"""The compliance log's entries in canonical form. Pure.

An entry is plain JSON; its canonical bytes (RFC 8785) are what is stored and what is hashed, so that anybody
can check it without this program. Leaf hashes are those of RFC 6962.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The one byte string of an entry."""
    return rfc8785.dumps(dict(entry))


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry as a leaf of a Merkle tree (RFC 6962, section 2.1): 32 bytes."""
    return hashlib.sha256(b"\x00" + body).digest()
