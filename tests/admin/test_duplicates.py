"""Doubles in the panel: the facts side by side, one press for what we may do, words for what people do."""

import pytest

from backend.core.watch.doubles import Kind
from backend.flows.works import long_work, night_steps
from backend.store import audit, doubles, lanes
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import DOMAIN, EPILATION, OLGA

PAGE = f"{HOME}/duplicates"
LOST, NEW = 143, 8100


def copy(stand, lead, user=OLGA):
    made = stand.world.amocrm.ui_copy(DOMAIN, user_id=user, lead_id=lead["id"])
    stand.work()
    return made["id"]


def searched(stand):
    """The nightly search, at once."""
    wish = night_steps.wished(stand.now())
    long_work.start(stand.ctx, stand.account.id, night_steps.DOUBLES, wish, "irina")
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))


def first(stand, kind=Kind.ONE_KEY):
    return doubles.page(stand.account.id, kind)[0]


@pytest.fixture
def made_twice(stand, booked):
    """A lead of ours that looks as if a failure had made it a second time."""
    copied = copy(stand, stand.lead_of(booked), user=stand.account.user_id)
    searched(stand)
    return copied


def test_before_the_first_search_it_says_so(owner):
    page = text_of(owner.get(PAGE))

    assert "Поиска ещё не было" in page
    assert "Искать сейчас" in page


def test_search_is_started_watched_and_finds_nothing(stand, owner):
    answer = owner.post(f"{PAGE}/search")
    watched = owner.fragment(PAGE).text
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    done = text_of(owner.get(PAGE))

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "<progress" in watched
    assert 'data-live="3"' in watched
    assert "Дублей нет" in done
    assert audit.page(stand.account.id)[0].action == "work.started"


def test_two_leads_of_one_booking_stand_side_by_side(stand, owner, booked, made_twice):
    original = stand.leads()[0]
    page = text_of(owner.get(PAGE))

    assert f"№ {original['id']}" in page
    assert f"№ {made_twice}" in page
    assert "Вторую сделку создали мы, и с тех пор её никто не трогал." in page
    assert "Закрыть лишнюю" in page


def test_one_press_closes_the_second_lead_and_leaves_a_line(stand, owner, booked, made_twice):
    row = first(stand)

    answer = owner.post(f"{PAGE}/{row.id}")
    stand.settle()

    entry = audit.page(stand.account.id)[0]
    closed = next(lead for lead in stand.leads() if lead["id"] == made_twice)
    assert answer.status_code == 303
    assert closed["status_id"] == LOST
    assert stand.lead_of(booked)["id"] != made_twice
    assert (entry.action, entry.before, entry.after["deed"]) == (
        "double.close_ours", {"lead": made_twice}, "close_ours",
    )  # fmt: skip
    assert "Сделка" in text_of(owner.get(f"{HOME}/events?what=all"))


def test_pressed_twice_it_is_done_once(stand, owner, made_twice):
    row = first(stand)
    owner.post(f"{PAGE}/{row.id}")

    page = owner.client.post(f"{PAGE}/{row.id}", data={"csrf": owner.token()}, follow_redirects=True)
    stand.settle()

    assert "Этого дубля уже нет." in page.text
    assert len([lead for lead in stand.leads() if lead["status_id"] == LOST]) == 1


def test_open_leads_of_one_person_are_for_a_person_to_choose(stand, owner, field_id):
    values = {field_id("MOSTIK_DIRECTION"): "Эпиляция", field_id("MOSTIK_SALON"): "Тверская"}
    one = stand.open_lead(EPILATION, NEW, fields=values)
    contact = one["_embedded"]["contacts"][0]["id"]
    stand.open_lead(EPILATION, NEW, client=contact, fields=values)
    stand.work()
    searched(stand)
    row = first(stand, Kind.SEVERAL_OPEN)

    page = text_of(owner.get(PAGE))
    owner.post(f"{PAGE}/{row.id}")
    stand.settle()

    assert "Откройте лишние сделки в amoCRM и закройте их." in page
    assert "самая новая" in page
    assert [lead["status_id"] for lead in stand.leads()] == [NEW, NEW]
    assert first(stand, Kind.SEVERAL_OPEN).is_open


def test_contacts_with_one_phone_say_which_to_keep(stand, owner):
    stand.open_lead(EPILATION, NEW, client=("Мария", "+79990000001"))
    stand.world.amocrm.ui_contact(DOMAIN, user_id=OLGA, name="Маша", phones=["8 999 000-00-01"])
    stand.work()
    searched(stand)

    page = text_of(owner.get(f"{PAGE}?kind=one_phone"))

    assert page.index("Мария") < page.index("Маша")
    assert "нажмите «Объединить»" in page


def test_long_list_is_turned_by_pages(stand, owner):
    for number in range(23):
        for name in ("Мария", "Маша"):
            phone = f"+7999100{number:04d}"
            stand.world.amocrm.ui_contact(DOMAIN, user_id=OLGA, name=f"{name} {number}", phones=[phone])
    stand.work()
    searched(stand)

    page = owner.get(f"{PAGE}?kind=one_phone").text
    onward = page.split("after=")[1].split('"')[0]
    last = owner.get(f"{PAGE}?kind=one_phone&after={onward}").text

    assert page.count('class="sheet double"') == 20
    assert last.count('class="sheet double"') == 3
    assert "К началу" in last


def test_whoever_only_looks_has_no_buttons(viewer, made_twice):
    page = viewer.get(PAGE).text

    assert "Закрыть лишнюю" not in page
    assert "Искать сейчас" not in page


def test_doubles_of_another_account_do_not_exist(owner, made_twice, stand):
    assert owner.post(f"{PAGE}/{first(stand).id + 999}").status_code == 404
    assert owner.get("/admin/accounts/stranger.amocrm.ru/duplicates").status_code == 404


def test_names_are_shown_as_they_are_and_run_nothing(stand, owner):
    for name in ("<script>alert(1)</script>", "Мария"):
        stand.world.amocrm.ui_contact(DOMAIN, user_id=OLGA, name=name, phones=["+79990000001"])
    stand.work()
    searched(stand)

    page = owner.get(f"{PAGE}?kind=one_phone").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
