"""Who is told what goes wrong: `alerts`."""

from collections.abc import Iterator

from content.words import phrase
from content.yaml12 import Mistake
from publisher.schedules.files import Files
from publisher.schedules.findings import Findings, Node
from publisher.schedules.model import Alerts, Receiver, Topic
from publisher.schedules.sections import (
    AGENCIES,
    ALERTS,
    CAMPAIGNS,
    MAIL,
    AlertsSection,
    ReceiverSection,
)

_TO = "to"


def read_alerts(files: Files, findings: Findings) -> Alerts:
    """Who is told of what, and when."""
    node = files.keys.get(ALERTS)
    section = findings.section(AlertsSection, node, omit=(_TO,)) if node else None
    if node is None or section is None:
        return Alerts()
    receivers = tuple(_receivers(node, files, findings)) if _TO in node.value else ()
    findings.warnings += _unheard(receivers, node)
    return Alerts(
        to=receivers,
        lang=section.lang,
        approval_before=section.approval_before,
        oldest_due=section.oldest_due,
        in_doubt=section.in_doubt,
        disk_free=section.disk_free,
        remind=section.remind,
        digest=section.digest,
        ping=section.ping,
    )


def _receivers(node: Node, files: Files, findings: Findings) -> Iterator[Receiver]:
    to = node.child(_TO)
    if not to.value:
        text = "nobody stands here (write e.g. [{email: phong.tt@so.example.gov.vn}], or delete the line)"
        findings.mistakes.append(to.mistake(text, key=True))
        return
    entries = [to.child(index) for index in range(len(to.value))] if isinstance(to.value, list) else [to]
    for entry in entries:
        section = findings.section(ReceiverSection, entry)
        if section is None:
            continue
        _check(section, entry, files, findings)
        about = frozenset(section.about)
        campaigns, agencies = frozenset(section.campaigns or ()), frozenset(section.agencies or ())
        for address in section.email or ():
            yield Receiver(address, None, about, campaigns, agencies)
        if section.apprise:
            yield Receiver(None, section.apprise, about, campaigns, agencies)


def _check(section: ReceiverSection, node: Node, files: Files, findings: Findings) -> None:
    given = node.value.keys() & {"email", "apprise"}
    if not given:
        text = "it is not said how this one is told (add `email: …`, or `apprise: ${A_NAME}`)"
        findings.mistakes.append(node.mistake(text))
    if len(given) > 1:
        text = "'apprise' cannot stand beside 'email' (make two entries of it)"
        findings.mistakes.append(node.mistake(text, "apprise", key=True))
    if section.email and MAIL not in files.given and findings.complete:
        text = "e-mail needs a server (add `mail: {host: …, from: …}` at the top, see the administrator's page)"
        findings.mistakes.append(node.mistake(text, "email", key=True))
    for key, names, what in (
        ("campaigns", section.campaigns, phrase("campaign")),
        ("agencies", section.agencies, phrase("agency")),
    ):
        known = files.entries(CAMPAIGNS if key == "campaigns" else AGENCIES)
        is_list = isinstance(node.value.get(key), list)
        for index, name in enumerate(names or ()):
            if name not in known:
                findings.unknown(node, what, known, key, *([index] if is_list else []))


def _unheard(receivers: tuple[Receiver, ...], node: Node) -> Iterator[Mistake]:
    """Warn of what nobody is told: who hears of some campaigns hears nothing of a full disk."""
    everywhere = [receiver for receiver in receivers if not receiver.campaigns and not receiver.agencies]
    unheard = set(Topic) - {Topic.DIGEST} - {topic for receiver in everywhere for topic in receiver.about}
    if receivers and unheard:
        names = ", ".join(topic for topic in Topic if topic in unheard)
        text = f"nobody is told of all that concerns: {names} (let one entry be without what narrows it)"
        yield node.mistake(text, _TO, key=True)
