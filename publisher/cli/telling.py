"""Entries of the log as lines for people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from content.words import phrase
from publisher.cli.speaking import said, spoken

#: Events of the log beside the states of deliveries.
EVENTS = (
    phrase("alerted"),
    phrase("approved"),
    phrase("channel_down"),
    phrase("channel_up"),
    phrase("clock_jumped"),
    phrase("correcting"),
    phrase("disk_full"),
    phrase("disk_well"),
    phrase("exercise"),
    phrase("feed_failed"),
    phrase("item"),
    phrase("late_answer"),
    phrase("let_go"),
    phrase("link_made"),
    phrase("link_revoked"),
    phrase("mended"),
    phrase("mistakes"),
    phrase("paused"),
    phrase("plan_in_force"),
    phrase("removed"),
    phrase("renamed"),
    phrase("replanned"),
    phrase("restored"),
    phrase("resumed"),
    phrase("tried"),
    phrase("waits"),
    phrase("withdrawing"),
)


def line(entry: Mapping[str, Any], zone: ZoneInfo) -> str:
    """One entry: when, what, which delivery, about what, why, where, and who."""
    at = datetime.fromisoformat(entry["at"]).astimezone(zone)
    of = spoken().of
    who = entry["who"]["name"] + ("" if entry["who"].get("verified", True) else f" ({said('unverified')})")
    number = f"#{entry['delivery']}" if "delivery" in entry else ""
    about = " ".join(
        str(entry[name]) for name in ("campaign", "schedule", "channel", "message", "feed") if entry.get(name)
    )
    reason = entry.get("reason") if entry.get("reason") != entry["event"] else ""
    more = of(reason or "") or "; ".join(map(of, entry.get("mistakes", ()))) or entry.get("title")
    document = said("document {number}", number=entry["document"]) if entry.get("document") else ""
    where = (entry.get("receipt") or {}).get("url") or entry.get("link")
    parts = (f"{at:%Y-%m-%d %H:%M:%S}", f"{of(entry['event']):<13}", f"{number:<6}", about, more, document, where)
    return "  ".join(str(part) for part in (*parts, f"[{who}]") if part)
