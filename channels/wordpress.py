"""The kind `wordpress`: a website of WordPress 5.6 or later, through its REST API and an application password.

A publication is: image, tags, an invisible draft, and then the one request that makes this draft public. All
before that last request is unseen, so it may be repeated; the last one names the id of the one draft that this
delivery ever publishes, so it cannot publish twice. A draft is found again by its slug, which holds the post's
key.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from html import escape
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import quote

from pydantic import Field, field_validator

from channels.base import Absent, CannotTell, Channel, ChannelError, InDoubt, Io, Receipt, Refused, Unavailable
from channels.wordpress_site import Entry, Site
from content.post import Format, Post
from content.values import Rate, Secret, Url, mistake
from content.words import phrase

#: A site may keep its dates in any zone.
_SLACK = timedelta(days=1)
#: In an address it shows that this is not a site's front page.
_BACK_ROOM = r"/wp-(json|admin|login)|[?#]"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


class WordPress(Channel):
    """A WordPress website; the user must be an author or editor there."""

    format: ClassVar[Format] = Format.HTML
    default_rate: ClassVar[Rate] = Rate(60, 60)
    omits: ClassVar[tuple[str, ...]] = ("link",)
    offer: ClassVar[str] = phrase("a website with WordPress")
    #: What may exist after a doubt is an invisible draft, or the one draft whose single id we publish.
    settling: ClassVar[timedelta | None] = timedelta(0)

    url: Annotated[Url, Field(json_schema_extra={"not": {"pattern": _BACK_ROOM}})]
    """The site's front page, e.g. `https://www.example.gov.vn`. —
    Trang chủ của trang thông tin, ví dụ `https://www.example.gov.vn`.
    """
    username: str
    """The user that publishes there, an author or editor, e.g. `publisher`. —
    Tài khoản đăng bài, có quyền tác giả hoặc biên tập, ví dụ `publisher`.
    """
    password: Secret
    """Where the user's application password stands, never itself: e.g. `${CONG_SO_PASSWORD}`. —
    Tên biến chứa mật khẩu ứng dụng, không ghi trực tiếp mật khẩu: ví dụ `${CONG_SO_PASSWORD}`.
    """

    @field_validator("url")
    @classmethod
    def _front_page(cls, url: str) -> str:
        if re.search(_BACK_ROOM, url):
            raise mistake("site", "this is not a site's front page (write e.g. https://www.example.gov.vn)")
        return url.rstrip("/")

    def rehearsed(self, sandbox: str) -> Self:
        """The same channel on a site of its own in the sandbox."""
        return self.model_copy(update={"url": f"{sandbox}/wordpress/{quote(self.name, safe='')}"})

    def publish(self, post: Post, io: Io) -> Receipt:
        """Upload what the post needs, make its draft, or take up the one that is there, and publish that."""
        site = self._open(io)
        made = _Made(self.url, io)
        with _unseen():
            content = _content(post, site, io, made)
            draft = _draft(post, content, site, made)
        if draft.status == "publish":
            return _receipt(draft, post, content)
        # All of the content again: the draft may be older than the present composition of the post.
        entry = site.change(draft.id, {**content, "status": "publish"})
        if entry.status == "future":
            raise InDoubt(f"the site keeps the post {entry.id} back until a date of its own; look at it there")
        if entry.status != "publish":
            raise Refused(f"the site made the post {entry.id} {entry.status!r} instead of public; see its plugins")
        with suppress(ChannelError):  # it is out, whatever becomes of its address
            entry = _at_its_address(entry, post, site)
        return _receipt(entry, post, content)

    def update(self, receipt: Receipt, post: Post, io: Io) -> Receipt:
        """Give the published post this text, at the address that it has."""
        site = self._open(io)
        with _unseen():
            entry = self._published(receipt, post, site)
            content = {"tags": [], "featured_media": 0, **_content(post, site, io, _Made(self.url, io), receipt)}
        del content["slug"]  # its address is known by now
        return _receipt(site.change(entry.id, content), post, content)

    def withdraw(self, receipt: Receipt, io: Io) -> Receipt:
        """Move the published post to the site's trash, where the office finds it again."""
        site = self._open(io)
        entry = site.entry(_number(receipt))
        if entry is not None and entry.status != "trash":
            site.discard(entry.id)
        return Receipt(receipt.id, None, {"was": receipt.url})

    def _published(self, receipt: Receipt, post: Post, site: Site) -> Entry:
        """The post that is out: by its number, or by its key where a person told only that it is there."""
        id = _number(receipt)
        entry = site.entry(id) if id else next((one for one in site.entries(post.slug)), None)
        if entry is None:
            raise Refused("the post is not on the site any more, where somebody deleted it")
        if entry.status != "publish":
            raise Refused(f"the post {entry.id} is {entry.status!r} on the site, where somebody made it so")
        return entry

    def find(self, post: Post, io: Io) -> Receipt | Absent | CannotTell:
        """Look for the published post: by the id of its draft, by its slug, or else by the key in any slug.

        The slug begins with the title, and that may have been another one when the post went out.
        """
        site = self._open(io)
        with _unseen():
            known = site.entry(_Made(self.url, io).known("draft"))
            entries = [known] if known else site.entries(post.slug)
            entries = entries or site.entries_with(post.key, post.occurrence - _SLACK)
        for entry in entries:
            if entry.status == "publish":
                return _receipt(entry, post)
        for entry in entries:
            if entry.status == "trash":
                return CannotTell(f"the post {entry.id} lies in the site's trash, where somebody put it")
            if entry.status == "future":
                return CannotTell(f"the site will publish the post {entry.id} by itself at a later date")
        return Absent(may_come=bool(entries))  # a hung request could still publish the draft

    def _open(self, io: Io) -> Site:
        return Site(self.url, (self.username, io.secret(self.password)), io.http)


