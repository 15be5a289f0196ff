"""The kind `email` against a real mail server, and against the sandbox's."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from channels.base import ChannelError, InDoubt, Io, Receipt, Refused, TryLater, Unauthorized, Unavailable
from channels.email import Email
from channels.http import Client
from channels.mail import Security
from channels.smtp import MailClient
from content.values import Secret
from sandbox.client import Sandbox
from tests import kinds
from tests.mail_servers import PASSWORD, USER, Post, mail_server, trusting

SENDER = "publisher@so.example.gov.vn"
PICTURE = kinds.png()
KEY = "abcdefghijklmnop"


def channel(server: Any, **more: Any) -> Email:
    """A channel on that server."""
    values = {"to": "bien-tap@bao.example.vn", "host": server.host, "port": server.port, "security": server.security}
    login = {"username": USER, "password": Secret("MAIL_PASSWORD")} if server.username else {}
    return Email(**{"name": "thu", "agency": "so", "from": SENDER, **values, **login, **more})


@contextmanager
def office(server: Security = Security.STARTTLS, *, auth: bool = True, **more: Any) -> Iterator[tuple[Email, Post]]:
    """A channel with a mail server at work."""
    with mail_server(server, auth=auth) as (running, post):
        yield channel(running, **more), post


def io(http: Client, folder: Path, *, password: str = PASSWORD, now: datetime = kinds.NOW) -> Io:
    mail = MailClient(trusting()).bound(lambda: None, 5.0)
    return kinds.io(http, folder, mail=mail, media=(PICTURE,), secrets={"MAIL_PASSWORD": password}, now=now)


def decoded(header: bytes) -> str:
    """Encoded words as RFC 2047 says, where the library's newer parser is wrong."""
    return str(make_header(decode_header(header.decode().replace("\r\n", ""))))


def part(message: EmailMessage, kind: str) -> str:
    body: Any = message.get_body((kind,))
    return str(body.get_content())


def test_a_post_arrives_whole(http: Client, tmp_path: Path) -> None:
    post = kinds.post(
        key=KEY, image=kinds.image(PICTURE, alt='Lớp học "mới"'), link="https://so.example.gov.vn/tin?a=1&b=2",
        text="<p>Từ tháng 02/2022, <strong>học sinh</strong> học trực tuyến.</p><ul><li>một</li><li>hai</li></ul>",
    )  # fmt: skip
    to = ["bien-tap@bao.example.vn", "thu-ky@dai.example.vn"]
    with office(to=to, reply_to="tra-loi@so.example.gov.vn") as (email, server):
        receipt = email.publish(post, io(http, tmp_path, now=datetime(2022, 2, 14, 1, 5, tzinfo=UTC)))
    (found,) = server.messages
    assert server.recipients == [to]
    assert server.signed_in == [USER.encode()]
    assert found["Subject"] == "Thôn Đắk R'Măng đã có sóng & máy tính"
    (sender,) = found["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Sở Thông tin và Truyền thông", SENDER)
    assert found["To"] == ", ".join(to)
    assert found["Reply-To"] == "tra-loi@so.example.gov.vn"
    assert found["Date"] == "Mon, 14 Feb 2022 08:05:00 +0700"
    assert found["Message-ID"] == f"<{KEY}@so.example.gov.vn>"
    assert (found["Auto-Submitted"], found["Content-Language"]) == ("auto-generated", "vi")
    assert part(found, "plain") == (
        'Một thôn nữa đã có sóng di động.\n\n[Lớp học "mới"]\n\nTừ tháng 02/2022, học sinh học trực tuyến.\n\n'
        "- một\n- hai\n\nhttps://so.example.gov.vn/tin?a=1&b=2\n"
    )
    html = part(found, "html")
    assert '<html lang="vi">' in html
    assert "<strong>học sinh</strong>" in html
    assert html.index("Một thôn nữa") < html.index("<img") < html.index("Từ tháng") < html.index("tin?a=1&amp;b=2")
    cid = re.search(r'<img src="cid:([^"]+)" alt="Lớp học &quot;mới&quot;"', html)
    assert cid
    (image,) = [piece for piece in found.walk() if piece.get_content_type() == "image/png"]
    assert image["Content-ID"] == f"<{cid[1]}>"
    assert image.get_payload(decode=True) == PICTURE
    assert (image.get_filename(), image.get_content_disposition()) == ("ảnh thôn.png", "inline")
    assert receipt == Receipt(f"{KEY}@so.example.gov.vn", None, {"to": to, "answer": "250 2.0.0 queued as 4XyZ"})


