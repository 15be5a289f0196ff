"""Images of messages: what they are, told from their bytes, and where copies of them are kept."""

import hashlib
import os
from pathlib import Path, PurePosixPath

from content.post import Media

_MOST = 10 * 1024 * 1024
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}


class MediaError(ValueError):
    """An image that cannot be used; the text says why and what to do."""


def describe(data: bytes, path: str, alt: str) -> Media:
    """The description of an image from its bytes; its type is what the bytes say, not what its name says."""
    mime = next((mime for magic, mime in _MAGIC.items() if data.startswith(magic)), None)
    if mime is None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        mime = "image/webp"
    if mime is None:
        raise MediaError("it is not a picture in JPEG, PNG, WebP or GIF format")
    if len(data) > _MOST:
        raise MediaError(f"it has {len(data) / 1e6:.1f} MB (at most 10 MB)")
    return Media(hashlib.sha256(data).hexdigest(), PurePosixPath(path).name, mime, alt, len(data))


class MediaFolder:
    """Copies of images by their SHA-256, so that what was approved can still go out when the file has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> None:
        """Keep a copy for good."""
        target = self._folder / hashlib.sha256(data).hexdigest()
        if target.exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(".part")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)

    def has(self, sha256: str) -> bool:
        """Whether an image is kept."""
        return (self._folder / sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """The bytes of a kept image. OSError if it is not there."""
        return (self._folder / sha256).read_bytes()
