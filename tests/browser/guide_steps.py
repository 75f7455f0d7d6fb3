"""The first-run guide, walked by a person: the same steps with scripts and without them."""

from playwright.sync_api import expect

from tests.support.stand import DOMAIN

GUIDE = f"/admin/accounts/{DOMAIN}/guide"
PIPELINES = {"Эпиляция": "Эпиляция", "Косметология": "Косметология", "Ногти": "Прочее"}


class Guide:
    """Of a visitor who is signed in; each screen on the way is sound. axe is a script as well."""

    def __init__(self, live, visitor, has_scripts=True):
        self.live, self.visitor, self.page = live, visitor, visitor.page
        self.has_scripts = has_scripts

    def open(self):
        self.visitor.go(GUIDE)

    def look(self):
        assert not self.has_scripts or self.visitor.complaints() == []
        assert not self.visitor.is_too_wide()

    def begin(self, button, title=None):
        """The button of the step that is next now, whose name the guide shows."""
        self.open()
        step = self.page.locator("[aria-current=step]")
        if title:
            expect(step.get_by_role("heading")).to_contain_text(title)
        step.get_by_role("link", name=button, exact=True).click()

    def press(self, name, **how):
        self.page.get_by_role("button", name=name, exact=True, **how).click()

    # Steps

    def give_access(self, login, password):
        self.begin("Подключить", "Дать доступ к YCLIENTS")
        self.page.get_by_role("link", name="Подключить салоны").click()
        self.page.get_by_label("Логин в YCLIENTS").fill(login)
        self.page.get_by_label("Пароль", exact=True).fill(password)
        self.page.get_by_role("region", name="По логину и паролю").get_by_role("button").click()

    def choose_salons(self, *titles):
        self.look()
        for title in titles:
            self.page.get_by_role("checkbox", name=title).check()
        self.press("Подключить отмеченные")
        expect(self.page.get_by_role("status").first).to_contain_text("Подключено")
        self.live.stand.work()

    def sort_categories(self):
        self.begin("Разложить", "Разложить услуги")
        self.page.get_by_role("link", name="Предложить", exact=True).click()
        self.look()
        self.press("Сохранить предложенное")
        expect(self.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
        self.live.stand.work()

    def choose_pipelines(self, responsible):
        self.begin("Выбрать воронки", "Выбрать воронки")
        self.look()
        for direction, pipeline in PIPELINES.items():
            column = self.page.get_by_role("checkbox", name=direction, exact=True)
            column.check()
            self.page.get_by_label("Воронка", exact=True).select_option(label=pipeline)
            self.page.get_by_label("Ответственный").select_option(label=responsible)
            self.press("Применить к отмеченным")
            expect(column).not_to_be_checked()
        expect(self.page.get_by_role("heading", name="Маршруты есть для всех записей")).to_be_visible()

    def choose_stages(self, pipeline, phase, stage):
        """Names of stages have been understood; the person puts right what was understood otherwise."""
        self.open()
        self.page.locator("#guide").get_by_role("link", name="Этапы", exact=True).click()
        funnel = self.page.get_by_role("region", name=pipeline, exact=True)
        expect(self.chip(funnel, "Записан", "Записан")).to_be_checked()
        self.chip(funnel, phase, stage).check()
        funnel.get_by_role("button", name="Сохранить", exact=True).click()
        expect(self.page.get_by_text("Сохранено.")).to_be_visible()
        expect(self.chip(funnel, phase, stage)).to_be_checked()

    def chip(self, funnel, phase, stage):
        return funnel.get_by_role("group", name=phase, exact=True).get_by_role(
            "radio", name=stage, exact=True
        )

    def see_booking(self):
        """The open page tells by itself; without scripts somebody has to look again."""
        expect(self.page.get_by_text("Записи приходят.")).to_be_visible()
        self.page.get_by_role("link", name="Как это решено").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Запись №")
        expect(self.page.get_by_text("Что решили")).to_be_visible()

    def switch_on(self):
        self.open()
        self.look()
        self.press("Включить 2 салона")
        expect(self.page.get_by_role("heading", level=1, name="Всё готово")).to_be_visible()
        self.live.stand.settle()
