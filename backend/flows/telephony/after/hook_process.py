"""One added function as we see it: a child that answers in time or is ended."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from backend.core.errors import InvalidInput
from backend.core.telephony.after.hooks import Given

ROOT = Path(__file__).parents[3]
CHILD = "backend.flows.telephony.after.hook_child"
START_SECONDS = 10.0
LONGEST = 1 << 20  # bytes of an answer


class HookProcess:
    """Started when first asked, kept for the next call, ended when it is late or breaks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def ask(self, given: Given, milliseconds: int) -> object:
        """What the function answers. InvalidInput when it fails, is late, or cannot be loaded."""
        if self._process is None:
            self._start()
        try:
            self._say(json.dumps(given, ensure_ascii=False).encode() + b"\n")
            said = self._hear(milliseconds / 1000)
        except (OSError, ValueError) as error:
            self.end()
            raise InvalidInput("call_hooks.failed", name=self.name, error="—") from error
        if "error" in said:
            raise InvalidInput("call_hooks.failed", name=self.name, error=str(said["error"]))
        return said.get("answer")

    def end(self) -> None:
        process, self._process, self._rest = self._process, None, b""
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()

    def _start(self) -> None:
        """It gets the way to its modules and nothing else of ours: no secrets, no database, no settings."""
        self._process = subprocess.Popen(  # noqa: S603 - our own module, the name is no path and no shell's
            [sys.executable, "-m", CHILD, self.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, cwd=ROOT,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        try:
            said = self._hear(START_SECONDS)
        except (OSError, ValueError) as error:
            self.end()
            raise InvalidInput("call_hooks.failed", name=self.name, error="—") from error
        if "error" in said:
            self.end()
            raise InvalidInput("call_hooks.not_loaded", name=self.name, error=str(said["error"]))

    def _say(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _hear(self, seconds: float) -> dict[str, Any]:
        """One line, by a deadline: whoever is late is ended, for nobody knows what it still does."""
        assert self._process is not None
        assert self._process.stdout is not None
        until = time.monotonic() + seconds
        descriptor = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                left = until - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self.end()
                    raise InvalidInput("call_hooks.late", name=self.name, ms=round(seconds * 1000))
                piece = os.read(descriptor, 65_536)
                self._rest += piece
                if not piece or len(self._rest) > LONGEST:
                    raise OSError
        line, _, self._rest = self._rest.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said
