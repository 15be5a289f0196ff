"""A process of its own for one measurement: `python -m bench.child MODULE:FUNCTION [PROFILE]`.

Its input are the arguments, and the last line of its output is the result, as JSON.
"""

import importlib
import json
import sys
from pathlib import Path

from bench.profiling import profiled


def main(name: str, profile: str | None = None) -> None:
    """Call the function and print what it gave."""
    module, function = name.split(":")
    call = getattr(importlib.import_module(module), function)
    values = json.load(sys.stdin)
    found = profiled(Path(profile), call, values) if profile else call(**values)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
