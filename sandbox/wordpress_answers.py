"""How the stand-in writes WordPress's JSON: posts, media, tags and errors."""

from html import escape
from typing import Any

from sandbox.exchange import Answer
from sandbox.wordpress_site import Article, File, Term, address_of, file_address, slug_of


def article_json(article: Article, link: str) -> dict[str, Any]:
    """A post; `link` is the site's address."""
    texts = {"title": article.title, "content": article.content, "excerpt": article.excerpt}
    return {
        "id": article.id,
        "date": article.date,
        "slug": article.slug,
        "status": article.status,
        "type": "post",
        "link": address_of(article, link),
        "featured_media": article.featured_media,
        "categories": [1],
        "tags": article.tags,
        **{name: {"raw": text, "rendered": text} for name, text in texts.items()},
    }


def media_json(file: File, link: str) -> dict[str, Any]:
    """An uploaded image."""
    return {
        "id": file.id,
        "slug": slug_of(file.name.rsplit(".", 1)[0]),
        "status": "inherit",
        "type": "attachment",
        "alt_text": file.alt,
        "media_type": "image",
        "mime_type": file.mime,
        "source_url": file_address(file, link),
    }


def term_json(term: Term) -> dict[str, Any]:
    """A tag; its name comes with HTML entities, as WordPress keeps it."""
    return {"id": term.id, "name": escape(term.name), "slug": term.slug, "taxonomy": "post_tag"}


def error(code: str, message: str, status: int, **data: Any) -> Answer:
    """An error of the REST API."""
    return Answer.json({"code": code, "message": message, "data": {"status": status, **data}}, status)


def forbidden(code: str, action: str) -> Answer:
    """What an anonymous request may not do."""
    return error(code, f"Sorry, you are not allowed to {action}.", 401)


def invalid(name: str, code: str, message: str, status: int | None) -> Answer:
    """A parameter that is refused: 400 whatever the reason, which stands in the details."""
    details = {name: {"code": code, "message": message, "data": {"status": status} if status else None}}
    return error("rest_invalid_param", f"Invalid parameter(s): {name}", 400, params={name: message}, details=details)
