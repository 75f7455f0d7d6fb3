"""Numbers, dialling, fields, recordings and results in the panel: set, seen beforehand, told in words."""

from dataclasses import replace

import pytest

from backend.core.telephony.rules import Entity, FieldRule, NumberFormat, Result, ResultRule
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.rule_forms import FORMATS, FORMATS_AS_THEY_ARE, rules, send
from tests.support.stand import AD_FIELD

__all__ = ["stand"]

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
