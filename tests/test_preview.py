"""`publisher preview`: each look of a message once, by the real composer, with its lengths and what is left out."""

import re
from pathlib import Path

import pytest

from channels.base import Channel
from channels.registry import KINDS
from content.losses import losses
from content.post import Format
from sandbox.client import Sandbox
from tests.kinds import png
from tests.offices import CAMPAIGN, Office

CHANNELS = """\
agencies:
  so: {name: Sở Thông tin}
  bao: {name: Báo tỉnh}
channels:
  web: {kind: wordpress, agency: so, url: "https://so.example.gov.vn", username: u, password: "${WEB_PASSWORD}"}
  web-bao: {kind: wordpress, agency: bao, url: "https://bao.example.vn", username: u, password: "${WEB_PASSWORD}"}
  tg: {kind: telegram, agency: so, chat: "@songvamaytinh", token: "${TG_TOKEN}"}
  thu: {kind: email, agency: so, to: a@so.example.vn, host: mail.so.example.vn, from: b@so.example.vn}
  hop: {kind: inbox, agency: so}
  loa: {kind: loudspeaker, agency: so, sessions: [05:15, 17:00], ready: 12h, length: 1m}
"""
FRONT = {"summary": "Tóm tắt.", "link": "https://so.example.gov.vn/tin", "tags": "[Giáo dục]"}
TABLE = "| Xã | Máy |\n|---|---|\n| Đắk Mil | 20 |\n"


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    office = Office(tmp_path / "office", sandbox)
    office.write("conf/channels.yaml", CHANNELS)
    office.edit("to: [web, hop]", "to: [web, web-bao, hop]")
    return office


def shown(office: Office, *words: str, code: int = 0) -> dict[str, str]:
    """What is said of each kind."""
    done = office.call("preview", *words, "--lang", "en")
    assert done.code == code, done.said + done.warned
    return {block.partition(":")[0]: block for block in done.said.split("\n\n")[1:] if ":" in block}


def test_it_goes_where_the_plan_sends_it_and_one_look_is_shown_once(office: Office) -> None:
    found = shown(office, "c/khai-mac.md")
    assert set(found) == {"wordpress", "inbox"}
    assert found["wordpress"].startswith("wordpress: web, web-bao\n")
    assert (
        "   Title: Khai mạc (8 characters)\n   Text (21 characters)\n   │ Học sinh có máy tính." in found["wordpress"]
    )


def test_a_text_that_names_its_agency_looks_different_there(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "{{ agency.name }} khai mạc.")
    done = office.call("preview", "c/khai-mac.md", "--lang", "en")
    assert "wordpress: web\n" in done.said
    assert "wordpress: web-bao\n" in done.said
    assert "│ Báo tỉnh khai mạc." in done.said


def test_a_message_that_no_schedule_names_is_shown_on_every_kind(office: Office) -> None:
    office.message("moi.md", "Tin mới")
    assert set(shown(office, "c/moi.md")) == set(KINDS)


@pytest.mark.parametrize("path", ["c/khai-mac.md", f"{CAMPAIGN}/khai-mac.md", "{}/content/campaigns/c/khai-mac.md"])
def test_a_message_is_named_by_its_path_or_file(path: str, office: Office) -> None:
    assert set(shown(office, path.format(office.directory), "--channel", "tg")) == {"telegram"}


def test_the_files_count_and_not_what_is_in_force(office: Office) -> None:
    office.plan()
    office.message("khai-mac.md", "Khai mạc mới")
    assert "Title: Khai mạc mới (12 characters)" in shown(office, "c/khai-mac.md")["inbox"]


