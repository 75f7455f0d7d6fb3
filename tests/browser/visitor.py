"""A person at a browser: opens pages, signs in, and remembers everything that went wrong."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from tests.browser.live import PASSWORD

SCREENS = Path(__file__).parents[2] / "var" / "screens"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOUD = ("serious", "critical")
REFUSED = "Failed to load resource: the server responded with a status of "


class Visitor:
    """`context` is a profile of its own. Who is to be refused on purpose says so first: `expect(422)`."""

    def __init__(self, context, live):
        self.context, self.live = context, live
        self.troubles = []
        self.expected = set()
        self.forgiven = [REFUSED]
        context.on("console", self._console)
        context.on("weberror", lambda failure: self.troubles.append(f"page error: {failure.error}"))
        context.on("response", self._response)
        self.page = context.new_page()

    def expect(self, *statuses):
        self.expected.update(statuses)

    def forgive(self, *words):
        """What the browser itself writes into its console about such a trouble."""
        self.forgiven.extend(words)

    def go(self, path):
        """A path of the panel, or a whole address."""
        return self.page.goto(path if path.startswith("http") else self.live.url + path)

    def sign_in(self, login="irina", password=PASSWORD):
        self.go("/admin/sign-in")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        with self.page.expect_navigation():
            self.page.click("form.stack button[type=submit]")

    def press(self, name, **more):
        self.page.get_by_role("button", name=name, **more).first.click()

    def follow(self, name, **more):
        self.page.get_by_role("link", name=name, **more).first.click()

    def choose_language(self, language):
        self.page.click(f"button[name=language][value={language}]")

    def text(self):
        return self.page.locator("body").inner_text()

    def complaints(self):
        """What axe finds wrong on the page, the serious and the critical only."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
            for one in found
            if one["impact"] in LOUD
            for node in one["nodes"]
        ]

    def is_too_wide(self):
        """A page that scrolls sideways."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    def shoot(self, name):
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def _console(self, message):
        if message.type == "error" and not any(words in message.text for words in self.forgiven):
            self.troubles.append(f"console: {message.text}")

    def _response(self, response):
        if response.status >= 400 and response.status not in self.expected:
            self.troubles.append(f"{response.status}: {response.request.method} {response.url}")
