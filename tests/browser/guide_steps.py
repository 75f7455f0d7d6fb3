"""The first-run guide, walked by a person: the same steps with scripts and without them."""

from playwright.sync_api import expect

from tests.support.stand import DOMAIN

GUIDE = f"/admin/accounts/{DOMAIN}/guide"
PIPELINES = {"Эпиляция": "Эпиляция", "Косметология": "Косметология", "Маникюр": "Прочее"}


class Guide:
    """`page` is a window in which the panel is open and somebody is signed in."""

    def __init__(self, live, page):
        self.live, self.page = live, page

    def open(self):
        self.page.goto(self.live.url + GUIDE)

    def begin(self, button, title=None):
        """The button of the step that is next now, whose name the guide shows."""
        self.open()
        step = self.page.locator("[aria-current=step]")
        if title:
            expect(step.get_by_role("heading")).to_contain_text(title)
        step.get_by_role("link", name=button, exact=True).click()

    def done(self):
        self.open()
        return self.page.get_by_text("— готово").count()

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
        for title in titles:
            self.page.get_by_role("checkbox", name=title).check()
        self.press("Подключить отмеченные")
        expect(self.page.get_by_role("status").first).to_contain_text("Подключено")
        self.live.stand.work()

    def sort_categories(self):
        self.begin("Разложить", "Разложить услуги")
        self.page.get_by_role("link", name="Предложить", exact=True).click()
        self.press("Сохранить предложенное")
        expect(self.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
        self.live.stand.work()

    def choose_pipelines(self, responsible):
        self.begin("Выбрать воронки", "Выбрать воронки")
        for direction, pipeline in PIPELINES.items():
            self.page.get_by_role("checkbox", name=direction, exact=True).check()
            self.page.get_by_label("Воронка", exact=True).select_option(label=pipeline)
            self.page.get_by_label("Ответственный").select_option(label=responsible)
            self.press("Применить к отмеченным")
            expect(self.page.get_by_role("status").first).to_contain_text("Сохранено")
        expect(self.page.get_by_role("heading", name="Маршруты есть для всех записей")).to_be_visible()