def test_the_same_delivery_always_has_the_same_message_id(http: Client, tmp_path: Path) -> None:
    with office() as (email, server):
        for hours, key in ((0, KEY), (5, KEY), (5, "p" * 16)):
            email.publish(kinds.post(key=key), io(http, tmp_path, now=kinds.NOW + timedelta(hours=hours)))
    assert [found["Message-ID"] for found in server.messages] == [
        f"<{KEY}@so.example.gov.vn>", f"<{KEY}@so.example.gov.vn>", f"<{'p' * 16}@so.example.gov.vn>",
    ]  # fmt: skip


def test_nothing_is_said_twice(http: Client, tmp_path: Path) -> None:
    link = "https://so.example.gov.vn/tin?a=1&b=2"
    text = f'<p>Một tin.</p><p><a href="{link.replace("&", "&amp;")}">Xem thêm</a></p>'
    with office() as (email, server):
        email.publish(kinds.post(summary="Một tin.", text=text, link=link), io(http, tmp_path))
    assert part(server.messages[0], "plain") == f"Một tin.\n\nXem thêm ({link})\n"
    assert part(server.messages[0], "html").count("Một tin.") == 1


def test_what_is_long_or_odd_passes_through_every_server(http: Client, tmp_path: Path) -> None:
    words = "Chương trình “Sóng và máy tính cho em” " * 400
    title, agency = "Thêm máy tính\tcho học sinh\nvùng cao " * 12, 'Sở "TT", TT & <b>; Đắk Nông (cũ), phòng số một'
    post = kinds.post(title=title, agency=agency, text=f"<p>{words}</p>\n<p>.</p>\n<p>From đây</p>", summary="")
    with office() as (email, server):
        email.publish(post, io(http, tmp_path))
    (found,) = server.messages
    assert found["Subject"] == " ".join(title.split())
    (raw,) = server.raw
    sender = re.search(rb"^From: (.*?) <(.*)>\r\n(?! )", raw, re.DOTALL | re.MULTILINE)
    assert sender
    assert decoded(sender[1]) == agency
    assert " ".join(part(found, "plain").split()) == f"{words.strip()} . From đây"
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


_HIDDEN = "=?utf-8?q?Tin=0D=0ABcc:_x@y.vn=0D=0AReply-To:_x@y.vn=0D=0A=0D=0AK=C3=ADnh?="


