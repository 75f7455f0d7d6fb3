"""What a browser has to load: the widget's code, and the panel's first page with all that it names."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from bench.network import Browser, Network
from bench.report import Figure
from bench.world import World
from deploy import widget_files

NAMES = ("widget_kb", "panel_first_load_kb")
KIBIBYTE = 1024
LEVEL = 6  # of nginx and of everybody else
NAMED = re.compile(r"""<(?:link[^>]*\shref|script[^>]*\ssrc|img[^>]*\ssrc)="(/[^"]+)\"""")
NAMED_BY_STYLE = re.compile(r"""url\(["']?([^"')]+)""")
WIDGET = Path(__file__).parents[1] / "widget"


def run(world: World) -> Iterator[Figure]:
    yield Figure("widget_kb", widget_files.code_size(WIDGET) / KIBIBYTE, "KiB")
    opened = Network(f"sqlite:///{world.folder / 'weights.db'}", world.redis_url)
    try:
        found = loaded(Browser(opened), "/admin/")
    finally:
        opened.close()
    heaviest = ", ".join(f"{path} {size / KIBIBYTE:.1f}" for path, size in found.items())
    yield Figure("panel_first_load_kb", sum(found.values()) / KIBIBYTE, "KiB compressed", detail=heaviest)


def loaded(browser: Browser, path: str) -> dict[str, int]:
    """Address → compressed bytes of a page and of everything it makes a browser fetch."""
    waiting, sizes = [path], dict[str, int]()
    while waiting:
        at = waiting.pop()
        if at in sizes:
            continue
        answer = browser.get(at)
        assert answer.status_code == 200, (at, answer.status_code)
        sizes[at] = len(gzip.compress(answer.data, LEVEL))
        if answer.mimetype == "text/html":
            waiting += NAMED.findall(answer.text)
        elif answer.mimetype == "text/css":
            waiting += [urljoin(at, found) for found in NAMED_BY_STYLE.findall(answer.text)]
    return sizes