class _Made:
    """What the attempts of a delivery made on this very site: on another, such a number is of something else."""

    def __init__(self, url: str, io: Io) -> None:
        self._url = url
        self._io = io

    def known(self, step: str) -> Any:
        """What a step made; None if it was not reached on this site."""
        kept = self._io.steps.get(step)
        return kept["made"] if isinstance(kept, Mapping) and kept.get("site") == self._url else None

    def keep(self, step: str, made: Any) -> None:
        """Make durable what a step made."""
        self._io.step(step, {"site": self._url, "made": made})


@contextmanager
def _unseen() -> Iterator[None]:
    """A doubt about what the public cannot see is none: doing it again leaves at most an unused file or draft."""
    try:
        yield
    except InDoubt as doubt:
        raise Unavailable(str(doubt)) from None


def _content(post: Post, site: Site, io: Io, made: _Made, before: Receipt | None = None) -> dict[str, Any]:
    """The fields of the post in WordPress's words; uploads its image and makes its tags where need be.

    `before`: the receipt of the same post with its earlier content, whose image may be the same.
    """
    content: dict[str, Any] = {
        "title": escape(post.title, quote=False),
        # Square brackets could be read as one of the site's shortcodes, and show something else.
        "content": post.text.replace("[", "&#91;"),
        "excerpt": escape(post.summary, quote=False),
        "slug": post.slug,
    }
    if post.image:
        known = (before.details.get("media") or {}) if before else {}
        content["featured_media"] = known.get(post.image.sha256) or _image(post, site, io, made)
    if post.tags:
        content["tags"] = _once_each("tags", post.tags, site.tag, made)
    return content


def _image(post: Post, site: Site, io: Io, made: _Made) -> int:
    image = post.image
    assert image is not None
    # Its own name may hold letters that do not survive; the bare slug would take the post's address.
    name = f"{post.slug}-anh.{_ENDINGS.get(image.mime, 'bin')}"
    return _once_each("media", [image.sha256], lambda _: site.upload(image, io.media(image), name), made)[0]


def _once_each(step: str, names: Sequence[str], make: Callable[[str], int], made: _Made) -> list[int]:
    """The ids of these names: remembered, by name since the post may be composed anew, or made now."""
    known: dict[str, int] = made.known(step) or {}
    for name in names:
        if name not in known:
            known = {**known, name: make(name)}
            made.keep(step, known)
    return [known[name] for name in names]


def _draft(post: Post, content: Mapping[str, Any], site: Site, made: _Made) -> Entry:
    """The one post to publish, its id durable; drafts that other attempts left are removed."""
    found = _left_behind(post, site, made)
    if not found:
        new = site.create({**content, "status": "draft"})
        # Another slug than ours: it is taken, by a draft that came late or, after a restore, by the post itself.
        found = [new] if new.slug == post.slug else [new, *_alive(post, site)]
    known = made.known("draft")
    chosen = min(found, key=lambda entry: (entry.status != "publish", entry.id != known, entry.slug != post.slug))
    if chosen.id != known:
        made.keep("draft", chosen.id)
    for extra in {entry.id for entry in found if entry.status == "draft"} - {chosen.id}:
        site.remove(extra)  # it may hold the slug that the published post should get
    return chosen


def _left_behind(post: Post, site: Site, made: _Made) -> list[Entry]:
    """What earlier attempts of this delivery made. The first attempt saves itself the question."""
    if not made.known("drafting"):
        made.keep("drafting", True)
        return []
    known = site.entry(made.known("draft"))
    # Also where somebody gave it another slug, or took it away: a hung request may still make it public.
    return [*([known] if known else []), *_alive(post, site)]


def _alive(post: Post, site: Site) -> list[Entry]:
    return [entry for entry in site.entries(post.slug) if entry.status != "trash"]


def _at_its_address(entry: Entry, post: Post, site: Site) -> Entry:
    """The published post with the slug that it should have, where only drafts that came late have it."""
    if entry.slug == post.slug:
        return entry
    others = [one for one in site.entries(post.slug) if one.id != entry.id]
    if not others or any(one.status != "draft" for one in others):
        return entry
    for one in others:
        site.remove(one.id)
    return site.change(entry.id, {"slug": post.slug})


def _number(receipt: Receipt) -> int | None:
    """The post's number; None where a person settled a doubt without it."""
    return int(receipt.id) if receipt.id.isdecimal() else None


def _receipt(entry: Entry, post: Post, content: Mapping[str, Any] = MappingProxyType({})) -> Receipt:
    renamed = {} if entry.slug == post.slug else {"slug_wanted": post.slug}
    media = {"media": {post.image.sha256: content["featured_media"]}} if post.image and content else {}
    return Receipt(str(entry.id), entry.link, {"slug": entry.slug, **renamed, **media})
