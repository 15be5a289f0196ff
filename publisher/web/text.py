"""What a post's text becomes on a page: safe HTML to read, and plain text to paste."""

import re

from content.plain import text_from_html
from content.post import Post
from content.sanitiser import sanitised
from content.words import LANGUAGES

_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
    "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def clean_html(html: str) -> str:
    """The HTML with nothing in it that runs, loads or restyles, whatever it was before."""
    return sanitised(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def plain_text(post: Post) -> str:
    """The text of a post, without markup."""
    return text_from_html(clean_html(post.text))


def whole_text(post: Post) -> str:
    """All of a post as one plain text: title, text, source and tags."""
    parts = [post.title, plain_text(post)]
    if post.link:
        parts.append(f"Nguồn: {post.link}")
    if post.tags:
        parts.append(" ".join(f"#{tag.replace(' ', '')}" for tag in post.tags))
    return "\n\n".join(parts)


def language_of(accepted: str) -> str:
    """Which of our languages a reader prefers, by the header Accept-Language (RFC 9110, section 12.5.4)."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.partition(";")
        language, quality = tag.strip().lower()[:2], weight.strip().removeprefix("q=")
        if language in LANGUAGES and re.fullmatch(r"|[01](\.[0-9]{0,3})?", quality):
            found.append((-float(quality or 1), place, language))
    return min(found)[2] if found else LANGUAGES[0]


def is_web_address(text: object) -> bool:
    """Whether it may stand behind a link; a `javascript:` address may not."""
    return isinstance(text, str) and text.startswith(("https://", "http://"))
