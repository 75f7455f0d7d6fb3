"""Lines in the panel: added, changed, tried, removed, and offered when nobody has named them."""

import pytest

from backend.core.telephony.rules import Line
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.rule_forms import LINE, RULES, base, rules, was
from tests.support import make
from tests.support.calls import LINES
from tests.support.stand import AD_FIELD, ANNA, COSMETOLOGY, OLGA, STAGES

__all__ = ["stand"]


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
