"""How many requests amoCRM sees: its limit is the narrowest place of the whole road."""

import pytest

from backend.flows.road import reconcile
from tests.support.stand import LASER_ARMPITS


@pytest.fixture
def asked(stand):
    """The requests that amoCRM has seen since the last question, as «METHOD path»."""

    def since_last():
        rows = [row for row in stand.world.amocrm.journal() if "/api/" in row["path"]]
        stand.world.amocrm.journal_clear()
        return [f"{row['method']} {row['path'].split('/api/v4/')[1]}" for row in rows]

    since_last()
    return since_last


@pytest.fixture
def booked(stand, asked):
    """A booking with its lead; the hooks about it have come back."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    asked()
    return record


def notes(requests):
    return [request for request in requests if request == "POST leads/notes"]


def test_a_new_booking_of_an_unknown_client_costs_two_requests_and_a_note(stand, asked):
    stand.book(LASER_ARMPITS)

    stand.settle()

    requests = asked()
    assert requests == ["GET contacts", "POST leads/complex", "POST leads/notes"]


def test_a_new_booking_of_a_known_client_costs_three_requests_and_a_note(stand, booked, asked):
    stand.book(LASER_ARMPITS, at="+9")

    stand.settle()

    requests = asked()
    assert len(requests) - len(notes(requests)) <= 3
    assert len(notes(requests)) == 1


@pytest.mark.parametrize("change", [{"staff_id": 82}, {"services": [{"id": LASER_ARMPITS, "discount": 10}]}])
def test_an_edit_of_fields_costs_one_request(stand, booked, asked, change):
    stand.edit(booked, **change)

    stand.settle()

    assert asked() == ["PATCH leads"]


def test_an_edit_that_is_told_in_a_note_costs_one_request_and_the_note(stand, booked, asked):
    stand.edit(booked, comment="Позвонить за час")

    stand.settle()

    assert asked() == ["PATCH leads", "POST leads/notes"]


@pytest.mark.parametrize("attendance", [2, 1, -1])
def test_an_edit_that_moves_the_stage_costs_two_requests(stand, booked, asked, attendance):
    stand.mark(booked, attendance)

    stand.settle()

    assert asked() == ["GET leads", "PATCH leads"]


def test_a_deletion_costs_two_requests_and_the_note(stand, booked, asked):
    stand.delete(booked)

    stand.settle()

    assert asked() == ["GET leads", "PATCH leads", "POST leads/notes"]


def test_a_repeated_hook_costs_nothing(stand, asked, caught_hooks, post_hook):
    stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()
    post_hook(hook)
    stand.settle()
    asked()

    post_hook(hook)
    stand.settle()

    assert asked() == []


def test_an_import_costs_a_fifth_of_a_request_per_booking(stand, asked):
    stand.world.yclients.hooks(loss=1.0)
    for number in range(60):
        person = number % 40
        stand.book(LASER_ARMPITS, client=(f"К{person}", f"+7999000{person:04d}"), at=f"+{2 + number // 40}")

    found = reconcile.import_bookings(stand.ctx, stand.account.id)
    stand.settle()

    assert found == 60
    assert len(stand.leads()) == 60
    assert len(stand.contacts()) == 40
    assert len(asked()) / 60 <= 0.2


def test_an_import_that_is_repeated_costs_nothing(stand, asked):
    stand.world.yclients.hooks(loss=1.0)
    for number in range(5):
        stand.book(LASER_ARMPITS, client=(f"К{number}", f"+7999000{number:04d}"))
    reconcile.import_bookings(stand.ctx, stand.account.id)
    stand.settle()
    asked()

    found = reconcile.import_bookings(stand.ctx, stand.account.id)
    stand.settle()

    assert found == 0
    assert asked() == []
