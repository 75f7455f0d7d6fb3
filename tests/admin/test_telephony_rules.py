"""Rules of calls in the panel: each can be set, tried without writing, and is told in words."""

from dataclasses import replace
from datetime import time

import pytest

from backend import texts
from backend.core.telephony.rules import LogAs, MissedTo, RingTo
from backend.store import audit
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.rule_forms import (
    AS_THEY_ARE,
    FORMATS,
    FORMATS_AS_THEY_ARE,
    LINE,
    RULES,
    base,
    rules,
    send,
    was,
)
from tests.support.calls import LINES
from tests.support.stand import COSMETOLOGY, OLGA

__all__ = ["stand"]

CHECKED = (
    "is_on", "card", "notice", "contact_in", "contact_out", "lead_in", "lead_out", "incoming", "rings_busy",
)  # fmt: skip
CHECKED_OF_MISSED = ("is_on", "closes", "counts_lost", "hidden")


def test_the_form_as_it_is_drawn_changes_nothing(stand, owner):
    before = rules(stand)

    assert send(owner).status_code == 303
    assert send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE).status_code == 303

    assert rules(stand) == before


@pytest.mark.parametrize("name", CHECKED)
def test_every_rule_is_switched_by_itself(stand, owner, name):
    before = rules(stand)
    was = getattr(before, name)

    answer = send(owner, name) if was else send(owner, **{name: "1"})

    assert answer.status_code == 303
    assert rules(stand) == replace(before, **{name: not was})


@pytest.mark.parametrize("name", CHECKED_OF_MISSED)
def test_every_rule_of_missed_calls_is_switched_by_itself(stand, owner, name):
    before = rules(stand)
    was, field = getattr(before.missed, name), f"missed_{name}"

    assert (send(owner, field) if was else send(owner, **{field: "1"})).status_code == 303

    assert rules(stand) == replace(before, missed=replace(before.missed, **{name: not was}))


def test_choices_lists_chains_and_hours(stand, owner):
    answer = send(
        owner, "first_responsible", log="notes", place=f"{COSMETOLOGY}:", white="101, 102\n10X",
        black="200-299",
        own_numbers="8 495 100-00-05".replace(" ", ""), ring_1="first", ring_2="first", ring_3="",
        missed_to_1="", missed_to_2="last_rung", missed_to_3="", missed_to_4="", missed_minutes="45",
        missed_text="Наберите {клиент}", mon_from="10:00", mon_to="21:00", sat_from="11:30", sat_to="19:00",
    )  # fmt: skip

    found = rules(stand)
    assert answer.status_code == 303
    assert (found.log, found.pipeline_id, found.stage_id) == (LogAs.NOTES, COSMETOLOGY, None)
    assert (found.white, found.black) == (("101", "102", "10X"), ("200-299",))
    assert found.own_numbers == ("+74951000005",)
    assert found.ring == (RingTo.FIRST,)
    assert (found.missed.to, found.missed.minutes) == ((MissedTo.LAST_RUNG,), 45)
    assert found.missed.text == "Наберите {клиент}"
    assert found.hours.days == {0: (time(10), time(21)), 5: (time(11, 30), time(19))}
    assert found.first_responsible_id is None
    page = owner.get(RULES).text
    assert 'value="21:00"' in page
    assert "Наберите {клиент}" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"missed_minutes": "0"}, "Нужно целое число"),
        ({"missed_text": "{нет такого}"}, "поля «нет такого» нет"),
        ({"white": "1 1-0"}, "не похоже на внутренний номер"),
        ({"own_numbers": "101"}, "не полный номер"),
        ({"mon_from": "21:00", "mon_to": "10:00"}, "начало раньше конца"),
        ({"mon_from": "9 утра", "mon_to": "10:00"}, "Часы пишут так"),
        ({"mon_from": "09:00"}, "Часы пишут так"),
        ({"place": "999:1"}, "999"),
        ({"first_responsible": "999"}, "999"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_saved(stand, owner, fields, sentence):
    before = rules(stand)

    answer = send(owner, **fields)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert rules(stand) == before
    for name, value in fields.items():
        assert value in answer.text, name


def test_a_look_shows_past_calls_and_saves_nothing(stand, owner):
    stand.called("in", talks=[("101", 5, 60)])
    stand.called("in", talks=[("102", 5, 60)], client="79995550011")
    before, counts = rules(stand), stand.counts()

    answer = send(owner, look="1", black="102", incoming="1")

    page = text_of(answer)
    assert answer.status_code == 200
    assert "Изменились бы 2 звонка." in page
    assert "ничего: белый и чёрный списки" in page
    assert "в «Неразобранное» · Эпиляция · Анна" in page
    assert 'value="102"' in answer.text or ">102</textarea>" in answer.text
    assert stand.counts() == counts
    assert rules(stand) == before


def test_a_look_at_what_cannot_be_saved_says_why(stand, owner):
    answer = send(owner, look="1", black="1-0")

    assert "не похоже на внутренний номер" in text_of(answer)
    assert "Что было бы с прошлыми звонками" not in text_of(answer)


def test_without_calls_a_look_says_so(owner):
    assert "Звонков ещё не было" in text_of(send(owner, look="1"))


def test_two_people_at_different_parts_do_not_disturb_each_other(stand, owner):
    drawn = base(owner)
    owner.post(LINE, base=drawn, trunk="ads", title="Реклама")

    assert owner.post(RULES, base=drawn, **{**AS_THEY_ARE, "incoming": "1"}).status_code == 303

    assert rules(stand).incoming
    assert [line.trunk for line in rules(stand).lines][-1] == "ads"
    assert owner.post(RULES, base=drawn, **AS_THEY_ARE).status_code == 422


def test_changes_are_told_in_words(stand, owner):
    send(owner, incoming="1", log="notes", place=f"{COSMETOLOGY}:", mon_from="10:00", mon_to="21:00")
    owner.post(
        LINE,
        base=base(owner),
        **{**was(LINES[0]), "trunk": "msk", "title": "Центр", "default_user": str(OLGA)},
    )

    assert audit.page(stand.account.id)[0].after["telephony.lines[msk].title"] == "Центр"
    trail = text_of(owner.get(f"{HOME}/audit"))
    for words in (
        "Незнакомые — в «Неразобранное» нет да",
        "Где записан звонок Место выбирает amoCRM В контакте и во всех его открытых сделках",
        "Воронка и этап Эпиляция Косметология",
        "Рабочее время: Понедельник 10:00-21:00",
        "Линия msk: Название Москва Центр",
        "Линия msk: Ответственный по умолчанию Ольга",
    ):
        assert words in trail, words


# Who may


@pytest.mark.parametrize("path", [RULES, LINE, FORMATS])
def test_a_viewer_looks_and_changes_nothing(stand, viewer, path):
    before = rules(stand)

    assert viewer.get(path).status_code == 200
    assert 'id="save"' not in viewer.get(path).text
    assert viewer.post(path, base="1", **AS_THEY_ARE, **FORMATS_AS_THEY_ARE, trunk="x").status_code == 403
    assert rules(stand) == before


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_rule_has_a_name_and_one_sentence(lang):
    known = texts.catalogue(lang)
    areas = ("telephony_rules.rule.", "telephony_formats.rule.")
    names = {key.rpartition(".")[0] for key in known if key.startswith(areas)}

    assert len(names) > 50
    assert all(known[f"{name}.label"] and known[f"{name}.hint"] for name in names)
