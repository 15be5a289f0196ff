"""The kind `wordpress` in doubt: whatever goes wrong on the way, the post comes out, and comes out once."""

import dataclasses
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Absent, CannotTell, InDoubt, Receipt, TryLater
from channels.http import Client
from content.post import Post
from sandbox.client import Sandbox
from tests import kinds
from tests.wordpress_desk import (
    ACCEPTED,
    DRAFT,
    LOOK,
    MEDIA,
    NOT_ACCEPTED,
    PUBLISH,
    QUICK,
    TAGS,
    Desk,
    full_post,
    open_desk,
    wordpress,
)


@pytest.fixture
def desk(sandbox: Sandbox, http: Client, tmp_path: Path) -> Desk:
    return open_desk(sandbox, http, tmp_path)


@pytest.mark.parametrize(
    ("fault", "request_"), [*product(QUICK, [MEDIA, TAGS]), *product(NOT_ACCEPTED + ACCEPTED, [DRAFT])]
)
def test_trouble_before_the_publication_is_tried_again(desk: Desk, fault: str, request_: str) -> None:
    post = full_post()
    desk.meet(TryLater, fault, request_, post)
    receipt = desk.publish(post)

    assert receipt.url == f"{desk.channel.url}/{post.slug}/"
    assert [entry["id"] for entry in desk.record("publish")] == [receipt.id]
    assert len(desk.record("draft")) - len(desk.record("discard")) == 1
    assert len(desk.record("tag")) == 2


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_a_publication_that_was_not_accepted_is_absent_and_repeated(desk: Desk, fault: str) -> None:
    post = kinds.post()
    desk.meet(InDoubt, fault, PUBLISH, post)
    assert desk.find(post) == Absent(may_come=True)
    desk.publish(post)

    assert len(desk.record("publish")) == len(desk.record("draft")) == 1


@pytest.mark.parametrize("fault", ACCEPTED)
def test_a_publication_that_was_accepted_is_found(desk: Desk, fault: str) -> None:
    post = kinds.post()
    desk.meet(InDoubt, fault, PUBLISH, post)
    found = desk.find(post)

    (entry,) = desk.record("publish")
    assert found == Receipt(entry["id"], entry["url"], {"slug": post.slug})


