"""Rules, lines and formats in the panel: each can be set, tried without writing, and is told in words."""

from dataclasses import replace
from datetime import time

import pytest

from backend import texts
from backend.core.telephony.rules import (
    Entity,
    FieldRule,
    Line,
    LogAs,
    MissedTo,
    NumberFormat,
    Result,
    ResultRule,
    RingTo,
)
from backend.flows.rules import configuration
from backend.store import audit
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import make
from tests.support.calls import LINES
from tests.support.stand import AD_FIELD, ANNA, COSMETOLOGY, EPILATION, OLGA, STAGES

__all__ = ["stand"]

RULES, FORMATS = f"{HOME}/telephony/rules", f"{HOME}/telephony/formats"
LINE = f"{RULES}/line"
AS_THEY_ARE = {
    "is_on": "1", "card": "1", "notice": "1", "contact_in": "1", "contact_out": "1", "lead_in": "1",
    "place": f"{EPILATION}:{STAGES[EPILATION]}", "first_responsible": str(ANNA), "log": "call",
    "missed_is_on": "1", "missed_closes": "1", "missed_minutes": "15", "missed_to_1": "responsible",
    "missed_to_2": "line", "missed_to_3": "line_default", "missed_to_4": "first", "ring_1": "responsible",
    "ring_2": "last_talker", "ring_3": "line_default",
}  # fmt: skip
FORMATS_AS_THEY_ARE = {
    "dial_is_on": "1", "dial_context": "from-crm", "dial_channel": "PJSIP/{extension}",
    "dial_caller_id": '"{number}" <{extension}>', "dial_timeout": "30", "dial_per_minute": "10",
    "dial_per_hour": "60", "dial_countries": "7", "records": "1", "source": "folder",
    "record_path": "{year}/{month}/{day}/{name}", "mp3": "1", "keep_days": "1095",
}  # fmt: skip
CHECKED = (
    "is_on", "card", "notice", "contact_in", "contact_out", "lead_in", "lead_out", "incoming", "rings_busy",
)  # fmt: skip
CHECKED_OF_MISSED = ("is_on", "closes", "counts_lost", "hidden")


def rules(stand):
    return configuration.current(stand.account.id).telephony


def base(owner, path=RULES):
    return owner.get(path).text.split('name="base" value="')[1].split('"')[0]


def send(owner, *without, screen=RULES, usual=AS_THEY_ARE, **changed):
    """The form as it is drawn, with these fields changed; boxes in `without` are not ticked."""
    fields = {"base": base(owner), **{k: v for k, v in usual.items() if k not in without}, **changed}
    return owner.post(screen, **fields)


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


# Lines


def was(line):
    return {"was_trunk": line.trunk, "was_did": line.did, "was_pbx": line.pbx}