@pytest.mark.parametrize(
    "text", [_HIDDEN, f"Sở {_HIDDEN}", "=?utf-8?q?Bcc?= thử", "Tin\r\nBcc: x@y.vn", "=?a?=", "x" * 2000]
)
def test_no_text_adds_a_header_or_is_read_as_another(http: Client, tmp_path: Path, text: str) -> None:
    with office() as (email, server):
        email.publish(kinds.post(title=text, agency=text), io(http, tmp_path))
    (raw,) = server.raw
    head = raw.partition(b"\r\n\r\n")[0]
    headers = [(line.split(b":")[0].lower(), line) for line in re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")]
    named = dict(headers)
    assert not {b"bcc", b"reply-to"} & named.keys()
    assert len(headers) == len(named)
    line = " ".join(text.split())
    assert decoded(named[b"subject"].removeprefix(b"Subject: ")) == line
    assert decoded(named[b"from"].removeprefix(b"From: ").rpartition(b" <")[0].strip(b'"')) == line


def test_an_address_of_ones_own_and_a_long_domain(http: Client, tmp_path: Path) -> None:
    sender = f"bt@{'phong-thong-tin-bao-chi-xuat-ban.' * 3}example.gov.vn"
    with office(**{"from": sender}) as (email, server):
        receipt = email.publish(kinds.post(key=KEY), io(http, tmp_path))
    assert server.messages[0]["Message-ID"] == f"<{KEY}@{sender.partition('@')[2]}>"
    assert receipt.id == f"{KEY}@{sender.partition('@')[2]}"
    assert f"Message-ID: <{receipt.id}>".encode() in server.raw[0]


@pytest.mark.parametrize(
    ("where", "reply", "kind"),
    [
        ("bien-tap@bao.example.vn", "550 5.1.1 no such user", Refused),
        ("bien-tap@bao.example.vn", "450 4.2.1 greylisted", TryLater),
        ("DATA", "554 5.7.1 looks like spam", Refused),
        ("DATA", "421 4.3.2 closing", Unavailable),
    ],
)
def test_a_refusal_has_its_consequence(
    http: Client, tmp_path: Path, where: str, reply: str, kind: type[ChannelError]
) -> None:
    with office(to=["thu-ky@dai.example.vn", "bien-tap@bao.example.vn"]) as (email, server):
        server.replies[where] = reply
        with pytest.raises(ChannelError, match=reply[4:]) as raised:
            email.publish(kinds.post(), io(http, tmp_path))
    assert type(raised.value) is kind
    assert server.messages == []


def test_credentials_are_tried_and_never_said(http: Client, tmp_path: Path) -> None:
    with office() as (email, server):
        with pytest.raises(Unauthorized) as raised:
            email.publish(kinds.post(), io(http, tmp_path, password="khong-dung-roi"))
        assert "khong-dung-roi" not in str(raised.value)
        with pytest.raises(Unauthorized):
            email.ping(io(http, tmp_path, password="khong-dung-roi"))
        email.ping(io(http, tmp_path))
    assert server.messages == []


def test_a_server_without_tls_gets_nothing(http: Client, tmp_path: Path) -> None:
    with (
        office(Security.NONE, security=Security.STARTTLS) as (email, server),
        pytest.raises(Refused, match="offers no STARTTLS"),
    ):
        email.publish(kinds.post(), io(http, tmp_path))
    assert (server.messages, server.signed_in) == ([], [])


def test_the_sandbox_shows_what_a_reader_sees(http: Client, tmp_path: Path, sandbox: Sandbox) -> None:
    to = f"{kinds.unique('ban')}@bao.example.vn"
    made = Email(**{"name": "thu", "agency": "so", "to": to, "host": "smtp.example.vn", "from": SENDER})
    rehearsed = made.rehearsed(sandbox.url)
    agency = "Sở Thông tin và Truyền thông tỉnh Đắk Nông"
    post = kinds.post(image=kinds.image(PICTURE), agency=agency)
    receipt = rehearsed.publish(post, kinds.io(http, tmp_path, media=(PICTURE,)))
    (entry,) = sandbox.record(kind="email", place=to)
    assert (entry["title"], entry["id"], entry["url"], entry["to"]) == (post.title, receipt.id, receipt.url, [to])
    assert entry["text"].startswith("Một thôn nữa đã có sóng di động.")
    (file,) = entry["files"]
    assert file["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    page = sandbox.fetch(entry["url"]).decode()
    assert post.text in page
    assert f"From: {agency} &lt;{SENDER}&gt;" in page
    shown = re.search(r'<img src="(http[^"]+)"', page)
    assert shown
    with urlopen(shown[1], timeout=5) as answer:
        assert answer.read() == PICTURE


@pytest.mark.parametrize(
    ("fault", "kind", "is_taken"),
    [
        ("refuse", Refused, False),
        ("unauthorised", Unauthorized, False),
        ("too-many", TryLater, False),
        ("unavailable", Unavailable, False),
        ("reset", InDoubt, False),
        ("hang", InDoubt, False),
        ("accept-then-hang", InDoubt, True),
        ("accept-then-reset", InDoubt, True),
        ("accept-then-garbage", InDoubt, True),
        ("accept-then-504", InDoubt, True),
        ("accept-then-drip", Receipt, True),
    ],
)
def test_the_sandbox_fails_as_it_is_told(
    http: Client, tmp_path: Path, sandbox: Sandbox, fault: str, kind: type, is_taken: bool
) -> None:
    to = f"{kinds.unique('ban')}@bao.example.vn"
    made = Email(**{"name": "thu", "agency": "so", "to": to, "host": "smtp.example.vn", "from": SENDER})
    sandbox.fault("email", fault, place=to, seconds=0.01 if fault.endswith("drip") else None)
    mail = MailClient().bound(lambda: None, 1.0)
    try:
        outcome: object = made.rehearsed(sandbox.url).publish(kinds.post(), kinds.io(http, tmp_path, mail=mail))
    except ChannelError as error:
        outcome = error
    assert type(outcome) is kind
    assert len(sandbox.record(kind="email", place=to)) == is_taken


def test_the_sandbox_knows_a_wrong_password_and_a_mailbox_that_is_not_there(
    http: Client, tmp_path: Path, sandbox: Sandbox
) -> None:
    values = {"name": "thu", "agency": "so", "host": "smtp.example.vn", "from": SENDER, "username": "u"}
    made = Email(**{**values, "to": "ai@bao.example.vn", "password": Secret("WRONG")}).rehearsed(sandbox.url)
    with pytest.raises(Unauthorized):
        made.ping(kinds.io(http, tmp_path))
    made = Email(**{**values, "to": "missing@bao.example.vn", "password": Secret("PASSWORD")}).rehearsed(sandbox.url)
    made.ping(kinds.io(http, tmp_path))
    with pytest.raises(Refused, match="user unknown"):
        made.publish(kinds.post(), kinds.io(http, tmp_path))
