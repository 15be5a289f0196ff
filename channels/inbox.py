"""The kind `inbox`: an agency without an API reads its posts on a private page and in a feed, and copies them.

Each post is a folder under its key: `post.json` and, if it has one, the image. Publishing is writing that folder;
the pages show what is there.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from channels.base import Absent, CannotTell, Channel, InDoubt, Io, Receipt, Refused, TryLater
from channels.files import write_folder
from content.post import Format, Media, Post
from content.words import phrase

_POST = "post.json"
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
_log = logging.getLogger(__name__)


class Inbox(Channel):
    """An agency's private page and feed."""

    format: ClassVar[Format] = Format.HTML
    settling: ClassVar[timedelta | None] = timedelta(0)  # the folder is named by our key, and it appears at once
    offer: ClassVar[str] = phrase("a private page, for an agency that copies from there and publishes by itself")
    for_others: ClassVar[bool] = True

    def publish(self, post: Post, io: Io) -> Receipt:
        """Put the post into the inbox; one that is there already gets its receipt again."""
        content = {"published": io.now.isoformat(), "sha256": post.sha256, "post": post.as_json()}
        files = {_POST: (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()}
        if post.image:
            files[_image_name(post.image)] = io.media(post.image)
        if write_folder(io.folder, post.key, files):
            return _receipt(post)
        match self.find(post, io):
            case Receipt() as receipt if receipt.details["sha256"] != post.sha256:
                raise Refused(f"the inbox holds another text under the key {post.key}")
            case Receipt() as receipt:
                return receipt
            case CannotTell(reason):
                raise Refused(reason)
            case _:
                raise InDoubt(f"the folder {post.key} vanished while it was looked at")

    def find(self, post: Post, io: Io) -> Receipt | Absent | CannotTell:
        """Look for the post by its key; the receipt's details say which text is there."""
        folder = io.folder / post.key
        try:
            there = str(_content(folder)["sha256"])
        except FileNotFoundError:
            if folder.exists():
                return CannotTell(f"the folder {post.key} has no {_POST}: move it away")
            return Absent()
        except OSError as error:
            raise TryLater(f"the inbox cannot be read: {error.strerror}") from None
        except (ValueError, KeyError):
            return CannotTell(f"the {_POST} in the folder {post.key} is damaged: mend it or move the folder away")
        return _receipt(post) if there == post.sha256 else Receipt(post.key, details={"sha256": there})


@dataclass(frozen=True)
class Entry:
    """One post in an inbox."""

    post: Post
    published: datetime
    image: Path | None  # the file of `post.image`


def entries(folder: Path) -> tuple[Entry, ...]:
    """What an inbox holds, newest first. A damaged entry is left out and logged. OSError if it cannot be read."""
    names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    found = [_entry(folder / name) for name in names if not name.startswith(".")]
    return tuple(sorted((entry for entry in found if entry), key=lambda entry: entry.published, reverse=True))


def _entry(folder: Path) -> Entry | None:
    try:
        content = _content(folder)
        post = Post.from_json(content["post"])
        published = datetime.fromisoformat(content["published"])
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError) as error:
        _log.warning("the inbox entry %s is damaged and is not shown: %s", folder.name, type(error).__name__)
        return None
    return Entry(post, published, folder / _image_name(post.image) if post.image else None)


def _content(folder: Path) -> Mapping[str, Any]:
    content = json.loads((folder / _POST).read_bytes())
    if not isinstance(content, Mapping):
        raise ValueError("not a mapping")
    return content


def _image_name(image: Media) -> str:
    """A name of our own: the image's may be anything."""
    return f"{image.sha256}.{_EXTENSIONS.get(image.mime, 'bin')}"


def _receipt(post: Post) -> Receipt:
    # The address of the page is a secret of the agency's: it is no part of a receipt.
    return Receipt(post.key, details={"sha256": post.sha256, "image": post.image.sha256 if post.image else None})
