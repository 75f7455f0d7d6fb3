"""The hub of the move: the whole way before it begins, and one next step for each salon."""

import pytest

from backend.core.rules.configuration import Mode
from backend.core.takeover.pairing import Pair, State, Tier
from backend.flows.rules import configuration_edit
from backend.flows.takeover.counting import counters
from backend.flows.takeover.counting.counters import Moment
from backend.flows.takeover.profile import recognition
from backend.store import (
    audit,
    connections,
    cutovers,
    long_works,
    takeover_counters,
    takeover_pairs,
    takeover_profiles,
    takeover_pulls,
    takeover_shadows,
    writers,
)
from backend.store.takeover_pairs import FoundPair
from backend.store.takeover_pulls import Pull
from backend.store.writers import WriterName
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, TVERSKAYA, URAL

HUB = f"{HOME}/takeover"
OBSERVED = CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe")


@pytest.fixture
def observed(stand):
    """Both salons are only watched."""
    stand.configure(OBSERVED)
    return stand


@pytest.fixture
def moving(observed, owner):
    assert owner.post(HUB).status_code == 303
    return observed


def next_of(owner):
    """The sentence of the first salon."""
    page = owner.get(HUB).text
    return page.split('<p class="next">')[1].split("</p>")[0]


def test_a_network_that_we_write_for_has_nothing_to_move(owner):
    page = text_of(owner.get(HUB))

    assert "переезжать нечему" in page
    assert "У нас работает GET8" not in page


def test_before_the_beginning_five_sentences_explain_the_way(observed, owner):
    page = owner.get(HUB).text

    assert page.split('class="sentences"')[1].split("</ol>")[0].count("<li>") == 5
    assert "Переезжать начнут 2 салона" in page
    assert "Тверская, Урал" in page


def test_the_beginning_gives_every_observed_salon_to_get8(observed, owner):
    assert owner.post(HUB).status_code == 303

    held = writers.of_account(observed.account.id)
    assert {company: one.writer for company, one in held.items()} == {
        TVERSKAYA: WriterName.GET8, URAL: WriterName.GET8,
    }  # fmt: skip
    assert audit.page(limit=1)[0].action == "takeover.begun"


def test_a_salon_that_we_write_for_stays_ours(stand, owner):
    stand.configure(OBSERVED)
    configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.ACTIVE, "irina")
    assert "их переезд не коснётся" in text_of(owner.get(HUB))

    owner.post(HUB)

    assert list(writers.of_account(stand.account.id)) == [URAL]


def test_nothing_is_written_by_accident_after_the_beginning(moving):
    configuration_edit.set_mode(moving.ctx, moving.account, TVERSKAYA, Mode.ACTIVE, "irina")

    record = moving.book(LASER_ARMPITS)
    moving.settle()

    assert moving.leads_of(record) == []


def test_begun_twice_nothing_is_left_to_begin(moving, owner):
    answer = owner.post(HUB)

    assert answer.status_code == 422
    assert "Нет салонов в режиме наблюдения" in text_of(answer)


def test_the_way_step_by_step(moving, owner):
    """Each thing that is done brings the next one."""
    account_id, now = moving.account.id, moving.now()
    assert "чтение ничего не меняет" in next_of(owner)

    takeover_pulls.lay_out(account_id, [Pull("leads", 1, {}, state=takeover_pulls.DONE)], now)
    assert "Измерьте" in next_of(owner)

    takeover_profiles.save_measured(account_id, {}, {}, now)
    assert "подтвердите или поправьте" in next_of(owner)

    recognition.correct(moving.ctx, account_id, [], "irina")
    assert "Сопоставьте" in next_of(owner)

    work = long_works.add(now, account_id, "match", {}, "irina")
    assert "Идёт сопоставление" in next_of(owner)
    long_works.begin(work, now)
    long_works.end(work, "done", now)
    pairs = [
        Pair(f"yclients:{TVERSKAYA}:{n}", n, Tier.C, (), state)
        for n, state in ((1, State.PROPOSED), (2, State.ACCEPTED))
    ]
    takeover_pairs.add(account_id, [FoundPair(one, TVERSKAYA, now) for one in pairs], now)
    assert "1 пара ждёт вашего решения" in next_of(owner)

    takeover_shadows.begin(account_id, TVERSKAYA, now, "irina", settle_seconds=600, way="hooks")
    assert "1 сделка найдена уверенно" in next_of(owner)

    takeover_pairs.mark_adopted(account_id, {pairs[1].key: pairs[1].lead_id})
    assert "Сверка идёт" in next_of(owner)
    assert "Переключать рано" in text_of(owner.get(HUB))


def test_a_viewer_sees_the_way_and_no_buttons_that_do(moving, viewer):
    page = viewer.get(HUB).text

    assert "Пробы и разведка" in page
    assert "Салон не переезжает" not in page


def switched(stand, company=TVERSKAYA):
    account_id, now = stand.account.id, stand.now()
    writers.move(account_id, company, WriterName.GET8, WriterName.DRAINING, now, t0=now)
    writers.move(account_id, company, WriterName.DRAINING, WriterName.OURS, now)


def test_a_salon_of_ours_is_counted_looked_at_and_accepted(moving, owner):
    account_id = moving.account.id
    switched(moving)
    assert "Посчитайте показатели" in next_of(owner)

    counters.take(moving.ctx, account_id, TVERSKAYA, Moment.AFTER)
    assert "Всё сходится" in next_of(owner)

    owner.post(f"{HUB}/counters/{TVERSKAYA}/accept", customer="Анна", contractor="Мостик")
    assert "Переезд принят" in next_of(owner)
    assert takeover_counters.accepted(account_id)


def test_what_was_signed_does_not_outlive_a_return(moving, owner):
    account_id = moving.account.id
    switched(moving)
    counters.take(moving.ctx, account_id, TVERSKAYA, Moment.AFTER)
    owner.post(f"{HUB}/counters/{TVERSKAYA}/accept", customer="Анна", contractor="Мостик")
    moving.pass_time(60)
    writers.move(account_id, TVERSKAYA, WriterName.OURS, WriterName.GET8, moving.now())
    switched(moving)

    assert "Посчитайте показатели" in next_of(owner)


def test_a_switch_under_way_comes_first(moving, owner):
    cutovers.add(moving.account.id, TVERSKAYA, "irina", {}, moving.now())

    assert "Идёт переключение" in next_of(owner)
    assert "Переключение в очереди" in text_of(owner.get(HUB))


def test_a_salon_leaves_the_move_only_on_purpose(moving, owner):
    refused = owner.post(f"{HUB}/{TVERSKAYA}/leave")
    assert refused.status_code == 422
    assert "Отметьте" in text_of(refused)

    assert owner.post(f"{HUB}/{TVERSKAYA}/leave", sure="1").status_code == 303

    assert list(writers.of_account(moving.account.id)) == [URAL]
    assert connections.get(moving.account.id, TVERSKAYA).mode == "observe"


@pytest.mark.parametrize("state", ["ours", "switching"])
def test_a_salon_of_ours_or_under_the_switch_stays_in_the_move(moving, owner, state):
    if state == "ours":
        switched(moving)
    else:
        cutovers.add(moving.account.id, TVERSKAYA, "irina", {}, moving.now())

    answer = owner.post(f"{HUB}/{TVERSKAYA}/leave", sure="1")

    assert answer.status_code == 422
    assert TVERSKAYA in writers.of_account(moving.account.id)
