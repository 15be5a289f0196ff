"""Entries of the log as lines for people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def line(entry: Mapping[str, Any], zone: ZoneInfo) -> str:
    """One entry: when, what, which delivery, about what, why, where, and who."""
    at = datetime.fromisoformat(entry["at"]).astimezone(zone)
    who = entry["who"]["name"] + ("" if entry["who"].get("verified", True) else " (unverified)")
    number = f"#{entry['delivery']}" if "delivery" in entry else ""
    about = " ".join(
        str(entry[name]) for name in ("campaign", "schedule", "channel", "message", "feed") if entry.get(name)
    )
    reason = entry.get("reason") if entry.get("reason") != entry["event"] else ""
    more = reason or "; ".join(entry.get("mistakes", ())) or entry.get("title")
    document = f"document {entry['document']}" if entry.get("document") else ""
    where = (entry.get("receipt") or {}).get("url") or entry.get("link")
    parts = (f"{at:%Y-%m-%d %H:%M:%S}", f"{entry['event']:<13}", f"{number:<6}", about, more, document, where)
    return "  ".join(str(part) for part in (*parts, f"[{who}]") if part)
