"""Our engine in GET8's shadow: where we would do otherwise, and whose doing it is: a rule, ours, a person."""

from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.profile import recognition
from tests.support import shadow as shown
from tests.support.get8 import ROBOT_USER
from tests.support.get8 import configuration as document
from tests.support.shadow import rule, stand
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    WAITING_LIST,
)

__all__ = ["stand"]

CLEANING_IS_EPILATION = (
    "{41001: [501], 41002: [601]}}",
    "{41001: [501, 503], 41002: [601]}}",
)  # GET8 goes by the service's category, and we would lead both to one direction


def test_other_category_is_explained_by_a_rule(get8):
    get8.configure(document().replace(*CLEANING_IS_EPILATION).replace("41001: [503]", "41001: [599]"))
    stand = shown.begun(get8)
    record = stand.book(CLEANING)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert stand.foreign_lead(record)["pipeline_id"] == COSMETOLOGY
    assert row.diff == "explained"
    assert ("explained", "category") in shown.parts(stand, row)


def test_fields_that_both_fill_count_and_no_others(get8):
    ids = get8.get8.layout.ids
    fields = f"fields: {{record_id: {ids['record']}, visit_at: {ids['visit']}, services: {ids['services']}}}"
    get8.configure(f"{document()}\n{fields}\n")
    stand = shown.begun(get8)
    places = [
        *recognition.load(stand.account.id).places,
        Place(Kind.FIELD, ids["services"], What.SERVICE_TITLES),
    ]
    recognition.correct(stand.ctx, stand.account.id, places, "тест")
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert set(row.theirs["fields"]) == {str(ids["record"]), str(ids["visit"]), str(ids["services"])}
    assert (row.diff, rule(row, stand)) == ("explained", [f"field:{ids['services']}"])


def test_lead_that_our_settings_leave_out_is_explained_by_the_reason(stand):
    record = stand.book(LASER_ARMPITS, staff=WAITING_LIST)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, rule(row, stand)) == ("explained", ["skipped:excluded_staff"])


def test_lead_that_our_settings_forget_is_missed_by_us(get8):
    lines = document().split("\n")
    at = next(n for n, line in enumerate(lines) if "direction: cosmetology" in line)
    get8.configure("\n".join([*lines[:at], *lines[at + 2 :]]))
    stand = shown.begun(get8)
    record = stand.book(CLEANING)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, rule(row, stand)) == ("ours_missed", ["skipped:no_route"])


def test_move_by_get8s_own_timer_is_missed_by_us(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.as_get8(stand.foreign_lead(record), status_id=STAGES[EPILATION] + 9, pipeline_id=EPILATION)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, rule(row, stand)) == ("ours_missed", ["stage:waiting"])
    assert len(shown.diffs(stand, record)) == 2


def test_what_a_person_changed_in_between_is_human(stand):
    record = stand.book(LASER_ARMPITS)
    stand.pass_time(60)
    stand.pass_time(60)
    stand.edit_lead(stand.foreign_lead(record), user=OLGA, price=9000)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, shown.parts(stand, row)) == ("human", [("human", "price")])


def test_move_of_a_person_stays_theirs_when_get8_edits_the_lead_after_it(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.move(stand.foreign_lead(record), STAGES[EPILATION] + 9)
    stand.pass_time(60)
    stand.edit(record, services=[{"id": LASER_LEGS}])

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert stand.foreign_lead(record)["updated_by"] == ROBOT_USER
    assert (row.diff, shown.parts(stand, row)) == ("human", [("human", "stage:waiting")])


def test_move_of_get8_stays_its_own_when_a_person_edits_the_lead_after_it(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, comment="Позвонить")
    stand.pass_time(60)
    stand.as_get8(stand.foreign_lead(record), status_id=STAGES[EPILATION] + 9, pipeline_id=EPILATION)
    stand.pass_time(60)
    stand.edit_lead(stand.foreign_lead(record), price=9000)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert row.diff == "ours_missed"
    assert shown.parts(stand, row) == [("ours_missed", "stage:waiting"), ("human", "price")]


def test_without_the_feed_of_events_the_last_author_counts(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, comment="Позвонить")
    stand.edit_lead(stand.foreign_lead(record), price=9000)
    stand.world.amocrm.faults("500", domain=DOMAIN, match="GET /api/v4/events")

    shown.compared(stand)

    assert shown.newest(stand, record).diff == "human"
