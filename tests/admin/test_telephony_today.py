"""What the overview of an account and the list of accounts say of telephony."""

import html
import re
from datetime import timedelta

import pytest

from backend.store import accounts, alarms, db
from backend.store.telephony import calls, pbxes
from backend.store.telephony.calls import CallFilters
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import ANNA

__all__ = ["stand"]

LIST = "/admin/accounts"
COUNTED = re.compile(r'id="calls-(\w+)"[^>]*href="([^"]+)" aria-label="[^"]+: (\d+)"')
MARY, ELEN, ROSE = "79990001122", "79990003344", "79990005566"


def missed(stand, client, minutes, **more):
    return keep(stand, client_key=client and f"+{client}", client=client, at=ago(stand, minutes), **more)


def ago(stand, minutes):
    return stand.now() - timedelta(minutes=minutes)


@pytest.fixture
def day(stand):
    """Mary waits, Elen was called back, Rose has called again, a hidden number gave up; and yesterday."""
    stand.world.clock.advance(6 * 3600)
    missed(stand, MARY, 50)
    missed(stand, MARY, 40)
    missed(stand, ELEN, 50)
    keep(stand, "out", client_key=f"+{ELEN}", client=ELEN, talks=[("101", 3, 30)], at=ago(stand, 30))
    missed(stand, ROSE, 50)
    keep(stand, client_key=f"+{ROSE}", client=ROSE, talks=[("102", 3, 30)], at=ago(stand, 20))
    keep(stand, client_key=f"+{MARY}", client=MARY, talks=[("102", 3, 30)], at=ago(stand, 60))
    missed(stand, "", 45)
    missed(stand, "79990007788", 26 * 60)
    return stand


def test_the_overview_counts_the_calls_of_today(day, owner):
    said = text_of(owner.get(HOME))

    assert "Звонки сегодня" in said
    assert "Ответили 2 Пропустили 5 Остались без ответа 2 Позвонили сами 1" in said


def test_every_number_of_the_overview_opens_exactly_its_calls(day, owner):
    found = COUNTED.findall(owner.get(HOME).text)

    assert [kind for kind, _, _ in found] == ["answered", "missed", "unanswered", "out"]
    for kind, address, number in found:
        assert owner.get(html.unescape(address)).text.count('<tr class="goes">') == int(number), kind


def test_a_client_called_back_waits_no_longer(day, owner):
    keep(day, "out", client_key=f"+{MARY}", client=MARY, talks=[("101", 3, 30)])

    assert "Остались без ответа 0" in text_of(owner.get(HOME))


def test_a_try_to_call_back_that_reached_nobody_is_no_answer(day, owner):
    keep(day, "out", client_key=f"+{MARY}", client=MARY, lasts=20)

    assert "Остались без ответа 2" in text_of(owner.get(HOME))


def test_the_list_offers_those_without_an_answer(day, owner):
    page = owner.get(f"{HOME}/telephony/calls?kind=unanswered").text

    assert "Пропущенные без ответа" in page
    assert page.count('<tr class="goes">') == 3  # Mary twice, and yesterday's


def test_without_an_exchange_there_is_nothing_about_calls(day, owner):
    pbxes.remove(day.pbx.id)

    assert "Звонки сегодня" not in owner.get(HOME).text


def test_the_calls_of_a_day_are_found_by_an_index_whatever_was_before(day):
    filters = CallFilters(
        way="in", outcome="missed", is_unanswered=True, since=ago(day, 600), until=day.now()
    )
    sql, params = calls.wanted(day.account.id, filters).sql()

    plan = "\n".join(str(row) for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", tuple(params)))

    assert "calls_period (account_id=? AND began_at>? AND began_at<?)" in plan
    assert "calls_client (account_id=? AND client_key=? AND began_at>?)" in plan


def word(owner):
    """What the list of accounts says of telephony, in its one row."""
    cell = owner.get(LIST).text.split('data-name="Телефония:">')[1].split("</td>")[0]
    return re.sub(r"<span class=\"unseen\">.*?</span>|<[^>]+>", "", cell).strip()


def heard(stand, **more):
    good = {"seen_at": stand.now(), "connected_since": stand.now(), "trouble": "", "findings": []}
    pbxes.note_state(stand.pbx.id, **{**good, **more})


def test_the_list_of_accounts_says_how_telephony_is(stand, owner):
    heard(stand)
    assert word(owner) == "на связи"
    assert f'href="{HOME}/telephony"' in owner.get(LIST).text

    heard(stand, findings=[{"code": "pbx.setting_missing", "setting": "timestampevents = yes"}])
    assert word(owner) == "посмотрите"

    heard(stand, trouble="pbx.wrong_password")
    assert word(owner) == "не работает"


def test_what_is_broken_behind_the_exchange_is_trouble_too(stand, owner):
    heard(stand)
    alarms.raise_alarm(stand.account.id, "telephony.broken", "notice", "worker:", {}, stand.now())

    assert word(owner) == "не работает"


def test_an_exchange_that_is_off_is_no_trouble(stand, owner):
    db.run("UPDATE pbxes SET is_on = false")

    assert word(owner) == "выключена"


def test_an_account_without_an_exchange_has_none(stand, owner):
    pbxes.remove(stand.pbx.id)
    assert word(owner) == "нет"


def test_an_account_that_left_has_no_trouble_with_telephony(stand, owner):
    heard(stand, trouble="pbx.wrong_password")

    accounts.remove(stand.account.id, stand.now())

    assert word(owner) == "нет"


def test_an_answered_call_of_somebody_else_answers_nobody(day, owner):
    keep(day, client_key="+79990009900", client="79990009900", talks=[("101", 3, 30)], user_id=ANNA)

    assert "Остались без ответа 2" in text_of(owner.get(HOME))
