"""What people are told outside the panel, and what they let go in it."""

from backend.store import audit
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import LASER_ARMPITS


def storm(stand):
    for number in range(5):
        stand.book(LASER_ARMPITS, at=f"+{number + 2}")
        stand.world.clock.advance(70)
    stand.settle()
    (alarm,) = stand.open_alarms()
    return alarm.scope_key


def releases(stand):
    return [line.subject for line in audit.page(stand.account.id) if line.action == "brake.released"]


def test_held_bookings_are_let_go_once(stand, owner):
    scope = storm(stand)

    first = owner.post(f"{HOME}/brake", scope=scope)
    stand.work()
    again = owner.post(f"{HOME}/brake", scope=scope)

    assert (first.status_code, again.status_code) == (303, 303)
    assert "Здесь уже ничего не придержано" in text_of(owner.get(HOME))
    assert releases(stand) == [scope]
    assert len(stand.leads()) == 5


def test_a_scope_that_nobody_holds_leaves_no_trace(stand, owner):
    storm(stand)

    owner.post(f"{HOME}/brake", scope="person:anything")

    assert releases(stand) == []
    assert "Здесь уже ничего не придержано" in text_of(owner.get(HOME))
