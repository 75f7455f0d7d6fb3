"""The stand-in of GET8: what a stranger's integration does in the account, in each of its ways of marking."""

import pytest

from sandbox.get8.marks import IN_URL
from sandbox.get8.settings import Layout, Links, Options, Style, style_by_seed
from tests.support.get8 import ADDRESS, CLIENT, ROBOT_USER
from tests.support.stand import (
    ANNA,
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
)
from tests.support.stand_fixtures import new_get8

__all__ = ["new_get8"]
STYLES = list(Style)


@pytest.mark.parametrize("style", STYLES)
def test_a_booking_becomes_one_deal_in_every_style(new_get8, style):
    stand = new_get8(style=style)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    lead = stand.foreign_lead(record)

    assert [one["id"] for one in stand.leads()] == [lead["id"]]
    assert (lead["pipeline_id"], lead["status_id"], lead["price"]) == (EPILATION, EPILATION + 100, 2500)
    assert lead["created_by"] == lead["updated_by"] == ROBOT_USER
    assert stand.phones(stand.contacts()[0]) == ["+79990000001"]


def test_the_marks_of_the_four_styles(new_get8):
    stand = new_get8(style=Style.FIELD)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    assert stand.value(stand.foreign_lead(record), stand.get8.layout.ids["record"]) == [str(record["id"])]


def test_a_url_holds_salon_and_record(new_get8):
    stand = new_get8(style=Style.URL)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    (url,) = stand.value(stand.foreign_lead(record), stand.get8.layout.ids["url"])

    assert IN_URL.search(url).groups() == (str(TVERSKAYA), str(record["id"]))


def test_a_note_holds_the_record_and_no_field_does(new_get8):
    stand = new_get8(style=Style.NOTE)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.foreign_lead(record)

    assert any(str(record["id"]) in text for text in stand.notes(lead))
    assert str(record["id"]) not in str(lead)


def test_without_a_mark_nothing_names_the_record(new_get8):
    stand = new_get8(style=Style.NONE)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.foreign_lead(record)

    assert str(record["id"]) not in str(lead) + str(stand.notes(lead))
    assert stand.value(lead, stand.get8.layout.ids["visit"]) != []


@pytest.mark.parametrize("style", [Style.FIELD, Style.URL, Style.NOTE])
def test_marks_are_found_again_without_its_own_database(new_get8, style):
    stand = new_get8(style=style, links=Links.MARKS)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.get8.links.clear()

    stand.edit(record, services=[{"id": LASER_LEGS}])
    stand.settle()

    assert [lead["price"] for lead in stand.leads()] == [4500]


def test_private_links_that_are_lost_make_a_second_deal(new_get8):
    stand = new_get8(style=Style.FIELD, links=Links.PRIVATE)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.get8.links.clear()

    stand.edit(record, comment="позвонить", services=[{"id": LASER_LEGS}])
    stand.settle()

    assert len(stand.leads()) == 2


def test_attendance_is_stage_and_category_is_pipeline(new_get8):
    stand = new_get8()
    record = stand.book(CLEANING)
    stand.settle()
    stand.mark(record, 2)
    stand.settle()
    confirmed = stand.foreign_lead(record)
    stand.mark(record, 1)
    stand.settle()

    assert (confirmed["pipeline_id"], confirmed["status_id"]) == (COSMETOLOGY, 8202)
    assert stand.foreign_lead(record)["status_id"] == 142


def test_a_deleted_record_loses_its_deal(new_get8):
    stand = new_get8()
    record = stand.book(CLEANING)
    stand.settle()
    stand.delete(record)
    stand.settle()

    assert stand.foreign_lead(record)["status_id"] == 143


def test_a_person_s_move_stands_until_the_attendance_changes(new_get8):
    stand = new_get8()
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.move(stand.foreign_lead(record), 8109)
    stand.edit(record, services=[{"id": LASER_LEGS}])
    stand.settle()
    kept = stand.foreign_lead(record)
    stand.mark(record, 2)
    stand.settle()

    assert (kept["status_id"], kept["price"]) == (8109, 4500)
    assert stand.foreign_lead(record)["status_id"] == 8102


def test_an_open_deal_of_the_person_is_taken_over(new_get8):
    stand = new_get8()
    waiting = stand.open_lead(EPILATION, 8100)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.foreign_lead(record)["id"] == waiting["id"]
    assert len(stand.leads()) == 1


