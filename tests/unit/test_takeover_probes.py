"""Probes: the words of each, and what their answers would change."""

from dataclasses import replace

import pytest

from backend import texts
from backend.core.errors import InvalidInput
from backend.core.rules import configuration_changes, configuration_document
from backend.core.rules.options import Abonement, Money, MultiCategory, Success
from backend.core.takeover import probes
from backend.core.takeover.probes import PROBES, Proposed
from tests.support.facts import CONFIGURATION, rules


def configured(**options):
    return rules(**options).configuration


def test_there_are_twenty_five_and_each_has_its_words():
    assert [one.code for one in PROBES] == [f"P{number}" for number in range(1, 26)]
    for one in PROBES:
        codes = [f"{one.code}.{part}" for part in ("title", "do", "look")]
        for question in one.questions:
            codes += [
                f"{one.code}.{question.name}.{part}" for part in ("label", *map(_name, question.choices))
            ]
        assert [code for code in codes if not texts.has(f"takeover_probes.{code}")] == []


def _name(choice):
    return choice.name


def test_every_option_that_an_answer_sets_has_a_name():
    for path in probes.paths():
        name = f"options.{path.replace('.', '_')}.label"
        assert texts.has(name) or texts.has(f"takeover_probes.option.{path}")


def test_the_way_back_needs_one_probe():
    assert [one.code for one in PROBES if one.is_needed] == ["P7"]


def test_an_unknown_probe_is_refused():
    with pytest.raises(InvalidInput, match=r"takeover_probes\.unknown"):
        probes.probe("P26")


def test_only_answers_of_the_probe_are_kept():
    sent = {"categories": "each", "other": "each", "restored": "same"}

    assert probes.known(probes.probe("P4"), sent) == {"categories": "each"}
    assert probes.known(probes.probe("P4"), {"categories": "sometimes"}) == {}


def test_an_answer_proposes_what_is_not_so_yet():
    asked, answers = probes.probe("P4"), {"categories": "each"}

    assert probes.proposed(asked, answers, configured()) == (Proposed("multi_category", "single", "split"),)
    assert probes.proposed(asked, answers, configured(multi_category=MultiCategory.SPLIT)) == ()
    assert probes.proposed(asked, {}, configured()) == ()


def test_an_answer_about_people_proposes_nothing():
    assert probes.proposed(probes.probe("P10"), {"moved": "moves"}, configured()) == ()


@pytest.mark.parametrize(
    ("days", "answer", "count"), [(7, "follows", 0), (30, "follows", 0), (0, "follows", 1), (7, "keeps", 1)]
)
def test_how_many_days_a_price_is_followed_is_for_people_to_say(days, answer, count):
    rules_ = configured(money=Money(price_days=days))

    assert len(probes.proposed(probes.probe("P8"), {"late_price": answer}, rules_)) == count


def test_a_change_reaches_parts_of_parts_and_keeps_its_type():
    changes = {"money.abonement": "zero", "success.needs_payment": True, "attendance_from_stage": True}

    after = probes.changed(CONFIGURATION, changes).options

    assert after.money.abonement is Abonement.ZERO
    assert after.success == Success(needs_payment=True)
    assert (
        replace(after, money=Money(), success=Success(), attendance_from_stage=False) == CONFIGURATION.options
    )


def test_every_answer_makes_a_valid_document():
    for one in PROBES:
        for question in one.questions:
            for choice in question.choices:
                wanted = probes.wanted(one, {question.name: choice.name})
                after = probes.changed(CONFIGURATION, wanted)
                read = configuration_document.parse(configuration_changes.render(after)).configuration
                assert read.options == after.options
                assert probes.proposed(one, {question.name: choice.name}, after) == ()
