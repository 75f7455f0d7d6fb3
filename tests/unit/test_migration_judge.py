"""The judge of the move: each kind of mistake is seen, and a faultless move has none."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from sandbox.get8 import network
from sandbox.get8.past import Answer, Kind, Truth
from sandbox.get8.settings import Layout, Style
from sandbox.migration import judge
from sandbox.migration.deeds import Live
from sandbox.migration.judge import Told, Verdict

NOW = 1_790_000_000
KEY = (network.TVERSKAYA, 770000001)
LEAD = 20000001
ROBOT = "Позвать снова"
OURS = "client"


@pytest.fixture
def verdict():
    return Verdict()


def truth(lead_id=LEAD, kind=Kind.PLAIN, closed_at=None):
    return Truth([Answer(*KEY, lead_id, kind, NOW, closed_at=closed_at)])


def live(**more):
    starts = datetime.fromtimestamp(NOW, UTC)
    return Live(
        *KEY, starts, [90001], network.EPILATION, **{"born_here": True, "deeds": [(NOW, "create")], **more}
    )


def lead(lead_id=LEAD, **more):
    told = {
        "id": lead_id,
        "name": "Запись",
        "price": 2500,
        "pipeline_id": network.EPILATION,
        "status_id": 8101,
        "responsible_user_id": 1,
        "updated_at": NOW,
        "updated_by": 1,
        "created_by": 1,
        "custom_fields_values": None,
        "_embedded": {"contacts": [{"id": 5}], "tags": []},
    }
    return {**told, **more}


def found(verdict):
    return [finding.kind for finding in verdict.findings]


def test_what_the_key_says_is_right(verdict):
    judge.judge_pairs(verdict, truth(), Told({KEY: LEAD}, frozenset()), NOW, Style.FIELD)
    assert (verdict.adopted, verdict.review, found(verdict)) == (1, 0, [])


def test_another_deal_is_wrong_and_a_pair_of_nobody_as_well(verdict):
    judge.judge_pairs(verdict, truth(), Told({KEY: 7, (1, 1): 8}, frozenset()), NOW, Style.FIELD)
    assert found(verdict) == ["wrong", "wrong"]


def test_what_is_shown_to_people_is_not_missed(verdict):
    judge.judge_pairs(verdict, truth(), Told({}, frozenset({(KEY, LEAD)})), NOW, Style.FIELD)
    assert (verdict.review, found(verdict)) == (1, [])


@pytest.mark.parametrize(
    ("answer", "style", "expected"),
    [
        (truth(), Style.NONE, ["missed"]),
        (truth(closed_at=NOW - 400 * 86_400), Style.FIELD, ["missed"]),
        (truth(closed_at=NOW - 400 * 86_400), Style.NONE, []),
        (truth(kind=Kind.NEW_PHONE), Style.NONE, []),
        (truth(lead_id=None, kind=Kind.LOST), Style.FIELD, []),
    ],
)
def test_what_must_be_found(verdict, answer, style, expected):
    judge.judge_pairs(verdict, answer, Told({}, frozenset()), NOW, style)
    assert found(verdict) == expected


@pytest.mark.parametrize(
    ("booking", "owners", "deal", "expected"),
    [
        (live(), [LEAD], lead(), []),
        (live(), [LEAD, 7], lead(), ["duplicates"]),
        (live(), [], lead(), ["wrong"]),
        (live(is_deleted=True), [], lead(), []),
        (live(attendance=1), [LEAD], lead(), ["wrong"]),
        (live(attendance=2), [LEAD], lead(status_id=8102), []),
        (live(), [LEAD], lead(price=1), ["wrong"]),
        (live(is_deleted=True), [LEAD], lead(status_id=143, price=1), []),
    ],
)
def test_bookings_that_staff_worked_with(verdict, booking, owners, deal, expected):
    judge.judge_deals(verdict, {KEY: booking}, {KEY: owners}, {LEAD: deal})
    assert found(verdict) == expected


@pytest.mark.parametrize(("number", "expected"), [(1, []), (9, ["wrong"])])
def test_deals_of_ours_carry_the_mark_of_the_other(verdict, number, expected):
    layout = Layout.by_seed(1)
    layout.ids.clear()
    layout.ids["record"] = 1
    deal = lead(custom_fields_values=[field(number, str(KEY[1]))])
    judge.judge_marks(verdict, layout, [KEY], {KEY: [LEAD]}, {LEAD: deal})
    assert found(verdict) == expected


def test_deals_of_nobody_stay_as_they_were(verdict):
    before = {1: lead(1), 2: lead(2), 3: lead(3), 4: lead(4)}
    field = [{"field_id": 9, "field_code": None, "values": [{"value": "x"}]}]
    after = {1: lead(1), 2: lead(2, status_id=142), 3: lead(3, custom_fields_values=field)}
    judge.judge_untouched(verdict, before, after, touched={2})
    assert [finding.about for finding in verdict.findings] == ["3", "4"]


def test_the_robot_may_act_once_for_a_visit(verdict):
    robots = [lead(n, created_by=0, name=ROBOT) for n in (7, 8)]
    judge.judge_robot(verdict, [lead(), *robots], Counter({5: 1}), ROBOT)
    assert found(verdict) == ["automations_fired"]


def test_nobody_writes_about_a_salon_of_another(verdict):
    rows = [
        {"path": "/api/v4/leads/1", "ids": [LEAD], "at": at, "method": "PATCH", "status": 200, "author": OURS}
        for at in (50.0, 150.0, 250.0)
    ]
    judge.judge_writers(verdict, rows, {LEAD: network.TVERSKAYA}, {network.TVERSKAYA: [(100.0, 200.0)]})
    assert found(verdict) == ["wrong", "wrong"]


def test_only_successful_changes_of_cards_count_as_writes():
    row = {"path": "/api/v4/leads", "method": "PATCH", "status": 200, "author": OURS}
    rows = [
        row,
        {**row, "method": "GET"},
        {**row, "status": 429},
        {**row, "author": "get8"},
        {**row, "path": "/api/v4/webhooks"},
        {**row, "path": "/api/v4/leads/custom_fields"},
    ]
    assert judge.writes_of(rows, OURS) == [row]


def test_marks_of_both_sides_name_the_booking():
    layout = Layout.by_seed(1)
    layout.ids.update({"record": 1, "url": 2})
    url = "https://yclients.com/timetable/41001#main_date=2026-01-01&open_modal_by_record_id=5"
    rows = [
        lead(1, custom_fields_values=[field(9, "yclients:41001:4", judge.OURS)]),
        lead(2, custom_fields_values=[field(2, url)]),
        lead(3, custom_fields_values=[field(1, "6")]),
    ]
    assert judge.leads_of(layout, rows) == {(41001, 4): [1], (41001, 5): [2]}
    assert judge.record_marks(layout, rows) == {6: [3]}


def field(field_id, value, code=None):
    return {"field_id": field_id, "field_code": code, "values": [{"value": value}]}


def test_the_line_and_what_is_good():
    good = Verdict(adopted=3, review=1, switch_s=190, switch_work_s=2.5, rollback_s=4)
    late = Verdict(adopted=3, switch_s=301)
    assert good.line() == (
        "migration: adopted=3 review=1 missed=0 wrong=0 duplicates=0 automations_fired=0 "
        "switch_s=190 switch_work_s=2.5 rollback_s=4"
    )
    assert (good.is_good, late.is_good, Verdict().is_good) == (True, False, False)
