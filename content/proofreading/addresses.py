"""Addresses in messages: those that cannot be links as they are written, those that lead nowhere for the public, and
what stands for something that is still to be written."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from content.markdown import is_good_address
from content.proofreading.sheet import MASK, Passage, Sheet, shown
from content.yaml12 import Mistake

#: The target of a link or image, in <> or up to a space or bracket; a title in quotes may follow it.
_TARGET = re.compile(
    r"\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*))(?:\s+[\"'(][^\n]{0,200}?[\"')])?\s*\)"
)
_SPACED = re.compile(r"\]\(\s*((?:https?:|www\.)[^()<>\n\"']{0,300}\s[^()<>\n\"']{0,300})\)", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"'`\[\]\x00“”]+", re.IGNORECASE)
_NO_SCHEME = re.compile(r"(?<![\w/.@:-])www\.[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_BROKEN_SCHEME = re.compile(
    r"(?<!\w)(?:(?:ttps?|htp|htps|hhttps?|htttps?|httpss)://|https?(?:///|:///|//|;//|:/(?!/)|:\\))(?=[\w/\\])",
    re.IGNORECASE,
)
_TO_WRITE = re.compile(r"(?<![\w-])(?:TODO|FIXME|TBD|lorem ipsum)(?![\w-])")
_NO_ALT = re.compile(r"!\[\s*\]\(")
_AFTER = ".,;:!?)…*_"  # belongs to the sentence and not to the address before it
_EXAMPLES = ("example.com", "example.net", "example.org", "example", "test", "invalid")  # RFC 2606
_INSIDE = ("localhost", "local", "lan", "internal", "intranet", "home.arpa")


@dataclass(frozen=True)
class Link:
    """A web address in a message's file."""

    sheet: Sheet
    start: int
    url: str


def addresses(sheet: Sheet, passage: Passage) -> Iterator[Mistake]:
    """What is wrong with the addresses of a passage, as far as can be told without asking anybody."""
    text, start = passage.text, passage.start
    for found in _TO_WRITE.finditer(text):
        yield sheet.mistake(
            start + found.start(), f"{found[0]!r} stands for something unwritten (write it, or delete it)"
        )
    for found in _NO_ALT.finditer(text):
        yield sheet.mistake(
            start + found.start(), "this picture has no text for those who do not see it (write ![…](…))"
        )
    yield from _broken(sheet, passage)
    for link in links(sheet, passage):
        wrong = _leads_nowhere(link.url)
        if wrong:
            yield sheet.mistake(link.start, f"{shown(link.url)!r} {wrong}")


def links(sheet: Sheet, passage: Passage) -> Iterator[Link]:
    """The whole web addresses of a passage that no template has a part in."""
    spaced = [found.start(1) for found in _SPACED.finditer(passage.text)]
    for found in _BARE.finditer(passage.text):
        url = _without_the_sentence(found[0])
        if found.start() not in spaced and passage.text[found.end() : found.end() + 1] != MASK and is_good_address(url):
            yield Link(sheet, passage.start + found.start(), url)


def _without_the_sentence(address: str) -> str:
    """The address alone: a bracket at its end belongs to it only if it was opened in it."""
    while address and (address[-1] in _AFTER or address.endswith("'")):
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address.partition("](")[0]


def _broken(sheet: Sheet, passage: Passage) -> Iterator[Mistake]:
    """Addresses that are none as they are written."""
    taken: list[tuple[int, int]] = []
    for found, group, wrong in _targets(passage.text):
        taken.append(found.span())
        yield sheet.mistake(passage.start + found.start(group), wrong)
    for start, address in _bare_ones(passage.text):
        if not any(first <= start < last for first, last in taken):
            text = f"{shown(address)!r} does not begin as a web address does (write https://…)"
            yield sheet.mistake(passage.start + start, text)


def _targets(text: str) -> Iterator[tuple[re.Match[str], int, str]]:
    """The targets of links and images that are none, each with its group in the match, and what is wrong."""
    if "](" not in text:
        return
    for found in _SPACED.finditer(text):
        yield found, 1, "this address has a space in it, so it is no link (write %20 in place of the space)"
    for found in _TARGET.finditer(text):
        group = 1 if found[1] is not None else 2
        if MASK not in found[group] and not is_good_address(found[group]):
            wrong = f"{shown(found[group])!r} is not a whole address, so neither link nor picture comes of it"
            yield found, group, f"{wrong} (write e.g. https://www.tinh.gov.vn/…)"


def _bare_ones(text: str) -> Iterator[tuple[int, str]]:
    """What is meant as an address in running text, but does not begin as one."""
    patterns = [_BROKEN_SCHEME] if "//" in text or ":/" in text or ":\\" in text else []
    patterns += [_NO_SCHEME] if "www." in text.lower() else []
    for pattern in patterns:
        for found in pattern.finditer(text):
            whole = re.match(r"\S*", text[found.start() : found.start() + 200])
            yield found.start(), _without_the_sentence(whole[0] if whole else found[0])


def _leads_nowhere(url: str) -> str | None:
    """Why the public cannot follow an address; None if nothing is known against it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if any(host == name or host.endswith(f".{name}") for name in _EXAMPLES):
        return "is an address for examples only (write the real one)"
    if any(host == name or host.endswith(f".{name}") for name in _INSIDE) or _is_inside(host):
        return "leads into an inside network, where the public cannot follow (write the public address)"
    return None


def _is_inside(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host
