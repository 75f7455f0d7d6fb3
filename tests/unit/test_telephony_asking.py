"""What a PBX is asked before anybody clicks: every context and phone of those who may, once."""

from backend.core.telephony.after.asking import questions
from backend.core.telephony.rules import Dialling, Line, Person, TelephonyRules

NUMBER = "79990001122"


def asked(*people, lines=(), **dialling):
    rules = TelephonyRules(people=people, lines=lines, dialling=Dialling(**dialling))
    found = questions(NUMBER, rules, "office")
    return [context for context, _ in found.places], list(found.channels)


def test_own_contexts_and_channels_are_asked_as_well_and_each_once():
    people = (
        Person(1, "101"),
        Person(2, "102", context="from-boss", channel="SIP/{extension}"),
        Person(3, "103"),
    )

    assert asked(*people) == (["from-crm", "from-boss"], ["PJSIP/101", "SIP/102", "PJSIP/103"])


def test_a_line_with_a_context_of_its_own():
    lines = Line("msk", context="from-msk"), Line("far", pbx="other", context="from-far"), Line("spb")

    assert asked(Person(1, "101"), lines=lines)[0] == ["from-crm", "from-msk"]


def test_people_of_another_pbx_and_nobody():
    assert asked(Person(1, "101", pbx="other")) == ([], [])
    assert asked() == ([], [])


def test_what_is_no_single_phone_has_no_state_to_ask_for():
    people = (
        Person(1, "101", channel="Local/{extension}@phones"),
        Person(2, "102", channel="PJSIP/{extension}@trunk"),
    )

    assert asked(*people)[1] == ["Local/101@phones"]


def test_the_number_is_as_the_pbx_dials_it():
    rules = TelephonyRules(people=(Person(1, "101"),))

    assert questions("89990001122", rules, "").places == (("from-crm", "89990001122"),)
