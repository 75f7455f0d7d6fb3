"""Pairs are decided by keyboard, on a phone and without JavaScript."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.takeover.pairing import Pair, State, Tier, Why
from backend.flows.sync.mirror import person_keys
from backend.flows.takeover.pairs import matching
from backend.store import long_works, mirror, takeover_found, takeover_pairs
from backend.store.takeover_found import FoundRecord, FoundService
from backend.store.takeover_pairs import Filter, FoundPair
from tests.browser.visitor import PHONE
from tests.support.stand import ANNA, DOMAIN, EPILATION, STAGES, TVERSKAYA

REVIEW = f"/admin/accounts/{DOMAIN}/takeover/review"
HOW_MANY = 4


@pytest.fixture
def pairs(live):
    """Some open pairs of different visits, as a matching leaves them."""
    stand, now = live.stand, live.stand.now()
    account = stand.account.id
    work = long_works.add(now, account, matching.KIND, {}, "irina")
    long_works.end(work, "done", now)
    found = []
    for number in range(1, HOW_MANY + 1):
        key, starts = f"yclients:{TVERSKAYA}:{number}", now + timedelta(days=10 - number)
        service = FoundService(90001, "Лазер: подмышки", 501, Kopecks(250000))
        record = FoundRecord(
            key, TVERSKAYA, number, 0, number, f"+7999000000{number}", starts, now, now, Phase.WAITING,
            Kopecks(250000), services=(service,), client_name=f"Клиентка {number}",
        )  # fmt: skip
        takeover_found.save_many(account, [record])
        mirror.save_contacts(account, [Contact(500 + number, "Вера", ("+79990000009",))], person_keys)
        lead = Lead(100 + number, EPILATION, STAGES[EPILATION], Kopecks(100000), contact_ids=(500 + number,),
                    created_at=now, created_by=ANNA)  # fmt: skip
        mirror.save_leads(account, [lead])
        pair = Pair(key, 100 + number, Tier.D, (Why.PERSON_DIFFERS, Why.LAG, Why.WRITER), is_best=True)
        found.append(FoundPair(pair, TVERSKAYA, starts))
    takeover_pairs.renew(account, found, now)
    return lambda state: [row.lead_id for row in takeover_pairs.page(account, Filter(str(state)))]


def focused(visitor):
    return visitor.page.locator(".pair:focus")


def test_pairs_are_decided_by_keyboard(owner, pairs):
    owner.go(REVIEW)
    keyboard = owner.page.keyboard

    keyboard.press("j")
    expect(focused(owner)).to_contain_text("№ 101")
    keyboard.press("ArrowDown")
    expect(focused(owner)).to_contain_text("№ 102")
    keyboard.press("k")
    expect(focused(owner)).to_contain_text("№ 101")

    keyboard.press("a")
    expect(owner.page.get_by_text("Принято: сделка № 101")).to_be_visible()
    expect(focused(owner)).to_contain_text("№ 102")
    keyboard.press("r")
    expect(owner.page.get_by_text("Отклонено: сделка № 102")).to_be_visible()
    expect(focused(owner)).to_contain_text("№ 103")
    assert (pairs(State.ACCEPTED), pairs(State.REJECTED)) == ([101], [102])

    keyboard.press("u")
    expect(owner.page.get_by_text(re.compile("Взято назад"))).to_be_visible()
    assert (pairs(State.ACCEPTED), pairs(State.REJECTED)) == ([101], [])


def test_keys_typed_into_a_field_decide_nothing(owner, pairs):
    owner.go(REVIEW)
    owner.page.locator("#tier").focus()

    owner.page.keyboard.press("a")
    owner.page.keyboard.press("Control+a")

    assert pairs(State.ACCEPTED) == []


def test_many_at_once_after_a_look(owner, pairs):
    owner.go(REVIEW)
    owner.follow(f"Принять все: {HOW_MANY}")
    expect(owner.page.get_by_text(f"Будут приняты {HOW_MANY} пары.")).to_be_visible()
    owner.press(f"Принять {HOW_MANY} пары")

    expect(owner.page.get_by_text(f"Принято {HOW_MANY} пары.")).to_be_visible()
    assert len(pairs(State.ACCEPTED)) == HOW_MANY


def test_the_cards_fit_a_phone(owner, pairs):
    owner.page.set_viewport_size(PHONE)
    owner.go(REVIEW)

    assert not owner.is_too_wide()
    assert owner.complaints() == []
    expect(owner.page.locator(".pair").first.get_by_role("button", name="Принять")).to_be_visible()


def test_nothing_needs_a_script(live, visit, pairs):
    visitor = visit(live, java_script_enabled=False)
    visitor.sign_in()
    visitor.go(REVIEW)
    visitor.page.locator(".pair").first.get_by_role("button", name="Принять").click()

    expect(visitor.page.get_by_text("Принято: сделка № 101")).to_be_visible()
    assert pairs(State.ACCEPTED) == [101]
