"""Records: a day of publications to servers that lie, and all that is kept and shown of it afterwards."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import requests

from publisher.app import App
from publisher.clock import VirtualClock
from publisher.links import Links
from publisher.rehearsal import rehearse
from publisher.web.app import create_app
from publisher.web.serve import serve
from publisher.web.workspace_desk import WorkspaceDesk
from publisher.world import RealWorld
from tests.hostile.answers import serving
from tests.hostile.causes import PASSWORD, SECRETS, TOKEN, Bench, Case, Family, Harm, Seen, write
from tests.hostile.servers import at_key
from tests.hostile.watch import short
from tests.hostile.workspaces import ALL, LINE, PLAN, furnish
from tests.offices import call
from tests.raw_server import RawServer, answer

_MORNING = datetime(2022, 2, 14, 0, 59, tzinfo=UTC)  # a minute before the first posts
_UNTIL = _MORNING + timedelta(minutes=3)


def judge(case: Case, bench: Bench) -> Seen:
    """A website and a chat at servers that know their keys; the log, the status, the overview and the database."""
    data = write(case, bench.folder / "answer.http").read_bytes()
    workspace = bench.folder / "workspace"
    with RawServer(serving(at_key(data, PASSWORD))) as site, RawServer(serving(at_key(data, TOKEN))) as chat:
        plan = PLAN.replace("https://so.example.vn", site.url)
        furnish(workspace, plan.replace('chat: "@kenh_so"', f'chat: "@kenh_so", api: "{chat.url}"'))
        overview = _lived(workspace)
    done = [
        call(*verb, "--workspace", str(workspace))
        for verb in (("log",), ("log", "--json"), ("status",), ("status", "--json"))
    ]
    if any(one.code for one in done):
        raise Harm(f"cannot be read: {[one.warned for one in done]}")
    for one in (done[0], done[2]):
        short((one.said,), LINE, ALL)
    out = {entry.get("channel") for entry in json.loads(done[1].said) if entry["event"] == "published"}
    kept = [path.read_bytes().decode("utf-8", "replace") for path in (workspace / "var").rglob("*") if path.is_file()]
    return Seen(not out & {"web", "tg"}, (overview, *(one.said + one.warned for one in done), *kept))


def _lived(workspace: Path) -> str:
    """Three minutes of a morning; the overview after them."""
    clock = VirtualClock(_MORNING)
    with App(workspace, clock, RealWorld(SECRETS)) as app:
        app.start()
        rehearse(app, clock, _UNTIL)
        desk = WorkspaceDesk(app, Links(app.store, workspace / "var" / "keys" / "inbox.key"), "Phòng Thông tin")
        with serve(create_app(desk)) as pages:
            return requests.get(pages.url, timeout=20).content.decode()


RECORDS = Family("records", judge)


def said(answered: int, /, **values: object) -> bytes:
    """What either kind takes for an answer of its own, with that status of HTTP."""
    good = {
        "id": 7, "slug": "tin", "status": "publish", "link": "https://so.example.vn/tin", "name": "Sóng",
        "ok": True, "result": {"message_id": 7, "date": 0, "chat": {"id": 1, "type": "channel"}},
    }  # fmt: skip
    return answer(answered, json.dumps({**good, **values}).encode(), "Content-Type: application/json")


@RECORDS.endured
def errors_that_repeat_the_key(chance: Random) -> Iterator[Case]:
    """What a server says in its error is kept for ever, and shown to many."""
    for status in (400, 401, 403, 429, 500, 503):
        yield said(status, message="wrong: KEY", description="wrong: KEY", code="KEY", error_code=status)


@RECORDS.endured
def successes_that_are_odd(chance: Random) -> Iterator[Case]:
    """A receipt is kept and shown as it came."""
    yield said(200)
    yield said(200, id=2**53 + 1)
    yield said(200, status="future")
    yield said(201, result={"message_id": 0, "date": 0, "chat": {"id": 1, "type": "KEY"}})
