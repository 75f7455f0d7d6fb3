"""A booking whose lead exists: when it gets another one, what waits, and what stays as it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.core.rules.options import Money, MultiCategory, RestoredLate, Success
from backend.core.salon import Phase
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, CreateLead, FieldValue, UpdateLead
from backend.core.sync.facts import Held
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COSMETOLOGY,
    FIELD_IDS,
    KEY,
    LOST,
    NOW,
    RULES,
    TO_BE_MOVED,
    WON,
    booking,
    known,
    lead,
    line,
    link,
    rules,
)

PAST = NOW - timedelta(hours=3)
OURS, SATELLITE = 99000001, 20000005  # the lead that was made for the booking, and one beside it
KEYLESS = (FieldValue(FIELD_IDS[FieldName.KEY], None),)
NEXT_KEY = "yclients:41001:770002"


def held(state, before, stage, closed=None, **changes):
    """The lead where we have put it, `closed` ago if that is an end, in answer to an attendance."""
    at = NOW - closed if closed else NOW
    ours = replace(
        state.link, stage_id=stage, stage_at=at, applied={**state.link.applied, "phase": before, **changes}
    )
    return replace(state, link=ours, lead=replace(state.lead, stage_id=stage))


# --- deleted, and there again ---


def restored(days=3, **more):
    return held(known(booking(**more)), Phase.CANCELLED, LOST, timedelta(days=days))


def test_D6_a_booking_restored_late_gets_a_new_lead_that_names_the_old_one():
    decision = decide(restored(), RULES)

    given_up, create, note = decision.commands
    assert decision.reason is Reason.CREATED
    assert given_up == UpdateLead(KEY, OURS, fields=KEYLESS)
    assert (type(create), create.stage_id) == (CreateLead, BOOKED)
    assert note.text.startswith(f"Запись восстановлена; прежняя сделка — № {OURS}.\nНовая запись: ")


@pytest.mark.parametrize(
    ("state", "how"),
    [
        pytest.param(restored(), rules(restored_late=RestoredLate.REOPEN), id="the account wants that"),
        pytest.param(restored(1), RULES, id="D5 within a day"),
    ],
)
def test_D6_the_old_lead_opens_again(state, how):
    decision = decide(state, how)

    update, *others = decision.commands
    assert (decision.reason, update.lead_id, update.stage_id) == (Reason.REOPENED, OURS, BOOKED)
    assert not [one for one in others if isinstance(one, CreateLead)]


def test_D6_a_lead_that_people_closed_again_is_theirs():
    state = restored()
    people = replace(state, link=replace(state.link, stage_id=BOOKED))

    assert decide(people, RULES).reason is Reason.LEAD_CLOSED


def test_D6_nothing_is_given_up_when_the_booking_gets_no_lead():
    decision = decide(restored(client=None), RULES)

    assert (decision.reason, decision.commands) == (Reason.NO_CLIENT, ())


@pytest.mark.parametrize(
    ("stage", "released", "made"),
    [
        pytest.param(LOST, [SATELLITE], ["", "cosmetology"], id="closed with it: another one is made"),
        pytest.param(8201, [], [""], id="still open: it goes along"),
    ],
)
def test_D6_a_satellite_closed_with_the_old_lead_is_given_up_too(stage, released, made):
    both = (line(), line(503, 4000, 90021, "Чистка лица"))
    beside = Held(
        link(SATELLITE, share="cosmetology", direction="cosmetology", stage_id=stage, stage_at=NOW),
        lead(stage, COSMETOLOGY, id=SATELLITE),
    )
    state = replace(restored(), booking=booking(Phase.WAITING, *both), satellites=(beside,))

    maria = Contact(40000001, "Мария", ("+79990000001",))
    commands = decide(replace(state, contact=maria), rules(multi_category=MultiCategory.SPLIT)).commands

    assert [one.lead_id for one in commands if isinstance(one, UpdateLead) and one.releases] == released
    assert [one.share for one in commands if isinstance(one, CreateLead)] == made


# --- not counted yet ---


@pytest.mark.parametrize(
    ("success", "changes", "reason"),
    [
        pytest.param(Success(after_start=True), {}, Reason.WAITS_FOR_START, id="C11 its time has not come"),
        pytest.param(
            Success(needs_payment=True), {"starts_at": PAST}, Reason.WAITS_FOR_PAYMENT, id="C13 not paid"
        ),
    ],
)
def test_a_visit_that_is_no_success_yet_leaves_its_lead_and_is_not_remembered(success, changes, reason):
    decision = decide(known(booking(Phase.ARRIVED, **changes)), rules(success=success))

    moved = [one for one in decision.commands if isinstance(one, UpdateLead) and one.stage_id]
    assert (decision.reason, moved, dict(decision.remembers).get("phase")) == (reason, [], None)


@pytest.mark.parametrize(
    ("success", "changes"),
    [
        pytest.param(Success(after_start=True), {"starts_at": PAST}, id="C11 it has begun"),
        pytest.param(Success(needs_payment=True), {"starts_at": PAST, "is_paid": True}, id="C13 paid"),
    ],
)
def test_a_visit_that_is_a_success_wins_its_lead(success, changes):
    update, *_ = decide(known(booking(Phase.ARRIVED, **changes)), rules(success=success)).commands

    assert (update.stage_id, dict(update.remembers)["phase"]) == (WON, "arrived")


def test_a_success_that_was_counted_before_waits_for_nothing():
    won = held(known(booking(Phase.ARRIVED, starts_at=PAST)), Phase.ARRIVED, WON)

    decision = decide(won, rules(success=Success(needs_payment=True)))

    assert decision.reason not in (Reason.WAITS_FOR_PAYMENT, Reason.WAITS_FOR_START)


# --- taken back although the client is booked again ---


def taken_back(phase=Phase.NO_SHOW, direction="epilation", days=10):
    """The visit was won an hour ago; the client has another one."""
    state = held(known(booking(phase, starts_at=PAST)), Phase.ARRIVED, WON, timedelta(hours=1))
    booked = Candidate(
        lead(BOOKED, id=20000007), link(20000007, key=NEXT_KEY, direction=direction), Phase.WAITING,
        NOW + timedelta(days=days),
    )  # fmt: skip
    return replace(state, candidates=(booked,))


def test_K10_the_lead_of_a_success_taken_back_stays_closed_when_the_client_is_booked_again():
    decision = decide(taken_back(), RULES)

    assert decision.reason is Reason.STAYS_CLOSED
    assert [one.stage_id for one in decision.commands if isinstance(one, UpdateLead)] == [None]
    assert ("phase", "no_show") in decision.remembers


@pytest.mark.parametrize(
    ("state", "stage", "reason"),
    [
        pytest.param(
            taken_back(direction="cosmetology"), TO_BE_MOVED, Reason.REOPENED, id="for something else"
        ),
        pytest.param(taken_back(days=-10), TO_BE_MOVED, Reason.REOPENED, id="only before this visit"),
        pytest.param(
            taken_back(Phase.WAITING), BOOKED, Reason.REOPENED, id="what has become of it is not said yet"
        ),
        pytest.param(taken_back(Phase.CANCELLED), LOST, Reason.MOVED, id="it was deleted"),
    ],
)  # fmt: skip
def test_K10_otherwise_it_follows_the_correction(state, stage, reason):
    decision = decide(state, RULES)

    moves = [one.stage_id for one in decision.commands if isinstance(one, UpdateLead) and one.lead_id == OURS]
    assert (decision.reason, moves) == (reason, [stage])


# --- the budget of a visit that is over ---


def won_for(price, days, typed=None):
    """Its lead was won with 2 500; the salon has changed the price since."""
    about = booking(Phase.ARRIVED, line(price=price), starts_at=NOW - timedelta(days=days))
    state = held(
        known(about), Phase.ARRIVED, WON, timedelta(days=days), noted_start=about.starts_at.isoformat()
    )
    return replace(state, lead=replace(state.lead, price=typed)) if typed else state


@pytest.mark.parametrize(
    ("days", "price"), [pytest.param(6, Kopecks(200000), id="in time"), pytest.param(8, None, id="too late")]
)
def test_F3_a_price_changed_long_after_the_visit_is_told_and_leaves_the_budget(days, price):
    update, note = decide(won_for(2000, days), RULES).commands

    assert (update.lead_id, update.price) == (OURS, price)
    assert (type(note), dict(note.remembers)) == (AddNote, {"noted_price": "200000"})


@pytest.mark.parametrize(("keeps", "price"), [(True, None), (False, Kopecks(200000))])
def test_F4_a_budget_that_a_person_typed_is_kept_where_the_account_wants_that(keeps, price):
    typed = won_for(2000, 1, typed=Kopecks(300000))

    update, *_ = decide(typed, rules(money=Money(keep_typed_budget=keeps))).commands

    assert (update.lead_id, update.price) == (OURS, price)