def test_a_line_is_added_changed_and_removed(stand, owner):
    number = base(owner)
    added = owner.post(
        LINE, base=number, trunk="ads", did="74950000001", title="Реклама",
        place=f"{COSMETOLOGY}:{STAGES[COSMETOLOGY]}",
        default_user=str(OLGA), missed_user=str(ANNA), incoming="yes", tags="карты, осень", context="out-ads",
        field_0=str(AD_FIELD), template_0="{линия}", channel="Local/{extension}@ads", caller_id="<{number}>",
        timeout="15", variables="ADS=1\nFROM=crm",
    )  # fmt: skip
    line = rules(stand).lines[-1]

    assert added.status_code == 303
    assert line == Line(
        "ads", "74950000001", "", "Реклама", COSMETOLOGY, STAGES[COSMETOLOGY], OLGA, ANNA, True,
        ("карты", "осень"), {AD_FIELD: "{линия}"}, "out-ads",
        "Local/{extension}@ads", "<{number}>", 15, {"ADS": "1", "FROM": "crm"},
    )  # fmt: skip
    assert "ads/74950000001: переменные crm" in text_of(owner.get(f"{HOME}/audit"))
    shown = owner.get(f"{LINE}?trunk=ads&did=74950000001").text
    assert 'value="карты, осень"' in shown
    assert 'value="{линия}"' in shown
    assert "ADS=1\nFROM=crm</textarea>" in shown

    changed = owner.post(
        LINE, base=base(owner), **was(line), trunk="ads", did="", title="Карты", incoming="no"
    )
    assert changed.status_code == 303
    assert rules(stand).lines[-1] == Line("ads", title="Карты", incoming=False)
    assert len(rules(stand).lines) == len(LINES) + 1

    owner.post(f"{LINE}/remove", base=base(owner), **was(rules(stand).lines[-1]))
    assert rules(stand).lines == LINES


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"trunk": ""}, "Заполните"),
        ({"trunk": "a b"}, "Имя транка"),
        ({"trunk": "msk"}, "уже есть"),
        ({"trunk": "x", "did": "abc"}, "Номер линии"),
        ({"trunk": "x", "field_0": str(AD_FIELD)}, "Заполните"),
        ({"trunk": "x", "template_0": "{линия}"}, "Выберите"),
        ({"trunk": "x", "field_0": str(AD_FIELD), "template_0": "{нет}"}, "поля «нет» нет"),
        ({"trunk": "x", "context": "a b"}, "Контекст"),
        ({"trunk": "x", "channel": "x"}, "Канал"),
        ({"trunk": "x", "caller_id": "a|b"}, "без запятых"),
        ({"trunk": "x", "timeout": "3"}, "от 5 до 120"),
        ({"trunk": "x", "variables": "A"}, "«A» — не ИМЯ=значение"),
        ({"trunk": "x", "variables": "A=1,B=2"}, "Имя переменной"),
    ],
)
def test_what_is_wrong_with_a_line(stand, owner, fields, sentence):
    answer = owner.post(LINE, base=base(owner), **fields)

    assert answer.status_code == 422
    assert rules(stand).lines == LINES
    assert 'aria-invalid="true"' in answer.text
    assert sentence in text_of(answer)


def test_a_line_is_tried_before_it_is_saved(stand, owner):
    stand.called("in", talks=[("101", 5, 60)])

    answer = owner.post(
        LINE, base=base(owner), look="1", **was(LINES[0]), trunk=make.TRUNK, place=f"{COSMETOLOGY}:"
    )

    assert "новый контакт и сделка · Косметология" in text_of(answer)
    assert rules(stand).lines == LINES


def test_lines_of_calls_that_nobody_has_named_are_offered(stand, owner):
    stand.called("in", talks=[("101", 5, 60)], trunk="ads")

    assert "trunk=ads" in owner.get(RULES).text
    assert 'value="ads"' in owner.get(f"{LINE}?trunk=ads").text


# Numbers and fields


def test_formats_dialling_fields_and_recordings(stand, owner):
    answer = send(
        owner, "mp3", screen=FORMATS, usual=FORMATS_AS_THEY_ARE, pattern_0="7XXXXXXXXXX", result_0="8{rest}",
        dial_pattern_1="7.", dial_result_1="9{rest}", dial_context="crm", dial_timeout="20",
        dial_variables="FROM=crm\n\nLINE = a.b", dial_countries="7, 77", dial_short_numbers="200",
        field_0=f"lead:{AD_FIELD}", template_0="{линия}", only_empty_0="1", source="sftp", keep_days="30",
    )  # fmt: skip

    found = rules(stand)
    assert answer.status_code == 303
    assert found.formats == (NumberFormat("7XXXXXXXXXX", "8{rest}"),)
    assert found.dialling.formats == (NumberFormat("7.", "9{rest}"),)
    assert (found.dialling.context, found.dialling.timeout) == ("crm", 20)
    assert found.dialling.variables == {"FROM": "crm", "LINE": "a.b"}
    assert (found.dialling.countries, found.dialling.short_numbers) == (("7", "77"), ("200",))
    assert found.fields == (FieldRule(Entity.LEAD, AD_FIELD, "{линия}", only_empty=True),)
    assert (found.recordings.source, found.recordings.mp3, found.recordings.keep_days) == ("sftp", False, 30)
    page = owner.get(FORMATS).text
    assert "FROM=crm\nLINE=a.b" in page
    assert 'name="only_empty_0" value="1" checked' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"pattern_0": "7x", "result_0": "8{rest}"}, "не подходит"),
        ({"pattern_0": "7."}, "Заполните"),
        ({"pattern_0": "7.", "result_0": "{x}"}, "Здесь цифры"),
        ({"dial_channel": "PJSIP/101;x"}, "Канал"),
        ({"dial_context": "a b"}, "Контекст"),
        ({"dial_caller_id": "a,b"}, "До 80 знаков"),
        ({"dial_timeout": "1"}, "Нужно целое число"),
        ({"dial_variables": "A"}, "не ИМЯ=значение"),
        ({"dial_variables": "A=1,B=2"}, "Имя переменной"),
        ({"dial_countries": "Россия"}, "Код страны"),
        ({"dial_short_numbers": "1234567"}, "Короткий номер"),
        ({"field_0": f"lead:{AD_FIELD}", "template_0": "{нет}"}, "поля «нет» нет"),
        ({"field_0": "lead:999", "template_0": "x"}, "999"),
        ({"template_0": "x"}, "Заполните"),
        ({"field_0": f"lead:{AD_FIELD}"}, "Заполните"),
        ({"record_path": "../{name}"}, "Путь идёт"),
        ({"keep_days": "0"}, "Нужно целое число"),
    ],
)
def test_what_is_wrong_with_formats(stand, owner, fields, sentence):
    before = rules(stand)

    answer = send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, **fields)

    assert answer.status_code == 422
    assert rules(stand) == before
    assert 'class="complaint"' in answer.text
    assert sentence in text_of(answer) or sentence == "Заполните"


