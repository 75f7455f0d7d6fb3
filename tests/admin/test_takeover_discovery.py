"""Reading before a move on its screen: what it will do, how far it is, what it found, what went wrong."""

import pytest

from backend.flows.takeover.reading import discovery
from backend.flows.works import long_work
from backend.store import audit, db, lanes, long_works, takeover_pulls
from backend.store.takeover_pulls import Page, Pull
from tests.admin.conftest import HOME, Browser
from tests.admin.reading import text_of
from tests.support.stand import TVERSKAYA

SCREEN = f"{HOME}/takeover/discovery"


def work(stand):
    db.run("UPDATE lanes SET expires = 0")
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))


@pytest.fixture
def half_read(stand, monkeypatch):
    """The reading in the middle of the first salon's journal."""
    now = stand.now()
    begun = {"since": now.isoformat()}
    laid_out = [
        Pull("leads", 0, begun, 1200, 0, 1200, 5, "done", "", now, now),
        Pull(f"records:{TVERSKAYA}", 1, begun, 800, 2, 4000, 4, "reading", "", now, now),
    ]
    monkeypatch.setattr(discovery.discovery_plan, "wanted", lambda *_: laid_out)
    work_id = discovery.start(stand.ctx, stand.account.id, "irina")
    long_works.begin(work_id, now)
    return work_id


def test_it_says_what_it_will_do_before_it_does_it(owner):
    page = text_of(owner.get(SCREEN))

    assert "Ещё не читали" in page
    assert "Ничего не записывается — ни в amoCRM, ни в YCLIENTS." in page
    assert "Начать чтение" in page


def test_it_is_started_watched_and_told_of(stand, owner, booked):
    answer = owner.post(SCREEN)
    waiting = owner.fragment(SCREEN).text
    work(stand)
    done = owner.fragment(SCREEN).text

    assert (answer.status_code, answer.location) == (303, SCREEN)
    assert "Читаем" in waiting
    assert 'data-live="2"' in waiting
    assert "<progress" in waiting
    assert "Всё прочитано" in done
    assert 'data-live="30"' in done
    assert "Дочитать изменения" in done
    assert audit.page(stand.account.id)[0].action == "work.started"


def test_how_far_it_is_is_told_in_numbers_and_time(owner, half_read):
    page = text_of(owner.get(SCREEN))

    assert "2 000 из ≈ 5 200" in page.replace("\u00a0", " ")
    assert "осталось меньше минуты" in page
    assert "≈ 4 000" in page.replace("\u00a0", " ")
    assert "2 строки не удалось разобрать" in page


def test_it_is_stopped_and_goes_on_from_the_same_place(stand, owner, half_read):
    answer = owner.post(f"{SCREEN}/stop")

    assert answer.status_code == 303
    assert long_works.get(half_read).state == "cancelled"
    page = text_of(owner.get(SCREEN))
    assert "Остановлено на полпути" in page
    assert "Продолжить" in page
    assert audit.page(stand.account.id)[0].action == "work.cancelled"


def test_stopping_what_does_not_go_on_changes_nothing(stand, owner):
    before = len(audit.page(stand.account.id))

    assert owner.post(f"{SCREEN}/stop").status_code == 303
    assert len(audit.page(stand.account.id)) == before


def test_what_stands_around_is_shown_with_ours_told_apart(stand, owner, booked):
    url = "https://get8.example/hooks"
    stand.world.yclients.hooks_url(TVERSKAYA, [url, f"{stand.at.public}/hooks/yclients/secret-of-ours"])
    owner.post(SCREEN)
    work(stand)
    page = owner.get(SCREEN).text

    assert url in page
    assert "чужой" in page
    assert "наш" in page
    assert "secret-of-ours" not in page


def test_a_salon_that_cannot_be_read_is_told_in_words(stand, owner, half_read):
    failed = Pull(f"records:{TVERSKAYA}", 1, {}, state="failed", code="yclients.unauthorized")
    takeover_pulls.save(stand.account.id, failed, stand.now(), Page())
    page = text_of(owner.get(SCREEN))

    assert "не вышло" in page
    assert "yclients.unauthorized" not in page


def test_a_trouble_of_amocrm_is_told_in_words(stand, owner, half_read):
    long_works.note(half_read, "mirror.building")
    assert "Ещё читаем сделки и контакты" in text_of(owner.get(SCREEN))

    long_works.end(half_read, "failed", stand.now(), "amocrm.blocked")
    page = text_of(owner.get(SCREEN))
    assert "Чтение остановилось" in page
    assert "Место запомнено" in page


def test_without_salons_it_says_so(stand, owner):
    db.run("UPDATE branches SET user_token = NULL")

    assert "Ни один салон не подключён" in text_of(owner.get(SCREEN))


def test_a_viewer_sees_it_and_presses_nothing(viewer, half_read):
    page = viewer.get(SCREEN)

    assert page.status_code == 200
    assert f'action="{SCREEN}/stop"' not in page.text


def test_nobody_else_sees_it(stand):
    assert "sign-in" in Browser(stand).get(SCREEN).location


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_text_has_its_words(stand, owner, booked, language):
    owner.post("/admin/language", language=language, next="/admin/")
    for page in (owner.get(SCREEN), owner.post(SCREEN), owner.get(SCREEN)):
        assert "takeover_discovery." not in page.text
    work(stand)
    assert "takeover_discovery." not in owner.get(SCREEN).text


def test_foreign_words_are_shown_as_text(stand, owner):
    facts = {"widgets": [{"code": "<b>w</b>", "version": "1", "is_active": True}], "webhooks": None}
    takeover_pulls.save_surroundings(stand.account.id, facts, stand.now())
    page = owner.get(SCREEN).text

    assert "<b>w</b>" not in page
    assert "&lt;b&gt;w&lt;/b&gt;" in page
    assert "Список не показан" in page
