"""The stand-in's REST API below `/wordpress/SITE/wp-json/wp/v2/`: posts, media and tags."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from sandbox.exchange import Answer, Request
from sandbox.wordpress_answers import article_json, error, forbidden, invalid, media_json, term_json
from sandbox.wordpress_site import Article, Site

_STATUSES = ("publish", "future", "draft", "pending", "private", "trash")
_MAGIC = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")


class Api:
    """One request to one site's API."""

    def __init__(self, site: Site, request: Request, link: str, is_editor: bool) -> None:
        self.site = site
        self.request = request
        self.link = link  # the site's address, without a slash at its end
        self.is_editor = is_editor

    def answer(self, path: list[str]) -> Answer:
        """The answer; `path` is below wp-json."""
        if not path:
            return Answer.json({"name": self.site.name, "url": self.link, "namespaces": ["wp/v2"]})
        match self.request.method, path:
            case "GET", ["wp", "v2", "posts"]:
                return self._list()
            case "POST", ["wp", "v2", "posts"]:
                return self._create()
            case method, ["wp", "v2", "posts", id] if id.isdigit():
                return self._one(method, int(id))
            case "POST", ["wp", "v2", "media"]:
                return self._upload()
            case "POST", ["wp", "v2", "media", id] if id.isdigit():
                return self._describe(int(id))
            case "GET", ["wp", "v2", "tags"]:
                return self._tags()
            case "POST", ["wp", "v2", "tags"]:
                return self._tag()
        return error("rest_no_route", "No route was found matching the URL and request method.", 404)

    def _list(self) -> Answer:
        query = self.request.query
        statuses = _words(query.get("status", "publish"))
        if not self.is_editor and set(statuses) - {"publish"}:
            return invalid("status", "rest_forbidden_status", "Status is forbidden.", 401)
        if set(statuses) - {*_STATUSES, "any"}:
            return invalid("status", "rest_not_in_enum", f"status[0] is not one of {', '.join(_STATUSES)}.", None)
        if not self.is_editor and query.get("context") == "edit":
            return error("rest_forbidden_context", "Sorry, you are not allowed to edit posts.", 401)
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        found = [article for article in self.site.articles.values() if _is_wanted(article, statuses, query)]
        shown = _in_order(found, query, page)[(page - 1) * size : page * size]
        if page > 1 and not shown:
            words = "The page number requested is larger than the number of pages available."
            return error("rest_post_invalid_page_number", words, 400)
        return Answer.json([article_json(article, self.link) for article in shown], X_WP_Total=str(len(found)))

    def _create(self) -> Answer:
        if not self.is_editor:
            return forbidden("rest_cannot_create", "create posts as this user")
        fields = self._fields()
        if isinstance(fields, Answer):
            return fields
        if not any(fields.get(name) for name in ("title", "content", "excerpt")):
            return error("empty_content", "Content, title, and excerpt are empty.", 400)
        article = self.site.create(fields, self.link)
        return Answer.json(
            article_json(article, self.link), 201, Location=f"{self.link}/wp-json/wp/v2/posts/{article.id}"
        )

    def _one(self, method: str, id: int) -> Answer:
        article = self.site.articles.get(id)
        if article is None:
            return error("rest_post_invalid_id", "Invalid post ID.", 404)
        if method == "GET":
            if not self.is_editor and (article.status != "publish" or self.request.query.get("context") == "edit"):
                return forbidden("rest_forbidden", "do that")
            return Answer.json(article_json(article, self.link))
        if not self.is_editor:
            return forbidden("rest_cannot_edit", "edit this post")
        if method == "DELETE":
            return self._delete(article)
        fields = self._fields()
        if isinstance(fields, Answer):
            return fields
        self.site.update(article, fields, self.link)
        return Answer.json(article_json(article, self.link))

    def _delete(self, article: Article) -> Answer:
        force = str(self.request.fields().get("force", "")).lower() in ("1", "true")
        if article.status == "trash" and not force:
            return error("rest_already_trashed", "The post has already been deleted.", 410)
        previous = article_json(article, self.link)
        self.site.delete(article, force, self.link)
        return Answer.json({"deleted": True, "previous": previous} if force else article_json(article, self.link))

    def _fields(self) -> dict[str, Any] | Answer:
        if self.request.mime == "application/json" and not isinstance(self.request.json(), dict):
            return error("rest_invalid_json", "Invalid JSON body passed.", 400)
        fields = self.request.fields()
        tags = fields.get("tags", [])
        if not isinstance(tags, list) or not all(isinstance(tag, int) for tag in tags):
            return invalid("tags", "rest_invalid_type", "tags[0] is not of type integer.", None)
        if fields.get("status", "draft") not in _STATUSES:
            return invalid("status", "rest_not_in_enum", f"status is not one of {', '.join(_STATUSES)}.", None)
        return fields

    def _upload(self) -> Answer:
        if not self.is_editor:
            return forbidden("rest_cannot_create", "create posts as this user")
        part = self.request.form().get("file")
        disposition = self.request.headers.get("Content-Disposition", "")
        named = re.search(r'filename="?([^";]+)', disposition)
        name, body = (part.filename or "", part.body) if part else (named[1] if named else "", self.request.body)
        if not body:
            return error("rest_upload_no_data", "No data supplied.", 400)
        if not name:
            return error("rest_upload_no_content_disposition", "No Content-Disposition supplied.", 400)
        mime = next((mime for magic, mime in _MAGIC.items() if body.startswith(magic)), None)
        if mime is None or not name.lower().endswith(_ENDINGS):
            words = "Sorry, you are not allowed to upload this file type."
            return error("rest_upload_sideload_error", words, 500)
        file = self.site.upload(name, mime, body, str(self.request.fields().get("alt_text", "")))
        return Answer.json(media_json(file, self.link), 201, Location=f"{self.link}/wp-json/wp/v2/media/{file.id}")

    def _describe(self, id: int) -> Answer:
        if not self.is_editor:
            return forbidden("rest_cannot_edit", "edit this post")
        file = self.site.files.get(id)
        if file is None:
            return error("rest_post_invalid_id", "Invalid post ID.", 404)
        self.site.describe(file, str(self.request.fields().get("alt_text", file.alt)))
        return Answer.json(media_json(file, self.link))

    def _tags(self) -> Answer:
        query = self.request.query
        slugs, search = _words(query.get("slug", "")), query.get("search", "").casefold()
        found = [term for term in self.site.terms.values() if not slugs or term.slug in slugs]
        found = [term for term in found if search in escape(term.name).casefold()]  # with entities, as it is kept
        return Answer.json([term_json(term) for term in found[: int(query.get("per_page", "10"))]])

    def _tag(self) -> Answer:
        if not self.is_editor:
            return forbidden("rest_cannot_create", "create terms in this taxonomy")
        name = str(self.request.fields().get("name", "")).strip()
        if not name:
            return error("rest_missing_callback_param", "Missing parameter(s): name", 400)
        term, is_new = self.site.term(name)
        if is_new:
            return Answer.json(term_json(term), 201)
        words = "A term with the name provided already exists in this taxonomy."
        return error("term_exists", words, 400, term_id=term.id)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _in_order(found: list[Article], query: Mapping[str, str], page: int) -> list[Article]:
    """As they are to be listed: the newest first, unless asked otherwise.

    Posts of one second have no order by date: as a database does, each page may take them in another.
    """
    is_rising = query.get("order") == "asc"
    if query.get("orderby") == "id":
        return sorted(found, key=lambda article: article.id, reverse=not is_rising)
    mixed = sorted(found, key=lambda article: article.id, reverse=page % 2 == 1)
    return sorted(mixed, key=lambda article: article.date, reverse=not is_rising)


def _is_wanted(article: Article, statuses: list[str], query: Mapping[str, str]) -> bool:
    slugs = _words(query.get("slug", ""))
    search = query.get("search", "").casefold()
    return (
        (article.status in statuses or ("any" in statuses and article.status != "trash"))
        and (not slugs or article.slug in slugs)
        and article.date > query.get("after", "")
        and search in f"{article.title} {article.content}".casefold()
    )
