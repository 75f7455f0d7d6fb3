"""The screen of pairs: both cards, one press for yes or no, many at once, the last word taken back."""

import re

import pytest

from backend.core.takeover.pairing import State, Tier
from backend.flows.takeover.pairs import matching
from backend.flows.takeover.profile import recognition
from backend.flows.works import long_work
from backend.store import lanes, links, operators, takeover_pairs
from backend.store.takeover_pairs import Filter
from tests.admin.conftest import HOME, PASSWORD, Browser
from tests.catalogue.test_M_matching import key_of, paired
from tests.support.get8 import ROBOT_USER
from tests.support.stand import INNA, LASER_ARMPITS, LASER_LEGS, TVERSKAYA, VERA
from tests.support.stand_fixtures import get8, new_get8

__all__ = ["get8", "new_get8"]

REVIEW = f"{HOME}/takeover/review"


@pytest.fixture
def network(new_get8):
    """Two visits of one person at one minute, which nobody can tell apart, and one that is certain."""
    stand = new_get8(style="none")
    stand.twins = [stand.book(LASER_ARMPITS, staff=staff, at="+20") for staff in (VERA, INNA)]
    stand.alone = stand.book(LASER_LEGS, client=("Вера <b>", "+79990000002"), at="+21")
    stand.settle()
    paired(stand)
    return stand


@pytest.fixture
def irina(network):
    return signed_in(network, "owner")


def signed_in(stand, role):
    operators.add("irina", PASSWORD, role, stand.now())
    opened = Browser(stand)
    assert opened.sign_in("irina").status_code == 303
    return opened


def rows(stand, **wanted):
    return takeover_pairs.page(stand.account.id, Filter(**wanted))


def trail(browser):
    return browser.get(f"{HOME}/audit").text


def test_both_cards_stand_side_by_side(irina, network):
    page = irina.get(REVIEW).text
    shown = page[page.index('class="sheet pair"') :]

    assert f"Запись № {network.twins[0]['id']}" in shown
    assert "2 500 ₽" in shown.replace("\xa0", " ")
    assert "Лазер: подмышки" in shown
    assert "+79990000001" in shown
    assert "есть равная пара" in shown
    assert shown.count('name="act" value="accept"') == len(rows(network))


def test_names_are_shown_as_text(irina):
    page = irina.get(f"{REVIEW}?list=accepted").text

    assert "Вера &lt;b&gt;" in page
    assert "Вера <b>" not in page


def test_differences_are_marked(irina, network):
    lead = network.foreign_lead(network.alone)
    network.edit_lead(lead, price=1)
    network.pass_time(60)
    paired(network)

    page = irina.get(f"{REVIEW}?list=accepted").text

    money = re.search(r'<tr class="(\w*)">\s*<th scope="row">Сумма', page)
    time = re.search(r'<tr class="(\w*)">\s*<th scope="row">Время визита', page)
    assert (money[1], time[1]) == ("differs", "same")
    assert "расходится" in page


def test_yes_to_one_refuses_its_rivals_and_shows_the_next(irina, network):
    first = rows(network)[0]

    answer = irina.post(f"{REVIEW}/{first.id}", act="accept")

    assert answer.status_code == 303
    assert re.search(r"#p\d+$", answer.location)
    assert [row.id for row in rows(network, shown="accepted") if row.is_decided] == [first.id]
    assert len(rows(network)) == 1
    assert "Принято: сделка" in irina.get(REVIEW).text
    assert "Принята пара" in trail(irina)


def test_no_to_one(irina, network):
    first = rows(network)[0]

    irina.post(f"{REVIEW}/{first.id}", act="reject", list="open", tier="B", salon=str(TVERSKAYA))

    assert [row.id for row in rows(network, shown="rejected")] == [first.id]
    assert "Отклонена пара" in trail(irina)


def test_a_pair_that_clashes_is_told_about(irina, network):
    first, *others = rows(network)
    irina.post(f"{REVIEW}/{first.id}", act="accept")
    rival = next(row for row in others if row.key == first.key)

    irina.post(f"{REVIEW}/{rival.id}", act="accept")

    assert "уже есть другая принятая пара" in irina.get(REVIEW).text
    assert [row.id for row in rows(network, shown="accepted") if row.is_decided] == [first.id]


def test_a_sure_pair_can_be_refused(irina, network):
    (sure,) = rows(network, shown="accepted")

    irina.post(f"{REVIEW}/{sure.id}", act="reject", list="accepted")

    assert rows(network, shown="accepted") == []


def test_the_last_word_is_taken_back(irina, network):
    before = [row.id for row in rows(network)]
    irina.post(f"{REVIEW}/{before[0]}", act="accept")
    assert "Взять назад" in irina.get(REVIEW).text

    irina.post(f"{REVIEW}/undo")

    assert [row.id for row in rows(network)] == before
    assert "Решение о парах взято назад" in trail(irina)


def test_nothing_to_take_back(irina):
    irina.post(f"{REVIEW}/undo")

    assert "Возвращать нечего" in irina.get(REVIEW).text


