"""What was thought of each open lead of a person: its rank, or what spoke against it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.configuration import FieldName
from backend.core.rules.options import MovedBetweenSalons
from backend.core.salon import Phase
from backend.core.sync import booking as booking_rules
from backend.core.sync import journal, matching, sharing
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate, Place
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    DIRECTION,
    FIELD_IDS,
    NEW,
    NOW,
    SALON,
    TO_BE_MOVED,
    TVERSKAYA,
    booking,
    facts,
    lead,
    rules,
)

OURS = ((SALON, "Тверская"), (DIRECTION, "Эпиляция"))
HELD = Link("yclients:41001:660001", 20000001, direction="epilation")


def verdict(candidate, **options):
    shares = sharing.shares(booking(), CONFIGURATION)
    route = CONFIGURATION.route(TVERSKAYA, "epilation")
    place = Place(CONFIGURATION.branch(TVERSKAYA), shares.main, route, shares)
    ((_, found),) = matching.considered(booking(), place, [candidate], rules(**options), NOW)
    return found


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (Candidate(lead(TO_BE_MOVED, fields=OURS)), "1"),
        (Candidate(lead(NEW, fields=OURS)), "2"),
        (Candidate(lead(NEW)), "5"),
        (Candidate(lead(BOOKED), HELD, Phase.WAITING, NOW), "held"),
        (Candidate(lead(COMPLAINT)), "stage"),
        (Candidate(lead(tags=("не привязывать",))), "stage"),
        (Candidate(lead(fields=((DIRECTION, "Косметология"),))), "direction"),
        (Candidate(lead(fields=((SALON, "Урал"),))), "salon"),
    ],
)
def test_each_lead_has_its_rank_or_what_spoke_against_it(candidate, words):
    assert verdict(candidate) == words


def test_a_lead_too_old_to_be_continued_is_told_so():
    old = Candidate(lead(created_at=NOW - timedelta(days=31)))

    assert (verdict(old, attach_days=30), verdict(old, attach_days=0)) == ("old", "5")


def test_a_bookings_lead_that_names_somebody_else_is_told_so():
    key = (FIELD_IDS[FieldName.KEY], "yclients:41001:770009")
    other = Candidate(lead(name="Эпиляция · Светлана · 10.03", fields=(key,)))

    assert (verdict(other, match_by_name=True), verdict(other)) == ("person", "5")


def test_a_lead_that_no_booking_has_named_may_be_anybodys():
    nobodys = Candidate(lead(name="Заявка с рекламы"))

    assert verdict(nobodys, match_by_name=True) == "5"


@pytest.mark.parametrize(
    ("is_leaving", "words"),
    [
        pytest.param(True, "3", id="its booking has just left"),
        pytest.param(False, "salon", id="it has one there"),
    ],
)
def test_D3_the_lead_of_another_salon_follows_only_a_booking_that_left_it(is_leaving, words):
    there = lead(BOOKED, fields=((SALON, "Урал"), (DIRECTION, "Эпиляция")))
    held = replace(HELD, key="yclients:41002:660001")
    one = Candidate(there, held, Phase.CANCELLED, NOW, is_leaving=is_leaving)

    assert verdict(one, moved_between_salons=MovedBetweenSalons.FOLLOW) == words


def test_the_decision_keeps_what_was_thought():
    chosen, other = Candidate(lead(id=1)), Candidate(lead(COMPLAINT, id=2))
    known = facts(candidates=(chosen, other))

    decision = booking_rules.decide(known, rules())

    kept = journal.decision(decision, known)["facts"]["candidates"]
    assert [(each["id"], each["rank"]) for each in kept] == [(1, "5"), (2, "stage")]
