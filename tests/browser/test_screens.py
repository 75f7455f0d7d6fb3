"""Every screen of the panel, opened: nothing breaks, axe finds nothing serious, nothing scrolls sideways."""

import pytest

from tests.browser.visitor import PHONE, WIDE
from tests.support import screens
from tests.support.screens import SPARE

LOOKS = {
    "wide": {"viewport": WIDE, "color_scheme": "light"},
    "phone": {"viewport": PHONE, "color_scheme": "dark", "has_touch": True},
}


@pytest.fixture
def lived(live):
    """A day has passed; answers what stands in the addresses of the pages."""
    live.add(SPARE)
    return screens.samples(live.stand, screens.live_through(live.stand))


@pytest.mark.long
@pytest.mark.parametrize("look", LOOKS)
def test_every_screen_is_sound(live, lived, visit, look):
    visitor = visit(live, **LOOKS[look])
    found = see(visitor, "/admin/sign-in")
    visitor.sign_in()

    for _, path in screens.pages(live.stand.app, lived):
        found += see(visitor, path)

    assert not found, "\n".join(found)


def see(visitor, path):
    before = len(visitor.troubles)
    visitor.go(path)
    flaws = visitor.complaints()
    if visitor.is_too_wide():
        flaws.append("scrolls sideways")
    flaws += visitor.troubles[before:]
    del visitor.troubles[before:]
    return [f"{path}: {flaw}" for flaw in flaws]
