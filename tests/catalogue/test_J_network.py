"""J5–J9. Salons that leave, stages that change their names, two accounts, partners, shifts."""

import pytest

from backend.flows.people import sessions
from backend.flows.rules import configuration
from backend.flows.salons import salons
from backend.flows.watch import watchers
from backend.store import accounts, connections, links
from tests.support.stand import (
    ANNA,
    CLIENT,
    CONFIGURATION,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    OLGA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

BOOKED, CONFIRMED = 8101, 8102
SVETLANA = ("Светлана", "+79990000009")
PARTNER = "partner.amocrm.ru"
THEIRS = {"pipeline": 9001, "new": 9100, "booked": 9101, "user": 7200001}


def in_ural(stand, **more):
    return stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA, **more)


@pytest.fixture
def left(stand):
    """A booking of each salon, and then one salon is disconnected in the panel."""
    here, there = stand.book(LASER_ARMPITS), in_ural(stand)
    stand.settle()
    base = configuration.number(stand.account.id)
    result = salons.disconnect(stand.ctx, stand.account, URAL, base, "irina")
    assert result.number
    stand.work()
    return here, there


def test_J5_salon_that_left_is_not_written_for_and_its_leads_stay(stand, left):
    here, there = left
    before = stand.lead_of(there)
    stand.mark(there, 2)
    stand.mark(here, 2)
    in_ural(stand, at="+5")

    stand.settle()
    stand.reconcile()

    assert stand.lead_of(there) == before
    assert stand.lead_of(here)["status_id"] == CONFIRMED
    assert len(stand.leads()) == 2


def test_J5_links_are_kept_and_the_key_is_forgotten(stand, left):
    _, there = left
    key = f"yclients:{URAL}:{there['id']}"
    row = connections.get(stand.account.id, URAL)

    assert links.by_keys(stand.account.id, [key])[key].lead_id == stand.lead_of(there)["id"]
    assert (row.mode, row.user_token) == ("off", None)
    assert stand.open_alarms() == []


def test_J5_salon_that_comes_back_goes_on_with_its_leads(stand, left):
    _, there = left
    stand.mark(there, 2)
    stand.configure(CONFIGURATION.read_text(encoding="utf-8"))
    stand.reconcile()

    stand.settle()

    assert stand.lead_of(there)["status_id"] == CONFIRMED
    assert len(stand.leads()) == 2


def test_J6_renamed_stage_and_pipeline_change_nothing(stand, alarm_codes):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.ui_rename_stage(DOMAIN, EPILATION, CONFIRMED, "Точно придёт")
    stand.world.amocrm.ui_rename_pipeline(DOMAIN, EPILATION, "Гладкость")
    watchers.look(stand.ctx, stand.account.id)

    stand.mark(record, 2)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == CONFIRMED
    assert alarm_codes() == []


def test_J6_deleted_pipeline_stops_its_routes_alone(stand, alarm_codes):
    there = stand.book(90021, client=SVETLANA)
    stand.settle()
    stand.world.amocrm.ui_delete_pipeline(DOMAIN, user_id=ANNA, pipeline_id=EPILATION)
    lost, going_on = stand.book(LASER_ARMPITS), stand.book(90021, at="+4")

    stand.settle()

    assert alarm_codes() == ["amocrm.stage_unknown"]
    assert stand.leads_of(lost) == []
    assert stand.lead_of(going_on)["pipeline_id"] == stand.lead_of(there)["pipeline_id"]


