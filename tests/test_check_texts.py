"""`publisher check` on the texts of a workspace: what it warns of, when, and where links are asked for."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.http import Client
from content.yaml12 import Mistake
from publisher.dead_links import Patience, ask_links
from publisher.proofreader import Proofreader
from publisher.workspace import Folder, read_workspace
from sandbox.client import Sandbox
from tests.offices import Office
from tests.raw_server import Peer, RawServer, answer
from tests.test_http_guard import Found, answering_with

ROOT = Path(__file__).parents[1]


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


def warned(office: Office, *words: str, kind: str = "warning") -> list[str]:
    """What `check` says of messages, by kind: file, line, column and text."""
    done = office.call("check", "--json", *words)
    assert done.code == 0
    return [
        f"{one['file'].removeprefix('content/campaigns/c/')}:{one['line']}:{one['column']}: {one['text']}"
        for one in json.loads(done.said)
        if one["kind"] == kind and one["file"] != "conf/channels.yaml"
    ]


def read_at(directory: Path, now: datetime) -> list[Mistake]:
    files = Folder(directory)
    return Proofreader(read_workspace(files), now).warnings()


def test_the_sample_is_without_findings_at_any_time_of_its_campaign_and_now() -> None:
    for day in (datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 3, 7, tzinfo=UTC), datetime.now(UTC)):
        assert read_at(ROOT, day) == []


def test_a_good_office_is_without_findings(office: Office) -> None:
    assert warned(office) == []


def test_findings_never_stop_anything_and_programs_get_them_too(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Gọi anh Ba 0912 345 678, xem www.so.gov.vn.")
    assert [one.partition(" (")[0] for one in warned(office)] == [
        "khai-mac.md:5:12: this looks like a mobile telephone number",
        "khai-mac.md:5:30: 'www.so.gov.vn' does not begin as a web address does",
    ]
    done = office.call("check")
    assert done.code == 0
    assert (
        "content/campaigns/c/khai-mac.md:5:12: warning: this looks like a mobile telephone number (…678)" in done.said
    )
    assert "345 678" not in done.said
    assert "No mistakes" in done.said


def test_a_fact_is_public(office: Office) -> None:
    office.edit("    title: Sóng", '    facts: {zalo: "0912.345.678"}\n    title: Sóng')
    office.message("khai-mac.md", "Khai mạc", "Gọi +84 912 345 678 hay {{ zalo }}.")
    assert warned(office) == []


def test_only_what_announcers_get_must_be_readable(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc QWX", "Xem #song")
    office.message("loa/01.md", "Bản tin QWX", "Xem #song")
    office.message("loa/02.md", "Bản tin", "Xem #song", **{"for": "{loudspeaker: Nghe XYZ}"})
    assert [one.split(" (")[0] for one in warned(office)] == [
        "loa/01.md:2:16: an announcer may not know how to read 'QWX' aloud",
        "loa/01.md:5:5: an announcer cannot read this hash tag aloud: '#song'",
        "loa/02.md:3:25: an announcer may not know how to read 'XYZ' aloud",
    ]


def test_a_workspace_has_abbreviations_of_its_own(office: Office) -> None:
    office.message("loa/01.md", "Bản tin QWX")
    office.write("lexicon.csv", "abbreviation,spoken\nQWX,quy đấp\n")
    assert warned(office) == []
    office.write("lexicon.csv", "QWX,quy đấp\nXYZ\n")
    done = office.call("check")
    assert done.code == 1
    assert "lexicon.csv:2:1: an abbreviation and how it is spoken are expected here (write e.g. UBND," in done.said


def test_tone_marks_are_compared_within_a_campaign(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Hòa bình, tòa nhà.")
    office.message("loa/01.md", "Hoà bình")
    (one,) = warned(office)
    assert one.startswith("loa/01.md:2:8: 'Hoà' has its tone mark")
    assert "(write 'Hòa'," in one


def test_a_day_is_judged_by_the_next_occurrence(office: Office) -> None:
    over, right = (office.first + timedelta(days=days) for days in (-1, 0))
    office.message("khai-mac.md", "Khai mạc", f"Lễ sẽ diễn ra ngày {over:%d/%m/%Y}.")
    office.message("loa/01.md", "Bản tin", f"Lễ sẽ diễn ra ngày {right:%d/%m/%Y}.")
    assert warned(office) == [
        f"khai-mac.md:5:20: '{over:%d/%m/%Y}' is spoken of as still to come, but is over when this goes out next, on "
        f"{right:%d/%m/%Y} (correct the date, or write `expires:` above the text)"
    ]
    office.edit(f"from: {office.first}", "from: 2022-02-14\n    until: 2022-05-31")
    assert warned(office) == []  # it goes out no more


def test_an_expired_message_with_occurrences_still_to_come(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", expires=str(office.first - timedelta(days=1)))
    office.message("loa/01.md", "Bản tin", expires=str(office.first))
    (one,) = warned(office)
    assert one.startswith(f"khai-mac.md:3:10: this is over when its turn could come next, on {office.first:%d/%m/%Y}")


# Links


def serve(peer: Peer) -> None:
    """By path: what a server may answer, and to HEAD something else than to GET."""
    while request := peer.read():
        method, path = request.split(b" ")[:2]
        if path == b"/silent":
            return peer.hang()
        if path == b"/no-head":
            status = 405 if method == b"HEAD" else 200
        else:
            status = int(path[1:4])
        more = ["Location: /200"] if status == 302 else []
        peer.sock.sendall(answer(status, b"" if method == b"HEAD" else b"{}", *more))
    return None


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(serve) as running:
        yield running


def asked(office: Office, client: Client, one: float = 1.0, all: float = 20.0) -> tuple[list[str], list[str]]:
    files = Folder(office.directory)
    links = Proofreader(read_workspace(files), datetime.now(UTC)).links()
    told: list[tuple[int, int]] = []
    found = ask_links(links, client, lambda *numbers: told.append(numbers), Patience(one, all))
    assert told[0][0] == 0
    dead, notes = ([f"{one.line}:{one.column}: {one.text}" for one in some] for some in found)
    return dead, notes


def test_each_address_is_asked_once_and_dead_ones_are_told(office: Office, server: RawServer) -> None:
    url = server.url
    paths = ("200", "404/a", "410", "403", "429", "500", "302", "no-head")
    office.message("khai-mac.md", "Khai mạc", "\n".join(f"{url}/{path}" for path in paths), link=f"{url}/404/a#b")
    with Client(allow=["127.0.0.1"]) as client:
        dead, notes = asked(office, client)
    assert [one.split("'")[0] + one.split("' ")[1].partition(" (")[0] for one in dead] == [
        "3:7: leads to nothing, its server answers 404",
        "7:1: leads to nothing, its server answers 404",
        "8:1: leads to nothing, its server answers 410",
    ]
    assert [one.split("' ")[1].partition(" (")[0] for one in notes] == [
        f"could not be checked: its server answers {status}" for status in (403, 429, 500)
    ]
    heads = [request.split(b" ")[1] for request in server.requests if request.startswith(b"HEAD")]
    assert heads.count(b"/404/a") == 1


def test_silence_is_no_proof(office: Office, server: RawServer) -> None:
    office.message("khai-mac.md", "Khai mạc", f"{server.url}/silent")
    with Client(allow=["127.0.0.1"]) as client:
        dead, (note,) = asked(office, client, one=0.2)
        assert (dead, "could not be checked: its server gave no whole answer" in note) == ([], True)
        dead, (note,) = asked(office, client, one=0.2, all=0.0)
        assert (dead, "was not asked in time" in note) == ([], True)


def test_inside_networks_unknown_names_and_wrong_certificates_are_dead(office: Office, server: RawServer) -> None:
    office.message("khai-mac.md", "Khai mạc", f"http://trong.vn:{server.port}/200")
    with Client(resolve=answering_with("127.0.0.1")) as client:
        assert "cannot be followed by the public" in asked(office, client)[0][0]
    assert server.connections == 0

    def unknown(host: str, port: int) -> Found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def offline(host: str, port: int) -> Found:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with Client(resolve=unknown) as client:
        dead, notes = asked(office, client)
        assert (len(dead), notes) == (1, [])
        assert "has no such server" in dead[0]
    with Client(resolve=offline) as client:
        dead, notes = asked(office, client)
        assert (dead, len(notes)) == ([], 1)
    with RawServer(serve, tls=True) as secured, Client(allow=["127.0.0.1"]) as client:
        office.message("khai-mac.md", "Khai mạc", f"{secured.url}/200")
        assert "has no such server, or one whose certificate" in asked(office, client)[0][0]


def test_check_asks_only_with_links(office: Office, server: RawServer) -> None:
    office.edit("timezone:", "allow_hosts: [127.0.0.1]\ntimezone:")
    office.message("khai-mac.md", "Khai mạc", f"[Tin]({server.url}/404) <{server.url}/500>")
    inside = "leads into an inside network"
    assert [inside in one for one in warned(office)] == [True, True]
    assert server.connections == 0
    assert ["answers 404" in one for one in warned(office, "--links") if inside not in one] == [True]
    assert len(warned(office, "--links", kind="note")) == 1
    assert ": note: 'http://127.0.0.1" in office.call("check", "--links").said
