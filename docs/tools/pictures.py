"""`python -m docs.tools.pictures BASE LOGIN PASSWORD`: the guide's pictures, taken anew from a running demo.

BASE is the panel's address (http://127.0.0.1:9100); the sandbox answers one port above it. Look at what comes
out: a picture that nobody looked at explains nothing.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FOLDER = Path(__file__).resolve().parents[1] / "guide" / "images"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT, MARGIN, MOST_BYTES = 1200, 800, 20, 150_000
# Debian's Chromium has no Russian of its own, and draws an empty day as mm/dd/yyyy.
AS_IN_RUSSIA = """for (const day of document.querySelectorAll("input[type=date]")) {
    day.type = "text"; day.placeholder = "дд.мм.гггг"; }"""
# What begins below the picture's end must not show the tops of its letters.
NOTHING_BELOW = """end => { for (const one of document.querySelectorAll("main *"))
    if (one.getBoundingClientRect().top + scrollY >= end - 2) one.style.visibility = "hidden"; }"""
HOME = "/admin/accounts/dva-salona.amocrm.ru"


@dataclass(frozen=True, slots=True)
class Picture:
    """The page at `path`, down to the element `until`."""

    path: str
    until: str = "main > :last-child"


SHOTS: Mapping[str, Picture] = {
    "guide": Picture(f"{HOME}/guide", "main p:has(> a.button)"),
    "salons": Picture(f"{HOME}/salons"),
    "directions": Picture(f"{HOME}/directions", "main [data-bar]"),
    "routes": Picture(f"{HOME}/routes"),
    "stages": Picture(f"{HOME}/stages", "main fieldset:has(.chips) >> nth=4"),
    "fields": Picture(f"{HOME}/fields", "main tbody tr >> nth=7"),
    "account_settings": Picture(f"{HOME}/settings", "main .sheet >> nth=1"),
    "account": Picture(HOME, "main section:has(table)"),
    "events": Picture(f"{HOME}/events", "main tbody tr >> nth=6"),
    "event": Picture("EVENT", "main article"),
    "preview": Picture("PREVIEW", "main .verdict >> nth=0"),
    "why": Picture(f"{HOME}/why?q=LEAD"),
    "accounts": Picture("/admin/accounts", "main table"),
}


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(
        prog="python -m docs.tools.pictures", description="Pictures of the guide."
    )
    for name in ("base", "login", "password"):
        parser.add_argument(name)
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", CHROMIUM),
            args=["--no-sandbox", "--hide-scrollbars"],
        )
        _take_all(_quiet(browser), given.base.rstrip("/"), given.login, given.password)
        browser.close()


def _quiet(browser: Browser) -> BrowserContext:
    """Light, Russian, nothing moves."""
    return browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="light", locale="ru-RU", reduced_motion="reduce",
    )  # fmt: skip


def _take_all(context: BrowserContext, base: str, login: str, password: str) -> None:
    page = context.new_page()
    page.goto(f"{base}/admin/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("form.stack button[type=submit]")
    page.goto(f"{base}{HOME}/salons")
    page.get_by_role("button", name="Проверить права и уведомления").click()
    page.get_by_text("всё видно").first.wait_for()
    known = _example(page, base)
    for name, picture in SHOTS.items():
        page.goto(base + re.sub("[A-Z]{4,}", lambda word: known[word[0]], picture.path))
        _shoot(page, name, picture.until)
    page.goto(f"{_sandbox(base)}/dva-salona.amocrm.ru/leads/detail/{known['LEAD']}")
    page.locator(".card-widgets__widget__caption").click()
    page.get_by_text("Почему сделка здесь").wait_for()
    _shoot(page, "card", ".card-widgets__widget")
    _second_version(page, base)
    page.goto(f"{base}{HOME}/rules?version=2&before=1")
    _shoot(page, "rules", "#version")


def _second_version(page: Page, base: str) -> None:
    """A setting changes, or there is nothing to compare; doing it again changes nothing more."""
    page.goto(f"{base}{HOME}/settings")
    page.fill("input[name=reuse_no_show_days]", "45")
    page.get_by_role("button", name="Сохранить настройки").click()


def _example(page: Page, base: str) -> Mapping[str, str]:
    """A lead that was moved, the event that moved it, and its booking in the preview: most to see."""
    page.goto(f"{base}{HOME}/events")
    row = page.locator("main tbody tr", has_text="переведена на другой этап").first
    number = re.search(r"сделка № (\d+)", row.inner_text())
    event = row.locator("a").first.get_attribute("href")
    if not number or not event:
        raise SystemExit("the demo shows no lead that was moved: let its day pass first")
    page.goto(f"{base}{HOME}/preview?q={number[1]}")
    preview = page.locator("main tbody a").first.get_attribute("href") or ""
    return {"LEAD": number[1], "EVENT": event, "PREVIEW": preview}


def _sandbox(base: str) -> str:
    host, _, port = base.rpartition(":")
    return f"{host}:{int(port) + 1}"


def _shoot(page: Page, name: str, until: str) -> None:
    """What stands beside the menu, from its heading down to the last wanted element."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AS_IN_RUSSIA)
    page.mouse.move(0, 0)
    whole, last = page.locator("main").bounding_box(), page.locator(until).first.bounding_box()
    if whole is None or last is None:
        raise SystemExit(f"{name}: there is no {until} on the page")
    bottom = last["y"] + last["height"]
    page.evaluate(NOTHING_BELOW, bottom)
    left, top = max(0, whole["x"] - MARGIN), whole["y"]
    size = {"x": left, "y": top, "width": WIDTH - left, "height": bottom + MARGIN - top}
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, full_page=True, clip=size)  # type: ignore[arg-type]
    weight = path.stat().st_size
    verdict = " TOO HEAVY" if weight > MOST_BYTES else ""
    print(f"{name}.png: {size['width']:.0f}×{size['height']:.0f}, {weight // 1000} KB{verdict}")


if __name__ == "__main__":
    main()
