"""The course of a case: its lives one after another, and what befalls their requests on the way."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from publisher.decisions import person
from publisher.restoration import restore
from sandbox.client import Sandbox
from sandbox.faults import STATUS
from tests.faults.blows import BACKUP, OWN
from tests.faults.board import Board
from tests.faults.edits import EDITS
from tests.faults.life import End, Life, Order
from tests.faults.proxy import STAGES, Exchange, Heard, Severed
from tests.faults.scenes import Scene
from tests.faults.strikes import Case, Strike

#: Real seconds that a server is given where one is to hang or to drip, and elsewhere.
SHORT, LONG = 0.4, 10.0
#: What the proxy lets the sandbox answer.
_ANSWERS = frozenset(STATUS) | {"accept-then-504", "accept-then-garbage"}
_HANGS = frozenset({"hang", "drip", "late", "stop", "storm-hang"})
_PAUSES = frozenset({"unauthorised", "forbidden", "storm-unauthorised", "set-ahead"})
_DOWN = timedelta(seconds=10)  # between a death and the next life
_NOTICED = timedelta(minutes=20)  # until a person comes who lets go on what was paused
_STOPPED = timedelta(minutes=10)
_LEAST = timedelta(minutes=6)  # of the first life
_REST = timedelta(hours=2)  # after the last is due: longer than any wait
_MOST_LIVES = 12


class Course:
    """One case, from its first life to its last. It is the proxy's fate meanwhile."""

    def __init__(
        self, case: Case, scene: Scene, directory: Path, mark: str, sandbox: Sandbox, url: str,
        looked: Callable[[], None], traces: bool = False,
    ) -> None:  # fmt: skip
        self.case = case
        self.scene = scene
        self.heard_all: list[Heard] = []
        self.ends: list[End] = []
        self.full: list[tuple[datetime, datetime]] = []  # when the disk had no room
        self.resumed = False  # a person had to let go on what was paused
        self.struck = 0  # how many strikes hit
        self.traces: list[list[str]] = []  # the points that each life passed, in no order
        self.board = Board(directory / "board")
        self.healed = self.board.now()
        self._directory = directory
        self._mark = mark
        self._sandbox = sandbox
        self._url = url
        self._look = looked
        self._traces = traces
        self._life: Life | None = None
        self._turn = threading.Lock()
        self._passed = (0, 0)
        self._storm: tuple[Strike, datetime] | None = None
        self._late: list[Exchange] = []
        self._resume: datetime | None = None

    def run(self) -> None:
        """All lives: until one was not struck any more, and saw all that there was to do."""
        end = self.scene.last + _REST
        until = self.scene_first() + _LEAST
        while True:
            before = self.board.struck
            how = self._live(until)
            self.ends.append(how)
            self._look()
            if how.struck_at:
                lasts = max((one.seconds for one in self.case.strikes[before : self.board.struck]), default=0.0)
                self._heal(how.struck_at + timedelta(seconds=lasts))
            if how.how in ("failed", "hung") or len(self.ends) == _MOST_LIVES:
                return
            hit = self.case.strikes[before : self.board.struck]
            if how.struck_at and len(hit) == 1 and hit[0].fault == "no-room":
                self.full.append((how.struck_at, how.struck_at + timedelta(seconds=hit[0].seconds)))
            last = hit[-1] if hit else None
            if any(strike.fault in _PAUSES for strike in hit):
                self._resume = max(self.healed, self.board.now()) + _NOTICED
                self.resumed = True
                self._heal(self._resume)
            if how.how in ("killed", "broken"):
                seconds = last.seconds if last and how.how == "killed" else 0.0
                self.board.set(self.board.now() + max(_DOWN, timedelta(seconds=seconds)))
                if last and last.fault == "restore":
                    self._restore()
                self._heal(self.board.now())
            elif self.board.struck == before and until >= end:
                return
            until = max(end, self.board.now() + _REST / 2)

    def scene_first(self) -> datetime:
        """When the first delivery is due."""
        return self.board.now() + timedelta(minutes=1)

    def finish(self) -> None:
        """What was held back comes at last."""
        self._let_come()
        self.struck = self.board.struck
        self.board.close()

    def _live(self, until: datetime) -> End:
        to_come = [strike.fault for strike in self.case.strikes[self.board.struck :]]
        standing = [self._storm[0].fault] if self._storm and self.board.now() < self._storm[1] else []
        hangs = not _HANGS.isdisjoint(to_come + standing)
        order = self._order(until)
        order = replace(
            order, strikes=self.case.strikes, deadline=SHORT if hangs else LONG, seed=self.case.seed + len(self.ends),
            resume=self._resume, traces=self._traces,
        )  # fmt: skip
        self.traces.append([])
        with Life(order, self._stopped) as life:
            self._life = life
            how = life.wait()
        self._life = None
        self.traces[-1] += how.trace
        return how

    def _order(self, until: datetime) -> Order:
        board = self._directory / "board"
        return Order(self._directory, board, self._url, self._mark, self.scene.name, until)

    def _heal(self, at: datetime) -> None:
        self.healed = max(self.healed, at)

    # The proxy's fate

    @property
    def moment(self) -> tuple[datetime, float]:
        """Now, by the clock and by one that is never set."""
        return self.board.now(), self.board.elapsed()

    def connected(self) -> None:
        """Somebody has connected."""
        strike = self._taken("connect")
        if strike:
            self._hit(strike, None)

    def heard(self, heard: Heard) -> None:
        self.heard_all.append(heard)

    def passes(self, point: str, request: Exchange) -> None:
        """A request has come to a point."""
        self.traces[-1].append(point)
        storm = self._storm
        if storm and point.endswith(": sent") and self.board.now() < storm[1]:
            self._act(storm[0].fault.removeprefix("storm-"), request)
        strike = self._taken(point)
        if strike:
            self._hit(strike, request)
        if point.endswith(": answered") and self._late:
            self._let_come()

    def _taken(self, point: str) -> Strike | None:
        with self._turn:
            number = self.board.struck
            if number >= len(self.case.strikes):
                return None
            strike = self.case.strikes[number]
            if strike.point != point or (strike.fault in OWN and not is_on_the_way(point)):
                return None
            passed = self._passed[1] + 1 if self._passed[0] == number else 1
            self._passed = number, passed
            if passed < strike.nth:
                return None
            self.board.struck = number + 1
            return strike

    def _hit(self, strike: Strike, request: Exchange | None) -> None:
        lasts = timedelta(seconds=strike.seconds)
        self._heal(self.board.now() + (timedelta() if strike.fault in ("kill", "restore") else lasts))
        if strike.fault.startswith("storm-"):
            self._storm = strike, self.board.now() + lasts
            assert request
            self._act(strike.fault.removeprefix("storm-"), request)
        else:
            self._act(strike.fault, request)

    def _act(self, fault: str, request: Exchange | None) -> None:
        life = self._life  # none: the request is of one that is over, and was on its way still
        match fault:
            case "kill" | "restore":
                if life:
                    life.kill()
                    self._look()
            case "stop":
                if life:
                    self._stopped(life)
            case "stall":
                self.board.stall()
                self._heal(self.board.now())
            case _ if fault in EDITS:
                for edit in EDITS[fault]:
                    edit(self._directory, self.scene)
                    self.board.ask_to_read()
            case "cut":
                raise Severed
            case "hang":
                assert request
                request.gone(10 * SHORT)
                raise Severed
            case "delay":
                assert request
                request.gone(SHORT / 8)
            case "drip":
                assert request
                request.gap = SHORT / 10
            case "late":
                assert request
                request.gone(10 * SHORT)
                self._late.append(request)
                raise Severed
            case _ if fault in _ANSWERS:
                assert request
                self._sandbox.fault(request.kind, fault, place=request.place, times=1, seconds=60)
                request.answer = b""
                request.forward()
            case _:
                raise AssertionError(f"nobody knows the fault {fault}")

    def _stopped(self, life: Life) -> None:
        """SIGSTOP; time passes; nobody else may work on the workspace; SIGCONT."""
        life.stop()
        self._look()
        self.board.set(self.board.now() + _STOPPED)
        with Life(self._order(self.board.now())) as other:
            how = other.wait()
        if how.how != "occupied":
            self.ends.append(replace(how, how="failed", error=f"a second process could begin: {how.how}"))
        self._heal(self.board.now())
        life.go_on()

    def _restore(self) -> None:
        """The newest backup takes the place of the database."""
        backup = self._directory / "var" / BACKUP
        if backup.exists():
            who, now = person("Lan"), self.board.now()
            restore(self._directory, backup, who, "máy hỏng", now, adopt=False, progress=lambda _done, _total: None)

    def _let_come(self) -> None:
        """What was held back comes to the server now."""
        late, self._late = self._late, []
        for request in late:
            request.forward()


def is_on_the_way(point: str) -> bool:
    """Whether it is a point that a request passes."""
    return point == "connect" or point.rpartition(": ")[2] in STAGES
