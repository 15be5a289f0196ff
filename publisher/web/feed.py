"""An inbox as an Atom feed (RFC 4287), for agencies that read with a program."""

import hashlib
import re
import uuid
from datetime import UTC, datetime
from xml.etree import ElementTree

from channels.inbox import Entry
from publisher.web.desk import InboxView
from publisher.web.text import clean_html

_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("5f4d0c1e-6f0f-4a52-9f55-3b8d5e6b7c11")  # ids that stay when the address or the link changes
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold

ElementTree.register_namespace("", _ATOM)


def atom(view: InboxView, page: str) -> bytes:
    """The feed with the whole text of each entry. `page`: absolute address of the inbox's page, ending in `/`."""
    feed = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "vi"})
    _add(feed, "id", _id("inbox", view.channel))
    _add(feed, "title", f"Nội dung đề nghị đăng tải – {view.agency}")
    _add(feed, "updated", _instant(max((entry.published for entry in view.entries), default=view.opened)))
    _link(feed, "self", f"{page}feed.atom", "application/atom+xml")
    _link(feed, "alternate", page, "text/html")
    for entry in view.entries:
        _add_entry(feed, entry, page)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def entry_id(key: str) -> str:
    """The id of a post's entry, from the post's key: it stays when the address or the link changes."""
    return _id("post", key)


def etag(body: bytes) -> str:
    """A strong validator for conditional requests."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _add_entry(feed: ElementTree.Element, entry: Entry, page: str) -> None:
    post = entry.post
    element = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(element, "id", entry_id(post.key))
    _add(element, "title", post.title)
    _add(element, "published", _instant(entry.published))
    _add(element, "updated", _instant(entry.published))
    author = ElementTree.SubElement(element, f"{{{_ATOM}}}author")
    _add(author, "name", post.author or post.agency)
    _link(element, "alternate", f"{page}#{post.key}", "text/html")
    if post.link:
        _link(element, "related", post.link)
    if post.image:
        address = f"{page}media/{post.image.sha256}"
        _link(element, "enclosure", address, post.image.mime, length=str(post.image.size))
    for tag in post.tags:
        ElementTree.SubElement(element, f"{{{_ATOM}}}category", term=_text(tag))
    if post.summary:
        _add(element, "summary", post.summary)
    _add(element, "content", clean_html(post.text), type="html")


def _add(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = _text(text)


def _link(parent: ElementTree.Element, rel: str, href: str, mime: str | None = None, **attributes: str) -> None:
    kind = {"type": mime} if mime else {}
    ElementTree.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": _text(href), **kind, **attributes})


def _text(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _id(what: str, name: str) -> str:
    return uuid.uuid5(_NAMES, f"{what}:{name}").urn


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
