"""Calls in amoCRM's pages: the card while it rings, the click on a number, the stream that breaks."""

import dataclasses

import pytest
from playwright.sync_api import expect

from backend.core.telephony.call import Stage
from backend.flows.telephony.desk import dialling
from backend.store.telephony import dials
from tests.browser.crm import Crm
from tests.browser.visitor import PHONE
from tests.support import make
from tests.support.card_stand import CardStand
from tests.support.cards import Cards
from tests.support.cards import live as going
from tests.support.stand import ANNA, DOMAIN, OLGA

CARD = ".ywx-call"
NUMBER = "+7 999 000-11-22"


class Desk:
    """Anna at amoCRM, with phone 101; the process of cards can be stopped and started."""

    def __init__(self, live, visitor, archive, redis_url):
        self.live, self.stand, self.redis_url = live, live.stand, redis_url
        self.cards = Cards(redis_url)
        ctx = self.stand.app.extensions["mostik"]
        settings = dataclasses.replace(ctx.settings, stream_url=self.cards.url)
        self.stand.app.extensions["mostik"] = dataclasses.replace(ctx, settings=settings)
        self.crm = Crm(live, visitor, archive)
        self.page = self.crm.page
        self.crm.install()
        self.lead = self.stand.client(responsible=ANNA)

    def sits_down(self, path="leads/list/"):
        """The page is there and its stream is open."""
        with self.page.expect_request("**/cards?ticket=*"):
            self.crm.go(path)
        while not self.cards.hub.count:
            self.page.wait_for_timeout(20)

    def rings(self, *phones, **more):
        call = self.stand.call(**more)
        for phone in phones or ("101",):
            self.stand.happens("ringing", going(call, rings=phones or ("101",)), phone)
        return call

    def answered(self, call, phone="101", rings=("101",)):
        self.stand.happens("talking", going(call, Stage.TALKING, rings=rings, talks=[phone]), phone)

    def card(self):
        return self.page.locator(CARD)

    def clicks(self, status=201):
        """On the first number of the page; our server has answered."""
        with self.page.expect_response("**/widget/calls/dial") as answer:
            self.page.locator("[data-phone]").first.click()
        assert answer.value.status == status

    def claims(self):
        """The keeper of the PBX has taken the order, the own phone rings."""
        dial = dialling.claim(self.stand.ctx, self.stand.pbx.id)
        dialling.sent(self.stand.ctx, dial.id)
        return dial

    def shoot(self, name):
        assert self.crm.visitor.complaints() == []
        assert not self.crm.visitor.is_too_wide()
        self.crm.visitor.shoot(name)

    def stop_stream(self):
        self.cards.close()

    def start_stream(self):
        self.cards = Cards(self.redis_url, self.cards.port)


@pytest.fixture
def seat(open_live, visit, tmp_path, redis_url):
    """`seat(**options)` is a desk; the options are the browser's."""
    desks = []

    def take(**options):
        live = open_live(network=CardStand)
        desks.append(Desk(live, visit(live, **options), tmp_path / "widget.zip", redis_url))
        return desks[-1]

    yield take
    for desk in desks:
        desk.cards.close()


@pytest.fixture
def desk(seat):
    return seat()


def test_the_card_comes_while_it_rings_changes_at_the_answer_and_goes(desk):
    desk.sits_down()

    call = desk.rings()
    for words in ("Входящий звонок", "Мария", NUMBER, "Эпиляция", "Москва"):
        expect(desk.card()).to_contain_text(words)
    desk.shoot("call-ringing")

    desk.answered(call)
    expect(desk.card()).to_contain_text("Разговор")
    expect(desk.page.locator("html[data-calling]")).to_have_count(1)
    desk.shoot("call-talking")

    desk.stand.happens("ended", call)
    expect(desk.card()).to_contain_text("Разговор окончен")
    expect(desk.page.locator("html[data-calling]")).to_have_count(0)
    expect(desk.card()).to_have_count(0)
    assert desk.crm.problems() == []


def test_the_card_goes_when_somebody_else_answers(desk):
    desk.sits_down()
    call = desk.rings("101", "102")
    expect(desk.card()).to_be_visible()

    desk.answered(call, "102", ("101", "102"))

    expect(desk.card()).to_have_count(0)


def test_a_missed_call_is_told_by_amocrm_too(desk):
    desk.sits_down()
    call = desk.rings()
    expect(desk.card()).to_be_visible()

    desk.stand.happens("ended", desk.stand.call(uniq=call.uniq, rings=["101"]))

    expect(desk.card()).to_contain_text("Пропущенный звонок")
    expect(desk.page.locator("[data-notice=call]")).to_contain_text("Мария")
    desk.shoot("call-missed")


def test_the_card_stays_above_every_page_and_leads_to_the_lead(desk):
    desk.sits_down()
    desk.rings()
    expect(desk.card()).to_be_visible()

    desk.page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Контакты").click()
    desk.crm.rest()
    expect(desk.card()).to_be_visible()
    desk.card().get_by_role("link", name="Открыть сделку").click()

    desk.page.wait_for_url(f"**/leads/detail/{desk.lead['id']}")
    expect(desk.card()).to_be_visible()
    assert desk.cards.hub.count == 1
    assert desk.crm.problems() == []


