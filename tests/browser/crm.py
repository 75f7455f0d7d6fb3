"""A person at amoCRM whose account has our widget: its pages, its card, and the panel in the card."""

from pathlib import Path

from playwright.sync_api import expect

from deploy import build_widget
from sandbox.amocrm.archive import code_of
from tests.browser.visitor import SCREENS
from tests.support.stand import CLIENT, DOMAIN

CODE = code_of(CLIENT)
BLOCK = f"#widgets_block [data-code={CODE}]"


class Crm:
    """A person at amoCRM, whose account has our archive."""

    def __init__(self, live, visitor, archive):
        self.live, self.visitor, self.page = live, visitor, visitor.page
        build_widget.build(Path(), live.url, archive)
        live.stand.world.amocrm.widget(client_id=CLIENT, archive=str(archive))
        self.asked = []
        visitor.context.on("request", lambda request: self.asked.append(request.url))

    def go(self, path):
        self.page.goto(f"{self.live.at.amo}/{DOMAIN}/{path}")
        self.rest()

    def rest(self):
        self.page.locator("html[data-host-ready]").wait_for(state="attached")

    def problems(self):
        return self.page.locator("[data-widget-problem]").all_inner_texts()

    def install(self):
        self.go("settings/widgets/")
        self.page.click(f"[data-open-widget={CODE}]")
        self.page.locator("[data-widget-window][data-ready]").wait_for()
        self.page.check("#host-consent")
        self.page.click(".js-widget-install")
        self.page.locator(".js-widget-save").wait_for()

    def toggle(self):
        self.page.click(f"{BLOCK} .card-widgets__widget__caption")

    def opened_card(self, lead):
        self.go(f"leads/detail/{lead['id']}")
        self.toggle()
        return self.page.locator(BLOCK)

    def panel(self, lead):
        """The card with its first answer shown."""
        panel = Panel(self, self.opened_card(lead))
        expect(panel.block.locator(".ywx-card__sentence")).to_be_visible()
        return panel

    def cards_asked(self):
        return [url for url in self.asked if "/widget/card" in url]

    def burden(self):
        """Listeners and nodes that the page holds after the rubbish is gone."""
        session = self.visitor.context.new_cdp_session(self.page)
        session.send("Performance.enable")
        session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        return found["JSEventListeners"], found["Nodes"]


class Panel:
    """Our block of an open card. Every look at it is a picture, and is judged by axe."""

    def __init__(self, crm, block):
        self.crm, self.page, self.block = crm, crm.page, block

    def button(self, name):
        return self.block.locator(f"[data-ywx={name}]").first

    def press(self, name):
        self.button(name).click()

    def sees(self, *words):
        for each in words:
            expect(self.block).to_contain_text(each)

    def asks(self, heading):
        """The question of the step, with its choices there."""
        expect(self.block.locator(".ywx-book__title")).to_have_text(heading)
        expect(self.block.locator(".ywx-wait")).to_have_count(0)

    def pick(self, words):
        self.block.locator("[data-ywx=pick]", has_text=words).first.click()

    def tick(self, *titles):
        for title in titles:
            self.block.get_by_label(title).check()

    def walk(self, *services, salon="Тверская", master="Вера", day=1, time="12:00"):
        """From the card to the last question; `day` counts the free days of the calendar."""
        self.press("create")
        self.asks("В какой салон?")
        self.pick(salon)
        self.asks("Какие услуги?")
        self.tick(*services)
        self.press("enough")
        self.asks("К какому мастеру?")
        self.pick(master)
        self.asks("В какой день?")
        chosen = self.block.locator("[data-ywx=pick]").nth(day)
        name = chosen.get_attribute("data-value")
        chosen.click()
        self.asks("Во сколько?")
        self.pick(time)
        self.asks("Всё верно?")
        return f"{name} {time}"

    def done(self):
        """The answer of the server to what was pressed stands beside the booking."""
        expect(self.button("note")).to_be_visible()
        expect(self.button("note")).not_to_contain_text("Передаём")

    def shoot(self, name):
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.block.screenshot(path=SCREENS / f"card-{name}.png")
        assert self.crm.visitor.complaints() == []
        assert not self.crm.visitor.is_too_wide()
