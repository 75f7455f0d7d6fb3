"""GET8's own marks on leads of our period: in its form, kept up with the booking, and on one lead only."""

import pytest

from backend.core.takeover.pairing import Pair, State, Tier
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.pairs import adoption
from backend.store import takeover_decisions, takeover_pairs
from backend.store.takeover_pairs import FoundPair
from sandbox.get8.settings import Style
from tests.support.get8 import configuration
from tests.support.stand import CLEANING, LASER_ARMPITS, LASER_LEGS, OLGA, TVERSKAYA, URAL, URAL_LASER
from tests.support.taken import recognise, take_over


def record_of(stand, lead):
    return stand.value(lead, stand.get8.layout.ids["record"])


def ours(new_get8, style=Style.FIELD, more=lambda _ids: (), text=None):
    stand = new_get8(style=style)
    if text:
        stand.configure(text)
    recognise(stand, more=more(stand.get8.layout.ids))
    take_over(stand)
    return stand


def fresh(stand, lead):
    return next(one for one in stand.leads() if one["id"] == lead["id"])


def test_a_lead_of_ours_has_the_mark_the_tag_and_the_note(new_get8):
    stand = ours(
        new_get8,
        more=lambda _: (
            Place(Kind.TAG, 0, What.SALON, "тверская", company_id=41001),
            Place(Kind.NOTE, 0, What.RECORD_ID, "Запись №{record_id}"),
        ),
    )
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    lead = stand.lead_of(record)

    assert record_of(stand, lead) == [str(record["id"])]
    assert "тверская" in [tag["name"] for tag in lead["_embedded"]["tags"]]
    assert f"Запись №{record['id']}" in stand.notes(lead)


def test_a_mark_that_holds_the_day_follows_the_visit(new_get8):
    stand = ours(new_get8, Style.URL)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead, url = stand.lead_of(record), stand.get8.layout.ids["url"]
    (before,) = stand.value(lead, url)

    stand.edit(record, datetime=stand.wall("+5"))
    stand.settle()

    (after,) = stand.value(fresh(stand, lead), url)
    assert before != after
    assert stand.wall("+5")[:10] in after


def test_a_persons_word_in_such_a_field_survives(new_get8):
    stand = ours(new_get8)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead, field = stand.lead_of(record), stand.get8.layout.ids["record"]
    stand.edit_lead(lead, user=OLGA, fields={field: "777"})
    stand.work()

    stand.edit(record, services=[{"id": LASER_LEGS, "cost": 4500}])
    stand.settle()

    assert fresh(stand, lead)["price"] == 4500
    assert record_of(stand, fresh(stand, lead)) == ["777"]


def test_a_lead_that_waited_for_the_booking_gets_the_mark_when_it_is_taken(new_get8):
    stand = ours(new_get8)
    waiting = stand.open_lead(8001, 8100)
    stand.settle()
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["id"] == waiting["id"]
    assert record_of(stand, stand.lead_of(record)) == [str(record["id"])]


def test_a_lead_that_is_given_up_loses_the_mark(new_get8):
    text = configuration().replace("options:", "options:\n  direction_change: relink", 1)
    stand = ours(new_get8, text=text)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    first = stand.lead_of(record)

    stand.edit(record, services=[{"id": CLEANING, "cost": 4000}])
    stand.settle()

    assert stand.lead_of(record)["id"] != first["id"]
    marked = [lead["id"] for lead in stand.leads() if record_of(stand, lead) == [str(record["id"])]]
    assert marked == [stand.lead_of(record)["id"]]


def test_a_salon_that_is_still_get8s_gets_nothing_of_ours(new_get8):
    stand = ours(new_get8)
    record = stand.book(URAL_LASER, company=URAL, staff=83)
    stand.settle()

    assert stand.leads_of(record) == []
    assert record_of(stand, stand.foreign_lead(record)) == [str(record["id"])]


def test_salons_that_never_moved_are_written_as_before(stand, field_id):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.value(stand.lead_of(record), field_id("MOSTIK_KEY")) == [f"yclients:41001:{record['id']}"]


@pytest.mark.parametrize(("word", "leads"), [(State.ACCEPTED, 1), (State.REJECTED, 2)])
def test_a_booking_whose_lead_is_in_doubt_waits_for_a_persons_word(new_get8, word, leads):
    stand = new_get8(style=Style.NONE)
    recognise(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    theirs = stand.foreign_lead(record)
    stand.as_get8(theirs, status_id=143)
    stand.settle()
    take_over(stand, adopts=False)
    key = f"yclients:{TVERSKAYA}:{record['id']}"
    found = FoundPair(Pair(key, theirs["id"], Tier.D, ()), TVERSKAYA, stand.now())
    takeover_pairs.add(stand.account.id, [found], stand.now())
    stand.edit(record, services=[{"id": LASER_LEGS}])
    stand.settle()
    assert len(stand.leads()) == 1

    (pair,) = takeover_pairs.of_booking(stand.account.id, [key])[key]
    takeover_decisions.decide(stand.account.id, [pair.id], word, "анна", stand.now())
    stand.pass_time(601)
    assert len(stand.leads()) == leads
    adoption.adopt(stand.ctx, stand.account.id, TVERSKAYA)
    stand.pass_time(601)
    assert len(stand.leads()) == leads