def test_what_comes_of_formats_is_seen_before_they_are_saved(stand, owner):
    stand.called("in", talks=[("101", 5, 60)])
    before = rules(stand)

    answer = send(
        owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, look="1", pattern_0="7XXXXXXXXXX",
        result_0="8{rest}",
        dial_context="crm", field_0=f"lead:{AD_FIELD}", template_0="{линия}, {итог}",
    )  # fmt: skip

    page = text_of(answer)
    assert "89990001122" in page
    assert "+79990001122@crm" in page
    assert "Последний звонок: Москва, Поговорили" in page
    assert rules(stand) == before


def test_formats_are_told_in_words(stand, owner):
    send(
        owner, "records", screen=FORMATS, usual=FORMATS_AS_THEY_ARE, pattern_0="7.", result_0="8{rest}",
        source="http",
        field_0=f"lead:{AD_FIELD}", template_0="{линия}", dial_variables="A=1",
    )  # fmt: skip

    trail = text_of(owner.get(f"{HOME}/audit"))
    for words in (
        "Форматы 7. → 8{rest}", "Откуда Папка на этом сервере АТС отдаёт их по HTTP",
        "Поля Реклама: {линия}", "Собирать записи разговоров да нет", "Переменные канала 1",
    ):  # fmt: skip
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


# What a provider means


def refused_call(stand):
    stand.finish(replace(stand.call("out"), dial_status="NOANSWER", cause=21))


def test_results_are_looked_at_saved_and_told(stand, owner):
    refused_call(stand)
    row = {"result_dial_status_0": "NOANSWER", "result_cause_0": "21", "result_result_0": "call_back"}

    looked = send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, look="1", **row)
    assert "NOANSWER 21 — перезвонить позже (обычно — не дозвонились)" in text_of(looked)
    assert rules(stand).results == ()

    assert send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, **row).status_code == 303
    assert rules(stand).results == (ResultRule(Result.CALL_BACK, "NOANSWER", 21),)
    assert "NOANSWER 21: Перезвонить позже" in text_of(owner.get(f"{HOME}/audit"))

    assert send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE).status_code == 303
    assert rules(stand).results == ()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"result_result_0": "busy"}, "Назовите ответ при наборе или код завершения"),
        ({"result_cause_0": "17"}, "Заполните"),
        ({"result_cause_0": "many", "result_result_0": "busy"}, "от 0 до 127"),
        ({"result_dial_status_0": "LAZY", "result_result_0": "busy"}, "LAZY"),
    ],
)
def test_what_is_wrong_with_results(stand, owner, row, sentence):
    before = rules(stand)

    answer = send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, **row)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert rules(stand) == before
