"""Numbers of another account, in addresses and in forms: to whoever has them they are as good as none."""

import pytest

from backend.flows.rules import configuration
from backend.flows.salons import access
from backend.flows.salons.access import Asker
from backend.flows.works import long_work
from backend.flows.works.long_steps import CATALOGUE
from backend.store import connections, events, lanes, long_works
from tests.security.conftest import CSRF, STRANGER, other_account
from tests.support.stand import LASER_ARMPITS, TVERSKAYA

HOME = f"/admin/accounts/{STRANGER}"


@pytest.fixture
def ours(stand):
    """What the account has that somebody else would like to reach."""
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    stand.settle()
    asker = Asker(stand.account.id, "admin")
    return {
        "record": record["id"],
        "event": stand.events(record)[0],
        "work": long_work.start(stand.ctx, stand.account.id, CATALOGUE, {}, "irina"),
        "access": access.by_token(stand.ctx, asker, "salon-token").id,
    }


@pytest.fixture
def stranger(stand, ours, comes):
    """An administrator of another account, at the pages of their own."""
    return comes("stranger")


def test_nothing_of_another_account_is_shown(ours, stranger):
    pages = [
        f"{HOME}/events/{ours['event'].id}",
        f"{HOME}/salons/{TVERSKAYA}",
        f"{HOME}/salons/{TVERSKAYA}/leave",
        f"{HOME}/salons/{TVERSKAYA}/switch-on",
        f"{HOME}/rules/1/file",
        f"{HOME}/rules/1/restore",
        f"{HOME}/rules?version=1",
        f"{HOME}/directions/services?card={TVERSKAYA}:501",
    ]

    assert {path: stranger().get(path).status_code for path in pages} == dict.fromkeys(pages, 404)


def test_nothing_of_another_account_is_found(ours, stranger):
    searches = [
        f"{HOME}/why?q={ours['record']}",
        f"{HOME}/why?q=%2B79990000001",
        f"{HOME}/preview?key={ours['event'].subject}",
        f"{HOME}/events?text={ours['record']}",
        f"{HOME}/audit?before=1000000",
    ]

    for path in searches:
        text = stranger().get(path).text
        assert "Мария" not in text, path
        assert "Тверская" not in text, path


def test_nothing_of_another_account_is_touched(stand, ours, stranger):
    before = (long_works.get(ours["work"]).state, configuration.number(stand.account.id), newest(stand))
    forms = {
        f"{HOME}/events/{ours['event'].id}/replay": {},
        f"{HOME}/works/{ours['work']}/cancel": {},
        f"{HOME}/salons/{TVERSKAYA}/leave": {},
        f"{HOME}/salons/{TVERSKAYA}/mode": {"mode": "off"},
        f"{HOME}/salons/{TVERSKAYA}/resume": {},
        f"{HOME}/rules/1/restore": {"base": "0"},
    }

    answers = {
        path: stranger().post(path, data={"csrf": CSRF, **more}).status_code for path, more in forms.items()
    }

    assert answers == dict.fromkeys(forms, 404)
    assert before == (
        long_works.get(ours["work"]).state,
        configuration.number(stand.account.id),
        newest(stand),
    )


def test_events_of_another_account_are_not_asked_again(stand, ours, stranger):
    before = newest(stand)

    stranger().post(f"{HOME}/events/replay", data={"csrf": CSRF, "event": [str(ours["event"].id)]})
    stand.settle()

    assert newest(stand) == before
    assert long_works.open_works(other_account(stand).id) == []


def test_a_key_that_somebody_else_gave_connects_nothing(stand, ours, stranger):
    path = f"{HOME}/salons/connect/{ours['access']}"

    looked, sent = stranger().get(path), stranger().post(path, data={"csrf": CSRF, "all": "1", "base": "0"})

    assert [answer.location for answer in (looked, sent)] == [f"{HOME}/salons/connect"] * 2
    assert connections.of_account(other_account(stand).id) == []


def newest(stand):
    found = [events.of_subject(stand.account.id, row, 1) for row in subjects(stand)]
    return [event[0].id for event in found]


def subjects(stand):
    lane = lanes.lane_id(stand.account.id, "bookings")
    return sorted({event.subject for event in events.InboundEvent.select() if event.lane_id == lane})
