"""The overview: what it shows, and to whom."""

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest

from publisher.web.app import create_app
from publisher.web.desk import Overview
from publisher.web.serve import Pages, serve
from tests import desks, kinds
from tests.desks import TOKEN, Desk, get


@pytest.fixture
def desk() -> Desk:
    return Desk({TOKEN: desks.view()})


@pytest.fixture
def pages(desk: Desk) -> Iterator[Pages]:
    with serve(create_app(desk)) as running:
        yield running


def test_the_overview_shows_the_workspace(desk: Desk, pages: Pages) -> None:
    desk.shown = desks.BUSY
    page = get(pages, "/").text
    for text in ("Sở Thông tin và Truyền thông tỉnh Đắk Nông", "schedules.yaml:14:7", "214", "sai mã truy cập"):
        assert text in page
    assert '<a href="https://so.example.gov.vn/khai-mac"' in page
    assert "javascript:" not in page
    desk.shown = Overview("Mới", kinds.NOW)
    assert "Không có việc nào đang chờ người xử lý" in get(pages, "/").text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:8000", "LOCALHOST", "[::1]", "[::1]:80"])
def test_the_overview_answers_this_machine_by_its_own_names(pages: Pages, host: str) -> None:
    assert get(pages, "/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "tuyen-truyen.example.gov.vn"},
        {"Host": "xau.example:80"},
        {"Host": "127.0.0.1.xau.example"},
        {"Host": "localhost.xau.example"},
        {"Host": "xau.example@localhost:1:2"},
        {"Host": "[::1"},
        {"Host": "192.168.1.5"},
        {"Host": ""},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=127.0.0.1"},
    ],
)
def test_the_overview_hides_from_proxies_and_foreign_names(pages: Pages, headers: dict[str, str]) -> None:
    answer = get(pages, "/", headers=headers)
    assert answer.status_code in (400, 404)  # 400: the server itself refuses a broken Host
    assert "Không gian thử" not in answer.text


def test_behind_a_proxy_that_hides_itself_there_is_no_overview(desk: Desk) -> None:
    with serve(create_app(desk, overview=False)) as pages:
        assert get(pages, "/").status_code == 404
        assert get(pages, f"/i/{TOKEN}/").status_code == 200


@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 404), ("testclient", 404)]
)
def test_the_overview_answers_loopback_peers_alone(desk: Desk, peer: str, status: int) -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(create_app(desk), client=(peer, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get("/")).status_code

    assert asyncio.run(ask()) == status


@pytest.mark.parametrize("hosts", [[], ["localhost", "xau.example"]])
def test_the_overview_needs_exactly_one_name(pages: Pages, hosts: list[str]) -> None:
    lines = ["GET / HTTP/1.0", *(f"Host: {host}" for host in hosts), "", ""]
    with socket.create_connection(("127.0.0.1", pages.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ")[1] in (b"400", b"404")
