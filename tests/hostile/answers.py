"""Answers of servers: broken framing, floods, bombs, redirects, and headers that carry more than they say."""

import base64
import gzip
import io
import json
import traceback
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from urllib.parse import quote, quote_plus

from channels.base import ChannelError
from channels.http import Answer, Client
from tests.hostile.causes import PASSWORD, TOKEN, Bench, Case, Family, Harm, Seen, write
from tests.hostile.watch import short
from tests.raw_server import Peer, RawServer, answer

#: A first line that says how the rest is sent: !close (and then it hangs up), !hang (and then nothing), !drip (a byte
#: at a time), !flood (again and again). Without one the server answers and waits for the next request.
_HOW = b"!"
_DEADLINE = 0.5


def judge(case: Case, bench: Bench) -> Seen:
    """The answer to a fetch of what others chose, and to a publication that carries every kind of key."""
    serve = serving(write(case, bench.folder / "answer.http").read_bytes())
    shown: list[str] = []
    with RawServer(serve) as server, Client(deadline=_DEADLINE, allow=("127.0.0.1",)) as client:
        _fetch_twice(client, f"{server.url}/tin.xml")
        _tried(lambda: ask(client, server.url, "GET"), shown)
        posted = _tried(lambda: ask(client, server.url, "POST"), shown)
    return Seen(posted is None, tuple(shown))


def _fetch_twice(client: Client, url: str) -> None:
    """As a feed is polled, which gives a server back what it said of its version. No key goes along."""
    said: list[str] = []
    fetched = _tried(lambda: client.fetch(url), said)
    if fetched is None:
        return
    names = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    kept = {name: value for name, source in names.items() if (value := fetched.headers.get(source))}
    if kept and _tried(lambda: client.fetch(url, headers=kept), said) is None:
        raise Harm(f"can never be asked again: {said[-1]}")


def ask(client: Client, url: str, method: str) -> Answer:
    """A request with every kind of key in every place where one may stand."""
    answered = client.request(
        method, f"{url}/bot{TOKEN}/send", auth=("u", PASSWORD), params={"access_token": TOKEN},
        headers={"X-Api-Key": PASSWORD.encode().decode("latin-1")}, json={"password": PASSWORD, "title": "Sóng"},
    )  # fmt: skip
    answered.json()
    return answered


def _tried(action: Callable[[], Answer], shown: list[str]) -> Answer | None:
    """The answer; None for an error, which is noted with all that a careless handler could print of it."""
    try:
        answered = action()
    except ChannelError as error:
        short((str(error),), 1_000, 1_000)
        shown.append(everything(error))
        return None
    shown.append(repr(answered))
    return answered


def everything(error: BaseException) -> str:
    """An error with its traceback and what hides behind it."""
    parts = ["".join(traceback.format_exception(error)), repr(error), repr(error.args)]
    parts += [everything(other) for other in (error.__cause__, error.__context__) if other]
    return "\n".join(parts)


def serving(data: bytes) -> Callable[[Peer], None]:
    """A server that answers as the file says."""
    how, _, rest = data.partition(b"\n") if data.startswith(_HOW) else (b"", b"", data)

    def serve(peer: Peer) -> None:
        while peer.read():
            if how == b"!drip":
                peer.drip(rest, 0.01)
            elif how == b"!flood":
                while not peer.server.stop.is_set():
                    peer.sock.sendall(rest)
            else:
                peer.sock.sendall(rest)
            if how == b"!hang":
                peer.hang()
            if how:
                return

    return serve


ANSWERS = Family("answers", judge)
_BASIC = base64.b64encode(f"u:{PASSWORD}".encode()).decode()
HEAD = b"HTTP/1.1 200 OK\r\n"


def good(*headers: str) -> bytes:
    """A good answer with more headers."""
    return answer(200, b"{}", *headers)


@ANSWERS.refused
def answers_that_are_none(chance: Random) -> Iterator[Case]:
    """Something else than a web server listens there."""
    for data in (
        b"", b"\r\n\r\n", b"220 mail.example.vn ESMTP\r\n", b"SSH-2.0-x\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
        b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 -1 OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"<html>", b"\0" * 10_000,
        b"HTTP/1.1 200 OK\n\nx" + b"\xff" * 100,
    ):  # fmt: skip
        yield b"!close\n" + data
    yield b"!hang\n"


