"""The process in which one added function runs, apart from ours: `python -m … NAME`.

A line of JSON comes for each call, a line of JSON goes back. It gets nothing of our settings, its prints go
nowhere, and what it takes of memory and files is limited.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from importlib.metadata import entry_points
from typing import Any

GROUP = "mostik.call_hooks"
MEMORY = 1 << 30
LONGEST = 300  # of what an error says


def main() -> None:
    answers, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for good
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        function = next(iter(entry_points(group=GROUP, name=sys.argv[1]))).load()
        ready: dict[str, Any] = {"ready": True}
    except Exception as error:  # noqa: BLE001 - somebody else's code: whatever it is, it is told
        ready = {"error": _words(error)}
    _say(answers, ready)
    for line in sys.stdin:
        call, facts = json.loads(line)
        try:
            said: dict[str, Any] = {"answer": function(call, facts)}
            json.dumps(said)
        except Exception as error:  # noqa: BLE001 - as above
            said = {"error": _words(error)}
        _say(answers, said)


def _say(answers: Any, said: dict[str, Any]) -> None:
    print(json.dumps(said), file=answers, flush=True)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST]


if __name__ == "__main__":
    main()
