"""The quick part: a few cases for each property of the fence. Whoever breaks one of them on purpose is found here.

| property of the fence | cases |
|---|---|
| the intent is durable before the first byte | `intent` |
| only the epoch that claimed a row sends for it, and ends it; a lease is kept | `epoch` |
| a doubt is never simply sent again; "not there" is believed only where it is proof | `doubt` |
| a step is durable before the next request | `step` |
| a server that asks for patience, or does not answer, gets it | `patience` |
| nothing begins on a full disk; an outcome is kept until it can be written | `disk` |
| the clock, edits, a backup that comes back | `clock`, `edit`, `restore` |
| what does not go out says so | `missed` |
| all of them: each move has its entry, and the log alone gives the states | every case |
"""

from collections.abc import Mapping
from dataclasses import replace

from tests.faults.strikes import Case

_TEXTS: Mapping[str, tuple[str, ...]] = {
    "intent": (
        "telegram: kill @ sendMessage: accepted",
        "wordpress: kill @ POST posts/N: accepted",
        "loudspeaker: kill @ publish ends",
        "inbox: kill @ open hop",
        "telegram: kill @ after commit sending",
        "telegram: io-error-after @ before commit sending",
    ),
    "epoch": (
        "telegram: stall @ publish begins",
        "telegram: stall @ step part-1 kept",
        "telegram: stall-set-back @ publish begins",
        "telegram: stall @ publish ends",
        "wordpress: stall @ step draft kept",
        "wordpress: stop @ before commit step draft",
    ),
    "doubt": (
        "telegram: cut @ sendMessage: accepted",
        "telegram: accept-then-504 @ sendMessage: sent #2",
        "wordpress: accept-then-garbage @ POST posts/N: sent",
        "wordpress: accept-then-504 @ POST posts/N: sent",
        "wordpress: late @ POST posts/N: sent",
        "wordpress: late @ POST posts: sent",
        "wordpress: kill @ POST posts/N: accepted; kill @ find begins",
    ),
    "step": (
        "telegram: too-many @ sendMessage: sent #2",
        "album: error @ sendMessage: sent",
        "wordpress: kill @ POST posts: accepted",
    ),
    "patience": (
        "wordpress: too-many @ POST posts/N: sent",
        "many-telegram: storm-error for 1800 s @ sendMessage: sent #3",
        "wordpress: unauthorised @ POST posts: sent",
    ),
    "disk": (
        "loudspeaker: disk-full @ rename loa/2022-02-14/0830",
        "inbox: no-room for 900 s @ publish begins",
        "wordpress: io-error-after @ before commit published",
        "telegram: disk-full @ append published",
    ),
    "clock": ("telegram: set-back @ publish ends", "wordpress: set-ahead @ publish begins"),
    "edit": ("telegram: edit-time @ sendMessage: sent", "wordpress: edit-undone @ POST posts/N: sent"),
    "restore": (
        "wordpress: backup @ life begins; restore @ publish ends",
        "telegram: backup @ life begins; restore @ publish ends",
    ),
    "missed": ("hasty: kill for 7200 s @ life begins", "loudspeaker: kill for 7200 s @ life begins"),
}
_FEW = 6  # doubts that a chat costs which does not answer
_DOUBTS = {"storm-error": _FEW, "disk-full": 0, "no-room": 0}  # a full disk must not turn an outcome into a doubt


def quick_cases() -> list[Case]:
    """All of them. Every strike must hit."""
    read = [replace(Case.read(text), sure=True) for texts in _TEXTS.values() for text in texts]
    return [replace(one, doubts=_DOUBTS.get(one.fault)) for one in read]
