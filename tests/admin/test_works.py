"""Long work on its screen: started, watched, stopped."""

import pytest

from backend.flows.works import long_work
from backend.store import accounts, audit, lanes, long_works
from backend.store.accounts import Tokens
from tests.admin.conftest import HOME
from tests.admin.reading import text_of


def work(stand):
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("catalogue", "Прочитаны 2 салона"),
        ("mirror", "Прочитано сделок и контактов: 2."),
        ("import", "Журналы салонов прочитаны, новых записей: 0."),
    ],
)
def test_a_work_is_started_watched_and_told_of(stand, owner, booked, kind, sentence):
    answer = owner.post(f"{HOME}/works", kind=kind)
    waiting = owner.fragment(f"{HOME}/works").text
    work(stand)
    done = owner.fragment(f"{HOME}/works").text

    assert (answer.status_code, answer.location) == (303, f"{HOME}/works")
    assert "Скоро начнём" in waiting
    assert "<progress" in waiting
    assert 'data-live="2"' in waiting
    assert sentence in done
    assert "<progress" not in done
    assert 'data-live="15"' in done
    assert audit.page(stand.account.id)[0].action == "work.started"


def test_a_work_under_way_shows_how_far_it_is(stand, owner):
    work_id = long_work.start(stand.ctx, stand.account.id, "import", {"from": "2026-01-01"}, "irina")
    long_works.begin(work_id, stand.now())
    long_works.advance(work_id, {"cursor": 7}, 7, 28)

    page = owner.get(f"{HOME}/works").text

    assert "Прочитано частей журнала: 7 из 28." in page
    assert '<progress max="28" value="7"' in page


def test_a_work_is_stopped(stand, owner):
    owner.post(f"{HOME}/works", kind="mirror")
    (found,) = long_works.page(stand.account.id)

    answer = owner.post(f"{HOME}/works/{found.id}/cancel")
    work(stand)

    assert "Остановлено. Что успели сделать, осталось." in owner.get(answer.location).text
    assert long_works.get(found.id).state == "cancelled"
    assert audit.page(stand.account.id)[0].action == "work.cancelled"


def test_a_trouble_is_told_in_words(stand, owner):
    stand.world.amocrm.faults(kind="500", next=1)
    owner.post(f"{HOME}/works", kind="mirror")

    work(stand)

    assert "Продолжим сами." in text_of(owner.get(f"{HOME}/works"))


def test_another_accounts_work_does_not_exist_here(stand, owner):
    owner.post(f"{HOME}/works", kind="mirror")
    (found,) = long_works.page(stand.account.id)
    other = accounts.install(
        stand.now(), domain="other.amocrm.ru", crm_id=5, name="Другой", timezone="Europe/Moscow", user_id=1,
        tokens=Tokens("a", "r", stand.now()),
    )  # fmt: skip

    assert owner.post(f"/admin/accounts/{other.domain}/works/{found.id}/cancel").status_code == 404
    assert long_works.get(found.id).is_open


def test_only_what_is_offered_is_started(stand, owner, viewer):
    assert owner.post(f"{HOME}/works", kind="replay").status_code == 400
    assert viewer.post(f"{HOME}/works", kind="mirror").status_code == 403
    assert "<button" not in viewer.fragment(f"{HOME}/works").text
    assert long_works.page(stand.account.id) == []
