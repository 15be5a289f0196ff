"""`python -m tests.faults.mutants`: the fence is broken on purpose, and the harness has to notice: the judge in
its quick part, or else the state machine that plays the worker against a model, or the tests of the fence itself.

Each mutant is one mistake that somebody could make, in a copy of the tree. 1 if any of them gets by.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_ROOT = Path(__file__).parents[2]
_ROOMS = ("publisher", "channels", "content", "sandbox", "tests")
_TESTS = ("tests/test_fence_model.py", "tests/test_worker.py")
_PATIENCE = 900.0  # seconds; what makes everything hang is noticed, too


class Stale(Exception):
    """The code that a mutant changes is not there, or not only there: the mutant has to be written anew."""


@dataclass(frozen=True)
class Mutant:
    """One mistake. Each of its edits: a file, what stands there once, and what is put in its place."""

    name: str
    edits: tuple[tuple[str, str, str], ...]

    def write(self, root: Path) -> None:
        """Make the mistake in a copy of the tree. Stale if it cannot be made."""
        self.check(root)
        for path, old, new in self.edits:
            text = (root / path).read_text(encoding="utf-8")
            (root / path).write_text(text.replace(old, new), encoding="utf-8")

    def check(self, root: Path) -> None:
        """Raise Stale if it cannot be made in that tree."""
        for path, old, _new in self.edits:
            times = (root / path).read_text(encoding="utf-8").count(old)
            if times != 1:
                raise Stale(f"{self.name}: {path} has it {times} times: {old.strip()!r}")


_WORKER, _DELIVERY, _MOVES = "publisher/worker.py", "publisher/delivery.py", "publisher/store/moves.py"
_NO_LEASE = ("publisher/fence.py", "        if now >= self._until:\n            raise LeaseLost\n", "        return\n")
_DOUBT = 'return Step(State.IN_DOUBT, f"perhaps published: {outcome}", now + LOOK_UP_FIRST)'
_BEGIN, _FOLLOWING = "        sending = self._begin(claim)\n", "            try:\n                following = more()"
_ORPHAN = 'Step(State.IN_DOUBT, "perhaps published: the program stopped while it was being sent", now)'

MUTANTS = (
    Mutant(
        "the intent is written after the send",
        (
            _NO_LEASE,
            (_WORKER, _BEGIN, "        sending = claim.sending\n"),
            (_WORKER, _FOLLOWING, f"            self._begin(claim)\n{_FOLLOWING}"),
        ),
    ),
    Mutant("whether the rows are still ours is not looked at before a request", (_NO_LEASE,)),
    Mutant(
        "any epoch may end a delivery, whatever became of it meanwhile",
        (
            (
                _MOVES,
                'same = {"id": row.id, "state": row.state.value, "epoch": row.epoch}',
                'same = {"id": row.id}',
            ),
            _NO_LEASE,
        ),
    ),
    Mutant(
        "a claim does not look whether the row is as it was read",
        (
            (
                _MOVES,
                'return same | {"post_sha256": row.post_sha256, "due": row.due, "session": row.session} '
                "if self.begins else same",
                'return {"id": row.id} if self.begins else same',
            ),
        ),
    ),
    Mutant("a doubt is sent again", ((_DELIVERY, _DOUBT, "return Step(State.PLANNED, str(outcome), now)"),)),
    Mutant(
        "what was being sent when the program died is sent again",
        (("publisher/overdue.py", _ORPHAN, 'Step(State.PLANNED, "once more", now)'),),
    ),
    Mutant(
        "what a death left behind is taken for out",
        (
            (
                "publisher/overdue.py",
                _ORPHAN,
                'Step(State.PUBLISHED, "it was being sent")',
            ),
        ),
    ),
    Mutant(
        "'not there' is believed too early",
        ((_DELIVERY, "case Absent() if settled_at is not None and now >= settled_at:", "case Absent():"),),
    ),
    Mutant(
        "what may come yet gives its place in the plan away",
        ((_WORKER, "            elif may_come:\n", "            elif False:\n"),),
    ),
    Mutant(
        "'not there' is believed of kinds that cannot be asked",
        (
            (
                _WORKER,
                'return None, Step(State.NEEDS_PERSON, f"{claimed.reason}; this kind of channel cannot be asked")',
                'return None, Step(State.PLANNED, "not there", self._tools.clock.now())',
            ),
        ),
    ),
    Mutant(
        "a step is not kept",
        (
            (
                "publisher/store/attempts.py",
                "    tx.execute(upsert(_s).values(values).on_conflict_do_update("
                'index_elements=["delivery", "name"], set_=values))\n',
                "",
            ),
        ),
    ),
    Mutant(
        "a move has no entry in the log",
        ((_MOVES, "[one.entry() for one in moves]", "[one.entry() for one in moves if not one.outcome]"),),
    ),
    Mutant(
        "an outcome that the disk does not take is dropped",
        (
            (
                _WORKER,
                "                if self._stopping.wait(_AGAIN):\n                    return ()",
                "                return ()",
            ),
        ),
    ),
    Mutant(
        "5xx is a refusal",
        (("channels/answers.py", " or status == 408 or status >= 500", ""),),
    ),
    Mutant(
        "a broken connection is no doubt",
        (
            (
                "channels/wire.py",
                "return Broken(reason) if sent else (NoSuchPlace",
                "return NotSent(reason) if sent else (NoSuchPlace",
            ),
        ),
    ),
    Mutant(
        "a server that asks for patience gets none",
        (
            (
                _DELIVERY,
                "least = timedelta(0) if asked is None else _wait(asked) * (1 + chance / 10)",
                "least = timedelta(0)",
            ),
        ),
    ),
    Mutant(
        "the breaker never opens",
        (
            (
                "publisher/breaker.py",
                "        if failed.failures < FAILURES or",
                "        if True or failed.failures < FAILURES or",
            ),
        ),
    ),
    Mutant(
        "a backup that comes back is believed",
        (
            (
                "publisher/aftermath.py",
                "    rows = restores.unclear(tx, restore)\n",
                "    rows = restores.unclear(tx, restore)[:0]\n",
            ),
        ),
    ),
    Mutant(
        "it begins on a full disk",
        (("publisher/guard.py", "        self._disk.is_low = is_low\n", "        is_low = False\n"),),
    ),
    Mutant(
        "what is missed disappears from the plan",
        (
            (
                "publisher/overdue.py",
                "        deliveries.move(tx, row, step, now, CLOCK, **change.columns)",
                "        if step.state is not State.MISSED:\n"
                "            deliveries.move(tx, row, step, now, CLOCK, **change.columns)",
            ),
            (
                "publisher/overdue.py",
                "    while _is_needed(store, schedules, now, is_sure):\n",
                "    if _is_needed(store, schedules, now, is_sure):\n",
            ),
        ),
    ),
    Mutant(
        "the next is sent although its intent was not written",
        (
            (
                _WORKER,
                "                self._write(moves, channel, heard)\n                return ()\n",
                "                self._write(moves, channel, heard)\n                return claim.sending\n",
            ),
        ),
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Try each mutant; 0 if all of them are caught."""
    args = _parser().parse_args(argv)
    chosen = [one for one in MUTANTS if args.only is None or args.only in one.name]
    lines, by = [], 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("mutants", total=len(chosen))
        for mutant in chosen:
            caught = _caught(mutant)
            by += caught is None
            lines.append(f"{'GOT BY' if caught is None else 'caught':7} {mutant.name}{f': {caught}' if caught else ''}")
            progress.console.print(lines[-1], markup=False, highlight=False, soft_wrap=True)
            progress.advance(bar)
    print("\n".join([*lines, f"{len(chosen) - by} of {len(chosen)} caught"]))
    return 1 if by else 0