@ANSWERS.refused
def answers_that_break_off(chance: Random) -> Iterator[Case]:
    """Half of an answer is no answer."""
    whole = answer(200, b'{"id": 7, "link": "https://a.vn"}', "Content-Type: application/json", "ETag: x")
    for how in (b"!close\n",) * 6 + (b"!hang\n",) * 2:
        yield how + whole[: chance.randrange(5, len(whole) - 1)]


@ANSWERS.endured
def bodies_whose_length_is_a_lie(chance: Random) -> Iterator[Case]:
    """A number of bytes that is negative, huge, said twice, or no number."""
    for length in ("-1", "99999999999999999999", "1e3", "0x10", "+5", "5, 6", "9" * 5_000, "٣", "5 5"):
        yield b"!close\n" + HEAD + f"Content-Length: {length}\r\n\r\n{{}}".encode()
    yield b"!close\n" + HEAD + b"Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}"


@ANSWERS.refused
def chunks_that_lie(chance: Random) -> Iterator[Case]:
    """The length of a chunk is negative, huge, or no number."""
    for chunk in (b"-5", b"ffffffffffffffffff", b"zz", b"", b"0x5", b"5;" + b"x" * 100_000, b"5 5", b"\xff", b"1_0"):
        yield b"!close\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\n{}{}{}\r\n"
    yield b"!close\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefghij\r\n0\r\n\r\n"


@ANSWERS.endured
def headers_with_line_breaks(chance: Random) -> Iterator[Case]:
    """A header goes on in the next line; whoever sends its value back writes a header of the server's own."""
    for name in ("ETag", "Last-Modified", "Retry-After", "Content-Type", "X-Y"):
        yield good(f"{name}: a\nX-Injected: b")
        yield good(f"{name}: a\rX-Injected: b")
        yield good(f"{name}: a\0b\x1b[2J\x7f")


@ANSWERS.endured
def headers_that_are_odd(chance: Random) -> Iterator[Case]:
    """No name, no value, no colon, a hundred of them, or letters that no header has."""
    for header in (
        ": x", "X", "X : y", "X:" + "y" * 60_000, "Ấ: ấ", " X: y", "X: \xff", "\x01: \x02", "X: y\r\n" * 50 + "Z: z",
        "__proto__: x", "Connection: close, keep-alive, upgrade", "Upgrade: h2c",
    ):  # fmt: skip
        yield good(header)


@ANSWERS.refused
def headers_without_end(chance: Random) -> Iterator[Case]:
    """Whoever waits for the last header waits for ever, and keeps them all."""
    yield b"!flood\n" + HEAD + b"X: y\r\n" * 1_000
    yield b"!flood\n" + HEAD + b"X: " + b"y" * 60_000
    yield b"!flood\nHTTP/1.1 100 Continue\r\n\r\n"
    yield b"!flood\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    yield b"!flood\n" + b"x" * 60_000


@ANSWERS.refused
def bodies_without_end(chance: Random) -> Iterator[Case]:
    """A body that never ends fills the memory."""
    yield b"!flood\n" + HEAD + b"\r\n" + b"x" * 60_000
    yield b"!flood\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5_000
    yield b"!flood\n" + HEAD + b"Content-Length: 7000000000\r\n\r\n" + b"x" * 60_000


@ANSWERS.refused
def answers_that_drip(chance: Random) -> Iterator[Case]:
    """A byte at a time meets every time-out that is for a byte."""
    yield b"!drip\n" + answer(200, b"{}" + b" " * 5_000)
    yield b"!drip\n" + HEAD + b"X: " + b"y" * 5_000
    yield b"!drip\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 1_000
    yield b"!drip\n" + HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5000\r\n\r\n" + again(b"{}" * 5_000)


