"""Numbers and addresses of persons, which are not published without need: telephones, identity cards, accounts, mail.

Precise rather than complete: landlines of offices (02…) and service numbers (1800, 1900) are meant to be public, and
so is all that stands in a campaign's facts. No finding repeats more than the last three digits.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from content.proofreading.sheet import MASK, Passage, Sheet
from content.yaml12 import Mistake

_GAP = r"[ .\u00a0\u2009\u202f–-]{0,2}"
#: The first three digits stand together, lest the parts of a date and an hour be taken for a number.
_MOBILE = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?<!\b\d/)(?<!\b\d\d/)(?<!\b\d{{3}}/)(?<!\b\d{{4}}/)(?:\(?(?:\+84|0084)\)?{_GAP}(?:\(0\))?{_GAP}|(?<!\+)84{_GAP}|\(?0)"
    rf"[35789]\d(?:\)?{_GAP}\d){{7}}(?!\d)(?![.,]\d)(?!/(?!0))"
)
#: An identity card: province (Circular 59/2021/TT-BCA, for the 63 provinces of before July 2025), sex and century of
#: birth, year of birth, and six digits.
_CARD = re.compile(r"(?<![\w./-])(\d{3})([ .]?)([0-3])(\d{2})\2(\d{3})\2(\d{3})(?![\w/]|[.,-]\d)")
_PROVINCES = (
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 "
    "044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 "
    "089 091 092 093 094 095 096"
)
_NAMED_CARD = re.compile(
    r"(?:\b(?:CMND|CMT|CMTND|CCCD)\b|căn cước|chứng minh (?:nhân dân|thư))[^\n\d]{0,30}"
    r"(\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{3})?)(?![\w/])",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?:\bS?TK\b|\btài khoản\b)[^\n\d]{0,30}(\d(?:[ .\u00a0-]?\d){5,19})(?![\w/])", re.IGNORECASE)
#: After these, ten digits are the number of a body, which is public.
_OF_A_BODY = re.compile(r"(?:\bmã số(?: thuế| doanh nghiệp| đơn vị)?|\bMST|\bMSDN)[^\n\d]{0,10}$", re.IGNORECASE)
_NEAR = 40  # characters
_MAIL = re.compile(
    r"[\w.+-]{1,64}@((?:gmail|hotmail|outlook|icloud|live|ymail|rocketmail|yahoo)(?:\.[a-z]{2,3}){1,2})\b",
    re.IGNORECASE,
)
_WEB = re.compile(r"https?://(?!zalo\.me/)[^\s<>()\"]+")


_LONG = re.compile(r"\d(?:[ .\u00a0\u2009\u202f()–-]{0,4}\d){5}")  # what any of the numbers has


@dataclass(frozen=True)
class Trace:
    """A piece of text that leads to a person."""

    start: int
    end: int
    what: str
    digits: str  # or the address

    @property
    def shown(self) -> str:
        """As much of it as may be repeated."""
        return f"…{self.digits[-3:]}" if self.digits.isdigit() else f"…@{self.digits.partition('@')[2]}"


def personal_data(sheet: Sheet, passage: Passage, public: Collection[str]) -> Iterator[Mistake]:
    """What of a person stands in a passage and is not among the `public` ones: see `identities`."""
    for trace in traces(passage.text):
        if trace.digits not in public:
            yield sheet.mistake(
                passage.start + trace.start,
                f"this looks like {trace.what} ({trace.shown}), which is not published without need (delete it; if it "
                "is meant to be public, it belongs in the campaign's `facts`, and here {{ its name }})",
            )


def identities(text: str) -> frozenset[str]:
    """The traces in a text, each in the one form in which they are compared."""
    return frozenset(trace.digits for trace in traces(text))


def traces(text: str) -> list[Trace]:
    """All traces, in order; where two overlap, the one that is certain because of a word before it."""
    found: list[Trace] = []
    taken = bytearray(len(text))
    for trace in _candidates(_WEB.sub(lambda address: MASK * len(address[0]), text)):
        if not any(taken[trace.start : trace.end]):
            taken[trace.start : trace.end] = b"\x01" * (trace.end - trace.start)
            found.append(trace)
    return sorted(found, key=lambda trace: trace.start)


def _candidates(text: str) -> Iterator[Trace]:
    if _LONG.search(text):
        yield from (_number(found, 1, "the number of a bank account") for found in _ACCOUNT.finditer(text))
        yield from (_number(found, 1, "the number of an identity card") for found in _NAMED_CARD.finditer(text))
        for found in _MOBILE.finditer(text):
            if not _OF_A_BODY.search(text[max(0, found.start() - _NEAR) : found.start()]):
                yield _number(found, 0, "a mobile telephone number")
        for found in _CARD.finditer(text):
            if found[1] in _PROVINCES.split():
                yield _number(found, 0, "the number of an identity card")
    for found in _MAIL.finditer(text) if "@" in text else ():
        yield Trace(found.start(), found.end(), "the private mailbox of a person", found[0].lower())


def _number(found: re.Match[str], group: int, what: str) -> Trace:
    digits = "".join(filter(str.isdecimal, found[group]))
    if what.startswith("a mobile"):
        digits = f"0{digits[-9:]}"
    return Trace(found.start(group), found.end(group), what, digits)
