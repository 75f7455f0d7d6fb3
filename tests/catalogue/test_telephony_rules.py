"""Rules of calls, each off and on in amoCRM: «Неразобранное», contacts, pipelines, lines, listed numbers."""

from dataclasses import replace

import pytest

from backend.core.telephony.rules import Line
from backend.flows.telephony.after import trying
from backend.flows.watch import watchers
from backend.store import alarms
from tests.support import make
from tests.support.called import FIRST, NUMBER, SPB, TALK, line
from tests.support.stand import ANNA, COSMETOLOGY, DOMAIN, EPILATION, OLGA, OTHER, PETR, STAGES

# 2a: «Неразобранное»


@pytest.mark.parametrize("talks", [TALK, []], ids=["answered", "missed"])
def test_2a_off_a_stranger_is_a_contact_at_once(calls, talks):
    calls.called("in", talks=talks)

    assert (len(calls.incoming()), len(calls.contacts()), len(calls.logged())) == (0, 1, 1)


def test_2a_on_a_stranger_waits_in_incoming_leads_until_somebody_accepts(calls):
    calls.rules(incoming=True)

    row = calls.called("in", talks=TALK)

    (waiting,) = calls.incoming()
    assert (waiting["category"], waiting["pipeline_id"]) == ("sip", EPILATION)
    assert waiting["metadata"]["phone"] == NUMBER
    assert waiting["metadata"]["duration"] == 55
    calls.world.amocrm.ui_accept(DOMAIN, user_id=OLGA, uid=waiting["uid"], stage_id=FIRST)
    calls.settle()
    assert (len(calls.contacts()), len(calls.leads()), row.state) == (1, 1, "handled")


def test_2a_a_known_client_and_an_outbound_call_go_past_it(calls):
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.rules(incoming=True)

    calls.called("in", talks=TALK)
    calls.called("out", talks=TALK, client="79995550011")

    assert calls.incoming() == []
    assert len(calls.logged()) == 2


@pytest.mark.parametrize(("account", "of_line", "waiting"), [(False, True, 1), (True, False, 0)])
def test_2a_a_line_has_its_own_word(calls, account, of_line, waiting):
    calls.rules(incoming=account, lines=line(incoming=of_line))

    calls.called("in", talks=TALK)
    calls.called("in", talks=TALK, trunk=SPB, client="79995550011")

    by_number = [one["metadata"]["phone"] for one in calls.incoming()]
    assert (NUMBER in by_number) is bool(waiting)
    assert ("+79995550011" in by_number) is account


def test_2a_a_second_call_of_one_who_waits_is_no_second_request(calls):
    calls.rules(incoming=True)

    calls.called("in", talks=[])
    calls.called("in", talks=TALK)

    (waiting,) = calls.incoming()
    (lead,) = waiting["_embedded"]["leads"]
    assert [(note["entity_id"], note["params"]["duration"]) for note in calls.logged()] == [
        (lead["id"], 0), (lead["id"], 55),
    ]  # fmt: skip


# 2b: contact creation


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize("is_on", [True, False])
def test_2b_contacts_of_a_direction(calls, way, is_on):
    calls.rules(**{f"contact_{way}": is_on})

    row = calls.called(way, talks=TALK)

    assert len(calls.contacts()) == int(is_on)
    assert row.state == ("handled" if is_on else "refused")


@pytest.mark.parametrize(("off", "other"), [("contact_in", "out"), ("contact_out", "in")])
def test_2b_the_other_direction_goes_on(calls, off, other):
    calls.rules(**{off: False})

    calls.called(other, talks=TALK)

    assert len(calls.contacts()) == 1


def test_2b_off_a_known_client_gets_the_call_all_the_same(calls):
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.rules(contact_in=False, contact_out=False)

    calls.called("in", talks=TALK)
    calls.called("out", talks=TALK)

    assert len(calls.logged()) == 2


# 2c: default pipeline and stage


def test_2c_leads_open_where_the_rules_say(calls):
    calls.rules(pipeline_id=COSMETOLOGY, stage_id=STAGES[COSMETOLOGY] + 1)

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, STAGES[COSMETOLOGY] + 1)


