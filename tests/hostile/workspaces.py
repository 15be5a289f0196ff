"""A whole workspace around one hostile file, and what `publisher check` and `plan` make of it."""

from pathlib import Path

from tests.hostile.causes import Harm, Seen
from tests.hostile.watch import short
from tests.offices import Done, call

CAMPAIGN = "content/campaigns/c"
TOP = "timezone: Asia/Ho_Chi_Minh\nholidays: VN\n"
BODIES = "agencies:\n  so: {name: Sở Thông tin}\n"
CHANNELS = """\
channels:
  hop: {kind: inbox, agency: so}
  tg: {kind: telegram, agency: so, chat: "@kenh_so", token: "${CANARY_TOKEN}"}
  web: {kind: wordpress, agency: so, url: "https://so.example.vn", username: u, password: "${CANARY_PASSWORD}"}
  loa: {kind: loudspeaker, agency: so, sessions: [05:15]}
"""
CAMPAIGNS = """\
campaigns:
  c:
    title: Chiến dịch
    from: 2022-02-14
    until: 2022-02-16
    facts: {hotline: 0261 3543 543}
    schedules:
"""
SCHEDULES = """\
      s: {content: ./, at: 08:00, to: [hop, tg, web]}
      l: {content: ./, at: sessions, to: loa}
"""
PLAN = TOP + BODIES + CHANNELS + CAMPAIGNS + SCHEDULES
MESSAGE = "---\ntitle: Khai mạc\n---\nGọi {{ hotline }}.\n"

#: The longest line, and all lines together, that a person can be asked to read.
LINE, ALL = 1_000, 200_000


def furnish(folder: Path, plan: bytes | str = PLAN) -> Path:
    """Lay out a workspace with one good message; its campaign's folder."""
    campaign = folder / CAMPAIGN
    campaign.mkdir(parents=True, exist_ok=True)
    (folder / "schedules.yaml").write_bytes(plan.encode() if isinstance(plan, str) else plan)
    (campaign / "0.md").write_text(MESSAGE, encoding="utf-8")
    return campaign


def checked(folder: Path) -> Seen:
    """What `check` and `plan` say of a workspace: refused if there are mistakes."""
    done = [call("check", "--workspace", str(folder)), _planned(folder)]
    for one in done:
        if one.code not in (0, 1):
            raise Harm(f"ends with {one.code}: {one.warned}")
        short((one.said, one.warned), LINE, ALL)
    return Seen(done[0].code == 1, tuple(text for one in done for text in (one.said, one.warned)))


def _planned(folder: Path) -> Done:
    return call("plan", "--workspace", str(folder), "--from", "2022-02-14", "--to", "2022-02-17")