@ANSWERS.refused
def bombs(chance: Random) -> Iterator[Case]:
    """A few kilobytes become gigabytes when they are unpacked."""
    bomb = packed(200 * 1024 * 1024)
    yield answer(200, bomb, "Content-Encoding: gzip")
    yield answer(200, packed(200 * 1024 * 1024, 15), "Content-Encoding: deflate")
    yield answer(200, again(bomb), "Content-Encoding: gzip, gzip")
    yield answer(200, again(again(again(bomb))), "Content-Encoding: gzip, gzip, gzip, gzip")
    yield answer(500, bomb, "Content-Encoding: gzip")
    yield answer(200, b"{}", "Content-Encoding: " + ", ".join(["gzip"] * 500))


@cache
def packed(size: int, wbits: int = 31) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9, wbits=wbits)
    out = io.BytesIO()
    for _ in range(size // (1 << 20)):
        out.write(packer.compress(bytes(1 << 20)))
    return out.getvalue() + packer.flush()


def again(data: bytes) -> bytes:
    """The data packed, the same every time."""
    return gzip.compress(data, mtime=0)


@ANSWERS.refused
def bodies_that_are_not_packed_as_they_say(chance: Random) -> Iterator[Case]:
    """An unpacker is given what it cannot unpack."""
    whole = again(b'{"id": 7}')
    for coding, body in (("gzip", b"{}"), ("gzip", whole[:12]), ("deflate", b"\xff" * 100), ("gzip, deflate", whole)):
        yield answer(200, body, f"Content-Encoding: {coding}")


@ANSWERS.refused
def bodies_that_are_no_json(chance: Random) -> Iterator[Case]:
    """A success whose body says nothing, or nothing but a key."""
    for body in (
        b"", b"OK", b"{", b"[" * 100_000, b"NaN", b"Infinity", b'{"a": 1}x', b"\xff\xfe{\0}\0x", b"'a'",
        b"9" * 100_000, b'{"a":' * 50_000, b"\0", f'"{PASSWORD}'.encode(), f"<html>{TOKEN}</html>".encode(),
        b'{"a": "\n"}', b"\xef\xbb\xbf{",
    ):  # fmt: skip
        yield answer(200, body, "Content-Type: application/json")


@ANSWERS.taken
def json_that_is_odd(chance: Random) -> Iterator[Case]:
    """JSON that some read otherwise than others, or that is large when it is read."""
    for body in (
        b'{"a": 1, "a": 2}', b'"\\ud800"', b"1e999", b"-0.0", "{}".encode("utf-16"), b'{"__proto__": {}}',
        b"[" + b"[]," * 500_000 + b"[]]", b'"' + b"\\u0000" * 100_000 + b'"',
    ):  # fmt: skip
        yield answer(200, body)


@ANSWERS.refused
def redirects_to_elsewhere(chance: Random) -> Iterator[Case]:
    """A key is carried to another server, or a publication made twice."""
    for where in (
        "http://127.0.0.2/", "//evil.example/", "https://evil.example/", "ftp://a/", "javascript:x",
        "file:///etc/passwd", "http://", "http://[::1", "http://u:p@a/", "http://127.0.0.1:99999/",
        "\\\\evil.example\\x", "http://2130706433/", "gopher://127.0.0.1:6379/_x", "http://\u2025/", "data:,x",
    ):  # fmt: skip
        for status in (302, 308):
            yield answer(status, b"", f"Location: {where}")


@ANSWERS.refused
def redirects_that_carry_the_key(chance: Random) -> Iterator[Case]:
    """The address that a server sends us on to is shown, and may hold what it was sent."""
    words = PASSWORD.split()[1:]  # a path of plain words is shown as it is
    for where in (
        f"/{quote(PASSWORD)}", f"/{'/'.join(words)}/{PASSWORD}", f"/{TOKEN}", f"/a?{quote(PASSWORD)}", f"/{_BASIC}",
        f"http://{TOKEN.partition(':')[2]}.example/", f"http://{_BASIC}.example/x", f"//{quote(PASSWORD)}.example",
    ):  # fmt: skip
        yield answer(302, b"", f"Location: {where}")


@ANSWERS.refused
def redirects_without_end(chance: Random) -> Iterator[Case]:
    """Whoever follows goes round for ever."""
    for where in ("/tin.xml", "", ".", "?a", "/" + "x/" * 5_000, "?" + "x" * 50_000):
        for status in (301, 307):
            yield answer(status, b"", f"Location: {where}")


@ANSWERS.refused
def errors_that_repeat_what_was_sent(chance: Random) -> Iterator[Case]:
    """A server says in its error what key it got; the error goes into the log, and from there to everybody."""
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504):
        said = f"the password {PASSWORD} of bot {TOKEN} is wrong"
        yield answer(
            status,
            f'{{"message": "{said}", "detail": ["{said}"]}}'.encode(),
            "Content-Type: application/json",
            f"X-Said: {TOKEN}",
        )
        yield answer(status, said.encode(), f"WWW-Authenticate: {TOKEN}")


