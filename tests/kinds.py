"""What the tests of a kind start from: a post, an image, and an `Io` over a real client."""

import hashlib
import json
import secrets
import struct
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import Http, Io, Mailer, Unauthorized
from channels.smtp import MailClient
from content.post import Media, Post
from content.values import Secret

NOW = datetime(2022, 2, 14, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PASSWORD = "mat-khau-thu"
SECRETS = {"PASSWORD": PASSWORD, "WRONG": "wrong"}
_KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def unique(name: str) -> str:
    """A name that no other test has, for a channel, a site or a chat."""
    return f"{name}-{_random(8)}"


def post(**values: Any) -> Post:
    """A post with a key of its own; `values` replaces any of its fields."""
    key = values.get("key") or _random(16)
    defaults: dict[str, Any] = {
        "key": key,
        "title": "Thôn Đắk R'Măng đã có sóng & máy tính",
        "text": "<p>Từ tháng 02/2022, học sinh của thôn học trực tuyến tại nhà.</p>",
        "summary": "Một thôn nữa đã có sóng di động.",
        "slug": f"thon-da-co-song-{key}",
        "occurrence": NOW,
        "campaign": "Sóng và máy tính cho em",
        "agency": "Sở Thông tin và Truyền thông",
    }
    return Post(**{**defaults, **values})


def png(colour: tuple[int, int, int] = (0, 90, 160)) -> bytes:
    """A real image of one pixel."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00" + bytes(colour))),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def image(content: bytes, name: str = "ảnh thôn.png", mime: str = "image/png", alt: str = "Lớp học mới") -> Media:
    """An image of a post; give the same bytes to `io`."""
    return Media(hashlib.sha256(content).hexdigest(), name, mime, alt, len(content))


def io(
    http: Http,
    folder: Path,
    *,
    steps: dict[str, Any] | None = None,
    media: tuple[bytes, ...] = (),
    secrets: Mapping[str, str] = SECRETS,
    now: datetime = NOW,
    mail: Mailer | None = None,
) -> Io:
    """What a kind works with. Give the same `steps` again to play the next attempt of a delivery."""
    kept = {} if steps is None else steps
    files = {hashlib.sha256(content).hexdigest(): content for content in media}

    def step(name: str, value: Any) -> None:
        kept[name] = json.loads(json.dumps(value))  # as it comes back from the database

    def secret(reference: Secret) -> str:
        if reference.name not in secrets:
            raise Unauthorized(f"{reference} is not set")
        return secrets[reference.name]

    mailer = mail or MailClient().bound(lambda: None, 5.0)
    return Io(http, mailer, now, folder, secret, lambda wanted: files[wanted.sha256], kept, step)


def _random(length: int) -> str:
    return "".join(secrets.choice(_KEY_LETTERS) for _ in range(length))
