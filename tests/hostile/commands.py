"""Commands: words that are no numbers, no names, no text, or that write on the terminal of whoever reads the log."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

from publisher.app import App
from publisher.clock import SystemClock
from publisher.world import RealWorld
from tests.hostile.causes import SECRETS, Bench, Case, Family, Harm, Seen, write
from tests.hostile.watch import short
from tests.hostile.workspaces import ALL, LINE, PLAN, furnish
from tests.offices import call

_DAILY = PLAN.replace("    from: 2022-02-14\n    until: 2022-02-16\n", "    approval: once-per-text\n")


def judge(case: Case, bench: Bench) -> Seen:
    """The words of a command, on a workspace with deliveries; and the log and the status that come of it."""
    words = json.loads(write(case, bench.folder / "words.json").read_bytes())
    workspace = bench.folder / "workspace"
    shutil.copytree(_prepared(bench.shared / "commands"), workspace)
    done = [call(words[0], "--workspace", str(workspace), *words[1:])]
    done += [call(verb, "--workspace", str(workspace)) for verb in ("status", "log")]
    for one in done:
        if one.code not in (0, 1, 2):
            raise Harm(f"ends with {one.code}: {one.warned}")
        short((one.said, one.warned), LINE, ALL)
    return Seen(done[0].code != 0, tuple(text for one in done for text in (one.said, one.warned)))


def _prepared(folder: Path) -> Path:
    """A workspace whose next days are planned; made once."""
    if not folder.exists():
        furnish(folder, _DAILY)
        with App(folder, SystemClock(), RealWorld(SECRETS)) as app:
            app.start()
    return folder


COMMANDS = Family("commands", judge)


def command(*words: str) -> bytes:
    """A file with the words of a command."""
    return json.dumps(words).encode()


@COMMANDS.refused
def numbers_that_are_none(chance: Random) -> Iterator[Case]:
    """A number is looked up, counted with, or handed to the database."""
    for number in ("0", "-1", "#", "#0", "1e3", "0x1", "1.5", "1;2", "²", "999999999999"):
        yield command("cancel", "--as", "Lan", "--because", "x", "--", number)
    for number in ("-5", "x", "1.5", ""):
        yield command("log", f"--delivery={number}")
        yield command("log", f"--last={number}")


@COMMANDS.refused
def filters_that_mean_something_else(chance: Random) -> Iterator[Case]:
    """A filter that a database or a pattern would take for all."""
    for word in (
        "%", "*", "' OR 1=1 --", "c/%", ".", "..", "c/../c", "", "[a-z]", "C", "HOP", "c/0.md' --", "\u202ehop",
    ):  # fmt: skip
        yield command("cancel", word, "--as", "Lan", "--because", "x")


@COMMANDS.refused
def days_beyond_the_calendar(chance: Random) -> Iterator[Case]:
    """Sums of dates overflow at the ends of the calendar."""
    for first, end in (
        ("0001-01-01", "0001-01-02"), ("9999-12-31", "9999-12-31"), ("2022-02-30", "2022-03-01"), ("x", "y"),
        ("2022-02-14", "2022-02-14"), ("2022-02-14", "0000-00-00"), ("2022-W07-1x", "2"), ("-1", "1"),
    ):  # fmt: skip
        yield command("plan", f"--from={first}", f"--to={end}")


@COMMANDS.refused
def messages_that_climb(chance: Random) -> Iterator[Case]:
    """What is sent by hand is a message of the plan, and no other file."""
    for path in (
        "../../outside/message.md", "/etc/passwd", "c/../c/0.md", "content/campaigns/../../schedules.yaml", "c", "",
        "~/0.md", "c/0.MD", "file://c/0.md",
    ):  # fmt: skip
        yield command("send", path, "--to", "hop", "--as", "Lan")
    yield command("send", "c/0.md", "--to", "../hop", "--as", "Lan")


@COMMANDS.refused
def decisions_of_nobody(chance: Random) -> Iterator[Case]:
    """The log must say who, and why."""
    for who, why in (("", "x"), (" \t", "x"), ("Lan", ""), ("Lan", "\n \n"), ("\u3000", "x")):
        yield command("hold", "hop", "--as", who, "--because", why)


@COMMANDS.refused
def addresses_of_proof_that_run(chance: Random) -> Iterator[Case]:
    """The address that a person gives as proof is a link on the overview."""
    for url in ("javascript:x", "data:text/html,x", "//evil.example", "ftp://a", "x"):
        yield command("settle", "1", "--published", url, "--as", "Lan", "--because", "x")


@COMMANDS.refused
def verbs_and_options_that_are_none(chance: Random) -> Iterator[Case]:
    """What is no verb is no program either."""
    for words in (
        ("rm", "-rf"), ("--version", "x"), ("__init__",), ("check", "--json=../x"),
        ("check", "--workspace=/etc/passwd"), ("plan", "--format={0.__class__}"), ("inbox", "list", "--channel=x"),
        ("inbox", "renew", "../hop", "--as", "Lan"), ("log", "--json", "x"), ("run", "--port=99999"),
        ("run", "--port=-1"), ("run", "--url=javascript:x", "--port=0"),
    ):  # fmt: skip
        yield command(*words)


@COMMANDS.taken
def words_that_are_long(chance: Random) -> Iterator[Case]:
    """A reason of a hundred pages."""
    yield command("hold", "hop", "--as", "Lan", "--because", "vì " * 200)
    yield command("hold", "hop", "--as", "L" * 300, "--because", "<script>x</script> {{ x }} %s ${CANARY_PASSWORD}")
    yield command("approve", "--as", "'; DROP TABLE log; --", "--document", "$(id)")
