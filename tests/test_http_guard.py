"""Where a fetch may go: no address inside a network, in whatever form it is written or resolved."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import InDoubt, Refused, TryLater, Unauthorized
from channels.guard import is_public
from channels.http import Client
from tests.raw_server import CERTIFICATE, RawServer, answer, answering

Found = list[tuple[int, int, int, str, tuple[str, int]]]

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.8.9.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.2.3", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fec0::1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "2001::1", "100::1", "5f00::1",
    "64:ff9b:1::1", "4000::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "2002:a00:1::", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::6440:1", "64:ff9b::e000:1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "193.0.0.1",
    "223.255.255.255", "168.63.129.17", "2400:cb00::1", "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:808:808::1",
]  # fmt: skip
OWN_MACHINE = [
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(inner: ipaddress.IPv4Address) -> None:
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (int(inner) << 80))
    for disguise in (f"::ffff:{inner}", f"64:ff9b::{inner}", str(six_to_four)):
        assert is_public(disguise) == is_public(str(inner))


@given(st.ip_addresses())
def test_what_the_library_calls_special_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        assert not is_public(str(address))


def answering_with(*addresses: str) -> "Book":
    return Book([list(addresses)])


class Book:
    """A resolver that gives its answers in turn, the last for ever, and counts the questions."""

    def __init__(self, answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked = 0

    def __call__(self, host: str, port: int) -> Found:
        addresses = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 0, "", (ip, port))
            for ip in addresses
        ]


@pytest.mark.parametrize("host", OWN_MACHINE)
def test_no_form_of_the_own_machine_is_fetched(host: str) -> None:
    with RawServer(answering(answer())) as server, Client(deadline=2) as client:
        with pytest.raises(Refused, match="inside network"):
            client.fetch(f"http://{host}:{server.port}/")
        assert server.connections == 0


def test_letters_that_look_like_digits_do_not_help() -> None:
    with RawServer(answering(answer())) as server, Client(deadline=2) as client:
        with pytest.raises(Refused):
            client.fetch(f"http://①②⑦.0.0.1:{server.port}/")
        assert server.connections == 0


def test_localhost_is_not_fetched_by_the_systems_own_resolver() -> None:
    with RawServer(answering(answer())) as server, Client() as client:
        with pytest.raises(Refused, match="inside network"):
            client.fetch(f"http://localhost:{server.port}/")
        assert server.connections == 0


def test_one_inside_address_closes_a_name() -> None:
    for addresses in (["203.0.114.1", "127.0.0.1"], ["127.0.0.1", "203.0.114.1"], ["203.0.114.1", "::1"]):
        with RawServer(answering(answer())) as server, Client(resolve=answering_with(*addresses)) as client:
            with pytest.raises(Refused, match=r"mixed\.test leads .* add mixed\.test to"):
                client.fetch(f"http://mixed.test:{server.port}/")
            assert server.connections == 0


def test_the_checked_address_is_the_one_connected_to() -> None:
    book = Book([["2d00::1"], ["127.0.0.1"]])  # the first is of a public block that nobody has been given
    with RawServer(answering(answer())) as server, Client(resolve=book, deadline=0.3) as client:
        with pytest.raises(TryLater):
            client.fetch(f"http://rebinding.test:{server.port}/")
        assert (book.asked, server.connections) == (1, 0)
        with pytest.raises(Refused, match="inside network"):
            client.fetch(f"http://rebinding.test:{server.port}/")
        assert (book.asked, server.connections) == (2, 0)


def test_a_name_that_changes_after_the_check_gains_nothing() -> None:
    book = Book([["127.0.0.1"], ["10.0.0.1"]])
    with RawServer(answering(answer())) as server, Client(resolve=book, allow=("own.test",)) as client:
        assert client.fetch(f"http://own.test:{server.port}/").status == 200
    assert book.asked == 1


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.1:{port}"])
def test_an_allowed_address_is_fetched(allow: str) -> None:
    with RawServer(answering(answer())) as server, Client(allow=[allow.format(port=server.port)]) as client:
        assert client.fetch(server.url).status == 200
        with pytest.raises(Refused):
            client.fetch(f"http://2130706433:{server.port}/")


@pytest.mark.parametrize("allow", ["127.0.0.2", "127.0.0.1:1", "127.0.0", "*", "", "own.test.evil", "test"])
def test_another_allowed_host_opens_nothing(allow: str) -> None:
    with RawServer(answering(answer())) as server:
        with Client(allow=[allow], resolve=answering_with("127.0.0.1")) as client:
            for host in ("127.0.0.1", "own.test", "sub.own.test"):
                with pytest.raises(Refused):
                    client.fetch(f"http://{host}:{server.port}/")
        assert server.connections == 0


def test_an_allowed_name_may_be_written_in_any_case() -> None:
    resolve = answering_with("127.0.0.1")
    with RawServer(answering(answer())) as server, Client(allow=["Own.Test"], resolve=resolve) as client:
        assert client.fetch(f"http://oWN.test:{server.port}/").status == 200


def test_each_hop_is_checked() -> None:
    with RawServer(answering(answer())) as inside:
        target = f"http://localhost:{inside.port}/latest/meta-data"
        with (
            RawServer(answering(answer(302, b"", f"Location: {target}"))) as server,
            Client(allow=[f"127.0.0.1:{server.port}"]) as client,
            pytest.raises(Refused, match="inside network"),
        ):
            client.fetch(server.url)
        assert inside.connections == 0


def test_a_connection_of_a_channel_does_not_serve_a_fetch() -> None:
    with RawServer(answering(answer())) as server, Client() as client:
        assert client.request("GET", server.url).status == 200
        with pytest.raises(Refused, match="inside network"):
            client.fetch(server.url)
        assert len(server.requests) == 1


def test_a_fetch_works_over_tls_by_name() -> None:
    client = Client(allow=["localhost"], verify=str(CERTIFICATE))
    with RawServer(answering(answer(200, b"feed")), tls=True) as server, client:
        assert client.fetch(f"https://localhost:{server.port}/").body == b"feed"


def test_a_fetch_judges_the_status_unless_told_not_to() -> None:
    with Client(allow=["127.0.0.1"]) as client:
        for status, expected in [(404, Refused), (410, Refused), (403, Unauthorized)]:
            with RawServer(answering(answer(status))) as server:
                with pytest.raises(expected):
                    client.fetch(server.url)
                assert client.fetch(server.url, check=False).status == status
        with RawServer(answering(answer(304, b""))) as server:
            assert client.fetch(server.url, headers={"If-None-Match": '"7"'}).status == 304


def test_a_channels_own_address_may_be_inside() -> None:
    with RawServer(answering(answer(500))) as server, Client() as client, pytest.raises(InDoubt):
        client.request("POST", server.url)
