"""The bodies and places of the plan: agencies, channels, and groups of channels."""

from collections.abc import Mapping

from channels.base import Channel
from channels.email import Email
from channels.mail import Mail
from content.validation import describe_unknown
from content.words import phrase
from publisher.schedules.fields import NAME_RULE, is_name, listed
from publisher.schedules.files import Files
from publisher.schedules.findings import Findings, Node
from publisher.schedules.mail import check_server_for, complete
from publisher.schedules.model import Agency
from publisher.schedules.sections import AGENCIES, CHANNELS, GROUPS, AgencySection


def check_names(entries: Mapping[str, Node], what: str, findings: Findings) -> None:
    """Names go into addresses and file names, so few characters are allowed in them."""
    for name, node in entries.items():
        if not is_name(name):
            text = f"{name!r} cannot be the name of {what} ({NAME_RULE})"
            findings.mistakes.append(node.mistake(text, key=True))


def read_agencies(files: Files, findings: Findings) -> dict[str, Agency]:
    """The agencies without mistakes."""
    entries = files.entries(AGENCIES)
    check_names(entries, "an agency", findings)
    found, parents = {}, {}
    for key, node in entries.items():
        section = findings.section(AgencySection, node, spare={"name": key})
        if section is None:
            continue
        check_server_for("contact", node, files, findings)
        found[key] = Agency(key, section.name, section.parent, section.contact)
        if section.parent in entries:
            parents[key] = section.parent
        elif section.parent is not None:
            findings.unknown(node, phrase("agency"), entries, "parent")
    _check_parents(parents, entries, findings)
    return found


def _check_parents(parents: Mapping[str, str], entries: Mapping[str, Node], findings: Findings) -> None:
    settled: set[str] = set()
    for start in parents:
        line: dict[str, None] = {}
        key: str | None = start
        while key is not None and key not in settled and key not in line:
            line[key] = None
            key = parents.get(key)
        if key in line:
            ring = [*line][[*line].index(key) :]
            text = f"an agency cannot stand above itself: {' → '.join([*ring, key])} (delete one `parent`)"
            findings.mistakes.append(entries[key].mistake(text, "parent"))
        settled.update(line)


def read_channels(
    files: Files, kinds: Mapping[str, type[Channel]], mail: Mail | None, findings: Findings
) -> dict[str, Channel]:
    """The channels without mistakes."""
    entries, agencies = files.entries(CHANNELS), files.entries(AGENCIES)
    check_names(entries, "a channel", findings)
    found = {}
    for name, node in entries.items():
        kind = _kind(node, kinds, findings)
        channel = findings.section(kind, node, {"name": name}, omit=("kind",)) if kind else None
        if isinstance(channel, Email):
            channel = complete(channel, node, mail, files, findings)
        check_server_for("send_to", node, files, findings)
        if channel is not None:
            found[name] = channel
        agency = node.value.get("agency") if isinstance(node.value, dict) else None
        if isinstance(agency, str) and agency not in agencies:
            findings.unknown(node, phrase("agency"), agencies, "agency")
    return found


def _kind(node: Node, kinds: Mapping[str, type[Channel]], findings: Findings) -> type[Channel] | None:
    listing = ", ".join(kinds)
    if not isinstance(node.value, dict):
        text = f"the settings of the channel are missing (write below it `kind:`, one of: {listing})"
        findings.mistakes.append(node.mistake(text, key=node.value is None))
    elif "kind" not in node.value:
        findings.mistakes.append(node.mistake(f"key 'kind' is missing (write one of: {listing})"))
    elif not isinstance(node.value["kind"], str):
        findings.mistakes.append(node.mistake(f"a kind is expected here (write one of: {listing})", "kind"))
    elif node.value["kind"] not in kinds:
        findings.mistakes.append(node.mistake(describe_unknown(node.value["kind"], kinds, phrase("kind")), "kind"))
    else:
        return kinds[node.value["kind"]]
    return None


def read_groups(files: Files, findings: Findings) -> dict[str, tuple[str, ...]]:
    """Each group's channels, groups within groups flattened, the first mention of a channel kept."""
    entries, channels = files.entries(GROUPS), files.entries(CHANNELS)
    check_names(entries, "a group", findings)
    members = {name: _members(node, {**entries, **channels}, findings) for name, node in entries.items()}
    for name, node in entries.items():
        if name in channels:
            text = f"{name!r} is a channel and a group (rename one of them)"
            findings.mistakes.append(node.mistake(text, key=True))
    return _flatten(members, entries, findings)


def _members(node: Node, known: Mapping[str, Node], findings: Findings) -> dict[str, int | None]:
    """The names in a group, each with its index in the list."""
    found: dict[str, int | None] = {}
    names = listed(node.value)
    for index, name in enumerate(names if isinstance(names, list) else []):
        steps = (index,) if isinstance(node.value, list) else ()
        if not isinstance(name, str):
            text = "the name of a channel or group is expected here (write e.g. [cong-so, telegram-tinh])"
            findings.mistakes.append(node.mistake(text, *steps))
        elif name not in known:
            findings.unknown(node, phrase("channel or group"), known, *steps)
        else:
            found.setdefault(name, index if steps else None)
    if names == []:
        findings.mistakes.append(node.mistake("this group is empty (name at least one channel)"))
    return found


def _flatten(
    members: Mapping[str, Mapping[str, int | None]], entries: Mapping[str, Node], findings: Findings
) -> dict[str, tuple[str, ...]]:
    """Depth first and without recursion: a file may nest more groups than the stack holds."""
    done: dict[str, tuple[str, ...]] = {}
    reported: set[str] = set()
    for root in members:
        path = [root]
        while path:
            group = path[-1]
            inner = next((name for name in members[group] if name in members and name not in done), None)
            if inner is None or group in done:
                done.setdefault(group, _channels(members[group], members, done))
                path.pop()
            elif inner in path:
                if inner not in reported:
                    reported.add(inner)
                    ring = " → ".join([*path[path.index(inner) :], inner])
                    text = f"a group cannot hold itself: {ring} (take one of them out)"
                    index = members[group][inner]
                    findings.mistakes.append(entries[group].mistake(text, *([] if index is None else [index])))
                done[group] = _channels(members[group], members, done)
                path.pop()
            else:
                path.append(inner)
    return done


def _channels(
    names: Mapping[str, int | None], members: Mapping[str, object], done: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(done.get(name, ()) if name in members else (name,)))
    return tuple(found)