@ANSWERS.refused
def errors_that_repeat_it_in_other_letters(chance: Random) -> Iterator[Case]:
    """A key is still a key when it is broken over lines, stripped, or written as an address or a page writes it."""
    for said in (
        PASSWORD.replace(" ", "\n"), PASSWORD.replace(" ", "  "), PASSWORD.replace(" ", "\0"),
        PASSWORD.replace(" ", "\u200b"), PASSWORD.replace(" ", ""), quote(PASSWORD), quote_plus(PASSWORD),
        unicodedata.normalize("NFD", PASSWORD), json.dumps(PASSWORD), json.dumps(PASSWORD, ensure_ascii=False),
        TOKEN.replace(":", "%3A"), "x" * 190 + PASSWORD,
    ):  # fmt: skip
        yield answer(422, json.dumps({"message": f"not {said} here"}).encode())
        yield answer(500, f"not {said} here".encode())


@ANSWERS.refused
def errors_that_are_long(chance: Random) -> Iterator[Case]:
    """The words of a server fill the log, the terminal and the page."""
    for said in (
        "x" * 1_000_000, "x " * 500_000, "\\u001b[2J\\u0007" * 1_000, "\\u202e" * 1_000 + "x", "\\n" * 10_000 + "x",
        "<b>" * 10_000,
    ):  # fmt: skip
        yield answer(422, f'{{"message": "{said}"}}'.encode(), "Content-Type: application/json")
    yield answer(422, b'{"message": "' + b"!" * 60_000 + b'"}')
    yield answer(422, b"!" * 60_000)
    yield answer(422, b"\x1b]0;x\x07\x9b2J" * 100)
    yield answer(422, b'{"message": ' + b'{"message": ' * 5_000)
    yield answer(422, b'{"message": ' * 400 + b'"x"' + b"}" * 400)


@ANSWERS.refused
def waits_that_are_no_waits(chance: Random) -> Iterator[Case]:
    """A server says when to come again: never, yesterday, or in no time that there is."""
    for wait in (
        "-1", "1e9", "9" * 100, "soon", "", "0x10", "Thu, 01 Dec 1994 16:00:00", "Mon, 99 Foo 2022 99:99:99 GMT", "٣",
        "1.5", "Thu, 01 Jan 1970 00:00:00 -0000",
    ):  # fmt: skip
        yield answer(429, b"{}", f"Retry-After: {wait}", "Date: Thu, 01 Dec 1994 15:00:00 GMT")
        yield answer(503, b"{}", f"Retry-After: {wait}", f"Date: {wait}")


@ANSWERS.endured
def statuses_that_are_rare(chance: Random) -> Iterator[Case]:
    """A status that nobody reckons with is taken for a success."""
    for status in (100, 101, 199, 204, 205, 206, 226, 300, 303, 304, 305, 306, 399, 418, 451, 499, 599, 600, 999):
        yield b"!close\n" + answer(status, b"{}" if status not in (204, 304) else b"", "Location: /x")


@ANSWERS.taken
def more_than_one_answer(chance: Random) -> Iterator[Case]:
    """What comes behind an answer would be taken for the answer to the next request."""
    yield good() + answer(200, b'{"id": 666}')
    yield good() + b"x" * 10_000
    yield good("Connection: keep-alive", "Keep-Alive: timeout=99999999999") + b"\r\n\r\n"