def test_it_acts_after_its_delay_and_finishes_when_switched_off(new_get8):
    stand = new_get8(lag=(20.0, 20.0))
    stand.book(LASER_ARMPITS)
    stand.work()
    early = stand.leads()
    stand.get8.switch(TVERSKAYA, False)
    stand.book(LASER_LEGS, client=("Нина", "+79990000002"))
    stand.settle()

    assert early == []
    assert [lead["price"] for lead in stand.leads()] == [2500]


def test_some_versions_have_no_switch(new_get8):
    stand = new_get8(has_switch=False)

    with pytest.raises(ValueError, match="no switch"):
        stand.get8.switch(TVERSKAYA, False)

    stand.disconnect(TVERSKAYA)
    assert not any(ADDRESS in url for url in stand.urls())
    assert len(stand.urls()) == 1


def test_switched_on_again_it_may_read_what_it_missed(new_get8):
    stand = new_get8(catches_up=True)
    stand.get8.switch(TVERSKAYA, False)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    missed = stand.leads()
    stand.get8.switch(TVERSKAYA, True)
    stand.settle()

    assert missed == []
    assert stand.foreign_lead(record)["price"] == 2500


def test_chances_of_loss_and_copies(new_get8):
    stand = new_get8(loss=1.0)
    stand.book(LASER_ARMPITS)
    stand.settle()
    lost = stand.leads()
    stand.get8.options.change({"loss": 0, "duplicate": 1.0})
    stand.book(LASER_LEGS)
    stand.settle()

    assert lost == []
    assert len(stand.leads()) == 2


def test_its_writes_stand_in_the_log_under_its_own_name(new_get8):
    stand = new_get8(as_admin=True)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    rows = stand.writes(CLIENT)

    assert stand.foreign_lead(record)["created_by"] == ANNA
    assert "/api/v4/leads" in [row["path"] for row in rows]
    assert stand.foreign_lead(record)["id"] in [number for row in rows for number in row["ids"]]


def test_the_other_direction_follows_a_person(new_get8):
    stand = new_get8(reverse=True)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.move(stand.foreign_lead(record), 8102)
    stand.settle()

    (kept,) = stand.world.yclients.state(TVERSKAYA)["records"]
    assert kept["attendance"] == 2


def test_every_style_and_other_names_come_from_the_seed():
    styles = {style_by_seed(seed) for seed in range(30)}
    layouts = {str(Layout.by_seed(seed)) for seed in range(30)}

    assert styles == set(Style)
    assert len(layouts) > 10


def test_an_unknown_habit_is_refused():
    with pytest.raises(ValueError, match="speed"):
        Options().change({"speed": 1})


def test_the_account_s_events_tell_who_changed_what(new_get8):
    stand = new_get8()
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    since = int(stand.world.clock.now()) + 60
    stand.pass_time(60)
    stand.edit(record, services=[{"id": LASER_LEGS}])
    stand.settle()
    lead = stand.foreign_lead(record)
    asked = {"filter[entity]": "lead", "filter[created_by][]": ROBOT_USER, "filter[created_at][from]": since}

    rows = stand.get8.crm.rows("events", "events", limit=100, **asked)
    fields = stand.get8.crm.rows(
        "events", "events", **asked, **{"filter[type]": "custom_field_value_changed"}
    )

    services = f"custom_field_{stand.get8.layout.ids['services']}_value_changed"
    assert sorted(row["type"] for row in rows) == sorted(["sale_field_changed", services])
    assert {row["entity_id"] for row in rows} == {lead["id"]}
    assert [row["value_after"][0]["custom_field_value"]["text"] for row in fields] == ["Лазер: голени"]
    assert [row["value_before"][0]["custom_field_value"]["text"] for row in fields] == ["Лазер: подмышки"]


def test_its_fingerprints_are_in_the_account_s_lists(new_get8):
    stand = new_get8()

    widgets = stand.get8.crm.rows("widgets", "widgets")
    webhooks = stand.get8.crm.rows("webhooks", "webhooks")

    assert "get8_yclients" in [row["code"] for row in widgets]
    assert f"{ADDRESS}/amocrm" in [row["destination"] for row in webhooks]
    assert f"{ADDRESS}/yclients/{TVERSKAYA}" in stand.urls()
