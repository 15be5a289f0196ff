"""The mail server that Publisher sends through, and the channels that use it or have one of their own: `mail`."""

from channels.email import Email
from channels.mail import PORTS, Mail, Security
from publisher.schedules.files import Files
from publisher.schedules.findings import Findings, Node
from publisher.schedules.sections import MAIL, MailSection

_OF_A_SERVER = ("port", "security", "username", "password")


def read_mail(files: Files, findings: Findings) -> Mail | None:
    """The mail server; None if there is none, or none that can be used."""
    node = files.keys.get(MAIL)
    section = findings.section(MailSection, node) if node else None
    if node is None or section is None:
        return None
    _check_server(section, node, findings)
    port = section.port or PORTS[section.security]
    return Mail(section.host, port, section.security, section.username, section.password, section.sender)


def complete(channel: Email, node: Node, mail: Mail | None, files: Files, findings: Findings) -> Email:
    """The channel with the mail server of the workspace, if it has none of its own."""
    if channel.host is not None:
        _check_server(channel, node, findings)
        if "from" not in node.value:
            text = "'host' needs a 'from' (add the address that this server sends from)"
            findings.mistakes.append(node.mistake(text, "host", key=True))
        return channel
    for key in _OF_A_SERVER:
        if key in node.value and "host" not in node.value:
            text = f"'{key}' needs a 'host' (add it, or delete '{key}': then `mail` at the top counts)"
            findings.mistakes.append(node.mistake(text, key, key=True))
    if MAIL not in files.given and "host" not in node.value and findings.complete:
        text = "e-mail needs a server (add `mail: {host: …, from: …}` at the top, or `host` and `from` here)"
        findings.mistakes.append(node.mistake(text))
    return channel.through(mail) if mail else channel


def check_server_for(key: str, node: Node, files: Files, findings: Findings) -> None:
    """Who is to be told by e-mail is told through `mail`."""
    is_given = isinstance(node.value, dict) and key in node.value
    if is_given and MAIL not in files.given and findings.complete:
        text = f"'{key}' needs a mail server (add `mail: {{host: …, from: …}}` at the top, or delete '{key}')"
        findings.mistakes.append(node.mistake(text, key, key=True))


def _check_server(section: MailSection | Email, node: Node, findings: Findings) -> None:
    for key, other in (("username", "password"), ("password", "username")):
        if key in node.value and other not in node.value:
            findings.mistakes.append(node.mistake(f"'{key}' needs a '{other}' (add it, or delete both)", key, key=True))
    if section.security is Security.NONE and section.password:
        text = "without TLS the password would travel in the clear (write `starttls` or `tls`, or delete the password)"
        findings.mistakes.append(node.mistake(text, "security"))