def test_the_keyboard_opens_and_hides(desk):
    desk.sits_down()
    desk.rings()
    expect(desk.card()).to_be_visible()

    desk.page.keyboard.press("Control+Alt+Enter")
    desk.page.wait_for_url(f"**/leads/detail/{desk.lead['id']}")
    expect(desk.card()).to_be_visible()  # a page that was loaded anew is told what goes on

    desk.page.keyboard.press("Control+Alt+Backspace")
    expect(desk.card()).to_have_count(0)


def test_an_unknown_number_becomes_a_new_contact(desk):
    desk.sits_down()
    desk.rings(client="+79995550011")
    expect(desk.card()).to_contain_text("+7 999 555-00-11")

    desk.card().get_by_role("link", name="Создать контакт").click()

    desk.page.wait_for_url("**/contacts/add/?phone=%2B79995550011")
    expect(desk.page.locator("#host-card input[name=phone]")).to_have_value("+79995550011")


def test_a_stream_that_breaks_comes_back_with_what_goes_on(desk):
    desk.crm.visitor.forgive("net::ERR_")
    desk.sits_down()
    gone = desk.rings()
    expect(desk.card()).to_contain_text("Мария")

    desk.stop_stream()
    desk.stand.happens("ended", desk.stand.call(uniq=gone.uniq, rings=["101"]))
    desk.rings(client="+79995550011")
    desk.start_stream()

    expect(desk.card()).to_contain_text("+7 999 555-00-11")
    expect(desk.card()).to_have_count(1)


def test_a_click_in_the_card_of_a_lead_calls_and_shows_how_it_goes(desk):
    desk.sits_down(f"leads/detail/{desk.lead['id']}")

    desk.clicks()
    expect(desk.card()).to_contain_text("Набираем")
    dial = desk.claims()
    expect(desk.card()).to_contain_text("Снимите трубку")
    desk.shoot("call-own-phone")
    dialling.answered(desk.stand.ctx, dial.id, is_good=True)
    expect(desk.card()).to_contain_text("Звоним клиенту")
    desk.shoot("call-dialling")

    call = desk.stand.call("out", operator="101", talks=[("101", 5, 60)], request_id=dial.token)
    desk.stand.happens("talking", going(call, Stage.TALKING, talks=["101"]), "101")
    expect(desk.card()).to_contain_text("Разговор")
    expect(desk.page.locator("html[data-calling]")).to_have_count(1)
    desk.stand.happens("ended", call)

    expect(desk.card()).to_contain_text("Разговор окончен")
    assert (dial.entity, dial.entity_id, dial.user_id) == ("lead", desk.lead["id"], ANNA)
    assert desk.crm.problems() == []


def test_a_silent_own_phone_is_said(desk):
    desk.sits_down(f"leads/detail/{desk.lead['id']}")
    desk.clicks()
    expect(desk.card()).to_contain_text("Набираем")

    dialling.answered(desk.stand.ctx, desk.claims().id, is_good=False, reason="3")

    expect(desk.card()).to_contain_text("Вы не сняли трубку")
    desk.shoot("call-failed")


def test_a_click_in_the_card_of_a_contact_a_company_and_in_lists(desk):
    contact = desk.stand.contact_of(make.CLIENT)
    company = desk.stand.world.amocrm.ui_company(DOMAIN, OLGA, "Ромашка", ["+7 495 123-45-67"])
    desk.sits_down()

    seen = []
    for path in ("leads/list/", "contacts/list/", f"contacts/detail/{contact['id']}",
                 f"companies/detail/{company['id']}"):  # fmt: skip
        desk.crm.go(path)
        desk.clicks()
        dial = desk.claims()
        seen.append((dial.entity, dial.entity_id, dial.number))
        dialling.answered(desk.stand.ctx, dial.id, is_good=False, reason="3")
        desk.stand.pass_time(10)

    maria = f"+{make.CLIENT}"
    assert seen == [("", None, maria), ("", None, maria), ("contact", contact["id"], maria),
                    ("company", company["id"], "+74951234567")]  # fmt: skip
    assert desk.crm.problems() == []


def test_a_refusal_is_read_in_the_card(desk):
    desk.crm.visitor.expect(403)
    desk.stand.rules(people=())
    desk.crm.go(f"leads/detail/{desk.lead['id']}")

    desk.clicks(403)

    expect(desk.card()).to_contain_text("За вами не закреплён телефон")
    assert dials.newest(desk.stand.account.id)[0].status == "refused"


def test_on_a_phone_the_card_fits_and_covers_no_menu(seat):
    desk = seat(viewport=PHONE)
    desk.sits_down()

    desk.rings()

    expect(desk.card()).to_be_visible()
    box = desk.card().bounding_box()
    assert box["y"] > 65
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    desk.shoot("call-ringing-phone")
