"""Which leads the CRM is asked about for people's tasks and notes: only those that a decision hangs on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.options import AfterNoShow
from backend.core.salon import Client, Phase
from backend.core.sync import asking
from backend.core.sync.facts import Held
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    LEAD,
    LOST,
    RULES,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
    booking,
    facts,
    lead,
    line,
    link,
    rules,
)

OTHER_LEAD = 20000002
SOMEBODY = Client("yclients:41001:5009", "Светлана", "+79990000009")
CLEANED = line(503, title="Чистка лица")


def held(share, **changes):
    return Held(link(OTHER_LEAD, share=share), replace(lead(BOOKED), id=OTHER_LEAD, **changes))


def asked(about=None, known=RULES, **more):
    return asking.leads(facts(about or booking(), **{"link": link(), "lead": lead(BOOKED), **more}), known)


def test_an_ordinary_change_asks_nothing():
    assert asked() == frozenset()


def test_a_lead_whose_direction_has_left_is_asked_about():
    assert asked(booking(Phase.WAITING, CLEANED)) == {LEAD}


def test_a_lead_that_is_gone_is_not_asked_about():
    assert asked(booking(Phase.WAITING, CLEANED), lead=None) == frozenset()


def test_a_lead_of_a_booking_given_to_somebody_else_is_asked_about():
    before = link(applied={"card": "yclients:41001:5001"})

    assert asked(booking(client=SOMEBODY), link=before) == {LEAD}


@pytest.mark.parametrize(
    ("about", "found"),
    [
        pytest.param(booking(), {OTHER_LEAD}, id="its direction has left"),
        pytest.param(booking(Phase.WAITING, line(), CLEANED), set(), id="its direction is there"),
        pytest.param(booking(Phase.CANCELLED), set(), id="cancelled"),
        pytest.param(booking(lines=()), set(), id="without services"),
    ],
)
def test_a_satellite_is_asked_about_when_it_is_to_be_given_back(about, found):
    assert asked(about, satellites=(held("cosmetology"),)) == found


def test_a_satellite_that_is_gone_is_not_asked_about():
    assert asked(satellites=(Held(link(OTHER_LEAD, share="cosmetology"), None),)) == frozenset()


@pytest.mark.parametrize(
    ("phase", "stage", "found"),
    [
        (Phase.NO_SHOW, BOOKED, {OTHER_LEAD}),
        (Phase.NO_SHOW, LOST, set()),
        (Phase.ARRIVED, BOOKED, set()),
    ],
)
def test_the_next_lead_is_asked_about_when_the_success_is_taken_back(phase, stage, found):
    before = link(applied={"phase": "arrived"})
    after = held(">epilation", stage_id=stage)

    assert asked(booking(phase), link=before, lead=lead(WON), nexts=(after,)) == found


def missed(phase):
    driving = link(key=f"yclients:{TVERSKAYA}:770002")
    return Candidate(lead(TO_BE_MOVED), holder=driving, holder_phase=phase)


@pytest.mark.parametrize(
    ("how", "phase", "found"),
    [
        (AfterNoShow.STRICT, Phase.NO_SHOW, {LEAD}),
        (AfterNoShow.STRICT, Phase.CANCELLED, {LEAD}),
        (AfterNoShow.STRICT, Phase.WAITING, set()),
        (AfterNoShow.CONTINUE, Phase.NO_SHOW, set()),
    ],
)
def test_a_missed_visits_lead_is_asked_about_where_it_would_be_ended(how, phase, found):
    options = rules(after_no_show=how)

    assert asked(known=options, link=None, lead=None, candidates=(missed(phase),)) == found


@pytest.mark.parametrize(("days", "found"), [(59, set()), (61, {LEAD})])
def test_a_lead_missed_too_long_ago_is_asked_about_too(days, found):
    """It is ended then, not continued: a person may be at work on it all the same."""
    one = replace(missed(Phase.NO_SHOW), holder_starts_at=facts(booking()).now - timedelta(days=days))

    assert asked(link=None, lead=None, candidates=(one,)) == found
