"""Whether the addresses in messages lead somewhere: each is asked once, a few at a time, within a time."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal

from channels.base import ChannelError, Refused
from channels.http import Client, WrongAddress
from content.proofreading.addresses import Link
from content.proofreading.sheet import shown
from content.yaml12 import Mistake

_AT_ONCE = 8
_GONE = (404, 410)
_LARGEST = 1024 * 1024  # bytes of a page, of which nothing is read


@dataclass(frozen=True)
class Verdict:
    """What asking at an address showed: nothing wrong, a dead link, or that nobody can tell."""

    text: str = ""
    is_dead: bool = False


@dataclass(frozen=True)
class Patience:
    """Seconds for one request, and for all links together."""

    one: float = 10.0
    all: float = 120.0


PATIENT = Patience()


def ask_links(
    links: Iterable[Link], client: Client, asked: Callable[[int, int], None], patience: Patience = PATIENT
) -> tuple[list[Mistake], list[Mistake]]:
    """The dead links as warnings, and as notes those of which nobody can tell.

    `asked` is told, again and again, how many of how many addresses have been asked.
    """
    places: dict[str, list[Link]] = {}
    for link in links:
        places.setdefault(link.url.partition("#")[0], []).append(link)
    warnings: list[Mistake] = []
    notes: list[Mistake] = []
    for url, verdict in _verdicts(list(places), client, asked, patience):
        if verdict.text:
            found = warnings if verdict.is_dead else notes
            found += [link.sheet.mistake(link.start, f"{shown(url)!r} {verdict.text}") for link in places[url]]
    return sorted(set(warnings)), sorted(set(notes))


def _verdicts(
    urls: list[str], client: Client, asked: Callable[[int, int], None], patience: Patience
) -> Iterator[tuple[str, Verdict]]:
    deadline = time.monotonic() + patience.all
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="link")
    try:
        asking: dict[Future[Verdict], str] = {pool.submit(_ask, url, client, patience.one): url for url in urls}
        waiting = set(asking)
        asked(0, len(urls))
        while waiting and (left := deadline - time.monotonic()) > 0:
            done, waiting = wait(waiting, timeout=min(left, 1.0))
            asked(len(urls) - len(waiting), len(urls))
            yield from ((asking[one], one.result()) for one in done)
        for one in waiting:
            yield asking[one], Verdict("was not asked in time, so it could not be checked (try again later)")
    finally:
        pool.shutdown(cancel_futures=True)  # those under way end within the time for one


def _ask(url: str, client: Client, seconds: float) -> Verdict:
    """By HEAD, and by GET where that does not go well: many servers do not know HEAD."""
    verdict = _asked(url, "HEAD", client, seconds)
    return _asked(url, "GET", client, seconds) if verdict.text else verdict


def _asked(url: str, method: Literal["GET", "HEAD"], client: Client, seconds: float) -> Verdict:
    try:
        answer = client.fetch(url, method=method, deadline=seconds, max_bytes=_LARGEST, check=False)
    except WrongAddress:
        return Verdict("has no such server, or one whose certificate is not valid for it (correct the address)", True)
    except Refused:
        return Verdict(
            "cannot be followed by the public: it leads into an inside network, or on and on to other addresses "
            "(write the public address)",
            True,
        )
    except ChannelError:
        return Verdict("could not be checked: its server gave no whole answer (open it in a browser)")
    if answer.status in _GONE:
        return Verdict(f"leads to nothing, its server answers {answer.status} (correct it, or delete it)", True)
    if answer.status >= 400:
        return Verdict(f"could not be checked: its server answers {answer.status} (open it in a browser)")
    return Verdict()
