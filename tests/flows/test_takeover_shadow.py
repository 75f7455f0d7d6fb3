"""Our engine in GET8's shadow: every class of the comparison, as people, GET8 and lost messages make it."""

import pytest

from backend.core.errors import InvalidInput
from backend.core.takeover.gate import EVERYWHERE, Lack, Word
from backend.core.takeover.recognition import Kind, Place, What
from backend.core.takeover.shadow import Diff
from backend.core.takeover.undo import NOTHING
from backend.flows.road import reconcile
from backend.flows.rules import configuration
from backend.flows.takeover.beside import gate, shadow
from backend.flows.takeover.profile import recognition
from backend.store import (
    lanes,
    links,
    rollbacks,
    takeover_diffs,
    takeover_shadows,
    takeover_verdicts,
    writers,
)
from backend.store.takeover_verdicts import About
from backend.store.writers import WriterName
from tests.support import shadow as shown
from tests.support.get8 import ROBOT_USER
from tests.support.get8 import configuration as document
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
    URAL,
    WAITING_LIST,
)

HALF_HOUR = 1800
DAY = 86_400
CLEANING_IS_EPILATION = (
    "{41001: [501], 41002: [601]}}",
    "{41001: [501, 503], 41002: [601]}}",
)  # GET8 goes by the service's category, and we would lead both to one direction


@pytest.fixture
def stand(get8):
    return shown.begun(get8)


def person(n):
    return f"Клиентка {n}", f"+7999000010{n}"


def rule(row, stand):
    return [name for _, name in shown.parts(stand, row)]


# The same


def test_same_lead_is_equal_and_ours_to_follow_from_then_on(stand):
    record = stand.book(LASER_ARMPITS)

    assert shown.compared(stand) == 1

    row, lead = shown.newest(stand, record), stand.foreign_lead(record)
    link = links.by_keys(stand.account.id, [row.key])[row.key]
    assert (row.diff, row.lead_id, row.acted) == ("equal", lead["id"], True)
    assert (link.lead_id, link.opened_by_us, link.direction) == (lead["id"], False, "epilation")
    assert 0 < row.lag_seconds < 180


@pytest.mark.parametrize("style", ["url", "note", "none"])
def test_however_the_lead_is_marked(new_get8, style):
    stand = shown.begun(new_get8(style=style))
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, row.lead_id) == ("equal", stand.foreign_lead(record)["id"])


def test_next_intent_speaks_only_of_the_next_change(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])
    shown.compared(stand)
    stand.mark(record, 2)
    shown.compared(stand)

    first, edited, confirmed = shown.diffs(stand, record)

    assert [row.diff for row in (first, edited, confirmed)] == ["equal"] * 3
    assert [row.trait for row in (first, edited, confirmed)] == ["open:epilation", "edit", "move:confirmed"]
    assert edited.intent["intent"]["wanted"]["price"] == 700_000
    assert confirmed.intent["intent"]["wanted"]["price"] is None


def test_nothing_is_compared_twice(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand)

    assert shadow.compare(stand.ctx, stand.account.id) == 0
    assert shown.compared(stand) == 0
    assert len(shown.diffs(stand)) == 1


def test_what_has_not_settled_waits(stand):
    stand.book(LASER_ARMPITS)

    assert shown.compared(stand, 300) == 0
    assert shown.compared(stand) == 1


def test_lead_that_comes_late_is_equal_later(stand):
    stand.get8.options.change({"lag": [HALF_HOUR, HALF_HOUR]})
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    early = shown.newest(stand, record).diff

    shown.compared(stand, 2 * HALF_HOUR)

    row = shown.newest(stand, record)
    assert (early, row.diff, row.next_look_at) == ("ours_extra", "equal_later", None)
    assert HALF_HOUR <= row.lag_seconds < HALF_HOUR + 300
    assert row.lead_id == stand.foreign_lead(record)["id"]


# GET8 does less


def test_what_get8_never_does_has_to_be_decided(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, shown.parts(stand, row)) == ("ours_extra", [("ours_extra", "new_lead")])
    assert row.next_look_at is not None


def test_what_get8_usually_does_was_missed_by_it(stand):
    for n in range(4):
        stand.book(LASER_ARMPITS, client=person(n))
    shown.compared(stand)
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    assert shown.newest(stand, record).diff == "get8_missed"


