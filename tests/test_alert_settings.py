"""`mail` and `alerts` in the plan: what they mean, and what is said of them."""

from datetime import time, timedelta

from channels.mail import Security
from content.values import Secret
from publisher.schedules import Alerts, Mail, Receiver, Schedules, Topic, load
from tests.plain_kinds import KINDS

TOP = """\
timezone: Asia/Ho_Chi_Minh
agencies: {so: {name: Sở}, huyen: {name: Huyện, parent: so}}
channels: {web: {kind: box, agency: so}}
campaigns: {c: {title: C, schedules: {s: {content: a.md, at: 08:00, to: web}}}}
"""
MAIL = "mail: {host: smtp.example.gov.vn, from: publisher@example.gov.vn}\n"


def plan(text: str) -> Schedules:
    return load(lambda _: (TOP + text).encode(), kinds=KINDS)


def test_everything_is_said_once() -> None:
    found = plan("""\
mail: {host: SMTP.example.gov.vn, port: 2525, security: tls, username: u, password: "${P}", from: p@example.gov.vn}
alerts:
  to:
    - {email: [a@example.gov.vn, b@example.gov.vn]}
    - {apprise: "${SERVICE}", about: [needs_person, failed], campaigns: c, agencies: [huyen]}
  approval_before: 1 day
  oldest_due: 10m
  in_doubt: 5m
  disk_free: 1.5GB
  remind: 12h
  digest: "07:30"
  ping: "${PING_URL}"
  lang: en
""")
    assert found.mail == Mail("smtp.example.gov.vn", 2525, Security.TLS, "u", Secret("P"), "p@example.gov.vn")
    everything = frozenset(Topic)
    assert found.alerts == Alerts(
        to=(
            Receiver("a@example.gov.vn", None, everything, frozenset(), frozenset()),
            Receiver("b@example.gov.vn", None, everything, frozenset(), frozenset()),
            Receiver(
                None, Secret("SERVICE"), frozenset({Topic.NEEDS_PERSON, Topic.FAILED}), frozenset({"c"}),
                frozenset({"huyen"}),
            ),
        ),
        lang="en",
        approval_before=timedelta(days=1),
        oldest_due=timedelta(minutes=10),
        in_doubt=timedelta(minutes=5),
        disk_free=1_500_000_000,
        remind=timedelta(hours=12),
        digest=time(7, 30),
        ping=Secret("PING_URL"),
    )  # fmt: skip
    assert found.alerts.secrets == (Secret("SERVICE"), Secret("PING_URL"))
    assert found.warnings == ()


def test_without_them_nobody_is_told() -> None:
    assert (plan("").mail, plan("").alerts) == (None, Alerts())
    assert Alerts().to == ()


def test_the_port_follows_from_the_way() -> None:
    for security, port in (("starttls", 587), ("tls", 465), ("none", 25)):
        mail = plan(f"mail: {{host: m.example, security: {security}, from: p@m.example}}\n").mail
        assert mail is not None
        assert mail.port == port


def test_a_warning_names_what_nobody_hears_of() -> None:
    (warning,) = plan(
        MAIL + "alerts: {to: [{email: a@m.example, campaigns: c}, {email: b@m.example, about: disk}]}"
    ).warnings
    assert (warning.line, "nobody is told" in warning.text, "disk" in warning.text) == (6, True, False)
    assert "failed" in warning.text
