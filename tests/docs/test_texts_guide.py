"""The pages about texts name every field and every form that there is, in the words of the screen."""

from pathlib import Path

import pytest

from backend import texts
from backend.core.templates import fields, filters
from backend.core.templates.language import read

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
PAGES = {"ru": "texts.md", "en": "texts-en.md"}
KINDS = (*fields.TEXTS, fields.TASK, fields.CALL)
ALL = {field.code: field for name in KINDS for field in fields.of(name)}


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_field_and_form_is_on_the_page(lang):
    page = (GUIDE / PAGES[lang]).read_text(encoding="utf-8")

    for field in ALL.values():
        about = texts.t(f"field_about.{field.code}", lang)
        assert f"| `{{{field.ru}}}` | `{{{field.en}}}` | {about} |" in page
    for one in filters.FILTERS:
        assert f"| `{one.ru}` | `{one.en}` | {texts.t(f'filter_about.{one.code}', lang)} |" in page


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_the_examples_of_the_page_are_right(lang):
    page = (GUIDE / PAGES[lang]).read_text(encoding="utf-8")
    examples = [part for line in page.splitlines() for part in line.split("`")[1::2] if "{" in part]

    assert len(examples) > len(ALL)
    for example in examples:
        found = [read(example, name).mistakes for name in KINDS]
        assert () in found, example