def test_move_that_get8_missed(stand):
    records = [stand.book(LASER_ARMPITS, client=person(n)) for n in range(4)]
    shown.compared(stand)
    for record in records[:3]:
        stand.mark(record, 2)
    shown.compared(stand)
    stand.get8.options.change({"loss": 1.0})
    stand.mark(records[3], 2)

    shown.compared(stand)

    row = shown.newest(stand, records[3])
    assert (row.diff, rule(row, stand)) == ("get8_missed", ["stage:confirmed"])


def test_patience_ends_after_a_day(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)
    for _ in range(12):
        shown.compared(stand, DAY / 6)

    row = shown.newest(stand, record)
    assert (row.diff, row.next_look_at) == ("ours_extra", None)


def test_second_lead_of_one_booking(new_get8):
    stand = shown.begun(new_get8(duplicate=1.0))
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert len(stand.leads()) == 2
    assert row.diff == "get8_duplicate"
    assert shown.parts(stand, row) == [("get8_duplicate", "double")]


def test_second_lead_that_comes_later(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    lead = stand.foreign_lead(record)
    copy = {"name": "Ещё раз", "pipeline_id": EPILATION, "status_id": STAGES[EPILATION] + 1, "price": 2500}
    fields = [{"field_id": stand.get8.layout.ids["record"], "values": [{"value": str(record["id"])}]}]
    contact = lead["_embedded"]["contacts"][0]["id"] if "_embedded" in lead else stand.contacts()[0]["id"]
    stand.get8.crm.create(
        {**copy, "custom_fields_values": fields, "_embedded": {"contacts": [{"id": contact}]}}
    )

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, shown.parts(stand, row)) == ("get8_duplicate", [("get8_duplicate", "double")])


# We would do otherwise


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


# What never happens


def test_whatever_happens_nothing_is_written_to_the_crm(stand):
    stand.world.amocrm.journal_clear()
    records = [stand.book(LASER_ARMPITS, client=person(n)) for n in range(3)]
    shown.compared(stand)
    stand.mark(records[0], 1)
    stand.mark(records[1], -1)
    stand.delete(records[2])
    stand.edit(records[0], services=[{"id": CLEANING}])
    shown.compared(stand)
    shown.compared(stand, DAY)

    assert len(shown.diffs(stand)) >= 6
    assert shown.our_writes(stand) == []
    assert stand.writes() != []


def test_salon_that_is_not_compared_leaves_no_row(stand):
    stand.book(90101, company=URAL, staff=83)

    assert shown.compared(stand) == 0
    assert shown.diffs(stand) == []


# A salon enters and leaves


def test_shadow_adds_our_address_and_leaves_the_others(get8):
    ours = [url for url in get8.urls() if "mostik" in url]
    get8.world.yclients.hooks_url(TVERSKAYA, [url for url in get8.urls() if url not in ours])

    way = shadow.begin(get8.ctx, get8.account, TVERSKAYA, "ирина")

    assert way == "hooks"
    assert ours[0] in get8.urls()
    assert any("get8" in url for url in get8.urls())
    assert writers.of_salon(get8.account.id, TVERSKAYA).writer == "get8"


def test_salon_that_we_write_for_cannot_enter(get8):
    get8.configure(document("active"))

    with pytest.raises(InvalidInput, match="we_write"):
        shadow.begin(get8.ctx, get8.account, TVERSKAYA, "ирина")


@pytest.mark.parametrize(("company", "code"), [(4, "not_connected"), (URAL, "switched_off")])
def test_salon_that_cannot_be_seen_cannot_enter(get8, company, code):
    get8.configure(document().replace("title: Урал, user_token: env:YC_TOKEN, mode: observe",
                                      "title: Урал, user_token: env:YC_TOKEN, mode: off"))  # fmt: skip

    with pytest.raises(InvalidInput, match=code):
        shadow.begin(get8.ctx, get8.account, company, "ирина")


def test_salon_that_changes_hands_is_left_alone_and_one_that_is_ours_has_left(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, comment="Позвонить")
    lost = shown.newest(stand, record)

    writers.move(stand.account.id, TVERSKAYA, WriterName.GET8, WriterName.DRAINING, stand.now())
    assert shown.compared(stand) == 0
    is_working = takeover_shadows.of(stand.account.id, TVERSKAYA).ended_at is None
    writers.move(stand.account.id, TVERSKAYA, WriterName.DRAINING, WriterName.OURS, stand.now())
    stand.configure(document("active"))
    assert shown.compared(stand) == 0

    assert is_working
    assert takeover_shadows.of(stand.account.id, TVERSKAYA).ended_at is not None
    assert [row.id for row in shown.diffs(stand, record)] == [lost.id]


