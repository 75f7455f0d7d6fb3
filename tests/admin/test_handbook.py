"""The guide inside the panel."""

import re

import pytest

from admin import handbook
from tests.admin.conftest import HOME

NAMES = [path.stem for path in sorted(handbook.GUIDE.glob("*.md")) if path.stem != handbook.CONTENTS]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_in_the_contents_and_its_links_lead_somewhere(browser, name):
    page = browser.get(f"/admin/help/{name}")

    assert page.status_code == 200
    article = page.text.split("<article")[1].split("</article>")[0]
    for address in re.findall(r'(?:href|src)="(/admin/help[^"]*)"', article):
        with browser.get(address) as found:  # a picture is a file: it has to be closed
            assert found.status_code == 200, address


def test_the_contents_lead_to_every_page(browser):
    page = browser.get("/admin/help").text

    assert {name for name in NAMES if f'href="/admin/help/{name}"' in page} == set(NAMES)


@pytest.mark.parametrize(("language", "is_listed"), [("ru", False), ("en", True)])
def test_a_chapter_in_english_is_listed_for_who_reads_english(owner, language, is_listed):
    owner.post("/admin/language", language=language, next="/admin/help")

    listed = owner.get("/admin/help").text.split('<div class="help">')[1].split("</nav>")[0]

    assert ("/admin/help/texts-en" in listed) is is_listed


@pytest.mark.parametrize("section", sorted(handbook.ABOUT))
def test_help_begins_with_the_screen_a_person_comes_from(browser, section):
    assert browser.get(f"/admin/help?about={section}", follow_redirects=True).status_code == 200


def test_a_screen_points_to_its_page(owner):
    assert "/admin/help?about=guide" in owner.get(f"{HOME}/guide").text


@pytest.mark.parametrize("name", ["../operation", "operation", "..%2Foperation", "images", "README.md"])
def test_no_other_file_is_shown(browser, name):
    assert browser.get(f"/admin/help/{name}").status_code == 404


@pytest.mark.parametrize("name", ["../first-run.md", "..%2f..%2foperation.md", "nothing.png"])
def test_pictures_come_from_their_folder_only(browser, name):
    assert browser.get(f"/admin/help/images/{name}").status_code == 404


def test_the_address_in_the_marketplace_opens_the_guide(browser):
    assert browser.get("/help", follow_redirects=True).status_code == 200
