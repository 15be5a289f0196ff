"""Builds the documentation as a site: `make docs`, or `python -m docs.build [FOLDER]`. A broken link is an error.

Every page of the site stands in `docs/site.py`; the reference is made from the code by `docs/reference.py`. Nothing
in the site is loaded from elsewhere, and nothing runs. Links to other sites are listed in external-links.txt, not
followed.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from docs import reference
from docs.pages import Link, Page
from docs.site import LANGUAGES, ROLES, ROOT, WORDS, address_of, source_of

_THEME = Path(__file__).parent / "theme"
_FILES = "files"  # what pages link to and is no page: it is shown as it is


class Broken(Exception):
    """Links that lead nowhere; a line each."""


class Site:
    """All pages, and what they link to."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = pages
        self.external: dict[str, list[str]] = {}
        self.files: set[Path] = set()
        self._by_source = {page.source: page for page in pages}
        self._mistakes: list[str] = []

    def settle(self) -> None:
        """Let every link of every page lead to its place in the site; Broken with all that lead nowhere."""
        for page in self.pages:
            page.settle(lambda link, page=page: self._leads_to(page, link))  # type: ignore[misc]
        if self._mistakes:
            raise Broken("\n".join(self._mistakes))

    def counterpart(self, page: Page) -> Page | None:
        """The same page in the other language."""
        return next((one for one in self.pages if one.name == page.name and one is not page), None)

    def of(self, language: str) -> list[tuple[str, list[Page]]]:
        """The pages by those whom they are for; in English where there is no other."""
        found = {(page.name, page.language): page for page in self.pages}
        roles = [
            (role.names[language], [found.get((name, language)) or found.get((name, "en")) for name in role.pages])
            for role in ROLES
        ]
        return [(name, [page for page in pages if page]) for name, pages in roles]

    def _leads_to(self, page: Page, link: Link) -> str:
        where = f"{page.source.relative_to(ROOT)}:{link.line}"
        if link.is_external:
            self.external.setdefault(link.target, []).append(where)
            return link.target
        path, _, anchor = unquote(link.target).partition("#")
        source = (page.source.parent / path).resolve() if path else page.source
        other = self._by_source.get(source)
        if other is None:
            return self._file(source, link, where)
        if anchor and anchor not in other.anchors:
            self._mistakes.append(f"{where}: {link.target}: {other.source.name} has no such heading")
        return f"{other.address if path else ''}{f'#{anchor}' if anchor else ''}"

    def _file(self, source: Path, link: Link, where: str) -> str:
        if not source.is_file() or not source.is_relative_to(ROOT):
            self._mistakes.append(f"{where}: {link.target}: there is no such page or file")
            return link.target
        self.files.add(source)
        return _copy_of(source).as_posix()


def _copy_of(source: Path) -> Path:
    """Where a file lies in the site; code under a name by which browsers show it."""
    shown = source.suffix in (".svg", ".png", ".txt")
    return Path(_FILES) / source.relative_to(ROOT).with_name(source.name if shown else f"{source.name}.txt")


def read() -> Site:
    """The site as it is written, with the reference as the code makes it."""
    made = {source_of(name, language): text for (name, language), text in reference.pages().items()}
    pages = []
    for role in ROLES:
        for name in role.pages:
            for language in LANGUAGES:
                source = source_of(name, language)
                if source in made or source.is_file():
                    pages.append(Page(name, language, source, made.get(source)))
    return Site(pages)


def build(target: Path) -> Site:
    """Write the site into a folder, in place of what was there. Broken if a link leads nowhere."""
    site = read()
    site.settle()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    theme = Environment(
        loader=FileSystemLoader(_THEME), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    for name, text in (*_texts(site, theme), ("external-links.txt", _external(site)), ("site.css", _style())):
        (target / name).write_text(text, encoding="utf-8")
    for file in site.files:
        copy = target / _copy_of(file)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return site


def _texts(site: Site, theme: Environment) -> Iterator[tuple[str, str]]:
    """Each page of HTML by its name."""
    yield "index.html", theme.get_template("front.html").render(roles=[site.of(one) for one in LANGUAGES], words=WORDS)
    for language in LANGUAGES:
        roles = site.of(language)
        shared: dict[str, Any] = {"roles": roles, "words": WORDS[language], "language": language}
        contents = address_of(source_of("contents", language))
        yield contents, theme.get_template("contents.html").render(
            **shared, here=contents, keys=_keys(site, language),
            counterpart=address_of(source_of("contents", "en" if language == "vi" else "vi")),
        )  # fmt: skip
        order = [page for _, pages in roles for page in pages]
        around = [None, *order, None]
        for page, (before, _), (_, after) in zip(order, pairwise(around), pairwise(around[1:]), strict=False):
            if page.language == language:
                other = site.counterpart(page)
                yield page.address, theme.get_template("page.html").render(
                    **shared, here=page.address, page=page, body=page.html(), before=before, after=after,
                    counterpart=other.address if other else "",
                )  # fmt: skip


def _keys(site: Site, language: str) -> list[tuple[str, str, str]]:
    """What is explained in the reference, by the alphabet: its name, in which section, and its address."""
    found = []
    for page in site.pages:
        section = page.title
        for heading in page.headings if page.is_made and page.language == language else ():
            if heading.level == 2:
                section = f"{page.title}: {heading.text}"
            elif heading.level == 3:
                found.append((heading.text, section, f"{page.address}#{heading.anchor}"))
    return sorted(found, key=lambda key: key[0].lower())


def _external(site: Site) -> str:
    return "".join(f"{target}  ({', '.join(places)})\n" for target, places in sorted(site.external.items()))


def _style() -> str:
    sheets = (ROOT / "publisher/sheets/style.css", _THEME / "site.css")
    return "".join(path.read_text(encoding="utf-8") for path in sheets)


def main(arguments: Sequence[str]) -> int:
    """Build it; the exit code."""
    target = Path(arguments[0]) if arguments else ROOT / "build/site"
    try:
        site = build(target)
    except Broken as broken:
        print(broken, file=sys.stderr)
        return 1
    print(
        f"{len(site.pages)} pages: open {target / 'index.html'}\n"
        f"{len(site.external)} links to other sites, not followed: {target / 'external-links.txt'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
