"""One WordPress site in memory: posts, files and tags, with WordPress's own ways with slugs and statuses.

Seen on WordPress 6.1.9: a slug that another post has becomes `-2` without a word, for drafts too; the trash
renames a slug to `…__trashed` and a way out of it gives the old one back.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from sandbox.record import Record

_SHOWN = ("title", "content", "excerpt", "slug", "featured_media", "tags")


@dataclass
class Article:
    """A post of the site."""

    id: int
    date: str
    status: str = "draft"
    slug: str = ""
    title: str = ""
    content: str = ""
    excerpt: str = ""
    featured_media: int = 0
    tags: list[int] = field(default_factory=list)


@dataclass
class File:
    """An uploaded image."""

    id: int
    name: str
    mime: str
    body: bytes
    alt: str = ""


@dataclass(frozen=True)
class Term:
    """A tag."""

    id: int
    name: str
    slug: str


class Site:
    """A site and what it records. Ids count up over posts and files together, as in WordPress."""

    def __init__(self, name: str, record: Record) -> None:
        self.name = name
        self.articles: dict[int, Article] = {}
        self.files: dict[int, File] = {}
        self.terms: dict[int, Term] = {}
        self._record = record
        self._last = 0

    def published(self) -> list[Article]:
        """What the public sees, newest first."""
        return [article for article in reversed(self.articles.values()) if article.status == "publish"]

    def create(self, fields: dict[str, Any], link: str) -> Article:
        """A new post from what was sent; `link` is the site's address."""
        article = Article(self._next(), str(fields.get("date") or self._record.now().isoformat(timespec="seconds")))
        self.articles[article.id] = article
        self.update(article, fields, link)
        if article.status != "publish":
            self._note("draft", article, link, public=False)
        return article

    def update(self, article: Article, fields: dict[str, Any], link: str) -> None:
        """Change a post; recorded if the public sees a difference."""
        before = (article.status, [getattr(article, name) for name in _SHOWN])
        if article.status == "trash" and fields.get("status", "trash") != "trash":
            article.slug = article.slug.removesuffix("__trashed")
        for name in ("status", *_SHOWN):
            if name in fields:
                setattr(article, name, fields[name])
        wanted = slug_of(article.slug) or (slug_of(article.title) if article.status == "publish" else "")
        article.slug = self._unique(wanted, article)
        after = (article.status, [getattr(article, name) for name in _SHOWN])
        if article.status == "publish" and before != after:
            self._note("update" if before[0] == "publish" else "publish", article, link)
        elif before[0] == "publish" and article.status != "publish":
            self._note("delete", article, link)

    def delete(self, article: Article, force: bool, link: str) -> None:
        """Put a post into the trash, or remove it for good."""
        if article.status != "trash":
            was_public = article.status == "publish"
            self._note("delete" if was_public else "discard", article, link, public=was_public)
        article.status = "trash"
        article.slug = article.slug.removesuffix("__trashed") + "__trashed"
        if force:
            del self.articles[article.id]

    def upload(self, name: str, mime: str, body: bytes, alt: str) -> File:
        """Keep a file."""
        file = File(self._next(), name, mime, body, alt)
        self.files[file.id] = file
        digest = hashlib.sha256(body).hexdigest()
        self._record.add(
            "wordpress", self.name, "media", str(file.id), False, name=name, size=len(body), sha256=digest, alt=alt
        )
        return file

    def describe(self, file: File, alt: str) -> None:
        """Give a file another alternative text."""
        file.alt = alt
        self._record.add("wordpress", self.name, "alt", str(file.id), False, alt=alt)

    def term(self, name: str) -> tuple[Term, bool]:
        """The tag of exactly this name, and whether it is new."""
        for term in self.terms.values():
            if term.name == name:
                return term, False
        term = Term(len(self.terms) + 2, name, slug_of(name))  # 1 is WordPress's own category
        self.terms[term.id] = term
        self._record.add("wordpress", self.name, "tag", str(term.id), False, name=name)
        return term, True

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _unique(self, wanted: str, article: Article) -> str:
        taken = {other.slug for other in self.articles.values() if other is not article}
        slug, number = wanted, 1
        while slug and slug in taken:
            number += 1
            slug = f"{wanted}-{number}"
        return slug

    def _note(self, action: str, article: Article, link: str, public: bool = True) -> None:
        image = self.files.get(article.featured_media)
        self._record.add(
            "wordpress", self.name, action, str(article.id), public,
            title=unescape(article.title), text=article.content, summary=unescape(article.excerpt), slug=article.slug,
            tags=[self.terms[id].name for id in article.tags if id in self.terms],
            image={"name": image.name, "alt": image.alt} if image else None, url=address_of(article, link),
        )  # fmt: skip


def slug_of(text: str) -> str:
    """A slug as WordPress makes it of Vietnamese: unaccented, lower-case, with hyphens, at most 200 characters."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return re.sub(r"[^a-z0-9_]+", "-", letters).strip("-")[:200]


def address_of(article: Article, link: str) -> str:
    """The permalink of a post below the site's address; a draft has only the plain form."""
    return f"{link}/{article.slug}/" if article.status == "publish" else f"{link}/?p={article.id}"


def file_address(file: File, link: str) -> str:
    """Where an uploaded file is read."""
    return f"{link}/wp-content/uploads/{file.id}/{file.name}"
