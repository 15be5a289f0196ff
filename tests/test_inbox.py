"""The inbox: posts for an agency that publishes by hand, each found again by its key."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Absent, CannotTell, Finds, Io, Receipt, Refused, Response, TryLater
from channels.inbox import Inbox, entries
from content.plain import text_from_html
from tests import kinds

INBOX = Inbox(name="bao", agency="bao-dak-nong")


class NoHttp:
    """A kind that writes files asks no server."""

    def request(self, method: str, url: str, **_: Any) -> Response:
        raise AssertionError(f"{method} {url}")


def io(folder: Path, hours: int = 0, media: tuple[bytes, ...] = ()) -> Io:
    return kinds.io(NoHttp(), folder, now=kinds.NOW + timedelta(hours=hours), media=media)


def test_a_post_is_kept_exactly_and_found_by_its_key(tmp_path: Path) -> None:
    picture = kinds.png()
    post = kinds.post(image=kinds.image(picture, name="../../ảnh.png"), tags=("Sóng", "máy tính"))
    assert INBOX.find(post, io(tmp_path)) == Absent()
    receipt = INBOX.publish(post, io(tmp_path, media=(picture,)))
    assert (receipt.id, receipt.url) == (post.key, None)
    assert INBOX.find(post, io(tmp_path)) == receipt
    [entry] = entries(tmp_path)
    assert entry.post == post
    assert entry.post.sha256 == post.sha256
    assert entry.published == kinds.NOW
    assert entry.image is not None
    assert entry.image.read_bytes() == picture
    assert entry.image.parent == tmp_path / post.key
    assert isinstance(INBOX, Finds)
    assert INBOX.settling == timedelta(0)


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    post = kinds.post()
    receipt = INBOX.publish(post, io(tmp_path))
    assert INBOX.publish(post, io(tmp_path, hours=5)) == receipt
    assert [entry.published for entry in entries(tmp_path)] == [kinds.NOW]


def test_another_text_under_the_same_key_overwrites_nothing(tmp_path: Path) -> None:
    post = kinds.post()
    INBOX.publish(post, io(tmp_path))
    other = replace(post, title="Khác")
    assert INBOX.find(other, io(tmp_path)) == Receipt(post.key, details={"sha256": post.sha256})
    with pytest.raises(Refused, match=f"another text under the key {post.key}"):
        INBOX.publish(other, io(tmp_path))
    assert [entry.post for entry in entries(tmp_path)] == [post]


def test_the_newest_come_first_and_an_empty_inbox_is_no_error(tmp_path: Path) -> None:
    assert entries(tmp_path / "nothing") == ()
    posts = [kinds.post() for _ in range(4)]
    for hour, post in zip((2, 0, 3, 1), posts, strict=True):
        assert isinstance(INBOX.publish(post, io(tmp_path, hours=hour)), Receipt)
    assert [entry.post for entry in entries(tmp_path)] == [posts[2], posts[0], posts[3], posts[1]]


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"post": {}}', b"\xff", None])
def test_a_damaged_entry_hides_no_other_and_proves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes | None
) -> None:
    good, bad = kinds.post(), kinds.post()
    for post in (good, bad):
        INBOX.publish(post, io(tmp_path))
    file = tmp_path / bad.key / "post.json"
    file.unlink() if damage is None else file.write_bytes(damage)
    (tmp_path / ".leftover").mkdir()
    with caplog.at_level(logging.WARNING):
        assert [entry.post for entry in entries(tmp_path)] == [good]
    assert bad.key in caplog.text
    assert isinstance(INBOX.find(bad, io(tmp_path)), CannotTell)
    with pytest.raises(Refused):
        INBOX.publish(bad, io(tmp_path))


def test_an_inbox_that_cannot_be_read_is_no_proof_of_absence(tmp_path: Path) -> None:
    (tmp_path / "share").write_bytes(b"")
    with pytest.raises(TryLater, match="Not a directory"):
        INBOX.find(kinds.post(), io(tmp_path / "share"))
    with pytest.raises(TryLater, match="cannot be written"):
        INBOX.publish(kinds.post(), io(tmp_path / "share"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Một &amp; hai</p><p>Ba</p>", "Một & hai\n\nBa"),
        ("<h2>Đầu</h2><ul><li>một</li><li>hai</li></ul><p>Cuối</p>", "Đầu\n\n- một\n- hai\n\nCuối"),
        ('<p>Xem <a href="https://a.vn/x">trang này</a>.</p>', "Xem trang này (https://a.vn/x)."),
        ('<p><a href="https://a.vn">https://a.vn</a></p>', "https://a.vn"),
        ('<p>Gọi <a href="tel:0261">0261</a></p>', "Gọi 0261"),
        ("<p>Dòng<br>mới</p>", "Dòng\nmới"),
        ("<table><tr><th>Huyện</th><td>24</td></tr></table>", "Huyện 24"),
        ("<p>thụt\n  vào</p>", "thụt vào"),
    ],
)
def test_plain_text_reads_like_the_page(html: str, text: str) -> None:
    assert text_from_html(html) == text


@given(st.text(alphabet="<>/pa&;\"' =h\n", max_size=80))
def test_plain_text_never_fails(html: str) -> None:
    assert isinstance(text_from_html(html), str)
