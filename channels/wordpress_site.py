"""The REST API of one WordPress site: what `wordpress` asks of it, and what its answers mean.

https://developer.wordpress.org/rest-api/reference/
"""

import base64
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from itertools import count
from typing import Any

from channels.base import ChannelError, Http, InDoubt, Refused, Response, TryLater, Unauthorized
from channels.http import consequence
from channels.redaction import excerpt, place
from content.characters import normal
from content.post import Media

#: WordPress lists published posts alone unless asked. Asking for others also proves who we are: with a wrong
#: password it answers a plain list with 200 and leaves out what a visitor may not see.
_STATUSES = "publish,future,draft,pending,private,trash"
_GONE = "rest_post_invalid_id"
_NO_TRASH = "rest_trash_not_supported"
_NO_PAGE = "rest_post_invalid_page_number"


@dataclass(frozen=True)
class Entry:
    """A post as the site has it."""

    id: int
    slug: str
    status: str
    link: str


class Site:
    """One site, asked as one user. Raises the errors of `channels.base`."""

    def __init__(self, url: str, auth: tuple[str, str], http: Http) -> None:
        self._api = f"{url}/wp-json/wp/v2/"
        self._auth = auth
        self._http = http
        self._secrets = {auth[1], base64.b64encode(":".join(auth).encode()).decode()}

    def entry(self, id: int | None) -> Entry | None:
        """The post of this id; None if there is none."""
        if id is None:
            return None
        value = self._ask("GET", f"posts/{id}", params={"context": "edit"}, expected=[_GONE])
        return None if _dig(value, "code") == _GONE else _entry(value)

    def entries(self, slug: str) -> list[Entry]:
        """Every post with this slug, or with one that WordPress makes of it when it is taken or trashed."""
        slugs = ",".join((slug, f"{slug}-2", f"{slug}-3", f"{slug}__trashed"))
        found = self._ask("GET", "posts", params={"slug": slugs, "status": _STATUSES, "per_page": "100"})
        return [_entry(value) for value in _listed(found)]

    def entries_with(self, key: str, since: datetime) -> list[Entry]:
        """Every post of that time or later whose slug holds the key."""
        # By number: posts of one second have no order by date, and the next page could leave out what it should show.
        wanted = {"after": f"{since:%Y-%m-%dT%H:%M:%S}", "status": _STATUSES, "orderby": "id", "order": "asc"}
        found: list[Entry] = []
        for page in count(1):
            params = {**wanted, "per_page": "100", "page": str(page)}
            answer = self._ask("GET", "posts", params=params, expected=[_NO_PAGE])
            entries = [] if _dig(answer, "code") == _NO_PAGE else [_entry(value) for value in _listed(answer)]
            found += [entry for entry in entries if key in entry.slug]
            if len(entries) < 100:
                break
        return found

    def create(self, fields: Mapping[str, Any]) -> Entry:
        """A new post."""
        return _entry(self._ask("POST", "posts", json=dict(fields)))

    def change(self, id: int, fields: Mapping[str, Any]) -> Entry:
        """A post with these fields replaced. TryLater if it is gone."""
        return _entry(self._ask("POST", f"posts/{id}", json=dict(fields)))

    def remove(self, id: int) -> None:
        """Delete a post for good; without `force` it would go to the trash."""
        self._ask("DELETE", f"posts/{id}", params={"force": "true"}, expected=[_GONE])

    def discard(self, id: int) -> None:
        """Move a post to the trash; on a site without one, make it a draft."""
        answer = self._ask("DELETE", f"posts/{id}", expected=(_GONE, "rest_already_trashed", _NO_TRASH))
        if _dig(answer, "code") == _NO_TRASH:
            self.change(id, {"status": "draft"})

    def upload(self, media: Media, content: bytes, name: str) -> int:
        """The id of a newly uploaded image, with its alternative text."""
        files = {"file": (name, content, media.mime)}
        with suppress(Refused):
            return _id(self._ask("POST", "media", files=files, data={"alt_text": media.alt}))
        # Two uploads at the beginning of a month may both make its folder; WordPress takes that for the fault of one.
        return _id(self._ask("POST", "media", files=files, data={"alt_text": media.alt}))

    def tag(self, name: str) -> int:
        """The id of the tag of this name, however it is capitalised; made if there is none."""
        kept = escape(name, quote=False)  # as WordPress keeps names, and searches in them
        for value in _listed(self._ask("GET", "tags", params={"search": kept, "per_page": "100"})):
            if _folded(unescape(str(_dig(value, "name")))) == _folded(name):
                return _id(value)
        made = self._ask("POST", "tags", json={"name": name}, expected=["term_exists"])
        return _id({"id": _dig(made, "data", "term_id")} if _dig(made, "code") else made)

    def _ask(self, method: str, path: str, expected: Collection[str] = (), **parts: Any) -> Any:
        """The JSON answer to one request; `expected` are the codes of errors that are answers too."""
        answer = self._http.request(method, self._api + path, auth=self._auth, check=False, **parts)
        problem = _problem(answer)
        if _dig(problem, "code") in expected:
            return problem
        error = self._meaning(path, answer, problem) or consequence(method, answer)
        if error:
            raise error
        return answer.json()

    def _meaning(self, path: str, answer: Response, problem: Any) -> ChannelError | None:
        """What WordPress means by an answer, where its status alone would mislead."""
        code = str(_dig(problem, "code"))
        where = place(self._api + path)
        if _dig(problem, "data", "details", "status", "code") == "rest_forbidden_status":
            # With 400 it says that it takes us for a visitor.
            return Unauthorized(f"{where}: the user name or the application password is not accepted")
        if code == _GONE:
            return TryLater(f"{where}: the post was deleted on the site, and is made anew")
        if path == "media" and (code.startswith("rest_upload_") or answer.status == 413):  # even with 500
            said = excerpt(answer.body, self._secrets)
            return Refused(f"{where}: the site does not take the image ({said}); give the message another image")
        if answer.status == 404:
            return Refused(
                f"{where}: the REST API of WordPress does not answer; check `url`, choose any permalinks but "
                "“Plain” on the site (Settings, Permalinks), and let its security plugin allow /wp-json/wp/v2"
            )
        return None


def _problem(answer: Response) -> Any:
    """The JSON of an error; None for a success, and for a web server's own page."""
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return answer.json() if is_json and answer.status >= 400 else None


def _entry(value: Any) -> Entry:
    slug, status, link = (_dig(value, name) for name in ("slug", "status", "link"))
    if not (isinstance(slug, str) and isinstance(status, str) and isinstance(link, str)):
        raise InDoubt("the site's answer is not a post; it may have been carried out all the same")
    return Entry(_id(value), slug, status, link)


def _id(value: Any) -> int:
    id = _dig(value, "id")
    if not isinstance(id, int):
        raise InDoubt("the site's answer has no id; it may have been carried out all the same")
    return id


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TryLater("the site's answer is not a list")
    return value


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _folded(name: str) -> str:
    return normal(name).strip().casefold()