def _caught(mutant: Mutant) -> str | None:
    """What is said first against a mutant, by the judge or by a test; None if it gets by."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        root = Path(folder)
        for room in _ROOMS:
            shutil.copytree(_ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(_ROOT / "pyproject.toml", root)
        mutant.write(root)
        try:
            return _said_by_the_judge(mutant, root) or _said_by_the_tests(mutant, root)
        except subprocess.TimeoutExpired:
            return "everything hangs"


def _said_by_the_judge(mutant: Mutant, root: Path) -> str | None:
    done = _run(root, "-m", "tests.faults", "--quick", "--stop")
    if done.returncode == 0:
        return None
    said = [line.strip() for line in done.stderr.splitlines() if line.startswith("    ")]
    if not said or not done.stdout.startswith("fault "):  # no table: it did not come to its end
        raise Stale(f"{mutant.name}: the harness itself fails:\n{done.stderr[-3000:]}")
    return said[0]


def _said_by_the_tests(mutant: Mutant, root: Path) -> str | None:
    done = _run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *_TESTS)
    if done.returncode == 0:
        return None
    said = [line.removeprefix("FAILED ") for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode != 1 or not said:
        raise Stale(f"{mutant.name}: the tests themselves fail:\n{done.stdout[-3000:]}")
    return said[0]


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, capture_output=True, text=True, timeout=_PATIENCE, check=False,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants ARGS=…", description="Break the fence on purpose.")
    parser.add_argument("--only", metavar="TEXT", help="the mutants whose name holds it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
