"""A stand-in of WordPress 6.1: the part of its REST API that publishes, and the blog that the public reads.

Below `/wordpress/SITE/`, each site made on first use. Any user with any application password but `wrong` is an
editor. Answers, errors and their codes were compared with a real 6.1.9. A wrong password makes a request an
anonymous one there: a list of drafts is then refused with 400, not 401.
"""

import base64
import binascii

from sandbox.exchange import Answer, Request, StandIn
from sandbox.record import Record
from sandbox.wordpress_answers import error
from sandbox.wordpress_api import Api
from sandbox.wordpress_pages import article_page, blog_page, missing_page
from sandbox.wordpress_site import Site, file_address

_FAILURES = {
    "refuse": ("rest_invalid_param", "Invalid parameter(s): content"),
    "unauthorised": ("incorrect_password", "The provided password is an invalid application password."),
    "forbidden": ("rest_cannot_publish", "Sorry, you are not allowed to publish posts in this post type."),
    "error": ("internal_server_error", "<p>There has been a critical error on this website.</p>"),
}


class WordPress(StandIn):
    """Any number of sites."""

    kind = "wordpress"

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self._sites: dict[str, Site] = {}

    def failure(self, fault: str, status: int, seconds: float) -> Answer:
        """WordPress's own words, or the page of the web server in front of it."""
        if fault in _FAILURES:
            return error(*_FAILURES[fault], status)
        headers = {"Retry_After": str(round(seconds))} if status == 429 else {}
        return Answer.html(f"<html><body><h1>{status}</h1><hr>nginx</body></html>", status, **headers)

    def answer(self, request: Request) -> Answer:
        """The API below wp-json, the blog elsewhere."""
        name = self.place(request)
        site = self._sites.setdefault(name, Site(name, self.record))
        path = [part for part in request.parts[1:] if part]
        link = f"{request.base}/{name}"
        if path[:1] == ["wp-json"]:
            return Api(site, request, link, _password(request) not in ("", "wrong")).answer(path[1:])
        return _blog(site, request, path, link)


def _password(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        pair = base64.b64decode(token, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]


def _blog(site: Site, request: Request, path: list[str], link: str) -> Answer:
    wanted = request.query.get("p")
    if not path and wanted is None:
        return Answer.html(blog_page(site, link))
    for file in site.files.values():
        if file_address(file, "") == request.path.removeprefix(f"/{site.name}"):
            return Answer(200, file.body, {"Content-Type": file.mime})
    for article in site.published():
        if wanted == str(article.id) or path == [article.slug]:
            return Answer.html(article_page(site, article, link))
    return Answer.html(missing_page(link), 404)
