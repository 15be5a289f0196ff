"""The stand-ins of WordPress and of a news feed: as the real ones were seen to answer, and readable to people."""

from collections.abc import Mapping
from typing import Any

import feedparser
import pytest
import requests

from sandbox.client import Sandbox
from tests import kinds

EDITOR = ("bien-tap", "abcd efgh")


class Site:
    """A stand-in site, asked with a client of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.name = kinds.unique("trang")
        self.sandbox = sandbox
        self.url = f"{sandbox.url}/wordpress/{self.name}"

    def api(self, method: str, path: str, auth: tuple[str, str] | None = EDITOR, **parts: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/wp-json/wp/v2/{path}", auth=auth, timeout=5, **parts)

    def create(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.api("POST", "posts", json={"title": "Sóng về thôn", **fields}).json()
        return made

    def upload(self, body: bytes, name: str, auth: tuple[str, str] = EDITOR) -> requests.Response:
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "image/png"}
        return self.api("POST", "media", auth, data=body, headers=headers)


@pytest.fixture
def site(sandbox: Sandbox) -> Site:
    return Site(sandbox)


def test_a_taken_slug_becomes_another_without_a_word(site: Site) -> None:
    slugs = [site.create(slug="song", status=status)["slug"] for status in ("draft", "publish", "draft")]

    assert slugs == ["song", "song-2", "song-3"]


def test_a_published_post_has_an_address_and_a_draft_has_none(site: Site) -> None:
    draft = site.create(content="<p>Nháp</p>", slug="song")
    assert draft["link"] == f"{site.url}/?p={draft['id']}"
    assert requests.get(draft["link"], timeout=5).status_code == 404

    published = site.api("POST", f"posts/{draft['id']}", json={"status": "publish"}).json()

    assert published["link"] == f"{site.url}/song/"
    for address in (published["link"], draft["link"], f"{site.url}/"):
        assert "<p>Nháp</p>" in requests.get(address, timeout=5).text


def test_the_trash_renames_and_gives_back(site: Site) -> None:
    id = site.create(slug="song", status="publish")["id"]

    trashed = site.api("DELETE", f"posts/{id}").json()
    again = site.api("DELETE", f"posts/{id}")
    restored = site.api("POST", f"posts/{id}", json={"status": "publish"}).json()

    assert (trashed["slug"], trashed["status"]) == ("song__trashed", "trash")
    assert (again.status_code, again.json()["code"]) == (410, "rest_already_trashed")
    assert restored["slug"] == "song"
    actions = [entry["action"] for entry in site.sandbox.record(place=site.name)]
    assert actions == ["publish", "delete", "publish"]


def test_a_deletion_by_force_is_for_good(site: Site) -> None:
    id = site.create(status="publish")["id"]

    assert site.api("DELETE", f"posts/{id}?force=true").json()["deleted"] is True
    assert site.api("GET", f"posts/{id}").json()["code"] == "rest_post_invalid_id"


def test_only_a_visible_change_is_recorded_as_one(site: Site) -> None:
    id = site.create(status="publish")["id"]

    for title in ("Sóng về thôn", "Sóng về bản"):
        site.api("POST", f"posts/{id}", json={"title": title, "status": "publish"})

    actions = [entry["action"] for entry in site.sandbox.record(place=site.name)]
    assert actions == ["publish", "update"]


@pytest.mark.parametrize("auth", [None, ("bien-tap", "wrong")])
def test_a_visitor_sees_what_is_published_and_changes_nothing(site: Site, auth: tuple[str, str] | None) -> None:
    id = site.create(slug="song")["id"]

    def told(method: str, path: str, **parts: Any) -> tuple[int, str]:
        answer = site.api(method, path, auth, **parts)
        return answer.status_code, answer.json()["code"]

    assert site.api("GET", "posts?slug=song", auth).json() == []
    assert told("GET", "posts?slug=song&status=draft") == (400, "rest_invalid_param")
    assert told("GET", "posts?context=edit") == (401, "rest_forbidden_context")
    assert told("GET", f"posts/{id}") == (401, "rest_forbidden")
    assert told("POST", "posts", json={"title": "x"}) == (401, "rest_cannot_create")
    assert told("POST", f"posts/{id}", json={"status": "publish"}) == (401, "rest_cannot_edit")
    assert told("DELETE", f"posts/{id}") == (401, "rest_cannot_edit")
    assert told("POST", "tags", json={"name": "x"}) == (401, "rest_cannot_create")
    assert told("POST", "media", data=b"x") == (401, "rest_cannot_create")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": ""}, "empty_content"),
        ({"tags": ["em"]}, "rest_invalid_param"),
        ({"status": "gone"}, "rest_invalid_param"),
    ],
)
def test_what_is_wrong_with_a_post_is_said(site: Site, fields: Mapping[str, Any], code: str) -> None:
    answer = site.api("POST", "posts", json={"title": "Sóng", **fields})

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_body_that_is_no_json_is_said(site: Site) -> None:
    answer = site.api("POST", "posts", data=b"{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_json")


def test_posts_are_listed_by_slug_status_and_words(site: Site) -> None:
    for number, status in enumerate(("publish", "draft", "private")):
        site.create(slug=f"s{number}", status=status, content="mạng" if number else "")

    def listed(query: str) -> set[str]:
        return {post["slug"] for post in site.api("GET", f"posts?{query}").json()}

    assert listed("") == {"s0"}
    assert listed("slug=s0,s1&status=publish,draft") == {"s0", "s1"}
    assert listed("status=any&search=MẠNG") == {"s1", "s2"}
    assert len(listed("status=any&per_page=1")) == 1


def test_an_image_is_uploaded_described_and_shown(site: Site) -> None:
    body = kinds.png()
    media = site.upload(body, "thon.png").json()

    site.api("POST", f"media/{media['id']}", json={"alt_text": "Lớp học"})
    post = site.create(status="publish", featured_media=media["id"])

    assert requests.get(media["source_url"], timeout=5).content == body
    assert f'<img src="{media["source_url"]}" alt="Lớp học">' in requests.get(post["link"], timeout=5).text


def test_an_image_comes_as_a_form_too(site: Site) -> None:
    files = {"file": ("thon.png", kinds.png(), "image/png")}

    media = site.api("POST", "media", files=files, data={"alt_text": "Lớp học"}).json()

    assert media["alt_text"] == "Lớp học"
    assert media["source_url"].endswith("/thon.png")


@pytest.mark.parametrize(("body", "name"), [(b"MZ", "a.exe"), (b"text", "a.png"), (kinds.png(), "a.svg")])
def test_a_forbidden_file_type_is_an_error_of_the_server(site: Site, body: bytes, name: str) -> None:
    answer = site.upload(body, name)

    assert (answer.status_code, answer.json()["code"]) == (500, "rest_upload_sideload_error")


def test_a_tag_is_made_once(site: Site) -> None:
    first = site.api("POST", "tags", json={"name": "A & B"}).json()
    second = site.api("POST", "tags", json={"name": "A & B"})

    assert first["name"] == "A &amp; B"
    assert second.status_code == 400
    assert second.json()["code"] == "term_exists"
    assert second.json()["data"]["term_id"] == first["id"]
    assert [tag["id"] for tag in site.api("GET", "tags?slug=a-b").json()] == [first["id"]]


def test_an_unknown_route_is_said(site: Site) -> None:
    assert site.api("GET", "pages").json()["code"] == "rest_no_route"


def test_the_feed_brings_news_of_the_programme(sandbox: Sandbox) -> None:
    feed = feedparser.parse(requests.get(f"{sandbox.url}/feed/bo.xml", timeout=5).content)

    assert not feed.bozo
    assert len(feed.entries) == 4
    about = ["Sóng và máy tính cho em" in f"{entry.title} {entry.summary}" for entry in feed.entries]
    assert sorted(about) == [False, True, True, True]
    assert len({entry.id for entry in feed.entries}) == len({entry.link for entry in feed.entries}) == 4
    assert all(entry.published_parsed.tm_year == 2022 for entry in feed.entries)


def test_a_feed_is_set_and_read_only_when_it_changed(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/feed/{kinds.unique('tin')}.xml"
    item = {"id": "1", "title": "Tin <1> & 2", "link": "https://bo.example.gov.vn/1", "summary": "Tóm tắt"}
    item["published"] = "2022-02-14T08:00:00+07:00"
    assert requests.get(address, timeout=5).status_code == 404

    assert requests.put(address, json=[item], timeout=5).status_code == 204
    first = requests.get(address, timeout=5)
    by_tag = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    by_date = requests.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}, timeout=5)
    requests.put(address, json=[], timeout=5)
    changed = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)

    entry = feedparser.parse(first.content).entries[0]
    assert (entry.id, entry.title, entry.link) == ("1", "Tin <1> & 2", "https://bo.example.gov.vn/1")
    assert (by_tag.status_code, by_date.status_code, changed.status_code) == (304, 304, 200)
    assert by_tag.content == b""


@pytest.mark.parametrize(
    "items", [{}, [{"id": "1"}], [dict.fromkeys(("id", "title", "link", "summary", "published"), "x")]]
)
def test_a_feed_of_nonsense_is_refused(sandbox: Sandbox, items: Any) -> None:
    assert requests.put(f"{sandbox.url}/feed/x.xml", json=items, timeout=5).status_code == 400
