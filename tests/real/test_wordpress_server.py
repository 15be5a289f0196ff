"""The real WordPress that other tests lean on behaves like a public one: accounts, routing, a hung database."""

import pytest
import requests

from tests.real.wordpress import WordPressServer

pytestmark = pytest.mark.real


def test_the_editor_publishes_and_the_public_reads(wordpress: WordPressServer) -> None:
    made = wordpress.api(
        "wp/v2/posts",
        "POST",
        {"title": "Đường truyền mới", "content": "<p>Thôn đã có sóng.</p>", "status": "publish"},
    )

    page = requests.get(made["link"], timeout=30)

    assert made["link"] == f"{wordpress.url}/{made['slug']}/"
    assert page.status_code == 200
    assert "<p>Thôn đã có sóng.</p>" in page.text


def test_an_unknown_page_is_not_found(wordpress: WordPressServer) -> None:
    assert requests.get(f"{wordpress.url}/khong-co-trang-nay/", timeout=30).status_code == 404


def test_a_contributor_may_not_publish(wordpress: WordPressServer) -> None:
    answer = requests.post(
        f"{wordpress.url}/wp-json/wp/v2/posts",
        json={"title": "Chưa duyệt", "status": "publish"},
        auth=(wordpress.contributor, wordpress.passwords[wordpress.contributor]),
        timeout=30,
    )

    assert answer.status_code == 403


def test_a_hung_database_hangs_the_server_and_lets_go(wordpress: WordPressServer) -> None:
    address = f"{wordpress.url}/wp-json/wp/v2/posts"

    with wordpress.hung_database(), pytest.raises(requests.ReadTimeout):
        requests.get(address, timeout=1)

    assert requests.get(address, timeout=30).status_code == 200
