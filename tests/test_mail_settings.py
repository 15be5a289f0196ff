"""Which mail server a channel uses: its own, or the workspace's; and what `check` says of either."""

import pytest

from channels.email import Email
from channels.mail import Security
from content.values import Secret
from content.yaml12 import Mistakes
from publisher.schedules import load

TOP = "timezone: Asia/Ho_Chi_Minh\nagencies: {so: {name: So}}\ncampaigns: {}\n"
MAIL = 'mail: {host: smtp.example.vn, username: u, password: "${P}", from: pub@so.example.vn}\n'


def channel(settings: str, mail: str = MAIL) -> Email:
    found = load(lambda _: (f"{TOP}{mail}channels:\n  thu: {{kind: email, agency: so, {settings}}}\n").encode())
    thu = found.channels["thu"]
    assert isinstance(thu, Email)
    return thu


def mistakes(settings: str, mail: str = MAIL) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        channel(settings, mail)
    return [str(one).partition(": ")[2] for one in raised.value.mistakes]


def test_without_a_server_of_its_own_it_uses_that_of_the_workspace() -> None:
    found = channel("to: a@bao.example.vn")
    assert (found.host, found.port, found.security) == ("smtp.example.vn", 587, Security.STARTTLS)
    assert (found.username, found.password, found.sender) == ("u", Secret("P"), "pub@so.example.vn")
    assert found.secrets == (Secret("P"),)
    assert found.to == ("a@bao.example.vn",)


def test_it_may_have_its_own_sender_or_its_own_server() -> None:
    found = channel("to: [a@bao.example.vn, b@bao.example.vn], from: phong@so.example.vn")
    assert (found.host, found.sender, found.username) == ("smtp.example.vn", "phong@so.example.vn", "u")
    assert found.to == ("a@bao.example.vn", "b@bao.example.vn")
    found = channel("to: a@bao.example.vn, host: mail.bao.vn, security: tls, from: a@bao.vn", mail="")
    assert (found.host, found.sender, found.username, found.password) == ("mail.bao.vn", "a@bao.vn", None, None)


@pytest.mark.parametrize(
    ("settings", "mail", "said"),
    [
        ("to: a@bao.vn", "", "e-mail needs a server (add `mail:"),
        ("to: a@bao.vn, port: 25", MAIL, "'port' needs a 'host'"),
        ("to: a@bao.vn, host: mail.bao.vn", MAIL, "'host' needs a 'from'"),
        ("to: a@bao.vn, host: mail.bao.vn, from: a@bao.vn, username: u", "", "'username' needs a 'password'"),
        (
            'to: a@bao.vn, host: m.vn, from: a@bao.vn, username: u, password: "${P}", security: none',
            "",
            "without TLS the password would travel in the clear",
        ),
        ("to: [a@bao.vn, bao]", MAIL, "'bao' is not an e-mail address"),
        ("to: []", MAIL, "this list is empty"),
        ("reply_to: a@bao.vn", MAIL, "key 'to' is missing"),
        ('to: a@bao.vn, host: "https://m.vn", from: a@bao.vn', MAIL, "is not a host"),
    ],
)
def test_each_mistake_is_said_once(settings: str, mail: str, said: str) -> None:
    (found,) = mistakes(settings, mail)
    assert said in found
    assert found.endswith(")")