def test_a_publication_that_finishes_after_the_look_up_is_the_same_one(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(InDoubt, "hang-then-accept", PUBLISH, post, seconds=0.8)
    assert desk.find(post) == Absent(may_come=True)
    desk.publish(dataclasses.replace(post, title="Nhan đề mới"))
    _wait_for(lambda: desk.record("update"))  # the late request, which still says the old title

    assert len(desk.record("publish")) == len(desk.record("draft")) == 1


def test_a_draft_that_comes_late_stays_unseen(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(TryLater, "hang-then-accept", DRAFT, post, seconds=0.7)
    receipt = desk.publish(post)
    _wait_for(lambda: len(desk.record("draft")) == 2)

    assert [entry["id"] for entry in desk.record("publish")] == [receipt.id]
    assert receipt.url == f"{desk.channel.url}/{post.slug}/"
    assert desk.find(post) == receipt


def test_drafts_that_came_late_go_before_the_publication(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(InDoubt, "error", PUBLISH, post)
    late = desk.api("POST", "posts", {"title": "x", "slug": post.slug, "status": "draft"})

    receipt = desk.publish(post)

    assert late["slug"] == f"{post.slug}-2"
    assert [entry["id"] for entry in desk.record("discard")] == [str(late["id"])]
    assert desk.api("GET", "posts?status=trash,draft") == []
    assert receipt.url == f"{desk.channel.url}/{post.slug}/"


def test_only_the_draft_that_may_come_out_is_published(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(InDoubt, "error", PUBLISH, post)  # who knows whether the site is still at it
    draft = desk.draft
    desk.api("POST", f"posts/{draft}", {"slug": "dia-chi-khac"})
    desk.api("POST", "posts", {"title": "x", "slug": post.slug, "status": "draft"})

    assert desk.publish(post).id == str(draft)
    assert len(desk.record("publish")) == 1


def test_what_was_made_on_another_site_is_nobodys_here(desk: Desk) -> None:
    post = full_post()
    desk.meet(TryLater, "too-many", PUBLISH, post)
    other = dataclasses.replace(desk, channel=wordpress().rehearsed(desk.sandbox.url))  # the address was edited
    draft, theirs = desk.draft, {"title": "Của người khác", "status": "publish"}
    assert draft
    while other.api("POST", "posts", theirs)["id"] < draft:
        pass
    assert isinstance(other.channel.find(post, other.io), Absent)
    assert other.publish(post).details["slug"] == post.slug
    assert [entry["slug"] for entry in other.record("update")] == []


def test_a_draft_that_is_deleted_right_before_its_publication_is_made_anew(desk: Desk, http: Client) -> None:
    post = kinds.post()

    def delete_it() -> None:
        if desk.draft:
            desk.api("DELETE", f"posts/{desk.draft}?force=true")

    with pytest.raises(TryLater, match="deleted"):
        desk.channel.publish(post, dataclasses.replace(desk.io, http=http.bound(delete_it, 5.0)))
    receipt = desk.publish(post)

    assert [entry["id"] for entry in desk.record("publish")] == [receipt.id]


def test_after_a_restore_a_draft_is_taken_up(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(InDoubt, "error", PUBLISH, post)
    desk.steps.clear()

    receipt = desk.publish(post)

    assert receipt.url == f"{desk.channel.url}/{post.slug}/"
    assert receipt.id == desk.record("draft")[0]["id"]
    assert len(desk.record("discard")) == 1


def test_after_a_restore_a_post_is_found_among_many_of_its_second_although_its_title_is_another_now(
    desk: Desk,
) -> None:
    """They fill more than a page."""
    posts = [kinds.post() for _ in range(102)]
    for post in posts:
        desk.api("POST", "posts", {"title": "x", "slug": post.slug, "status": "publish", "date": "2022-02-14T08:00:01"})

    for post in (posts[0], posts[1], posts[99], posts[101]):
        found = desk.find(dataclasses.replace(post, slug=f"nhan-de-khac-{post.key}"))
        assert isinstance(found, Receipt)
        assert found.details["slug"] == post.slug


def test_after_a_restore_a_published_post_is_found_and_not_doubled(desk: Desk) -> None:
    post = kinds.post()
    first = desk.publish(post)
    desk.steps.clear()

    assert desk.find(post) == first
    assert desk.publish(post) == first
    assert len(desk.record("publish")) == 1
    assert len(desk.record("discard")) == 1


def test_a_post_composed_anew_is_published_as_it_is_now(desk: Desk) -> None:
    post = full_post()
    desk.meet(InDoubt, "error", PUBLISH, post)

    desk.publish(dataclasses.replace(post, title="Nhan đề mới", tags=("Khác",)))

    (entry,) = desk.record("publish")
    assert (entry["title"], entry["tags"]) == ("Nhan đề mới", ["Khác"])
    assert len(desk.record("media")) == 1


def test_a_draft_that_was_deleted_on_the_site_is_made_anew(desk: Desk) -> None:
    post = kinds.post()
    desk.meet(InDoubt, "error", PUBLISH, post)
    desk.api("DELETE", f"posts/{desk.draft}?force=true")

    assert desk.find(post) == Absent()
    assert desk.publish(post).url == f"{desk.channel.url}/{post.slug}/"
    assert len(desk.record("publish")) == 1


def test_a_post_in_the_trash_is_for_a_person_to_judge(desk: Desk) -> None:
    post = kinds.post()
    receipt = desk.publish(post)
    desk.api("DELETE", f"posts/{receipt.id}")

    by_id = desk.find(post)
    desk.steps.clear()
    by_slug = desk.find(post)

    assert isinstance(by_id, CannotTell)
    assert "trash" in by_id.reason
    assert by_id == by_slug


def test_nothing_is_absent(desk: Desk) -> None:
    assert desk.find(kinds.post()) == Absent()


def test_a_look_up_that_fails_proves_nothing(desk: Desk) -> None:
    desk.http = desk.hurried
    for fault in ("unavailable", "accept-then-garbage", "hang", "reset"):
        desk.fault(fault, LOOK)
        with pytest.raises(TryLater):
            desk.find(kinds.post())


class _Killed(Exception):
    """The process dies here."""


def _deliver(desk: Desk, post: Post, crashes: list[bool]) -> Receipt:
    """Attempts as a worker makes them: after a doubt or a death, the site is asked first."""
    keep = desk.io.step

    def step(name: str, value: Any) -> None:
        if crashes and crashes.pop():
            raise _Killed
        keep(name, value)

    io = dataclasses.replace(desk.io, step=step)
    in_doubt = False
    for _ in range(60):
        try:
            found = desk.channel.find(post, io) if in_doubt else None
            if isinstance(found, Receipt):
                return found
            in_doubt = False
            return desk.channel.publish(post, io)
        except TryLater:
            continue
        except (InDoubt, _Killed):
            in_doubt = True
    raise AssertionError("the post never came out")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(
        st.tuples(
            st.sampled_from([MEDIA, TAGS, DRAFT, PUBLISH, LOOK, "GET .*/tags", "DELETE"]),
            st.sampled_from([*QUICK, "too-many"]),
        ),
        max_size=8,
    ),
    crashes=st.lists(st.booleans(), max_size=8),
)
def test_whatever_goes_wrong_the_post_comes_out_once(
    sandbox: Sandbox, http: Client, tmp_path: Path, faults: list[tuple[str, str]], crashes: list[bool]
) -> None:
    desk = open_desk(sandbox, http, tmp_path)
    for request, fault in faults:
        desk.fault(fault, request)
    post = full_post()

    receipt = _deliver(desk, post, crashes)

    assert [entry["id"] for entry in desk.record("publish")] == [receipt.id]
    assert receipt.url == f"{desk.channel.url}/{post.slug}/"
    assert desk.record("update") == desk.record("delete") == []


def _wait_for(happened: Callable[[], Any], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