@pytest.fixture
def partner(stand):
    """A second amoCRM account of the same network, which has the salon in Ural to itself."""
    stand.world.amocrm.account(
        PARTNER,
        id=30000002,
        timezone="Asia/Yekaterinburg",
        users=[{"id": THEIRS["user"], "name": "Партнёр", "is_admin": True}],
        pipelines=[
            {
                "id": THEIRS["pipeline"],
                "name": "Записи",
                "stages": [
                    {"id": THEIRS["new"], "name": "Новая"},
                    {"id": THEIRS["booked"], "name": "Записан"},
                ],
            }
        ],
    )
    stand.world.amocrm.limits(PARTNER, on=False)
    assert stand.world.amocrm.install(PARTNER, CLIENT, "server")["status"] == 200
    stand.work()
    theirs = stand.account = accounts.by_domain(PARTNER)
    stand.configure(THEIR_RULES)  # and the stand speaks of its own account again
    both = [connections.get(one.id, URAL) for one in (stand.account, theirs)]
    stand.world.yclients.hooks_url(
        URAL, [f"{stand.at.public}/hooks/yclients/{row.hook_secret}" for row in both]
    )
    return theirs


THEIR_RULES = f"""
account: {{timezone: Asia/Yekaterinburg}}
branches:
  - {{company_id: {URAL}, title: Урал, user_token: env:YC_TOKEN, mode: active}}
directions:
  - {{key: all, title: Все услуги, default: true}}
routes:
  - branch: {URAL}
    direction: all
    pipeline: {THEIRS["pipeline"]}
    attachable: [{THEIRS["new"]}]
    stages: {{waiting: {THEIRS["booked"]}, confirmed: {THEIRS["booked"]}, arrived: 142, cancelled: 143}}
"""


def test_J7_two_accounts_keep_people_and_leads_apart(stand, partner):
    in_ural(stand)
    stand.settle()
    ours, theirs = stand.leads(), stand.world.amocrm.state(PARTNER)

    (lead,) = theirs["leads"]
    assert [one["pipeline_id"] for one in ours] == [EPILATION]
    assert (lead["pipeline_id"], lead["status_id"]) == (THEIRS["pipeline"], THEIRS["booked"])
    assert len(stand.contacts()) == len(theirs["contacts"]) == 1


def test_J7_trouble_of_one_account_does_not_stop_the_other(stand, partner):
    stand.world.amocrm.faults(kind="402", domain=PARTNER, next=50)
    record = in_ural(stand)

    stand.settle()

    assert stand.lead_of(record)["status_id"] == BOOKED
    assert stand.world.amocrm.state(PARTNER)["leads"] == []
    assert accounts.by_id(partner.id).state == "paused"


def test_J8_lead_of_another_salon_is_not_taken_while_the_network_is_apart(stand, field_id):
    theirs = stand.open_lead(EPILATION, 8100, client=SVETLANA, fields={field_id("MOSTIK_SALON"): "Урал"})

    here = stand.book(LASER_ARMPITS, client=SVETLANA)
    stand.settle()

    assert stand.lead_of(here)["id"] != theirs["id"]


def test_J8_partner_sees_nothing_of_the_others_account(stand, partner):
    stand.book(LASER_ARMPITS)
    stand.settle()
    browser = stand.app.test_client()
    with browser.session_transaction() as session:
        session.update(sessions.begun_by_admin(partner, THEIRS["user"], "Партнёр", stand.now()))

    own = browser.get(f"/admin/accounts/{PARTNER}/events")
    others = [
        browser.get(f"/admin/accounts/{DOMAIN}{page}")
        for page in ("", "/events", "/duplicates", "/why?q=Мария")
    ]

    assert own.status_code == 200
    assert [answer.status_code for answer in others] == [404] * 4


def shifts(authors):
    """Who booked is responsible; `authors` says who that is in amoCRM."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = text.replace("options:\n", "options:\n  responsible_by: author\n", 1)
    return text.replace("excluded_staff: [91]", f"excluded_staff: [91], authors: {authors}")


def test_J9_administrator_who_booked_answers_for_the_lead(stand):
    stand.configure(shifts(f"{{501: {ANNA}, 502: {OLGA}}}"))
    stand.world.yclients.options(staff_user_id=502)
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert stand.lead_of(record)["responsible_user_id"] == OLGA


def test_J9_unknown_administrator_leaves_it_to_the_route(stand):
    stand.configure(shifts(f"{{502: {OLGA}}}"))
    stand.world.yclients.options(staff_user_id=777)
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert stand.lead_of(record)["responsible_user_id"] == ANNA