@pytest.fixture
def doubted(new_get8):
    """Nothing of the widget's fields is recognised: only that it makes leads at once."""
    stand = new_get8(style="none")
    for number in range(3):
        stand.book(LASER_ARMPITS, client=("Вера", f"+7999000020{number}"), at="+2")
    stand.settle()
    paired(stand)
    recognition.correct(stand.ctx, stand.account.id, [], "Анна", writer_ids=[ROBOT_USER])
    matching.run(stand.ctx, stand.account.id)
    return stand


def test_many_at_once_after_their_number_was_shown(doubted):
    irina = signed_in(doubted, "owner")
    assert "Принять все: 3" in irina.get(REVIEW).text
    page = irina.get(f"{REVIEW}/all?tier=D").text
    assert "Будут приняты 3 пары" in page

    irina.post(f"{REVIEW}/all", tier="D", count="3")

    assert len(rows(doubted, shown="accepted")) == 3
    assert "Приняты все пары одной надёжности" in trail(irina)

    irina.post(f"{REVIEW}/undo")

    assert len(rows(doubted)) == 3


def test_another_number_than_was_shown_is_asked_again(doubted):
    irina = signed_in(doubted, "owner")

    answer = irina.post(f"{REVIEW}/all", tier="D", count="2")

    assert answer.location.endswith(f"{REVIEW}/all?tier=D")
    assert rows(doubted, shown="accepted") == []
    assert "число пар изменилось" in irina.get(f"{REVIEW}/all?tier=D").text


def test_equal_pairs_are_never_accepted_at_once(irina, network):
    page = irina.get(f"{REVIEW}/all?tier=B").text

    assert "Принимать нечего" in page


def test_lists_and_filters(irina, network):
    assert "Здесь пусто" in irina.get(f"{REVIEW}?tier=D").text
    assert "Здесь пусто" in irina.get(f"{REVIEW}?list=look").text
    assert 'class="sheet pair"' in irina.get(f"{REVIEW}?list=ties&salon={TVERSKAYA}&tier=B").text
    assert irina.get(f"{REVIEW}?list=no&tier=x&salon=y&after=z").status_code == 200
    assert irina.get(f"{REVIEW}?after=99999999999-1").status_code == 200


def test_pages_go_on(irina, network, monkeypatch):
    from admin.takeover import review

    monkeypatch.setattr(review, "AT_ONCE", 1)
    seen, address = [], REVIEW
    for _ in rows(network):
        page = irina.get(address).text
        seen += re.findall(r'id="p(\d+)"', page)
        onward = re.search(r"after=([\d-]+)", page[page.index('class="pages"') :])
        address = f"{REVIEW}?after={onward[1]}" if onward else ""

    assert [int(number) for number in seen] == [row.id for row in rows(network)]


def test_links_are_made_for_what_is_accepted(irina, network):
    assert "Завести связи" in irina.get(REVIEW).text

    irina.post(f"{REVIEW}/adopt", salon=str(TVERSKAYA))
    long_work.run(network.ctx, lanes.lane_id(network.account.id, long_work.LANE))

    key = key_of(network.alone)
    assert links.by_keys(network.account.id, [key])[key].lead_id == network.foreign_lead(network.alone)["id"]
    page = irina.get(f"{REVIEW}?list=adopted").text
    assert 'class="sheet pair"' in page
    assert 'name="act"' not in page


def test_matching_anew_keeps_what_was_decided(irina, network):
    first = rows(network)[0]
    irina.post(f"{REVIEW}/{first.id}", act="accept")

    irina.post(REVIEW)
    page = irina.get(REVIEW).text
    long_work.run(network.ctx, lanes.lane_id(network.account.id, long_work.LANE))

    assert "Идёт подбор" in page
    assert [row.pair.state for row in rows(network, shown="accepted") if row.is_decided] == [State.ACCEPTED]


def test_before_the_first_matching(get8):
    page = signed_in(get8, "owner").get(REVIEW).text

    assert "Пары ещё не подбирали" in page
    assert "Подобрать пары" in page


def test_what_is_gone_is_told(irina, network):
    network.world.amocrm.ui_delete("lotos.amocrm.ru", 7000001, network.foreign_lead(network.alone)["id"])
    network.work()

    assert irina.get(f"{REVIEW}?list=accepted").status_code == 200


def test_a_viewer_looks_and_decides_nothing(network):
    guest = signed_in(network, "viewer")
    page = guest.get(REVIEW).text

    assert 'class="sheet pair"' in page
    assert 'name="act"' not in page
    assert guest.post(f"{REVIEW}/{rows(network)[0].id}", act="accept").status_code == 403


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/999999", {"act": "accept"}, 404),
        ("/all", {"tier": "Z", "count": "1"}, 400),
        ("/adopt", {"salon": "1"}, 404),
        ("/adopt", {}, 404),
    ],
)
def test_what_cannot_be_is_refused(irina, path, fields, status):
    assert irina.post(REVIEW + path, **fields).status_code == status


def test_an_act_that_nobody_knows(irina, network):
    assert irina.post(f"{REVIEW}/{rows(network)[0].id}", act="eat").status_code == 400
    assert irina.get(f"{REVIEW}/all").status_code == 404
    assert rows(network)[0].pair.tier is Tier.B
