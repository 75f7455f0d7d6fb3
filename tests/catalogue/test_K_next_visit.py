"""K. The automation of amoCRM opens a lead for the next visit: it is known, filled, taken or closed."""

import pytest
import yaml

from backend.flows.vendors import tokens
from tests.support.stand import (
    CLEANING,
    CONFIGURATION,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    OLGA,
    STAGES,
    TVERSKAYA,
)

NEW, BOOKED, TO_BE_MOVED, WON, LOST = 8100, 8101, 8105, 142, 143
TECHNICAL = 502
CAME, MISSED, WAITING = 1, -1, 0
DAY = 86_400


def configure(stand, fields=(), **options):
    """The stand's configuration with automations in the first two pipelines."""
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    document["options"] |= {"multi_category": "hybrid", **options}
    for route in document["routes"]:
        if route["pipeline"] in (EPILATION, COSMETOLOGY):
            route["trigger"] = {"pipeline": route["pipeline"], "stage": STAGES[route["pipeline"]]}
    document["directions"][0]["next_visit_days"] = 30
    document["fields"] = dict.fromkeys(("source_lead", "next_visit_at", "has_next", *fields), "create")
    stand.configure(yaml.safe_dump(document, allow_unicode=True))


def automation(stand, pipeline=EPILATION, **more):
    place = {"on_pipeline": pipeline, "pipeline_id": pipeline, "stage_id": STAGES[pipeline]}
    stand.world.amocrm.trigger(DOMAIN, **place, **more)


@pytest.fixture
def automated(stand):
    configure(stand)
    automation(stand)
    return stand


def visit(stand, *services, at="-1", **more):
    """A visit of yesterday that has its lead and is not marked yet."""
    record = stand.book(*(services or (LASER_ARMPITS,)), at=at, **more)
    stand.settle()
    return record


def come(stand, record):
    stand.mark(record, CAME)
    stand.settle()


def won(stand, record):
    """A moment after the success."""
    stand.mark(record, CAME)
    stand.work()
    stand.pass_time(121)
    assert stand.lead_of(record)["status_id"] == WON


def next_of(stand, record):
    """Leads that came after the booking's own."""
    own = stand.linked_lead(record)
    return [lead for lead in stand.leads() if lead["id"] > own]


