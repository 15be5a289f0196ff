"""docs/start.md, word by word, on a real WordPress: after seven commands a scheduled post is there, and only it."""

from html import unescape
from pathlib import Path

import pytest
import requests

from sandbox.client import Sandbox
from tests.kinds import unique
from tests.real.wordpress import WordPressServer
from tests.starting import PAGES, Reader

pytestmark = pytest.mark.real


def test_seven_commands_lead_to_a_scheduled_post(
    own_wordpress: WordPressServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    chat = unique("song").replace("-", "_")
    before = {post["id"] for post in own_wordpress.api("wp/v2/posts")}
    own = {
        "https://so.example.gov.vn": own_wordpress.url,
        "bien-tap": own_wordpress.username,
        "@songvamaytinh": f"@{chat}",
        "abcd EFGH 1234 ijkl MNOP 5678": own_wordpress.password,
        "123456789:AAF_letters-and-digits": "123456789:AAF_thu",
    }
    shown = Reader(tmp_path, own, f"{sandbox.url}/telegram").follow(PAGES[0])
    (post,) = [one for one in own_wordpress.api("wp/v2/posts", context="edit") if one["id"] not in before]
    assert (post["status"], unescape(post["title"]["raw"])) == ("publish", "A campaign begins")
    assert post["link"] in shown
    page = requests.get(post["link"], timeout=30)
    assert page.status_code == 200
    assert "Sở Thông tin và Truyền thông begins the campaign" in unescape(page.text)
    assert len(sandbox.record(kind="telegram", place=f"@{chat}")) == 1
