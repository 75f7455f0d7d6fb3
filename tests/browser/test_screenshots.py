"""Pictures of all screens for people: both themes, both languages, wide and phone, in var/screens/."""

import pytest

from tests.browser.visitor import PHONE, WIDE
from tests.support import screens
from tests.support.screens import SPARE

SIZES = {"wide": WIDE, "phone": PHONE}
THEMES = ("light", "dark")


@pytest.fixture
def lived(live):
    live.add(SPARE)
    return screens.samples(live.stand, screens.live_through(live.stand))


@pytest.mark.long
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_screen_has_its_pictures(live, lived, visit, language):
    visitor = visit(live)
    visitor.sign_in()
    if visitor.page.locator("html").get_attribute("lang") != language:
        visitor.choose_language(language)
    pages = screens.pages(live.stand.app, lived)

    shot = []
    for endpoint, path in pages:
        visitor.go(path)
        for theme in THEMES:
            visitor.page.emulate_media(color_scheme=theme)
            for size, viewport in SIZES.items():
                visitor.page.set_viewport_size(viewport)
                shot.append(visitor.shoot(f"{endpoint.removeprefix('admin.')}-{language}-{theme}-{size}"))

    assert len(set(shot)) == len(pages) * len(THEMES) * len(SIZES)
    assert all(path.stat().st_size > 1000 for path in shot)
