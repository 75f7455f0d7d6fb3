"""The storm brake (§10, layer 8): more new leads than usual wait, nothing is lost, a person lets them go."""

import pytest

from backend.core.errors import InvalidInput
from backend.flows.sync import brake
from backend.store import creations
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, LASER_LEGS, TVERSKAYA

BOOKED, CONFIRMED = 8101, 8102
SVETLANA = ("Светлана", "+79990000009")


def storm(stand, count, **more):
    """One client, so many bookings, made one by one."""
    made = []
    for number in range(count):
        made.append(stand.book(LASER_ARMPITS, at=f"+{number + 2}", **more))
        stand.world.clock.advance(70)
    return made


def held(stand):
    return [(alarm.code, alarm.details["n"]) for alarm in stand.open_alarms()]


def test_storm_of_one_client_waits_after_three(stand):
    records = storm(stand, 5)

    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1, 1, 1, 0, 0]
    assert held(stand) == [("brake.person", 2)]


def test_other_clients_and_known_leads_go_on_meanwhile(stand):
    records = storm(stand, 5)
    stand.settle()
    other = stand.book(LASER_LEGS, client=SVETLANA)
    stand.mark(records[0], 2)

    stand.settle()

    assert stand.lead_of(other)["status_id"] == BOOKED
    assert stand.lead_of(records[0])["status_id"] == CONFIRMED


def test_person_lets_them_go_and_each_gets_its_lead(stand):
    records = storm(stand, 5)
    stand.settle()
    (alarm,) = stand.open_alarms()

    brake.release(stand.ctx, stand.account.id, alarm.scope_key)
    stand.work()

    assert [stand.lead_of(record)["status_id"] for record in records] == [BOOKED] * 5
    assert stand.open_alarms() == []


def test_only_what_is_held_can_be_let_go(stand):
    records = storm(stand, 5)
    stand.settle()

    with pytest.raises(InvalidInput, match=r"brake\.not_held"):
        brake.release(stand.ctx, stand.account.id, f"salon:{TVERSKAYA}")

    assert creations.released(stand.account.id, stand.now() - brake.HOUR) == frozenset()
    assert [len(stand.leads_of(record)) for record in records] == [1, 1, 1, 0, 0]
    assert held(stand) == [("brake.person", 2)]


def test_what_waits_goes_by_itself_when_the_storm_is_over(stand):
    records = storm(stand, 5)
    stand.settle()

    for _ in range(5):
        stand.pass_time(1200)
    brake.tell(stand.ctx, stand.account.id)

    assert [len(stand.leads_of(record)) for record in records] == [1] * 5
    assert stand.open_alarms() == []


def test_booking_cancelled_while_it_waits_gets_no_lead(stand):
    records = storm(stand, 4)
    stand.settle()
    stand.delete(records[3])

    stand.settle(7200)

    assert stand.leads_of(records[3]) == []
    assert len(stand.leads()) == 3


def test_repeating_schedule_is_one_act_of_the_desk(stand):
    records = [stand.book(LASER_ARMPITS, at=f"+{7 * week}") for week in range(1, 9)]

    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1] * 8
    assert stand.open_alarms() == []


def test_catching_up_after_a_silence_is_no_storm(stand):
    stand.world.yclients.hooks(loss=1.0)
    records = storm(stand, 6)

    stand.reconcile()
    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1] * 6
    assert stand.open_alarms() == []


def test_limit_is_the_accounts_own(stand):
    text = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(text.replace("options:\n", "options:\n  brake: {per_person: 1, times_usual: 3}\n", 1))
    records = storm(stand, 3)

    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1, 0, 0]


@pytest.fixture
def usual(stand):
    """The salon is known to make two leads an hour."""
    for hour in range(25):
        for number in range(2):
            client = (f"Клиент {hour}", f"+7999{hour:03d}{number:04d}")
            stand.book(LASER_ARMPITS, client=client)
        stand.pass_time(3600)
    for _ in range(2):  # the last ones become leads, and their hour passes
        stand.pass_time(3700)
    brake.count_usual(stand.ctx, stand.account.id)
    return creations.usual(stand.account.id)


def test_salon_far_above_its_usual_hour_waits(stand, usual):
    before = len(stand.leads())
    for number in range(23):
        stand.book(LASER_LEGS, client=(f"Чужой {number}", f"+7998000{number:04d}"))

    stand.settle()

    assert usual == {TVERSKAYA: 2}
    assert len(stand.leads()) == before + 20
    assert held(stand) == [("brake.salon", 3)]


def test_observed_salon_is_not_held_for_it_writes_nothing(stand):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe"))
    storm(stand, 5)

    stand.settle()

    assert stand.leads() == []
    assert stand.open_alarms() == []
