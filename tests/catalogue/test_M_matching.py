"""M. Deals of another integration find their records, and nothing is written: rows M3, M4, M5, M11."""

import pytest

from backend.core.takeover.pairing import State, Tier, Why
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.reading import discovery
from backend.store import takeover_pairs
from backend.store.takeover_pairs import Filter
from tests.support import moving
from tests.support.get8 import ROBOT_USER, configuration
from tests.support.stand import (
    ANNA,
    CLIENT,
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

SECOND_YEAR = 400 * 86_400
CONFIRMED = 8102


def recognise(stand):
    """What the profiler finds out of a year: the fields of GET8 in this account."""
    ids = stand.get8.layout.ids
    known = {
        "record": What.RECORD_ID, "visit": What.DATE, "services": What.SERVICE_TITLES, "salon": What.SALON,
    }  # fmt: skip
    patterns = {"visit": "unix"}
    places = [
        Place(Kind.FIELD, ids[part], what, patterns.get(part, ""))
        for part, what in known.items()
        if part in ids
    ]
    recognition.correct(stand.ctx, stand.account.id, places, "Анна", writer_ids=[ROBOT_USER])


def paired(stand):
    """Both systems are read and matched."""
    recognise(stand)
    discovery.start(stand.ctx, stand.account.id, "Анна")
    for _ in range(100):
        moving.works(stand)
        if all(pull.is_over for pull in discovery.progress(stand.account.id).pulls):
            break
    matching.start(stand.ctx, stand.account.id, "Анна")
    moving.works(stand)


def key_of(record):
    return f"yclients:{record['company_id']}:{record['id']}"


def pairs_of(stand, record):
    key = key_of(record)
    return [row.pair for row in takeover_pairs.of_booking(stand.account.id, [key]).get(key, [])]


def ours(stand):
    """Requests of ours that changed a card in amoCRM."""
    rows = [row["path"] for row in stand.writes(CLIENT)]
    return [path for path in rows if "custom_fields" not in path and "webhooks" not in path]


def adopted(stand, company=TVERSKAYA):
    return adoption.adopt(stand.ctx, stand.account.id, company)


def switch_on(stand):
    """The salons are ours from now on, without the ceremony that other rows are about."""
    stand.disconnect(TVERSKAYA)
    stand.disconnect(URAL)
    stand.configure(configuration("active"))


def test_M3_of_two_deals_the_one_that_people_worked_with_is_adopted(new_get8):
    stand = new_get8(duplicate=1.0)
    record = stand.book(LASER_ARMPITS, at="+20")
    stand.settle()
    first, second = sorted(stand.leads(), key=lambda lead: lead["id"])
    stand.world.amocrm.ui_note(DOMAIN, ANNA, second["id"], "Перезвонили, придёт с подругой")
    stand.edit_lead(second, name="Мария, придёт с подругой")
    stand.work()
    before = stand.leads()

    paired(stand)
    linked = adopted(stand)

    by_lead = {pair.lead_id: pair for pair in pairs_of(stand, record)}
    assert linked == 1
    assert stand.linked_lead(record) == second["id"]
    assert (by_lead[second["id"]].state, by_lead[first["id"]].state) == (State.ADOPTED, State.DUPLICATE)
    assert takeover_pairs.count(stand.account.id, Filter("duplicate")) == 1
    assert stand.leads() == before  # nobody closes the other one
    assert ours(stand) == []


def test_M3_the_adopted_one_goes_on_and_the_other_is_left_alone(new_get8):
    stand = new_get8(duplicate=1.0)
    record = stand.book(LASER_ARMPITS, at="+20")
    stand.settle()
    first, second = sorted(stand.leads(), key=lambda lead: lead["id"])
    stand.world.amocrm.ui_note(DOMAIN, ANNA, second["id"], "Перезвонили")
    stand.edit_lead(second, name="Мария, ждём")
    paired(stand)
    adopted(stand)
    switch_on(stand)
    untouched = next(lead for lead in stand.leads() if lead["id"] == first["id"])

    stand.mark(record, 2)
    stand.settle()

    assert stand.lead_of(record)["id"] == second["id"]
    assert stand.lead_of(record)["status_id"] == CONFIRMED
    assert next(lead for lead in stand.leads() if lead["id"] == first["id"]) == untouched


@pytest.mark.parametrize("style", ["note", "none"])
def test_M4_a_deal_without_a_number_is_known_by_phone_and_time(new_get8, style):
    stand = new_get8(style=style)
    record = stand.book(LASER_ARMPITS, at="+20")
    stand.book(LASER_LEGS, client=("Вера", "+79990000002"), at="+20")
    stand.settle()
    deal, before = stand.foreign_lead(record), stand.leads()

    paired(stand)
    linked = adopted(stand)

    (pair,) = pairs_of(stand, record)
    assert (pair.tier, pair.state) == (Tier.B, State.ADOPTED)
    assert linked == 2
    assert stand.linked_lead(record) == deal["id"]
    assert stand.leads() == before
    assert ours(stand) == []


def test_M4_two_visits_of_one_person_at_one_minute_are_for_a_person_to_decide(new_get8):
    stand = new_get8(style="none")
    for staff in (81, 82):
        stand.book(LASER_ARMPITS, staff=staff, at="+20")
    stand.settle()

    paired(stand)

    assert adopted(stand) == 0
    assert takeover_pairs.count(stand.account.id, Filter("open")) >= 2
    assert ours(stand) == []


def test_M5_the_salon_is_that_of_the_record_whatever_the_deal_says(get8):
    record = get8.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+20")
    get8.settle()
    deal = get8.foreign_lead(record)
    salon_field = get8.get8.layout.ids["salon"]
    get8.edit_lead(deal, fields={salon_field: "Тверская"})
    before = get8.leads()

    paired(get8)
    linked = adopted(get8, URAL)

    (pair,) = pairs_of(get8, record)
    assert linked == 1
    assert adopted(get8, TVERSKAYA) == 0
    assert get8.linked_lead(record) == deal["id"]
    assert Why.SALON_DIFFERS in pair.reasons
    assert [row.key for row in takeover_pairs.page(get8.account.id, Filter("look"))] == [pair.key]
    assert get8.leads() == before
    assert ours(get8) == []


@pytest.mark.parametrize("style", ["field", "none"])
def test_M11_deals_of_a_closed_salon_are_not_touched(new_get8, style):
    """Their records are gone with the salon; the same people still come to the others."""
    stand = new_get8(style=style)
    kept = stand.book(LASER_ARMPITS, at="+20")
    stand.settle()
    old = historical(stand, stand.foreign_lead(kept), style)

    paired(stand)
    adopted(stand)
    adopted(stand, URAL)
    switch_on(stand)
    stand.book(LASER_LEGS, client=("Мария", "+79990000001"), at="+30")
    stand.mark(kept, 2)
    stand.settle()

    assert stand.lead_of(kept)["status_id"] == CONFIRMED
    assert [lead for lead in stand.leads() if lead["id"] in {one["id"] for one in old}] == old
    assert takeover_pairs.of_booking(stand.account.id, [key_of(kept)])[key_of(kept)][0].lead_id not in {
        one["id"] for one in old
    }


def historical(stand, deal, style):
    """Deals of a salon that was closed two years ago, made by GET8 for the person of this deal."""
    ids, now = stand.get8.layout.ids, int(stand.world.clock.now())
    contact = deal["_embedded"]["contacts"][0]["id"]
    rows = []
    for number, stage in ((650_000_001, 142), (650_000_002, 143)):
        made = now - SECOND_YEAR - number % 10
        fields = {str(ids["visit"]): made // 900 * 900, str(ids["salon"]): "Закрытый"}
        fields |= {str(ids["record"]): str(number)} if style == "field" else {}
        rows.append(
            {
                "name": "Запись закрытого салона", "pipeline_id": deal["pipeline_id"], "status_id": stage,
                "price": 1500, "contacts": [contact], "fields": fields, "created_by": ROBOT_USER,
                "created_at": made, "updated_at": made, "closed_at": made,
            }
        )  # fmt: skip
    made_ids = stand.world.amocrm.load(DOMAIN, leads=rows)["leads"]
    return [lead for lead in stand.leads() if lead["id"] in made_ids]
