"""The pages: an agency's inbox behind its private link, and the overview for the person at this machine."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from content.words import words
from publisher.web.desk import Desk
from publisher.web.feed import atom, etag
from publisher.web.guard import HEADERS, GuardedHeaders, is_local
from publisher.web.text import clean_html, is_web_address, language_of, plain_text, whole_text

_HERE = Path(__file__).parent
_IMAGES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
_READ = ["GET", "HEAD"]


def create_app(desk: Desk, *, overview: bool = True) -> FastAPI:
    """The application that shows what the desk says. Without the overview, inboxes alone: for behind a proxy."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(GuardedHeaders)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    pages = _Pages(desk)
    if overview:
        app.add_api_route("/", pages.overview, methods=_READ)
    for path, page in (
        ("/i/{token}", pages.with_slash),
        ("/i/{token}/", pages.inbox),
        ("/i/{token}/feed.atom", pages.feed),
        ("/i/{token}/media/{sha256}", pages.media),
    ):
        app.add_api_route(path, page, methods=_READ)
    app.add_exception_handler(HTTPException, pages.refused)
    app.add_exception_handler(Exception, pages.broken)
    return app


class _Pages:
    """One method a page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = Jinja2Templates(_HERE / "templates")
        self._templates.env.trim_blocks = self._templates.env.lstrip_blocks = True
        self._templates.env.filters |= {
            "clean_html": clean_html,
            "plain_text": plain_text,
            "whole_text": whole_text,
        }
        self._templates.env.tests["web_address"] = is_web_address

    def overview(self, request: Request) -> Response:
        """The workspace at a glance, for the person at this machine alone."""
        if not is_local(request):
            raise HTTPException(404)
        return self._page(request, "overview.html", {"overview": self._desk.overview()})

    def with_slash(self, token: str) -> Response:
        """Links that lost their last `/` on the way; the page's own links need it."""
        return RedirectResponse(f"{quote(token, safe='')}/", 307)

    def inbox(self, request: Request, token: str) -> Response:
        """An agency's posts."""
        view = self._desk.inbox(token)
        if view is None:
            return self._unknown(request)
        return self._page(request, "inbox.html", {"view": view})

    def feed(self, request: Request, token: str) -> Response:
        """The same as Atom."""
        view = self._desk.inbox(token)
        if view is None:
            return self._unknown(request)
        body = atom(view, f"{self._desk.address}/i/{quote(token, safe='')}/")
        headers = {"ETag": etag(body), "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)

    def media(self, request: Request, token: str, sha256: str) -> Response:
        """An image of one of the posts, to be saved."""
        view = self._desk.inbox(token)
        if view is None:
            return self._unknown(request)
        for entry in view.entries:
            image = entry.post.image
            if image and image.sha256 == sha256 and entry.image and entry.image.is_file():
                mime = image.mime if image.mime in _IMAGES else "application/octet-stream"
                return FileResponse(entry.image, media_type=mime, filename=image.name)
        raise HTTPException(404)

    def refused(self, request: Request, error: Exception) -> Response:
        """No such page, or not that way."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._page(request, "missing.html", {}, status)

    def broken(self, request: Request, _error: Exception) -> Response:
        """A bug: said without details. It is answered outside of the guard, so the headers are added here."""
        response = self._page(request, "broken.html", {}, 500)
        response.headers.update(HEADERS)
        return response

    def _unknown(self, request: Request) -> Response:
        return self._page(request, "unknown.html", {}, 404)

    def _page(self, request: Request, template: str, values: dict[str, Any], status: int = 200) -> Response:
        spoken = words(language_of(request.headers.get("accept-language", "")))
        ours = {"say": spoken.say, "of": spoken.of, "short": spoken.short, "language": spoken.language}
        return self._templates.TemplateResponse(
            request, template, {**ours, "contact": self._desk.contact, **values}, status_code=status,
            headers={"Vary": "Accept-Language"},
        )  # fmt: skip
