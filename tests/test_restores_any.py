"""Any sequence of living, backing up, restoring, editing and deciding: nothing goes out twice, nothing is lost."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.delivery import OPEN, UNFINISHED, State
from sandbox.client import Sandbox
from tests.second_lives import SecondLife

FAULTS = {
    "wordpress": ("accept-then-reset", "accept-then-504", "unavailable", "too-many", "reset"),
    "telegram": ("accept-then-reset", "too-many", "unavailable", "reset"),
}
LATE = ("{grace: 30m, then: skip}", "{grace: 1d, then: skip}", "{grace: 8h, then: send}", "{grace: 3h, then: ask}")
FOR_PEOPLE = (State.HELD, State.NEEDS_PERSON, State.AWAITING)
TIMES = ("[05:00, 07:00]", "[09:30, 21:00]", "[06:00, 12:00, 22:00]", "[08:00, 15:00]", "[07:00, 18:00]")


class Fate:
    """What happens to a life, by chance."""

    def __init__(self, life: SecondLife, chance: random.Random) -> None:
        self.life = life
        self.chance = chance
        self.backups: list[Path] = []
        self.told: list[str] = []
        self.titles = 0
        self.approval = chance.choice(["none", "none", "none", "once-per-text", "every-post"])

    def write(self) -> None:
        chance, life = self.chance, self.life
        to = f"[{', '.join(chance.sample(['tg', life.site('web'), 'hop'], chance.randint(1, 3)))}]"
        life.schedules(
            f"s: {{content: a.md, at: {chance.choice(TIMES)}, to: {to}, late: {chance.choice(LATE)}}}\n"
            f"t: {{content: f/, at: {chance.choice(TIMES)}, to: [tg, {life.site('web')}], spread: 20m, "
            f"late: {chance.choice(LATE)}}}\n"
            f"n: {{content: moi/, pick: latest, at: {chance.choice(TIMES)}, to: [hop, {life.site('web')}]}}\n"
            f"l: {{content: b.md, at: sessions, to: loa}}\n",
            campaign=f"approval: {self.approval}",
        )

    def begin(self) -> None:
        life = self.life
        life.channels("tg", "web", "hop", loa="sessions: [05:15, 17:00], ready: 6h")
        for path in ("a.md", "b.md", "f/1.md", "f/2.md"):
            life.message(path)
        life.message("moi/1.md", date="2022-02-14 01:00")
        self.write()
        life.start("02-14 04:00")
        self.back_up()

    def step(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self.live), (2, self.back_up), (6, self.restore), (1, self.edit), (1, self.retitle), (2, self.fail),
            (1, self.hold), (1, self.release), (2, self.approve), (1, self.bring_news),
        ]  # fmt: skip
        act = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        self.told.append(f"{self.life.now} {act.__name__}")
        act()

    def live(self) -> None:
        self.life.at(self.life.local(self.life.clock.now() + timedelta(minutes=self.chance.choice([7, 45, 200, 500]))))

    def back_up(self) -> None:
        self.backups.append(self.life.back_up(f"{len(self.backups)}.db"))

    def restore(self) -> None:
        if self.backups:
            backup = self.chance.choice(self.backups[-3:])
            later = timedelta(minutes=self.chance.choice([0, 0, 5, 100]))
            when = self.life.clock.now() + later
            started = when + timedelta(minutes=self.chance.choice([0, 10]))
            self.told[-1] += f" {backup.name} {self.life.local(when)}"
            self.life.come_back(backup, self.life.local(when), self.life.local(started))

    def edit(self) -> None:
        self.write()
        self.life.edit()

    def retitle(self) -> None:
        self.titles += 1
        self.life.message(self.chance.choice(["a.md", "b.md", "f/1.md"]), title=f"Tiêu đề {self.titles}")
        self.life.edit()

    def bring_news(self) -> None:
        self.titles += 1
        self.life.message(f"moi/{self.titles + 1}.md", date=f"2022-{self.life.now}")
        self.life.edit()

    def fail(self) -> None:
        kind = self.chance.choice(list(FAULTS))
        place = self.life.site("web") if kind == "wordpress" else f"@{self.life.mark}_tg"
        fault = self.chance.choice(FAULTS[kind])
        self.life.sandbox.fault(kind, fault, place=place, times=self.chance.randint(1, 3))

    def hold(self) -> None:
        rows = [row for row in self.life.rows() if row.state in OPEN - {State.HELD} and not row.lease_until]
        if rows:
            self.life.hold(self.chance.choice(rows[:6]))

    def release(self) -> None:
        rows = [row for row in self.life.rows() if row.state is State.HELD]
        if rows:
            self.life.release(self.chance.choice(rows))

    def approve(self) -> None:
        self.life.approve()


@pytest.mark.parametrize("seed", [2, 3, 4])  # of the first, those in which most comes back
def test_nothing_goes_out_twice_and_nothing_is_lost(tmp_path: Path, sandbox: Sandbox, seed: int) -> None:
    life = SecondLife(tmp_path / "w", sandbox)
    fate = Fate(life, random.Random(seed))
    try:
        fate.begin()
        for _ in range(14):
            fate.step()
            assert life.twice() == [], "\n".join(fate.told)
        sandbox.clear_faults()
        life.at(life.local(life.clock.now() + timedelta(days=2)))
        assert life.twice() == [], "\n".join(fate.told)
        for row in life.rows():
            if row.due < life.clock.now() - timedelta(hours=13):
                assert row.state not in UNFINISHED or (row.state in FOR_PEOPLE and row.reason), (row, fate.told)
                assert row.channel == "tg" or row.state is not State.NEEDS_PERSON, (row, fate.told)
    finally:
        sandbox.clear_faults()
        life.stop()
