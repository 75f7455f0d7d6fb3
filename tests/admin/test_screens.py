"""What holds for every screen: whole pages and fragments, words in both languages, caches."""

import re

import pytest

from tests.admin.conftest import HOME
from tests.admin.reading import text_of


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/admin/", "overview"),
        (HOME, "account"),
        (f"{HOME}/events", "journal"),
        (f"{HOME}/events/1", "story"),
        (f"{HOME}/why?q=1", "answer"),
        (f"{HOME}/works", "works"),
        (f"{HOME}/preview", "answer"),
        (f"{HOME}/events/replay", "confirm"),
        ("/admin/charts", "drawing"),
        (f"{HOME}/charts", "drawing"),
        (f"{HOME}/rules", "version"),
    ],
)
def test_a_fragment_is_the_same_block_of_the_same_page(owner, path, inside):
    page, fragment = owner.get(path), owner.fragment(path)

    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert f'id="{inside}"' in fragment.text
    assert _still(fragment.text) in _still(page.text)
    assert "HX-Request" in page.headers["Vary"]


def _still(text):
    """Without indentation, which differs, and without the clock."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("header", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
def test_boosted_and_restored_pages_are_whole(owner, header):
    answer = owner.get("/admin/", headers={"HX-Request": "true", **header})

    assert "<html" in answer.text


def test_pages_are_not_kept_by_caches(owner):
    assert owner.get("/admin/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        HOME,
        f"{HOME}/events",
        f"{HOME}/events/replay",
        f"{HOME}/why",
        f"{HOME}/works",
        f"{HOME}/preview",
        f"{HOME}/rules",
    ],
)
def test_every_text_has_its_words_in_both_languages(owner, path):
    for language in ("ru", "en"):
        owner.post("/admin/language", language=language, next="/admin/")
        page = text_of(owner.get(path))
        assert re.findall(r"\b(?:ui|reason|status|mode|state|todo)\.[a-z_.]+", page) == []


@pytest.mark.parametrize("path", ["events/{}", "drafts/{}", "rules/{}/restore", "salons/{}", "people/{}"])
def test_a_number_no_row_can_have_is_not_found(owner, path):
    assert owner.get(f"{HOME}/{path.format(2**63)}").status_code == 404
    assert owner.get(f"{HOME}/{path.format(2**63 - 1)}").status_code == 404
