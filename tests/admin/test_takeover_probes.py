"""The probes in the panel: what was seen, its evidence, and settings that follow from it."""

import re

import pytest

from backend.core.rules.options import MultiCategory
from backend.flows.rules import configuration
from backend.store import takeover_probes
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import CONFIGURATION

PROBES = f"{HOME}/takeover/probes"
P4 = f"{PROBES}/P4"


def multi(stand):
    return configuration.current(stand.account.id).options.multi_category


def base_of(page):
    return re.search(r'name="base" value="(\d+)"', page)[1]


def test_all_of_them_stand_there_unanswered(owner):
    page = owner.get(PROBES)

    assert page.text.count("<details id=") == 25
    assert "Отвечено 0 из 25" in page.text
    assert "нужна для возврата" in page.text


def test_an_answer_is_kept_with_its_evidence(stand, owner, booked):
    lead = stand.lead_of(booked)["id"]

    answer = owner.post(
        P4, categories="one", lead=f"https://lotos.amocrm.ru/leads/detail/{lead}", note="Бюджет общий"
    )

    assert answer.status_code == 303
    assert answer.location.endswith("#P4")
    kept = takeover_probes.answers(stand.account.id)["P4"]
    assert (dict(kept.answers), kept.lead_id, kept.note, kept.author) == (
        {"categories": "one"}, lead, "Бюджет общий", "irina",
    )  # fmt: skip
    page = owner.get(PROBES)
    assert "Отвечено 1 из 25" in page.text
    assert "Бюджет общий" in page.text


def test_an_answer_that_is_a_setting_becomes_one(stand, owner):
    owner.post(P4, categories="each")
    page = owner.get(PROBES)
    assert "По сделке на каждое направление" in text_of(page)

    answer = owner.post(f"{P4}/setting", base=base_of(page.text))

    assert answer.status_code == 303
    assert multi(stand) is MultiCategory.SPLIT
    assert "Сделать так и у нас" not in owner.get(PROBES).text
    assert configuration.newest_version(stand.account.id).note == "P4"


def test_an_answer_that_is_so_already_proposes_nothing(owner):
    owner.post(P4, categories="one")

    assert "Сделать так и у нас" not in owner.get(PROBES).text


def test_somebody_changed_the_settings_meanwhile(stand, owner):
    owner.post(P4, categories="each")
    base = base_of(owner.get(PROBES).text)
    stand.configure(
        CONFIGURATION.read_text(encoding="utf-8").replace("multi_category: single", "multi_category: hybrid")
    )

    answer = owner.post(f"{P4}/setting", base=base)

    assert answer.status_code == 422
    assert multi(stand) is MultiCategory.HYBRID


def test_an_empty_form_takes_the_answer_back(stand, owner):
    owner.post(P4, categories="one")

    assert owner.post(P4).status_code == 303
    assert takeover_probes.answers(stand.account.id) == {}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"note": "видели что-то"}, "Выберите хотя бы один ответ"),
        ({"categories": "one", "lead": "999"}, "не видим"),
        ({"categories": "one", "lead": "сделка"}, "не видим"),
        ({"categories": "sometimes", "note": "x"}, "Выберите хотя бы один ответ"),
        ({"categories": "one", "note": "о" * 501}, "complaint"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field(stand, owner, sent, words):
    answer = owner.post(P4, **sent)

    assert answer.status_code == 422
    assert words in answer.text
    assert takeover_probes.answers(stand.account.id) == {}


def test_a_setting_without_an_answer(owner):
    answer = owner.post(f"{P4}/setting", base="1")

    assert answer.status_code == 422
    assert "Сначала ответьте" in answer.text


def test_an_unknown_probe(owner):
    assert owner.post(f"{PROBES}/P99", categories="one").status_code == 400


def test_a_viewer_reads_only(owner, viewer):
    owner.post(P4, categories="each")

    page = viewer.get(PROBES).text

    assert "Сохранить ответ" not in page
    assert "Сделать так и у нас" not in page
