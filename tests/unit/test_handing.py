"""A booking given to another client: what becomes of the leads beside its main one."""

from dataclasses import replace

import pytest

from backend.core.crm import Contact
from backend.core.rules.options import MultiCategory
from backend.core.salon import Client, Phase
from backend.core.sync import handing, satellites, sharing
from backend.core.sync.commands import AddNote
from backend.core.sync.facts import Held
from tests.support.facts import BOOKED, COSMETOLOGY, booking, facts, lead, line, link, rules

SATELLITE = 20000002
COSM_NEW, COSM_BOOKED = 8200, 8201
SVETLANA = Client("yclients:41001:5009", "Светлана", "+79990000009")
BEFORE = {"before_stage": str(COSM_NEW), "before_pipeline": str(COSMETOLOGY), "before_price": "70000"}


def given_away(**more):
    """The booking is Svetlana's; its leads are still Maria's."""
    about = booking(Phase.WAITING, line(), line(503, 4000, 90021, "Чистка лица"), client=SVETLANA)
    main = link(applied={"card": "yclients:41001:5001"})
    beside = Held(
        link(SATELLITE, share="cosmetology", stage_id=COSM_BOOKED, opened_by_us=False, applied=BEFORE),
        replace(lead(COSM_BOOKED, COSMETOLOGY), id=SATELLITE),
    )
    whose = Contact(40000009, "Светлана", ("+79990000009",))
    state = {"link": main, "lead": lead(BOOKED), "satellites": (beside,), "contact": whose, **more}
    return facts(about, **state)


def left_behind(state):
    known = rules(multi_category=MultiCategory.HYBRID)
    shares = sharing.shares(state.booking, known.configuration, fixed="epilation")
    return satellites.plan(state, state.lead.id, "epilation", shares, known).commands


def test_a_lead_that_the_former_client_had_goes_back_to_where_it_was():
    note, back = left_behind(given_away())

    assert (isinstance(note, AddNote), back.stage_id, back.releases) == (True, COSM_NEW, True)


def test_a_lead_that_people_work_with_only_stops_following():
    note, freed = left_behind(given_away(worked_on=frozenset({SATELLITE})))

    assert (isinstance(note, AddNote), freed.stage_id, freed.releases) == (True, None, True)


@pytest.mark.parametrize("gone", [{"link": None}, {"lead": None}])
def test_without_a_main_lead_there_is_nothing_for_people_to_decide(gone):
    assert not handing.is_for_people(given_away(**gone))


def test_nobody_has_touched_a_lead_that_is_not_there():
    assert not Held(link(), None).is_touched(frozenset({link().lead_id}))
