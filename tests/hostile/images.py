"""Images: what calls itself a picture and is a script, a page, a bomb, or nothing at all."""

import struct
import zlib
from collections.abc import Iterator
from random import Random

from content.media import MediaError, MediaFolder, describe
from tests import kinds
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write
from tests.hostile.workspaces import CAMPAIGN, checked, furnish

_TYPES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
_MESSAGE = "---\ntitle: Ảnh\nimage: {file: anh.png, alt: Lễ}\n---\nx\n"


def judge(case: Case, bench: Bench) -> Seen:
    """The picture of a message, and a copy of it that is kept."""
    campaign = furnish(bench.folder)
    (campaign / "1.md").write_text(_MESSAGE, encoding="utf-8")
    data = write(case, bench.folder / CAMPAIGN / "anh.png").read_bytes()
    seen = checked(bench.folder)
    try:
        media = describe(data, "a/anh.png", "Lễ")
    except MediaError as error:
        return Seen(seen.refused, (*seen.shown, str(error)))
    if media.mime not in _TYPES or "/" in media.name:
        raise Harm(f"is taken for {media}")
    folder = MediaFolder(bench.folder / "var" / "media")
    folder.keep(data)
    if folder.read(media.sha256) != data:
        raise Harm("is kept as something else")
    return seen


IMAGES = Family("images", judge)


@IMAGES.refused
def pages_that_call_themselves_pictures(chance: Random) -> Iterator[Case]:
    """A page or a drawing with a script, shown from our own address."""
    for text in (
        "<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "<html><script>x</script>",
        "<?xml version='1.0'?><svg/>", " \n<svg/>", "%PDF-1.7", "#!/bin/sh\n", "MZ\x90", "PK\x03\x04", "BM", "II*\0",
        "data:image/png;base64,xx",
    ):  # fmt: skip
        yield text.encode("latin-1")


@IMAGES.taken
def pictures_that_are_pages_too(chance: Random) -> Iterator[Case]:
    """The first bytes are a picture's, the rest is a page: whoever guesses by looking runs it."""
    for head in (b"GIF89a", b"GIF87a/*", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"):
        yield head + b"<script>alert(1)</script><svg onload=x>*/=1;alert(1)//"


@IMAGES.taken
def pictures_that_are_bombs(chance: Random) -> Iterator[Case]:
    """A few kilobytes become gigabytes of colours when somebody paints them."""
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 0)):
        parts = (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(1 << 20))),
            (b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 20))),
            (b"IEND", b""),
        )
        yield b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )
    yield b"GIF89a" + b"\xff" * 13 + b"\x21\xf9\x04\0\0\0\0\0,\0" * 50_000


@IMAGES.endured
def pictures_that_break_off(chance: Random) -> Iterator[Case]:
    """Half of a picture, or its first byte."""
    whole = kinds.png()
    for length in (0, 1, 4, 8, 11, 12, len(whole) - 1):
        yield whole[:length]
    yield b"RIFF1234WEB"


@IMAGES.refused
def pictures_that_are_too_large(chance: Random) -> Iterator[Case]:
    """A picture of gigabytes is read before anybody asks how large it is."""
    yield kinds.png() + bytes(10 * 1024 * 1024)
    yield kinds.png() + bytes(33 * 1024 * 1024)
