"""docs/start.md works as it stands, here against stand-ins of both servers; tests/real has a real WordPress."""

import re
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.documents import ROOT, blocks, rows, text
from tests.kinds import unique
from tests.starting import PAGES, Reader, dialogue


@pytest.mark.parametrize(
    ("page", "title"), [(PAGES[0], "A campaign begins"), (PAGES[1], "Bắt đầu một chiến dịch truyền thông")]
)
def test_seven_commands_lead_to_a_post_on_the_website_and_one_in_the_chat(
    sandbox: Sandbox, tmp_path: Path, page: Path, title: str
) -> None:
    site, chat = unique("so"), unique("song").replace("-", "_")
    own = {
        "https://so.example.gov.vn": f"{sandbox.url}/wordpress/{site}",
        "@songvamaytinh": f"@{chat}",
        "abcd EFGH 1234 ijkl MNOP 5678": "mat khau thu",
        "123456789:AAF_letters-and-digits": "123456789:AAF_thu",
    }
    shown = Reader(tmp_path, own, f"{sandbox.url}/telegram").follow(page)
    (post,) = sandbox.record(kind="wordpress", place=site, action="publish")
    (message,) = sandbox.record(kind="telegram", place=f"@{chat}")
    assert post["title"] == title
    assert message["text"].startswith(f"{title}\n\n")
    assert post["url"] in shown


def test_both_pages_say_the_same() -> None:
    ours, theirs = ([one for one in blocks(page) if one[0] != "text answers"] for page in PAGES)
    assert ours == [(info, block.replace(" --lang vi", "")) for info, block in theirs]
    assert [answer for _, answer in dialogue(PAGES[0])] == [answer for _, answer in dialogue(PAGES[1])]


def test_what_its_table_quotes_is_really_said() -> None:
    sources = "".join(text(path) for name in ("publisher", "channels") for path in (ROOT / name).rglob("*.py"))
    for words, _ in rows(PAGES[0], "the secret"):
        assert all(part.strip() in sources for part in words.strip("| ").split("…")), words


def test_there_are_seven_commands() -> None:
    commands = "".join(block for info, block in blocks(PAGES[0]) if info == "sh").splitlines()
    assert len(commands) == 7
    assert not [line for line in commands if re.search(r"&&|;|\|", line)]
