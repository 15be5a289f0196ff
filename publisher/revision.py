"""Revisions: the exact text of a message for a channel, hashed with all that it may read except its occurrence.

What a text does not read does not enter its hash: a message that names no agency has one revision for all
channels, and a changed telephone number asks for a new approval only where it is read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import rfc8785

from channels.base import Channel
from channels.registry import kind_of
from content.feeds import Item
from content.speech.lexicon import used
from content.templates import names_read
from publisher.schedules import Campaign, Schedules
from publisher.store.approvals import Revision
from publisher.workspace import Workspace, Written


def of_message(written: Written, path: str, campaign: Campaign, channel: Channel, workspace: Workspace) -> Revision:
    """The revision of a message for a channel.

    How its abbreviations are read aloud belongs to it wherever it goes: one text has one approval.
    """
    message = written.message
    text = message.text_for(kind_of(channel), channel.name)
    names = names_read(text)
    readable = _readable(campaign, channel, workspace.schedules)
    reads = {name: readable[name] for name in sorted(names & readable.keys())}
    context: dict[str, Any] = {
        "title": message.title,
        "summary": message.summary or "",
        "text": text,
        "reads": reads,
        "link": message.link,
        "tags": list(message.tags),
        "image": asdict(written.image) if written.image else None,
        "lang": message.lang,
        "author": message.author,
        "priority": message.priority.value,
        "markup": "markdown",
    }
    lexicon = used(workspace.lexicon, message.title, message.summary or "", text, *map(str, reads.values()))
    if lexicon:
        context["lexicon"] = dict(lexicon)
    depends = bool(names & {"agency", "channel"}) or text != message.body
    return _revision(campaign.key, path, channel.name if depends else "", message.author, context)


def of_item(item: Item, number: str, campaign: Campaign) -> Revision:
    """The revision of an item of a feed: its title and summary, with the link to it."""
    context: dict[str, Any] = {
        "title": item.title,
        "summary": item.summary,
        "text": item.summary or item.title,
        "reads": {},
        "link": item.link,
        "tags": [],
        "image": None,
        "lang": "vi",
        "author": None,
        "priority": "normal",
        "markup": "plain",
    }
    return _revision(campaign.key, number, "", None, context)


def _readable(campaign: Campaign, channel: Channel, schedules: Schedules) -> dict[str, Any]:
    agency = schedules.agencies[channel.agency]
    return {
        **campaign.facts,
        "facts": dict(campaign.facts),
        "campaign": {"key": campaign.key, "name": campaign.title, "document": campaign.document},
        "agency": {"key": agency.key, "name": agency.name},
        "channel": {"name": channel.name, "kind": kind_of(channel)},
    }


def _revision(campaign: str, message: str, channel: str, author: str | None, context: Mapping[str, Any]) -> Revision:
    digest = hashlib.sha256(rfc8785.dumps({"campaign": campaign, "message": message, **context})).hexdigest()
    return Revision(digest, campaign, message, channel, author, context)
