"""A press whose process died between the journal's answer and our own note of it."""

import uuid

import pytest

from backend.flows.actions import unfinished
from backend.store import card_actions, maintenance, operators
from tests.support.card import Card
from tests.support.stand import EPILATION, LASER_ARMPITS, STAGES, TVERSKAYA


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


@pytest.fixture
def card(stand):
    return Card(stand)


@pytest.fixture
def lead(stand):
    found = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    return found


@pytest.fixture
def killed(monkeypatch):
    """Dies at the named step of the store, once."""

    def at(step):
        real = getattr(card_actions, step)

        def die(*args, **more):
            monkeypatch.setattr(card_actions, step, real)
            raise Killed

        monkeypatch.setattr(card_actions, step, die)

    return at


def journal(stand):
    return stand.world.yclients.state(TVERSKAYA)["records"]


def form_of(stand, form):
    return card_actions.by_form(stand.account.id, form)


def test_the_next_press_finds_what_the_dead_one_made(stand, card, lead, killed):
    form = str(uuid.uuid4())
    killed("finish")
    with pytest.raises(Killed):
        card.book(lead, form=form)
    stand.pass_time(90)

    answer = card.book(lead, form=form)
    stand.settle()

    assert answer.status_code == 201
    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]


def test_a_press_right_after_the_death_waits_and_makes_nothing(stand, card, lead, killed, monkeypatch):
    monkeypatch.setattr("backend.flows.actions.once.PATIENCE", 0.2)
    form = str(uuid.uuid4())
    killed("finish")
    with pytest.raises(Killed):
        card.book(lead, form=form)

    answer = card.book(lead, form=form)

    assert (answer.status_code, answer.json["code"]) == (503, "card.in_progress")
    assert len(journal(stand)) == 1


def test_nobody_presses_again_and_it_is_settled_all_the_same(stand, card, lead, killed):
    form = str(uuid.uuid4())
    killed("finish")
    with pytest.raises(Killed):
        card.book(lead, form=form)
    stand.pass_time(90)

    settled = unfinished.settle(stand.ctx)
    stand.settle()

    assert settled == 1
    assert form_of(stand, form).state == "done"
    (line,) = operators.audit_page(stand.account.id, action="card.create")
    assert line.operator == "Анна (amoCRM)"
    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]
    assert unfinished.settle(stand.ctx) == 0


def test_what_died_before_the_call_is_given_up_and_never_sent_by_itself(stand, card, lead, monkeypatch):
    form = str(uuid.uuid4())

    def die(*args, **more):
        raise Killed

    monkeypatch.setattr("backend.integrations.yclients.writes.YclientsDesk.book", die)
    with pytest.raises(Killed):
        card.book(lead, form=form)
    monkeypatch.undo()
    stand.pass_time(90)

    early = unfinished.settle(stand.ctx)
    stand.pass_time(1200)
    late = unfinished.settle(stand.ctx)

    assert (early, late, journal(stand)) == (0, 0, [])
    assert (form_of(stand, form).state, form_of(stand, form).error) == ("refused", "card.not_sent")


def test_a_deletion_whose_process_died_is_settled(stand, card, killed):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    killed("finish")
    with pytest.raises(Killed):
        card.act("cancel", lead, record)
    stand.pass_time(90)

    settled = unfinished.settle(stand.ctx)
    stand.settle()

    assert settled == 1
    assert stand.lead_of(record)["status_id"] == 143


def test_a_salon_that_does_not_answer_leaves_it_for_later(stand, card, lead, killed):
    form = str(uuid.uuid4())
    killed("finish")
    with pytest.raises(Killed):
        card.book(lead, form=form)
    stand.pass_time(90)
    stand.world.yclients.faults("500", match="GET /api/v1/records", next=1)

    first, second = unfinished.settle(stand.ctx), unfinished.settle(stand.ctx)

    assert (first, second) == (0, 1)


def test_old_presses_are_forgotten(stand, card, lead):
    card.book(lead)

    stand.world.clock.advance(40 * 86400)
    maintenance.prune(stand.now(), 30)

    assert card_actions.of_lead(stand.account.id, lead["id"]) == []
