"""Pictures of all screens for people: both themes, both languages, wide and phone, in var/screens/."""

import itertools

import pytest

from tests.browser.visitor import PHONE, WIDE
from tests.support import screens
from tests.support.screens import SPARE

SIZES = {"wide": WIDE, "phone": PHONE}
KINDS = [*itertools.product(("ru", "en"), ("light", "dark"), SIZES)]


@pytest.fixture
def lived(live):
    live.add(SPARE)
    return screens.samples(live.stand, screens.live_through(live.stand))


def test_every_screen_has_its_pictures(live, lived, visit):
    visitor = visit(live)
    visitor.sign_in()
    pages = screens.pages(live.stand.app, lived)

    shot = []
    for language, theme, size in KINDS:
        visitor.page.set_viewport_size(SIZES[size])
        visitor.page.emulate_media(color_scheme=theme)
        visitor.go("/admin/")
        if visitor.page.locator("html").get_attribute("lang") != language:
            visitor.choose_language(language)
        for endpoint, path in pages:
            visitor.go(path)
            shot.append(visitor.shoot(f"{endpoint.removeprefix('admin.')}-{language}-{theme}-{size}"))

    assert len(set(shot)) == len(KINDS) * len(pages)
    assert all(path.stat().st_size > 1000 for path in shot)
