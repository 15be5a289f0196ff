"""One e-mail over real sockets: what arrives, and what each failure means for it."""

import random
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from channels.base import ChannelError, InDoubt, Refused, TryLater, Unauthorized, Unavailable
from channels.mail import MailServer, Security
from channels.smtp import Unsuitable, ping, send, tls_context
from tests.mail_servers import PASSWORD, USER, mail_server, trusting
from tests.raw_server import Peer, RawServer

TO = "thu.ha@so.example.gov.vn"


def message(text: str = "Chào chị,\n.\nmột dòng chỉ có dấu chấm ở trên.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Publisher <publisher@so.example.gov.vn>"
    made["To"] = TO
    made["Subject"] = "Một lượt không đăng được"
    made["Message-ID"] = make_msgid(domain="so.example.gov.vn")
    made.set_content(text)
    return made


def sent(server: MailServer, *to: str, deadline: float = 5.0) -> str:
    return send(message(), to or (TO,), server, tls=trusting(), deadline=deadline)


def failure(server: MailServer, *to: str, deadline: float = 5.0) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        sent(server, *to, deadline=deadline)
    return raised.value


@pytest.mark.parametrize("security", list(Security))
@pytest.mark.parametrize("auth", [False, True])
def test_a_message_arrives_as_it_was_written(security: Security, auth: bool) -> None:
    with mail_server(security, auth=auth) as (server, post):
        assert sent(server, TO, "le.minh@so.example.gov.vn") == "250 2.0.0 queued as 4XyZ"
    (found,) = post.messages
    assert found["Subject"] == "Một lượt không đăng được"
    assert found.get_content() == "Chào chị,\n.\nmột dòng chỉ có dấu chấm ở trên.\n"
    assert post.recipients == [[TO, "le.minh@so.example.gov.vn"]]
    assert post.signed_in == ([USER.encode()] if auth else [])


def test_no_space_of_a_long_subject_is_lost() -> None:
    words = ["Thêm", "máy", "tính", "cho", "học", "sinh,", "vùng", "cao", "(thôn", "Đắk", "R'Măng)", "&", "hết"]
    subjects = [" ".join(random.Random(number).choices(words, k=2 + number)) for number in range(60)]
    with mail_server() as (server, post):
        for subject in subjects:
            made = message()
            made.replace_header("Subject", subject)
            send(made, (TO,), server, tls=trusting(), deadline=5)
    assert [found["Subject"] for found in post.messages] == subjects


def test_a_server_without_starttls_gets_nothing() -> None:
    with mail_server() as (server, post):
        error = failure(MailServer(server.host, server.port, Security.STARTTLS, USER, PASSWORD))
    assert type(error) is Unsuitable
    assert "offers no STARTTLS" in str(error)
    assert (post.messages, post.signed_in) == ([], [])


def test_a_certificate_that_nobody_vouches_for_is_not_believed() -> None:
    for security in (Security.STARTTLS, Security.TLS):
        with mail_server(security, auth=True) as (server, post), pytest.raises(TryLater, match="certificate"):
            send(message(), [TO], server, tls=tls_context(), deadline=5)
        assert (post.messages, post.signed_in) == ([], [])


def test_a_wrong_password_is_said_without_it() -> None:
    with mail_server(Security.STARTTLS, auth=True) as (server, post):
        error = failure(MailServer(server.host, server.port, server.security, USER, "khong-dung"))
    assert type(error) is Unauthorized
    assert "check `username` and `password`" in str(error)
    assert "khong-dung" not in str(error)
    assert post.messages == []


@pytest.mark.parametrize(
    ("where", "reply", "kind"),
    [
        (TO, "450 4.2.1 greylisted, come again", TryLater),
        (TO, "550 5.1.1 no such user here", Refused),
        ("DATA", "451 4.3.0 try again", TryLater),
        ("DATA", "421 4.3.2 closing", Unavailable),
        ("DATA", "554 5.7.1 looks like spam", Refused),
        ("DATA", "999 what", InDoubt),
    ],
)
def test_what_the_server_answers_has_its_consequence(where: str, reply: str, kind: type[ChannelError]) -> None:
    with mail_server() as (server, post):
        post.replies[where] = reply
        error = failure(server, "other@so.example.gov.vn", TO)
    assert type(error) is kind
    assert post.messages == []
    if where == TO:
        assert TO in str(error)
        assert reply[4:] in str(error)


def test_nobody_at_the_address_is_certainly_not_sent() -> None:
    with RawServer(Peer.hang) as server:
        port = server.port
    error = failure(MailServer("127.0.0.1", port, Security.NONE))
    assert type(error) is Unavailable
    assert "refuses the connection" in str(error)
    error = failure(MailServer("khong-co.invalid", 25, Security.NONE))
    assert type(error) is Unavailable


def _until_data(last: Callable[[Peer], None]) -> Callable[[Peer], None]:
    """A server that takes everything, and ends as told once the whole message has come."""

    def serve(peer: Peer) -> None:
        peer.sock.sendall(b"220 hello\r\n")
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            piece = peer.sock.recv(65536)
            if not piece:
                return
            got += piece
            if got.endswith(b"DATA\r\n"):
                peer.sock.sendall(b"354 go on\r\n")
            elif b"354" not in got and got.count(b"DATA") == 0:
                peer.sock.sendall(b"250 fine\r\n")
        last(peer)

    return serve


@pytest.mark.parametrize("end", [Peer.reset, Peer.hang, lambda peer: peer.sock.sendall(b"garbage\r\n")])
def test_without_an_answer_it_may_have_been_taken(end: Callable[[Peer], None]) -> None:
    with RawServer(_until_data(end)) as server:
        error = failure(MailServer("127.0.0.1", server.port, Security.NONE), deadline=0.5)
    assert type(error) is InDoubt


def test_what_follows_the_answer_changes_nothing() -> None:
    def taken_and_gone(peer: Peer) -> None:
        peer.sock.sendall(b"250 taken\r\n")
        peer.reset()

    with RawServer(_until_data(taken_and_gone)) as server:
        assert sent(MailServer("127.0.0.1", server.port, Security.NONE)) == "250 taken"


@pytest.mark.parametrize("greeting", [b"", b"garbage that never ends" * 9000, b"554 go away\r\n", b"421 busy\r\n"])
def test_no_server_hangs_or_floods_us(greeting: bytes) -> None:
    def serve(peer: Peer) -> None:
        peer.sock.sendall(greeting)
        peer.hang()

    with RawServer(serve) as server:
        began = time.monotonic()
        error = failure(MailServer("127.0.0.1", server.port, Security.NONE), deadline=0.5)
    assert isinstance(error, TryLater | Refused)
    assert time.monotonic() - began < 2


def test_a_server_that_drips_keeps_to_the_deadline() -> None:
    with RawServer(lambda peer: peer.drip(b"220-still here\r\n" * 1000)) as server:
        began = time.monotonic()
        error = failure(MailServer("127.0.0.1", server.port, Security.NONE), deadline=0.4)
    assert type(error) is Unavailable
    assert "took longer than the time for it" in str(error)
    assert time.monotonic() - began < 1.5


def test_a_server_that_repeats_the_password_is_not_quoted() -> None:
    def echo(peer: Peer) -> None:
        peer.sock.sendall(b"220 hello\r\n")
        peer.sock.recv(999)
        peer.sock.sendall(b"250-fine\r\n250 AUTH PLAIN LOGIN\r\n")
        proof = peer.sock.recv(999).split()[-1]
        peer.sock.sendall(b"535 you said " + proof + b" or " + PASSWORD.encode() + b"\r\n")

    with RawServer(echo) as server:
        error = failure(MailServer("127.0.0.1", server.port, Security.NONE, USER, PASSWORD))
    assert type(error) is Unauthorized
    assert "you said" in str(error)
    assert PASSWORD not in str(error)
    assert "AHB1Ymxpc2hlcg" not in str(error)
    assert PASSWORD not in repr(MailServer("h", 1, password=PASSWORD))


def test_letters_that_the_protocol_cannot_carry_are_refused() -> None:
    with mail_server() as (server, post):
        for address in (
            "hà@so.example.gov.vn",
            "a@b.example\r\nRCPT TO:<c@d.example>",
            "a@b.example>",
            "a b@c.example",
            "",
        ):
            assert type(failure(server, address)) is Refused
    assert post.messages == []


def test_a_question_sends_nothing_and_says_what_a_message_would_meet() -> None:
    with mail_server(Security.STARTTLS, auth=True) as (server, post):
        ping(server, "publisher@so.example.gov.vn", tls=trusting(), deadline=5)
        wrong = MailServer(server.host, server.port, server.security, USER, "khong-dung")
        with pytest.raises(Unauthorized):
            ping(wrong, "publisher@so.example.gov.vn", tls=trusting(), deadline=5)
    with pytest.raises(Unavailable, match="refuses the connection"):
        ping(server, "publisher@so.example.gov.vn", tls=trusting(), deadline=5)
    assert post.messages == []