def lie(stand, days):
    """Time passes, and tokens are renewed as they are every day."""
    for _ in range(days // 30):
        stand.pass_time(30 * DAY)
        tokens.refresh_idle(stand.ctx)


def test_K1_next_booking_takes_the_lead_of_the_automation(automated):
    first = visit(automated)
    come(automated, first)
    (successor,) = next_of(automated, first)

    automated.pass_time(3 * DAY)
    second = automated.book(LASER_ARMPITS)
    automated.settle()

    assert automated.lead_of(second)["id"] == successor["id"]
    assert automated.lead_of(second)["status_id"] == BOOKED
    assert len(automated.leads()) == 2


def test_K1_lead_of_the_automation_is_filled(automated):
    first = visit(automated)

    come(automated, first)

    (successor,) = next_of(automated, first)
    assert automated.value(successor, "MOSTIK_SALON") == ["Тверская"]
    assert automated.value(successor, "MOSTIK_DIRECTION") == ["Эпиляция"]
    assert automated.value(successor, "MOSTIK_SOURCE_LEAD") == [
        f"https://{DOMAIN}/leads/detail/{automated.linked_lead(first)}"
    ]
    assert automated.value(successor, "MOSTIK_NEXT_VISIT_AT") != []
    assert successor["status_id"] == NEW


def test_K2_booking_made_a_moment_after_success_waits_for_the_lead(stand):
    configure(stand)
    automation(stand, delay=45)
    first = visit(stand)
    won(stand, first)

    second = stand.book(LASER_ARMPITS)
    stand.pass_time(31)
    assert stand.leads_of(second) == []
    for _ in range(10):
        stand.pass_time(20)

    (successor,) = next_of(stand, first)
    assert stand.lead_of(second)["id"] == successor["id"]


def test_K2_nothing_waits_longer_than_the_window(stand):
    configure(stand)
    first = visit(stand)
    won(stand, first)

    second = stand.book(LASER_ARMPITS)
    for _ in range(10):
        stand.pass_time(20)

    assert stand.lead_of(second)["id"] != stand.linked_lead(first)
    assert len(stand.leads()) == 2


def booked_during_the_visit(stand):
    first = visit(stand)
    second = stand.book(LASER_ARMPITS)
    stand.settle()
    come(stand, first)
    return first, second


def test_K3_lead_of_the_automation_is_closed_when_the_client_is_booked_already(automated):
    first, second = booked_during_the_visit(automated)

    own = automated.lead_of(second)
    redundant = next(lead for lead in next_of(automated, first) if lead["id"] != own["id"])
    assert (redundant["status_id"], redundant["loss_reason_id"]) == (LOST, TECHNICAL)
    assert [tag["name"] for tag in redundant["_embedded"]["tags"]] == ["дубль: уже записан"]
    assert own["status_id"] == BOOKED


def test_K3_the_booking_moves_to_it_where_the_account_wants_that(stand):
    configure(stand, already_booked="move")
    automation(stand)

    first, second = booked_during_the_visit(stand)

    own = stand.lead_of(second)
    assert own["id"] == max(lead["id"] for lead in stand.leads())
    left = [lead for lead in next_of(stand, first) if lead["id"] != own["id"]]
    assert [(lead["status_id"], lead["loss_reason_id"]) for lead in left] == [(LOST, TECHNICAL)]


def test_K3_only_a_task_where_the_account_wants_that(stand):
    configure(stand, already_booked="task")
    automation(stand)

    first, second = booked_during_the_visit(stand)

    own = stand.lead_of(second)
    redundant = next(lead for lead in next_of(stand, first) if lead["id"] != own["id"])
    assert redundant["status_id"] == NEW
    assert [task["entity_id"] for task in stand.crm()["tasks"]] == [redundant["id"]]


def test_K4_both_directions_of_a_visit_get_their_next_lead(stand):
    configure(stand)
    automation(stand)
    stand.world.amocrm.trigger(
        DOMAIN, on_pipeline=COSMETOLOGY, pipeline_id=COSMETOLOGY, stage_id=STAGES[COSMETOLOGY]
    )
    waiting = stand.open_lead(COSMETOLOGY, STAGES[COSMETOLOGY])
    record = visit(stand, LASER_ARMPITS, CLEANING)

    come(stand, record)

    made = [lead for lead in stand.leads() if lead["id"] > max(waiting["id"], stand.linked_lead(record))]
    said = {lead["pipeline_id"]: stand.value(lead, "MOSTIK_DIRECTION") for lead in made}
    assert said == {EPILATION: ["Эпиляция"], COSMETOLOGY: ["Косметология"]}


def test_K5_lead_without_a_contact_is_told(stand, alarm_codes):
    configure(stand)
    automation(stand, with_contact=False)
    first = visit(stand)

    come(stand, first)

    (orphan,) = next_of(stand, first)
    assert stand.value(orphan, "MOSTIK_SALON") == []
    assert alarm_codes() == ["next_lead_without_contact"]


def test_K6_twin_of_an_automation_that_fires_twice_is_closed(stand):
    configure(stand)
    automation(stand, times=2)
    first = visit(stand)

    come(stand, first)

    made = sorted(next_of(stand, first), key=lambda lead: lead["id"])
    assert [lead["status_id"] for lead in made] == [NEW, LOST]
    assert made[1]["loss_reason_id"] == TECHNICAL


def test_K7_no_automation_is_no_error(stand, alarm_codes):
    configure(stand)
    first = visit(stand)

    come(stand, first)
    stand.pass_time(700)

    assert next_of(stand, first) == []
    assert alarm_codes() == []


def test_K8_lead_that_lay_for_months_is_taken(automated):
    first = visit(automated)
    come(automated, first)
    (successor,) = next_of(automated, first)

    lie(automated, 180)
    second = automated.book(LASER_ARMPITS)
    automated.settle()

    assert automated.lead_of(second)["id"] == successor["id"]


def test_K8_not_when_the_account_sets_an_age(stand):
    configure(stand, attach_days=90)
    automation(stand)
    first = visit(stand)
    come(stand, first)
    (successor,) = next_of(stand, first)

    lie(stand, 180)
    second = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(second)["id"] != successor["id"]


def test_K9_lead_of_another_direction_is_left_alone(automated):
    first = visit(automated)
    come(automated, first)
    (successor,) = next_of(automated, first)

    second = automated.book(CLEANING)
    automated.settle()

    assert automated.lead_of(second)["pipeline_id"] == COSMETOLOGY
    left = next(lead for lead in automated.leads() if lead["id"] == successor["id"])
    assert left["status_id"] == NEW


def test_K10_success_taken_back_stays_when_the_client_is_booked_again(automated):
    first = visit(automated)
    come(automated, first)
    second = automated.book(LASER_ARMPITS)
    automated.settle()

    automated.mark(first, MISSED)
    automated.settle()

    own = next(lead for lead in automated.leads() if lead["id"] == automated.linked_lead(first))
    assert own["status_id"] == WON
    assert automated.lead_of(second)["status_id"] == BOOKED
    assert "осталась закрытой" in automated.notes(own)[-1]


def test_C5_success_taken_back_closes_the_untouched_next_lead(automated):
    first = visit(automated)
    come(automated, first)
    (successor,) = next_of(automated, first)
    automated.pass_time(3 * 3600)

    automated.mark(first, MISSED)
    automated.settle()

    assert automated.lead_of(first)["status_id"] == TO_BE_MOVED
    closed = next(lead for lead in automated.leads() if lead["id"] == successor["id"])
    assert (closed["status_id"], closed["loss_reason_id"]) == (LOST, TECHNICAL)


def test_C6_next_lead_that_people_work_with_stays_and_a_task_asks(automated):
    first = visit(automated)
    come(automated, first)
    (successor,) = next_of(automated, first)
    automated.move(successor, 8109, user=OLGA)
    automated.pass_time(3 * 3600)

    automated.mark(first, MISSED)
    automated.settle()

    assert automated.lead_of(first)["status_id"] == TO_BE_MOVED
    kept = next(lead for lead in automated.leads() if lead["id"] == successor["id"])
    assert kept["status_id"] == 8109
    assert [task["entity_id"] for task in automated.crm()["tasks"]] == [successor["id"]]


def test_S6_our_own_next_lead_is_made_when_no_visit_is_booked(stand):
    configure(stand, next_lead="ours")
    first = visit(stand)

    come(stand, first)

    (made,) = next_of(stand, first)
    assert (made["pipeline_id"], made["status_id"], made["price"]) == (EPILATION, NEW, 0)
    assert stand.value(made, "MOSTIK_KEY") == [f"yclients:{TVERSKAYA}:{first['id']}>epilation"]


def test_S6_no_next_lead_of_ours_when_the_client_is_booked(stand):
    configure(stand, next_lead="ours")

    first, second = booked_during_the_visit(stand)

    assert next_of(stand, first) == [stand.lead_of(second)]


def test_S7_the_field_that_holds_the_automation_back_is_written_first(stand, field_id):
    configure(stand)
    automation(stand, unless_field=field_id("MOSTIK_HAS_NEXT"), unless_value="True")

    first, second = booked_during_the_visit(stand)

    assert next_of(stand, first) == [stand.lead_of(second)]


def test_S8_secondary_direction_without_a_lead_gets_one_where_the_account_wants_that(stand):
    configure(stand, followup_secondary=True)
    record = visit(stand, LASER_ARMPITS, CLEANING)

    come(stand, record)

    (made,) = next_of(stand, record)
    assert (made["pipeline_id"], made["price"]) == (COSMETOLOGY, 0)
    assert stand.value(made, "MOSTIK_DIRECTION") == ["Косметология"]
