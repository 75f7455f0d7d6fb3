"""Presses of the card's buttons: one row and one sender for each, and what is remembered of them."""

import threading
from datetime import timedelta

import pytest

from backend.store import card_actions, db, due, events, lanes, maintenance
from backend.store.card_actions import Intent, Outcome
from backend.store.events import NewEvent
from tests.store.conftest import COMPANY, NOW

KEY = f"yclients:{COMPANY}:7"
LATER = NOW + timedelta(minutes=2)


def intent(form="form-1", **changes):
    given = {
        "form": form, "kind": "create", "params": {"at": "2026-03-05T10:00:00"}, "digest": "d",
        "api_id": f"mostik-{form}", "company_id": COMPANY, "lead_id": 20000001, "person": "Анна (amoCRM)",
    }  # fmt: skip
    return Intent(**{**given, **changes})


@pytest.fixture
def press(account):
    return lambda form="form-1", **changes: card_actions.intend(account.id, intent(form, **changes), NOW)


@pytest.fixture
def finish(account, branch):
    """The press is done: its booking carries KEY."""

    def done(action, content="h1"):
        news = NewEvent(
            account.id, branch.id, "bookings", KEY, "card", "yclients.record", f"card:{action.id}", "{}"
        )
        card_actions.finish(action.id, Outcome(KEY, content, {"key": KEY}), news, LATER)

    return done


def test_a_press_is_one_row_however_often_it_comes(account, press):
    first, second = press(), press(digest="another")

    assert (first.id, first.digest, first.state) == (second.id, second.digest, "planned")
    assert first.params == {"at": "2026-03-05T10:00:00"}
    assert press("form-2").id != first.id
    assert card_actions.by_form(account.id + 1, "form-1") is None


def test_one_of_two_sends(press):
    action = press()

    assert card_actions.claim(action, NOW, NOW - timedelta(minutes=1))
    assert not card_actions.claim(action, NOW, NOW - timedelta(minutes=1))
    assert card_actions.claim(action, LATER, LATER - timedelta(minutes=1))  # the first one died


def test_of_many_at_once_one_sends(engine, press):
    action, taken = press(), []

    def claim():
        with db.connection():
            taken.append(card_actions.claim(action, NOW, NOW - timedelta(minutes=1)))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False] * 5 + [True]


@pytest.mark.parametrize(("sent_at", "state"), [(None, "planned"), (NOW, "unsure")])
def test_a_claim_without_an_answer_is_given_back(account, press, sent_at, state):
    action = press()
    card_actions.claim(action, LATER, NOW)

    card_actions.release(action.id, sent_at)

    now = card_actions.by_form(account.id, "form-1")
    assert (now.state, now.sent_at) == (state, sent_at)
    assert card_actions.claim(now, LATER, NOW - timedelta(days=1))


def test_a_refused_press_may_be_sent_again_and_a_done_one_never(account, press, finish):
    action = press()
    card_actions.claim(action, NOW, NOW)
    card_actions.refuse(action.id, "booking.slot_taken", LATER)
    refused = card_actions.by_form(account.id, "form-1")

    assert (refused.state, refused.error, refused.sent_at) == ("refused", "booking.slot_taken", None)
    assert card_actions.claim(refused, LATER, NOW)
    finish(refused)
    assert not card_actions.claim(refused, LATER, LATER)
    card_actions.refuse(action.id, "late", LATER)
    card_actions.release(action.id, None)
    assert card_actions.by_form(account.id, "form-1").state == "done"


def test_the_outcome_and_its_news_are_there_together(account, press, finish):
    action = press()
    card_actions.claim(action, NOW, NOW)

    finish(action)

    done = card_actions.by_form(account.id, "form-1")
    assert (done.state, done.booking_key, done.result) == ("done", KEY, {"key": KEY})
    (event,) = events.of_subject(account.id, KEY)
    assert (event.source, event.due_at) == ("card", LATER)


def test_what_a_person_did_is_due_though_the_hook_of_it_rests(account, press, finish, record):
    finish(press())
    record(LATER, subject=KEY, settle=30)
    lane = lanes.lane_id(account.id, "bookings")

    assert db.rows(*due.subjects(lane, LATER, 10)) == [(KEY,)]
    assert db.rows(*due.lanes(LATER)) == [(lane,)]


def test_leads_and_echoes_are_found(account, press, finish):
    finish(press())
    press("form-2", lead_id=None)

    assert card_actions.wanted_leads(account.id, ["mostik-form-1", "mostik-form-2", "x"]) == {
        "mostik-form-1": 20000001
    }
    assert card_actions.wanted_leads(account.id, []) == {}
    assert card_actions.ours(account.id, [KEY, "other"]) == {(KEY, "h1")}
    assert card_actions.ours(account.id + 1, [KEY]) == set()
    assert card_actions.of_lead(account.id, 20000001) == [KEY]


def test_what_nobody_came_back_to_is_found_and_given_up(account, press, finish):
    sent, unsure, done = press("form-1"), press("form-2"), press("form-3")
    press("form-4")
    for action in (sent, unsure, done):
        card_actions.claim(action, NOW, NOW)
    card_actions.release(unsure.id, NOW)
    finish(done)

    assert [one.form for one in card_actions.unfinished(LATER)] == ["form-1", "form-2"]
    assert card_actions.unfinished(NOW) == []
    card_actions.give_up(sent.id, "card.not_sent", LATER)
    card_actions.give_up(done.id, "card.not_sent", LATER)
    assert [card_actions.by_form(account.id, form).state for form in ("form-1", "form-3")] == [
        "refused",
        "done",
    ]


def test_old_presses_go_with_the_events(account, press):
    press()

    maintenance.prune(NOW + timedelta(days=31), 30)

    assert card_actions.by_form(account.id, "form-1") is None