def test_lane_is_rung_only_while_a_salon_is_compared(stand):
    lane = lanes.lane_id(stand.account.id, shadow.LANE)
    stand.rung.clear()
    assert (shadow.ring_all(stand.ctx), list(stand.rung)) == (1, [lane])

    stand.book(LASER_ARMPITS)
    for _ in range(10):
        stand.pass_time(90)
    assert shadow.run(stand.ctx, lane) == 1

    shadow.end(stand.ctx, stand.account.id, TVERSKAYA)
    assert shadow.ring_all(stand.ctx) == 0
    assert shadow.run(stand.ctx, lane) == 0


def test_journal_is_asked_each_minute_where_nobody_tells(stand):
    takeover_shadows.set_way(stand.account.id, TVERSKAYA, shadow.POLLING)
    stand.rung.clear()

    shadow.ring_all(stand.ctx)

    assert lanes.lane_id(stand.account.id, reconcile.LANE) in stand.rung
    stand.rung.clear()


# The gate


def opened(stand):
    return gate.of(stand.account.id, TVERSKAYA)


def say(stand, diff, name, word=Word.APPROVED):
    takeover_verdicts.say(
        stand.account.id, About(EVERYWHERE, Diff(diff), name), word, "", author="ирина",
        version=configuration.number(stand.account.id), now=stand.now(),
    )  # fmt: skip


def test_gate_is_shut_until_a_week_is_over(stand):
    assert gate.of(stand.account.id, URAL).reasons == (Lack.NOT_BEGUN,)
    assert opened(stand).reasons == (Lack.NOTHING_COMPARED,)

    stand.book(LASER_ARMPITS)
    shown.compared(stand)
    early = opened(stand)
    shown.compared(stand, 7 * DAY)

    assert (early.is_open, early.reasons, early.records) == (False, (Lack.TOO_FEW,), 1)
    assert opened(stand).is_open


def test_a_salon_that_came_back_proves_itself_anew(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand, 7 * DAY)
    shown.compared(stand)
    assert opened(stand).is_open

    returned_at = stand.now()
    rollbacks.begin(stand.account.id, TVERSKAYA, "анна", NOTHING, "hooks", None, returned_at)

    assert (opened(stand).is_open, opened(stand).since) == (False, returned_at)
    assert opened(stand).reasons == (Lack.NOTHING_COMPARED,)


def test_time_counts_only_as_far_as_was_compared(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand)

    stand.pass_time(9 * DAY)

    assert opened(stand).days == 0


def test_undecided_rule_holds_the_gate_until_somebody_approves_it(stand):
    stand.book(LASER_ARMPITS, staff=WAITING_LIST)
    shown.compared(stand)
    shown.compared(stand, 7 * DAY)
    before = opened(stand)

    say(stand, "explained", "skipped:excluded_staff")

    assert (before.reasons, before.undecided) == ((Lack.UNDECIDED,), 1)
    assert opened(stand).is_open


def test_rejected_rule_holds_the_gate_until_the_rules_change_and_then_the_time_begins_anew(stand):
    stand.book(LASER_ARMPITS, staff=WAITING_LIST)
    shown.compared(stand)
    shown.compared(stand, 7 * DAY)
    say(stand, "explained", "skipped:excluded_staff", Word.REJECTED)
    rejected = opened(stand)

    stand.configure(document().replace(", excluded_staff: [91]", ""))
    changed = opened(stand)

    assert rejected.reasons == (Lack.REJECTED,)
    assert (changed.reasons, changed.days) == ((Lack.NOTHING_COMPARED,), 0)


def test_marks_move_on_over_salons_that_are_not_compared(stand):
    shown.compared(stand)
    before = takeover_shadows.mark(stand.account.id, takeover_shadows.BOOKINGS)
    stand.book(90101, company=URAL, staff=83)
    shown.compared(stand)

    assert takeover_shadows.mark(stand.account.id, takeover_shadows.BOOKINGS) > before
    assert takeover_diffs.compared(stand.account.id, TVERSKAYA, before[0]) == 0
