"""Real kinds behind the fence, against their stand-ins: what was done is not done again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels.telegram import Telegram
from channels.wordpress import WordPress
from content.media import MediaFolder
from content.values import Secret
from publisher import decisions
from publisher.delivery import Delivery, State
from publisher.worker import Batch
from sandbox.client import Sandbox
from tests import kinds
from tests.benches import Bench

PUBLISH = r"POST .*/posts/\d+$"
IMAGE = kinds.png()
THREE_PARTS = "\n\n".join(f"Đoạn {number}. " + "Sóng và máy tính cho em. " * 150 for number in range(3))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    MediaFolder(tmp_path / "media").keep(IMAGE)
    with Bench(tmp_path) as made:
        yield made


@pytest.fixture
def site(bench: Bench, sandbox: Sandbox) -> WordPress:
    name = kinds.unique("so")
    made = WordPress(name=name, agency="so", url="https://so.example", username="bt", password=Secret("PASSWORD"))
    bench.channels[name] = site = made.rehearsed(sandbox.url)
    return site


@pytest.fixture
def chat(bench: Bench, sandbox: Sandbox) -> Telegram:
    chat = f"@{kinds.unique('chat').replace('-', '_')}"
    made = Telegram(name=chat, agency="so", chat=chat, token=Secret("PASSWORD"))
    bench.channels[chat] = made = made.rehearsed(sandbox.url)
    return made


def _actions(sandbox: Sandbox, kind: str, place: str) -> list[str]:
    return [entry["action"] for entry in sandbox.record(kind=kind, place=place)]


@pytest.mark.parametrize(
    ("fault", "doubtful"),
    [("accept-then-reset", True), ("accept-then-504", True), ("reset", True), ("error", True), ("too-many", False)],
)
def test_a_site_publishes_once_and_uploads_once(
    bench: Bench, sandbox: Sandbox, site: WordPress, fault: str, doubtful: bool
) -> None:
    sandbox.fault("wordpress", fault, place=site.name, request=PUBLISH)
    row = bench.row(site.name, post={"image": kinds.image(IMAGE), "tags": ("sóng",)})
    bench.work()
    assert bench.now(row).state is (State.IN_DOUBT if doubtful else State.PLANNED)
    for _ in range(3):
        bench.later(minutes=1)
    done = bench.now(row)
    assert done.state is State.PUBLISHED
    assert sorted(_actions(sandbox, "wordpress", site.name)) == ["draft", "media", "publish", "tag"]
    assert done.attempts == (1 if fault.startswith("accept") else 2)
    assert done.receipt
    assert done.receipt.id == sandbox.record(kind="wordpress", place=site.name, action="publish")[0]["id"]


def _at_request(number: int, order: Callable[[], None]) -> Callable[[], float]:
    """A pace that gives an order right before the n-th request."""
    left = iter([*[None] * (number - 1), order])

    def pace() -> float:
        if then := next(left, None):
            then()
        return 0.0

    return pace


def _texts(sandbox: Sandbox, chat: Telegram) -> list[str]:
    return [entry["text"] for entry in sandbox.record(kind="telegram", place=chat.name)]


def _first_attempt(bench: Bench, sandbox: Sandbox, chat: Telegram, fault: str) -> Delivery:
    """A post in three messages of which the second meets the fault."""
    row = bench.row(chat.name, post={"text": THREE_PARTS})
    trouble = _at_request(2, lambda: sandbox.fault("telegram", fault, place=chat.name, seconds=1))
    bench.worker.publish(Batch([row], chat, 1), trouble)
    return bench.now(row)


def test_a_chat_goes_on_with_the_part_that_is_lacking(bench: Bench, sandbox: Sandbox, chat: Telegram) -> None:
    row = _first_attempt(bench, sandbox, chat, "too-many")
    assert row.state is State.PLANNED
    assert len(_texts(sandbox, chat)) == 1
    for _ in range(3):
        bench.later(minutes=1)
    texts = _texts(sandbox, chat)
    assert bench.now(row).state is State.PUBLISHED
    assert len(texts) == len(set(texts)) == 3


@pytest.mark.parametrize("was_accepted", [True, False])
def test_a_chat_in_doubt_needs_a_person_and_then_resumes(
    bench: Bench, sandbox: Sandbox, chat: Telegram, was_accepted: bool
) -> None:
    row = _first_attempt(bench, sandbox, chat, "accept-then-reset" if was_accepted else "reset")
    bench.later(seconds=10)
    before = _texts(sandbox, chat)
    for _ in range(5):
        bench.later(hours=1)
    assert bench.now(row).state is State.NEEDS_PERSON
    assert _texts(sandbox, chat) == before  # nothing is repeated by itself
    assert len(before) == (2 if was_accepted else 1)
    if was_accepted:
        return
    with bench.store.write() as tx:
        who, at = decisions.person("Lan"), bench.clock.now()
        decisions.settle(tx, bench.now(row), who, "the second part is not there", at, published=False, url=None)
    bench.work()
    texts = _texts(sandbox, chat)
    assert bench.now(row).state is State.PUBLISHED
    assert len(texts) == len(set(texts)) == 3
