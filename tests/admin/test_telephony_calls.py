"""The calls of an account: the list and its filters, one call's page, and «process again»."""

import pytest

from backend.core.telephony.call import Outcome, Stage
from backend.store import audit
from backend.store.telephony import calls, recordings
from backend.store.telephony.recordings import Kept, Wanted
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import make
from tests.support.stand import ANNA, DOMAIN, OLGA

__all__ = ["stand"]

LIST = f"{HOME}/telephony/calls"


@pytest.fixture
def day(stand):
    """An answered call of Olga's, a missed one, an outbound one, an internal one."""
    keep(stand, talks=[("102", 8, 68)], user_id=OLGA, client_key="+79990001122", line="Москва")
    keep(
        stand,
        rings=["101", "102"],
        user_id=ANNA,
        client_key="+79990002233",
        client="79990002233",
        trunk="spb",
        line="Петербург",
    )
    keep(stand, "out", talks=[("101", 5, 35)], user_id=ANNA, client_key="+79990001122", line="Москва")
    keep(stand, "internal", talks=[("102", 5, 35)], user_id=ANNA)
    return stand


def numbers(page):
    """The rows of the list: how each ended."""
    return page.text.count('<tr class="goes">')


def test_before_the_first_call_the_list_says_what_to_do(owner):
    page = owner.get(LIST)

    assert "Звонков ещё не было" in page.text
    assert f'href="{HOME}/telephony"' in page.text


def test_the_list_tells_each_call_in_words(day, owner):
    page = text_of(owner.get(LIST))

    assert "+7 999 000-22-33" in page
    assert "никто не ответил" in page
    assert "Ольга" in page
    assert "Москва" in page
    assert "1:00" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", 4), ("?kind=missed", 1), ("?kind=in", 2), ("?kind=out", 1), ("?kind=internal", 1),
        (f"?user={OLGA}", 1), ("?line=Петербург", 1), ("?text=8 (999) 000-22-33", 1), ("?text=1122", 2),
        ("?kind=answered&text=0002233", 0), ("?user=0", 0), ("?since=2020-01-01&until=2020-01-02", 0),
        ("?kind=nonsense", 4),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_down(day, owner, asked, found):
    assert numbers(owner.get(LIST + asked)) == found


def test_a_day_that_is_none_is_told_beside_its_field(day, owner):
    page = owner.get(f"{LIST}?since=yesterday")

    assert page.status_code == 422
    assert 'id="since-problem"' in page.text


def test_a_search_without_a_digit_is_told_beside_its_field(day, owner):
    answer = owner.get(f"{LIST}?text=ольга")

    assert answer.status_code == 422
    assert 'id="text-problem">Ищем по цифрам номера' in answer.text
    assert numbers(answer) == 0, "what was not understood is not answered with everything"
    part = owner.fragment(f"{LIST}?text=ольга")
    assert "Ищем по цифрам номера" in part.text, "the field stands outside of what is replaced"


def test_a_long_list_goes_on_where_it_stopped(stand, owner):
    for _ in range(51):
        keep(stand)

    first = owner.get(LIST)
    further = first.text.split('id="earlier" href="')[1].split('"')[0]

    assert numbers(first) == 50
    assert numbers(owner.get(further.replace("&amp;", "&"))) == 1


def one(stand, **more):
    row = stand.called(**more)
    return row, f"{LIST}/{row.id}"


def test_a_call_shows_its_course(stand, owner):
    row = keep(
        stand, rings=[("101", 0, 15), ("102", 15, 20)], talks=[("102", 20, 80)], user_id=OLGA,
        client_key="+79990001122",
    )  # fmt: skip
    page = owner.get(f"{LIST}/{row.id}")
    said = text_of(page)

    assert "С клиентом говорили 1:00, ответа ждали 0:20. Последним был телефон 102 · Ольга." in said
    assert "Звонит телефон 101 · Анна" in said
    assert page.text.count('<rect class="part talk"') == 3  # the client, 102, and the legend
    assert "не ответили" in said


def test_a_call_between_colleagues_has_no_client_and_no_contradiction(stand, owner):
    row = keep(stand, "internal", rings=["102"], talks=[], outcome=Outcome.INTERNAL, user_id=ANNA)

    said, listed = text_of(owner.get(f"{LIST}/{row.id}")), text_of(owner.get(LIST))
    assert "Разговор был" in said
    assert "Сотрудники говорили между собой." in said
    assert "не было" not in said
    assert '<span class="of">Клиент</span>' not in owner.get(f"{LIST}/{row.id}").text
    assert "ждал" not in listed


def test_a_call_of_another_account_is_not_there(stand, owner):
    assert owner.get(f"{LIST}/999").status_code == 404


def test_a_missed_call_says_why(stand, owner):
    row = keep(stand, rings=["101"])

    assert "Телефоны звонили, но никто не ответил. Ждал 0:10." in text_of(owner.get(f"{LIST}/{row.id}"))


def test_a_call_leads_into_amocrm_and_says_why(stand, owner):
    _, path = one(stand, talks=[("102", 8, 68)])
    page = owner.get(path)

    contact = stand.contact_of()
    assert f"http://amo.test/{DOMAIN}/contacts/detail/{contact['id']}" in page.text
    assert 'class="plain-list reasons-of"' in page.text


def test_a_missed_call_names_its_task(stand, owner):
    _, path = one(stand, rings=["101"])

    task = stand.tasks()[0]
    assert f"№ {task['id']}, перезвонить" in owner.get(path).text


def test_a_client_that_nobody_has_named_is_shown_by_the_number(stand, owner):
    _, path = one(stand, talks=[("102", 8, 68)])

    assert "<h1>Входящий: +7 999 000-11-22</h1>" in owner.get(path).text


def test_a_call_is_processed_again(stand, owner):
    row, path = one(stand, talks=[("102", 8, 68)])
    logged = stand.logged()

    assert owner.post(f"{path}/again").status_code == 303
    stand.work()

    assert stand.logged() == logged
    assert calls.by_id(stand.account.id, row.id).state == calls.HANDLED
    assert audit.page(stand.account.id)[0].action == "call.replayed"


def test_a_call_that_goes_on_is_not_processed(stand, owner):
    going = make.call(pbx_id=stand.pbx.id, at=stand.now(), stage=Stage.TALKING, ended_at=None, outcome=None)
    row = calls.save(stand.account.id, going, now=stand.now())

    assert "Этот звонок ещё идёт" in owner.post(f"{LIST}/{row.id}/again").text


def test_a_recording_is_played_on_the_page(stand, owner):
    row = keep(stand, talks=[("102", 8, 68)])
    two = [Wanted(row.uniq, part, stand.pbx.id, ("one.wav",), stand.now(), stand.now()) for part in (0, 1)]
    first, second = recordings.expect(stand.account.id, two, stand.now())
    recordings.keep(first.id, Kept("1/one.mp3", "audio/mpeg", 9000, 60_000, "0" * 64), stand.now())

    page = owner.get(f"{LIST}/{row.id}")

    assert page.text.count("<audio controls") == 1
    assert f'src="/r/{first.public}' in page.text
    assert second.public not in page.text
    assert "Ищем." in page.text
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
