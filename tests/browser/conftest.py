"""One Chromium for the run, a profile for each visitor; what a page complains of fails the test."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.live import Live
from tests.browser.visitor import WIDE, Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 10_000


def chromium():
    """Where the browser is; tests without one fail, they are not skipped."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "no Chromium: `sh deploy/chromium.sh` installs Debian's"
    return found


@pytest.fixture(scope="session")
def browser():
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def open_live(tmp_path, redis_url):
    """Opens a stand; it is gone with the test."""
    opened = []

    def open_one(**how):
        opened.append(Live(f"sqlite:///{tmp_path / 'live.db'}", redis_url, **how))
        return opened[-1]

    yield open_one
    for live in opened:
        live.close()


@pytest.fixture
def live(open_live):
    """Two salons set up, nothing has happened yet; «irina» owns the installation."""
    opened = open_live()
    opened.add("irina")
    return opened


@pytest.fixture
def visit(browser):
    """`visit(live)` is a person with a browser of their own; the keywords are Playwright's."""
    visitors = []

    def open_profile(live, **options):
        context = browser.new_context(**{"viewport": WIDE, "locale": "ru-RU", **options})
        context.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(context, live))
        return visitors[-1]

    yield open_profile
    troubles = [trouble for visitor in visitors for trouble in visitor.troubles]
    for visitor in visitors:
        visitor.context.close()
    assert not troubles, troubles


@pytest.fixture
def owner(live, visit):
    visitor = visit(live)
    visitor.sign_in()
    return visitor
