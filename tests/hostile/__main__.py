"""Reads the corpus, or the families that are named, and prints a table: `python -m tests.hostile [FAMILY …]`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.hostile.causes import Cause, Family
from tests.hostile.corpus import ALL
from tests.hostile.court import Court, Verdict


def main(names: list[str]) -> int:
    """A row for each family in Markdown, and below it every harm; the exit code is 1 if there is any."""
    families = [ALL[name] for name in names] or list(ALL.values())
    causes = [cause for family in families for cause in family.causes.values()]
    with TemporaryDirectory() as folder:
        verdicts = Court(Path(folder)).verdicts(causes)
    print("| family | causes | cases | refused | slowest | most memory |\n|---|---|---|---|---|---|")
    for family in families:
        print(_row(family, verdicts))
    harm = [line for cause in causes for line in _harm(cause, verdicts[str(cause)])]
    print("\n".join(["", *harm]))
    return 1 if harm else 0


def _row(family: Family, verdicts: Mapping[str, list[Verdict]]) -> str:
    found = [verdict for cause in family.causes.values() for verdict in verdicts[str(cause)]]
    refused = sum(verdict.refused is True for verdict in found)
    slowest, most = max(verdict.cpu for verdict in found), max(verdict.memory for verdict in found)
    return (
        f"| {family.name} | {len(family.causes)} | {len(found)} | {refused} | {slowest:.1f} s | {most / 1e6:.0f} MB |"
    )


def _harm(cause: Cause, found: list[Verdict]) -> list[str]:
    return [f"{cause}, case {number}: {verdict.harm}" for number, verdict in enumerate(found) if verdict.harm]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