def test_a_long_text_is_several_messages_in_a_chat_with_the_length_of_each(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Học sinh có máy tính. " * 300)
    said = shown(office, "c/khai-mac.md", "--channel", "tg")["telegram"]
    assert "Message 1 of 2 (" in said
    assert " of 4096 characters)" in said
    (office.directory / CAMPAIGN / "anh.png").write_bytes(png())
    office.message("khai-mac.md", "Khai mạc", "Học sinh có máy tính. " * 60, image="{file: anh.png, alt: Lớp học}")
    said = shown(office, "c/khai-mac.md", "--channel", "tg")["telegram"]
    assert "Message 1 of 2 (8 of 1024 characters)\n   │ [anh.png: Lớp học]\n   │ Khai mạc" in said


def test_what_is_left_out_is_said_with_its_line(office: Office) -> None:
    text = f"Xem [trang này](https://so.example.gov.vn/a).\n\n{TABLE}\n![Sơ đồ](https://so.example.gov.vn/s.png)"
    (office.directory / CAMPAIGN / "anh.png").write_bytes(png())
    office.message("khai-mac.md", "Khai mạc", text, **FRONT, image="{file: anh.png, alt: Lớp học}")
    found = shown(office, "c/khai-mac.md", "--channel", "web", "tg", "loa", "hop", "thu")
    lost = {kind: [line[5:] for line in said.split("\n") if line.startswith("   ! ")] for kind, said in found.items()}
    assert lost == {
        "wordpress": ["its link is not shown there"],
        "inbox": [],
        "email": ["its tags are not shown there"],
        "telegram": [
            "its summary is not shown there",
            "its tags are not shown there",
            "line 11 of the file: the table becomes lines of text",
            "line 15 of the file: the picture https://so.example.gov.vn/s.png becomes a link with its description",
        ],
        "loudspeaker": [
            "its link is not shown there",
            "its image is not shown there",
            "its tags are not shown there",
            "line 9 of the file: the address https://so.example.gov.vn/a is not read, only its words: trang này",
            "line 11 of the file: the table is read row by row",
            "line 15 of the file: the picture https://so.example.gov.vn/s.png is not seen; its description is read",
        ],
    }


def test_a_station_is_told_how_long_it_reads(office: Office) -> None:
    said = shown(office, "c/khai-mac.md", "--channel", "loa")["loudspeaker"]
    assert "│ Sau đây, mời bà con và các bạn nghe nội dung: Khai mạc." in said
    assert "18 syllables, read in about 7 seconds" in said  # at 170 a minute
    office.message("khai-mac.md", "Khai mạc", "Học sinh có máy tính. " * 40)
    assert (
        "it does not fit into a session (shorten it)"
        in shown(office, "c/khai-mac.md", "--channel", "loa")["loudspeaker"]
    )


def test_what_cannot_be_made_is_said_with_the_line_of_the_file(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Một dòng.\n\nĐến {{ occurrence.day / 0 }}.")
    found = shown(office, "c/khai-mac.md", code=1)
    assert "✗ it cannot be made: line 3 of its text: " in found["wordpress"]
    assert f"({CAMPAIGN}/khai-mac.md:7)" in found["wordpress"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("c/khai-mat.md",), "there is no message 'c/khai-mat.md' in the files (write it like c/khai-mac.md)"),
        (("c/khai-mac.md", "--channel", "wep"), "there is no channel 'wep' (there are: web, web-bao, tg,"),
    ],
)
def test_what_is_not_there_is_a_complaint(words: tuple[str, ...], complaint: str, office: Office) -> None:
    done = office.call("preview", *words, "--lang", "en")
    assert done.code == 1
    assert complaint in done.warned


def test_a_message_with_mistakes_shows_them(office: Office) -> None:
    office.message("hong.md", "Hỏng", "Gọi {{ hotlin }}.")
    done = office.call("preview", "c/hong.md")
    assert done.code == 1
    assert f"{CAMPAIGN}/hong.md:5:8: 'hotlin' is not defined" in done.warned


def test_the_page_shows_the_looks_side_by_side_and_loads_nothing(office: Office, tmp_path: Path) -> None:
    (office.directory / CAMPAIGN / "anh.png").write_bytes(png())
    office.message("khai-mac.md", "Khai <mạc>", "**Đậm** <script>", **FRONT, image="{file: anh.png, alt: Lớp học}")
    page = tmp_path / "xem.html"
    done = office.call("preview", "c/khai-mac.md", "--html", str(page), "--lang", "en")
    assert done.code == 0, done.warned
    html = page.read_text(encoding="utf-8")
    assert html.count('<article class="card">') == 2
    assert "web, web-bao" in html
    assert '<img src="data:image/png;base64,' in html
    assert "<strong>Đậm</strong> &lt;script&gt;" in html
    assert "Khai &lt;mạc&gt;" in html
    assert f"Link: {FRONT['link']}" in html
    assert "Tags: Giáo dục" in html
    assert re.findall(r"(?:src|href)=.(?!data:)", html) == []


def test_html_loses_nothing() -> None:
    assert list(losses(f"[a](https://a.example)\n\n{TABLE}", Format.HTML)) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kinds_omit_only_parts_of_a_post(kind: type[Channel]) -> None:
    assert set(kind.omits) <= {"summary", "link", "image", "tags"}
