"""What counts as drift, and who puts it right."""

from dataclasses import replace

import pytest

from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.salon import Phase
from backend.core.sync.commands import AddNote, CreateLead, Decision, UpdateLead
from backend.core.sync.links import Role
from backend.core.watch import drift
from backend.core.watch.drift import Drift, Kind, Outcome
from tests.support import facts as known

KEY = known.KEY
CREATE = CreateLead(KEY, "epilation", "Мария", 1, 2, 3, Kopecks(0), 4)


@pytest.mark.parametrize(
    ("commands", "kind", "lead"),
    [
        ((CREATE,), Kind.NO_LEAD, None),
        ((UpdateLead(KEY, 5, stage_id=8102),), Kind.STAGE, 5),
        ((UpdateLead(KEY, 5, name="Мария"),), Kind.CONTENT, 5),
        ((AddNote(KEY, 5, "раз"), UpdateLead(KEY, 5, price=Kopecks(1))), Kind.CONTENT, 5),
    ],
)
def test_commands_about_what_did_not_change_are_drift(commands, kind, lead):
    assert drift.of_decision(Decision(KEY, Reason.UPDATED, commands)) == Drift(KEY, kind, lead)


@pytest.mark.parametrize("commands", [(), (AddNote(KEY, 5, "раз"),)])
def test_silence_and_a_note_alone_are_none(commands):
    assert drift.of_decision(Decision(KEY, Reason.UP_TO_DATE, commands)) is None


def facts(price=250_000, written="250000", **more):
    link = known.link(applied={} if written is None else {"price": written})
    given = {"link": link, "lead": known.lead(price=Kopecks(price)), **more}
    return known.facts(known.booking(given.pop("phase", Phase.WAITING)), **given)


def test_sum_that_a_person_typed_is_theirs_to_look_at():
    found = drift.of_budget(facts(900_000))

    assert (found.kind, found.outcome, found.lead_id) == (Kind.BUDGET, Outcome.PERSON, known.LEAD)
    assert dict(found.details) == {"lead_price": 900_000, "booking_price": 250_000}


@pytest.mark.parametrize(
    "same",
    [
        facts(),
        facts(250_099),
        facts(900_000, written=None),
        facts(900_000, written="None"),
        facts(900_000, phase=Phase.CANCELLED),
        facts(900_000, lead=None),
        facts(900_000, link=None),
        facts(900_000, lead=replace(known.lead(price=Kopecks(1)), is_deleted=True)),
        facts(900_000, link=replace(known.link(applied={"price": "250000"}), role=Role.HISTORY)),
    ],
)
def test_sums_that_agree_or_cannot_be_compared_are_no_drift(same):
    assert drift.of_budget(same) is None


def test_only_two_kinds_wait_for_a_person():
    waiting = {kind for kind in Kind if Drift(KEY, kind).outcome is Outcome.PERSON}

    assert waiting == {Kind.VANISHED, Kind.BUDGET}
