"""Plans of a few lines, over files that stand in memory, for the tests of schedules.yaml."""

from collections.abc import Callable
from pathlib import Path

from publisher.schedules import Schedules, load
from tests.plain_kinds import KINDS

EXAMPLE = Path(__file__).parent / "example"
ZONE = "timezone: Asia/Ho_Chi_Minh\nholidays: VN\n"
PLACES = """
agencies:
  so: {name: Sở}
channels:
  web: {kind: box, agency: so}
  bao: {kind: box, agency: so}
  hop: {kind: box, agency: so}
  loa: {kind: station, agency: so, sessions: [17:00, 05:15]}
groups:
  tat-ca: [bao, trang]
  trang: [web, bao]
"""
HEAD = (
    f"{ZONE}{PLACES}campaigns:\n  song:\n    title: Sóng\n    from: 2022-02-14\n    until: 2022-05-31\n    schedules:\n"
)


def reader(files: dict[str, str]) -> Callable[[str], bytes]:
    """What reads these files, as a folder would."""

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    return read


def plan(text: str, **files: str) -> Schedules:
    """The plan of schedules.yaml with this text; the others are files beside it, without their `.yaml`."""
    named = {f"{name}.yaml": content for name, content in files.items()}
    return load(reader({"schedules.yaml": text, **named}), kinds=KINDS)


def one(keys: str) -> Schedules:
    """A plan with one schedule of these keys, written as in a row of a table."""
    return plan(f"{HEAD}      s: {{{keys}}}\n")


def table(*rows: str) -> str:
    """The text of a plan whose one schedule is a table."""
    return f"{HEAD}      moc:\n" + "".join(f"        - {{{row}}}\n" for row in rows)