def test_2c_without_a_word_it_is_the_main_pipelines_first_stage(calls):
    calls.rules(pipeline_id=None, stage_id=None)

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    main = next(p for p in calls.world.amocrm.find(DOMAIN).pipelines.values() if p.is_main)
    assert lead["pipeline_id"] == main.id


def test_2c_a_place_that_is_gone_is_told_and_leads_go_on_elsewhere(calls):
    calls.rules(pipeline_id=OTHER, stage_id=STAGES[OTHER])
    calls.world.amocrm.ui_delete_pipeline(DOMAIN, user_id=ANNA, pipeline_id=OTHER)

    watchers.look(calls.ctx, calls.account.id)
    calls.called("in", talks=TALK)

    assert "telephony.place_gone" in {alarm.code for alarm in calls.open_alarms()}
    (lead,) = calls.leads()
    assert lead["pipeline_id"] != OTHER
    calls.rules(pipeline_id=EPILATION, stage_id=FIRST)
    watchers.look(calls.ctx, calls.account.id)
    assert "telephony.place_gone" not in {alarm.code for alarm in calls.open_alarms()}


def test_2c_a_user_who_left_is_told(calls):
    calls.rules(first_responsible_id=PETR)
    calls.world.amocrm.ui_dismiss(DOMAIN, user_id=PETR, heir_id=ANNA)

    watchers.look(calls.ctx, calls.account.id)

    assert "telephony.user_gone" in {alarm.code for alarm in alarms.open_alarms(calls.account.id)}


# 2d: line and pipeline


def test_2d_off_all_lines_lead_to_one_place(calls):
    calls.called("in", talks=TALK)
    calls.called("in", talks=TALK, trunk=SPB, client="79995550011")

    assert {lead["pipeline_id"] for lead in calls.leads()} == {EPILATION}


def test_2d_on_a_line_and_a_number_of_it_have_their_own(calls):
    number = Line(make.TRUNK, did="74950000001", pipeline_id=OTHER, stage_id=STAGES[OTHER])
    calls.rules(lines=(*line(pipeline_id=COSMETOLOGY), number))

    calls.called("in", talks=TALK)
    calls.called("in", talks=TALK, did="74950000001", client="79995550011")
    calls.called("in", talks=TALK, trunk=SPB, client="79995550022")

    assert [lead["pipeline_id"] for lead in calls.leads()] == [COSMETOLOGY, OTHER, EPILATION]
    assert calls.leads()[0]["status_id"] == STAGES[COSMETOLOGY]


# 2h: white and black lists


@pytest.mark.parametrize(
    ("lists", "written"),
    [
        ({}, 3),
        ({"black": ("102",)}, 2),
        ({"black": ("102-103",)}, 1),
        ({"black": ("10X",)}, 0),
        ({"white": ("101",)}, 1),
        ({"white": ("100-102",)}, 2),
        ({"white": ("10X",), "black": ("103",)}, 2),
    ],
)
def test_2h_calls_of_listed_numbers_are_left_out(calls, lists, written):
    calls.rules(**lists)

    for phone in ("101", "102", "103"):
        calls.called("in", talks=[(phone, 5, 60)])

    assert len(calls.logged()) == written


def test_2h_a_call_with_one_person_who_counts_is_written(calls):
    calls.rules(black=("102",))

    row = calls.called("in", talks=[("102", 5, 20), ("101", 22, 60)])

    assert len(calls.logged()) == 1
    assert row.state == "handled"


def test_2h_past_calls_show_what_a_list_would_do_and_nothing_is_written(calls):
    wanted = replace(calls.rules(), black=("102",))
    calls.called("in", talks=[("101", 5, 60)])
    calls.called("in", talks=[("102", 5, 60)], client="79995550011")
    before = calls.counts()

    tried = trying.try_on(calls.ctx, calls.account.id, wanted, trying.newest(calls.account.id))

    assert [one.is_changed for one in tried] == [True, False]
    assert [effect.code for effect in tried[0].after] == ["none.excluded"]
    assert [effect.code for effect in tried[1].before] == ["contact_and_lead", "log"]
    assert calls.counts() == before
