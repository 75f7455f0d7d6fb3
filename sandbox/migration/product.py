"""The product as a person drives it: its commands, and the addresses at which it wants to be told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.demo.errors import DemoError
from sandbox.get8.settings import Plain
from sandbox.migration.scene import DOMAIN, Scene

WORK_SECONDS = 900.0
LOOK_SECONDS = 2.0


class Product:
    """`meanwhile` is what goes on in the world while somebody waits."""

    def __init__(self, flask: Callable[..., str], meanwhile: Callable[[], object]) -> None:
        self.flask = flask
        self.meanwhile = meanwhile

    def ask(self, verb: str, *arguments: object, typed: str = "") -> Any:
        """A command of the group `takeover`; it answers in JSON."""
        return json.loads(self.flask("takeover", verb, DOMAIN, *map(str, arguments), typed=typed))

    def configure(self, text: str, folder: Path) -> None:
        document = folder / "network.yaml"
        document.write_text(text, encoding="utf-8")
        self.flask("config", "import", DOMAIN, str(document))

    def join_lists(self, scene: Scene) -> None:
        """Somebody adds the product's address to each salon's list; whoever is there stays."""
        for line in self.flask("config", "hooks", DOMAIN).splitlines():
            company_id, _, url = line.partition("\t")
            if url:
                urls = [*urls_of(scene, int(company_id)), url.strip()]
                scene.salons("hooks/url", company_id=int(company_id), urls=urls)

    def finish(self, kind: str, tell: Callable[[Plain], None]) -> Plain:
        """Wait for a long work; what it has done so far is told now and then."""
        deadline = time.monotonic() + WORK_SECONDS
        while True:
            work: Plain = self.ask("works").get(kind) or {"state": "waiting", "done": 0, "total": None}
            tell(work)
            if work["state"] == "done":
                return work
            if work["state"] in {"failed", "cancelled"}:
                raise DemoError(f"the work {kind} ended as {work['state']}: {work['note']}")
            if time.monotonic() > deadline:
                raise DemoError(f"the work {kind} is not done after {WORK_SECONDS:.0f} s: {work}")
            self.meanwhile()
            time.sleep(LOOK_SECONDS)


def urls_of(scene: Scene, company_id: int) -> list[str]:
    """The salon's list of webhook addresses, as its cabinet shows it."""
    found = scene.salons.read("hooks_list", company_id=company_id)
    urls: list[str] = found["urls"]
    return urls
