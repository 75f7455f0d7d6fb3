"""«Настройки по данным»: rules read off what people already do, accepted in parts, never by themselves."""

import pytest

from backend.core.salon import Phase
from backend.flows.rules import configuration
from backend.flows.works import long_work
from backend.store import db, lanes
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    OLGA,
    OTHER,
    PETR,
    STAGES,
    TVERSKAYA,
)

LEARNED = f"{HOME}/learned"
OBSERVED = """
account: {timezone: Europe/Moscow}
branches:
  - {company_id: 41001, title: Тверская, user_token: env:YC_TOKEN, mode: observe}
directions:
  - {key: other, title: Прочее, default: true}
"""


@pytest.fixture
def observed(stand):
    """A salon that we only watch: people keep its leads by hand."""
    stand.configure(OBSERVED)
    return stand


def keep_by_hand(stand, count, service, pipeline, user, first=1):
    """Each client books and somebody opens a lead for the booking."""
    for number in range(first, first + count):
        client = (f"Клиент {number}", f"+7999000{number:04d}")
        stand.open_lead(pipeline, STAGES[pipeline] + 1, client=client, user=user, responsible_user_id=user)
        stand.book(service, client=client)
    stand.settle()


def look(stand, browser):
    assert browser.post(f"{LEARNED}/look").status_code == 303
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    stand.rung.clear()
    return browser.get(LEARNED)


def rules(stand):
    return configuration.current(stand.account.id)


def test_before_anybody_looked_there_is_a_button_and_nothing_else(owner):
    page = owner.get(LEARNED)

    assert "Посмотреть на данные" in page.text
    assert 'name="take"' not in page.text


def test_what_people_do_is_told_with_the_share_and_the_count_behind_it(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    keep_by_hand(observed, 2, LASER_ARMPITS, OTHER, OLGA, first=7)
    keep_by_hand(observed, 3, CLEANING, COSMETOLOGY, PETR, first=20)

    page = text_of(look(observed, owner))

    assert "Просмотрено 11 записей, сделка нашлась для 11" in page
    assert "Эпиляция Тверская Эпиляция 75 %, 6 из 8" in page
    assert "Косметология Тверская Косметология мало данных 100 %, 3 из 3" in page
    assert "Тверская Эпиляция Ольга 100 %, 6 из 6" in page


def test_looking_changes_nothing_in_rules_or_in_the_crm(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    before, asked = configuration.number(observed.account.id), observed.counts()

    look(observed, owner)

    assert configuration.number(observed.account.id) == before
    assert observed.counts() == asked


def test_what_was_accepted_becomes_a_direction_with_a_route_and_leads_follow_it(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    page = look(observed, owner)
    taken = [part.split('"')[0] for part in page.text.split('name="take" value="')[1:]]
    assert f"category:{TVERSKAYA}/501" in taken

    owner.post(LEARNED, base=configuration.number(observed.account.id), take=taken)

    route = next(route for route in rules(observed).routes if route.pipeline_id == EPILATION)
    assert route.stages[Phase.WAITING] == STAGES[EPILATION] + 1
    assert route.responsible_id == OLGA
    assert rules(observed).direction(route.direction).categories == {TVERSKAYA: {501}}
    assert "уже так" in text_of(owner.get(LEARNED))


def test_a_part_may_be_accepted_alone(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    look(observed, owner)

    base = configuration.number(observed.account.id)
    owner.post(LEARNED, base=base, take=f"category:{TVERSKAYA}/501")

    (route,) = rules(observed).routes
    assert (route.pipeline_id, route.responsible_id) == (EPILATION, None)


def test_it_is_looked_at_on_bookings_before_it_is_accepted(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    look(observed, owner)
    base = configuration.number(observed.account.id)

    answer = owner.post(LEARNED, base=base, take=f"category:{TVERSKAYA}/501", preview="1")

    assert "/drafts/" in answer.location
    assert "По-другому пройдут 6 записей из 6" in text_of(owner.get(answer.location))
    assert configuration.number(observed.account.id) == base


def test_leads_that_we_opened_ourselves_teach_nothing(stand, owner):
    for number in range(6):
        stand.book(LASER_ARMPITS, client=(f"Клиент {number}", f"+7999000000{number}"))
    stand.settle()

    page = text_of(look(stand, owner))

    assert "сделка нашлась для 0" in page
    assert "Ни у одной записи не нашлось сделки" in page


def test_nothing_ticked_and_nothing_known_are_told(observed, owner):
    keep_by_hand(observed, 6, LASER_ARMPITS, EPILATION, OLGA)
    look(observed, owner)

    for take in ("", "category:1/2", "stage:x/y", f"stage:{EPILATION}/waiting/1"):
        answer = owner.post(LEARNED, base=configuration.number(observed.account.id), take=take)
        assert answer.status_code == 422
        assert "Отметьте хотя бы одно предложение" in answer.text


def test_a_second_look_waits_for_the_first(observed, owner):
    owner.post(f"{LEARNED}/look")
    owner.post(f"{LEARNED}/look")

    assert db.rows("SELECT count(*) FROM long_works WHERE kind = 'learn'") == [(1,)]
    assert "<progress" in owner.get(LEARNED).text


def test_a_viewer_looks_only(observed, viewer):
    assert viewer.get(LEARNED).status_code == 200
    assert viewer.post(f"{LEARNED}/look").status_code == 403
    assert viewer.post(LEARNED, take="category:1/2").status_code == 403
