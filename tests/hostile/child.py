"""The process in which cases are read: one request a line from standard input, one verdict a line to standard output.

{"family": "feeds", "cause": "…", "first": 0, "room": "…", "shared": "…", "outside": "…", "trap": "…", "slowest": 5}
{"number": 0}  when a case begins, {"number": 0, "refused": true, "harm": "", "cpu": 0.1, …} when it has ended,
{"done": 3}    after the last, with their count
"""

import json
import os
import resource
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from tests.hostile.causes import Bench, Case, Cause, Family, Harm
from tests.hostile.corpus import ALL
from tests.hostile.traps import TRAPS
from tests.hostile.watch import begin, leaked, watched

_MEMORY = 4 * 1024 * 1024 * 1024  # so that a bomb ends this process, and not the machine


def main() -> None:
    """Answer requests until the other end closes its pipe."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what is printed is no verdict
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    begin()
    for line in sys.stdin:
        request = json.loads(line)
        family = TRAPS if request["family"] == TRAPS.name else ALL[request["family"]]
        _all_cases(family, family.causes[request["cause"]], request, out)


def _all_cases(family: Family, cause: Cause, request: dict[str, Any], out: TextIO) -> None:
    room, shared, outside = (Path(request[name]) for name in ("room", "shared", "outside"))
    number = -1
    for number, case in enumerate(cause.cases()):
        if number < request["first"]:
            continue
        _tell(out, {"number": number})
        folder = room / f"{number}"
        shutil.rmtree(folder, ignore_errors=True)  # left behind by a process that had to end
        folder.mkdir(parents=True)
        verdict = judged(family, cause, case, Bench(folder, shared, outside, request["trap"], request["slowest"]))
        shutil.rmtree(folder, ignore_errors=True)
        _tell(out, {"number": number, **verdict})
    _tell(out, {"done": number + 1})


def judged(family: Family, cause: Cause, case: Case, bench: Bench) -> dict[str, Any]:
    """The verdict on one case."""
    seen, harm = None, []
    with watched((bench.folder, bench.shared), bench.outside, bench.slowest) as watch:
        try:
            seen = family.judge(case, bench)
        except Harm as found:
            harm.append(str(found))
        except BaseException as error:
            said = "".join(traceback.format_exception(error))
            harm.append(f"crashes: {said[:300]} … {said[-700:]}")
    texts = (*watch.said, *(seen.shown if seen else ()), *harm)
    harm += watch.harm
    harm += [f"shows a secret: {text[:300]!r}" for text in texts if leaked(text)][:1]
    if seen and cause.refused is not None and seen.refused is not cause.refused:
        harm.append(f"is {'refused' if seen.refused else 'taken'}: {' '.join(seen.shown)[:300]!r}")
    refused = seen.refused if seen else None
    return {"refused": refused, "harm": "; ".join(harm), "cpu": watch.cpu, "memory": watch.memory}


def _tell(out: TextIO, verdict: dict[str, Any]) -> None:
    out.write(json.dumps(verdict) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
