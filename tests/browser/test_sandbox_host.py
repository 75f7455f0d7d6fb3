"""The sandbox runs widgets as strictly as amoCRM does: made-up ones that keep its rules or break them."""

import json
import threading

import pytest

from sandbox.amocrm.archive import code_of
from sandbox.server import Server
from sandbox.world import World

HOST = "127.0.0.1"
DOMAIN = "one.amocrm.ru"
APP = {"client_id": "one", "client_secret": "s", "redirect_uri": "https://mostik.test/callback"}
CODE = code_of("one")
MANIFEST = {
    "widget": {"name": "widget.name", "description": "widget.name", "version": "1", "locale": ["ru"]},
    "locations": ["settings", "advanced_settings", "lcard-1", "llist-0", "digital_pipeline"],
    "settings": {"key": {"name": "settings.key", "type": "text", "required": True}},
    "dp": {"settings": {"note": {"name": "settings.note", "type": "text", "required": True}}},
}
TEXTS = {"widget": {"name": "Проба"}, "settings": {"key": "Ключ", "note": "Зачем"}}
# What it is told goes into an attribute of the page: made-up widgets have no globals either.
WIDGET = """
define(['jquery', 'underscore', './js/part.js'], function ($, _, part) {
  return function () {
    const self = this;
    const page = document.body.dataset;
    const note = (word) => { page.calls = (page.calls || '') + ' ' + word; };
    const fields = ($body) => $body.find('.widget_settings_block [name=key]').length;
    const told = (word) => () => { note(word); return true; };
    self.callbacks = {
      render: told('render'), bind_actions: told('bind_actions'),
      init: told('init'), destroy: told('destroy'),
      settings: ($body) => told('settings:' + fields($body))(),
      onSave: (data) => { note('save:' + data.active + data.fields.key); return true; },
      onInstall: told('install'),
      advancedSettings: told('advanced'), dpSettings: told('dp'),
      leads: { selected: told('selected') },
    };
    EXTRA
    return self;
  };
});
"""
PART = "define(['twigjs'], (twig) => ({ isTwig: typeof twig.twig }));"


class Elsewhere:
    """The widget's server: another origin, which remembers the tokens it was shown."""

    def __init__(self):
        self.tokens = []

    def __call__(self, environ, start):
        headers = [
            ("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN", "")),
            ("Access-Control-Allow-Headers", "X-Auth-Token"),
            ("Content-Type", "application/json"),
        ]
        start("200 OK", headers)
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return [b""]
        self.tokens.append(environ.get("HTTP_X_AUTH_TOKEN", ""))
        return [b'{"word": "answered"}']


@pytest.fixture
def serve():
    """Serves an application until the test ends; answers its address."""
    running = []

    def start(app):
        server = Server(HOST, 0, app)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return f"http://{HOST}:{server.server_address[1]}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


class Room:
    """An account with one widget, and a page in the browser."""

    def __init__(self, page, base, world, folder):
        self.page, self.base, self.world, self.folder = page, base, world, folder

    def widget(self, script=WIDGET, extra="", **manifest):
        files = {
            "manifest.json": json.dumps({**MANIFEST, **manifest}),
            "i18n/ru.json": json.dumps(TEXTS),
            "script.js": script.replace("EXTRA", extra),
            "js/part.js": PART,
        }
        for name, content in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(content, "utf-8")
        self.world.amocrm.widget(client_id="one", archive=str(self.folder))

    def installed(self, **how):
        self.widget(**how)
        self.world.amocrm.widget_save(domain=DOMAIN, client_id="one", fields={"key": "7"})

    def go(self, path):
        self.page.goto(f"{self.base}/{DOMAIN}/{path}")
        self.rest()

    def rest(self):
        self.page.locator("html[data-host-ready]").wait_for(state="attached")

    def calls(self):
        return (self.page.evaluate("document.body.dataset.calls") or "").split()

    def problems(self):
        return self.page.locator("[data-widget-problem]").evaluate_all(
            "all => all.map(x => x.dataset.widgetProblem)"
        )

    def open(self):
        self.go("settings/widgets/")
        self.page.click(f"[data-open-widget={CODE}]")
        self.page.locator("[data-widget-window][data-ready]").wait_for()

    def saved(self):
        return [kept["settings"] for kept in self.world.amocrm.state(DOMAIN)["widgets"]]


@pytest.fixture
def room(browser, serve, tmp_path):
    world = World(seed=1, get=lambda _url, _timeout: 200)
    world.amocrm.account(domain=DOMAIN)
    world.amocrm.app(**APP)
    contact = {"name": "Иван", "phone": "+79990000001"}
    world.amocrm.ui_lead(domain=DOMAIN, user_id=7000001, name="Стрижка", contact=contact)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield Room(context.new_page(), serve(world.amocrm_wsgi), world, tmp_path)
    context.close()


def test_an_area_is_entered_in_order_and_left(room):
    room.installed()

    room.go("leads/detail/20000001")
    entered = room.calls()
    room.page.click(".host-menu a >> nth=0")
    room.page.locator("html[data-area=leads]").wait_for(state="attached")
    room.rest()

    assert entered == ["render", "bind_actions", "init"]
    assert room.calls() == [*entered, "destroy", *entered]
    assert room.problems() == []


def test_a_callback_that_does_not_return_true_stops_the_next_ones(room):
    room.installed(extra="self.callbacks.bind_actions = () => undefined;")

    room.go("leads/detail/20000001")

    assert room.calls() == ["render"]
    assert room.problems() == ["bind_actions did not return true"]


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("self.callbacks.init = () => { throw new Error('x'); };", "init"),
        ("window.ours = 1;", "global ours"),
        ("self.callbacks = undefined;", "script.js"),
        ("self.crm_magic();", "script.js"),
        ("(function () { 'use strict'; APP.data = {}; }());", "script.js"),
        ("self.callbacks.render = () => self.render({ ref: '/tmpl/controls/rainbow.twig' }, {});", "render"),
    ],
)
def test_what_amocrm_does_not_have_is_told(room, extra, problem):
    room.installed(extra=extra)

    room.go("leads/detail/20000001")

    assert problem in room.problems()


@pytest.mark.parametrize("name", ["moment-timezone", "lib/other", "https://elsewhere.test/x.js"])
def test_only_documented_modules_are_given(room, name):
    room.installed(script=f"define(['{name}'], () => function () {{}});")

    room.go("leads/detail/20000001")

    assert room.problems() == ["script.js"]
    assert name in room.page.inner_text("#host-problems")


def test_libraries_leave_no_global(room):
    room.installed()

    room.go("leads/detail/20000001")

    assert room.page.evaluate("[typeof window.jQuery, typeof window.$, typeof window._]") == ["undefined"] * 3


def test_a_widget_that_has_no_business_here_is_not_called(room):
    room.installed(locations=["settings", "ccard-1"])

    room.go("leads/detail/20000001")

    assert (room.calls(), room.problems()) == ([], [])


def test_installing_needs_consent_and_what_is_required(room):
    room.widget()
    room.open()
    button = room.page.locator(".js-widget-install")

    before = button.is_disabled()
    room.page.check("#host-consent")
    button.click()
    asked = room.page.locator(".host-field__problem").inner_text()
    room.page.fill(".widget_settings_block [name=key]", "7")
    button.click()
    room.page.locator(".js-widget-save").wait_for()

    assert (before, asked) == (True, "Заполните это поле")
    assert room.calls() == [
        "render",
        "bind_actions",
        "init",
        "settings:1",
        "save:Y7",
        "install",
        "settings:1",
    ]
    assert room.saved() == [{"key": "7"}]
    assert "200" in room.page.inner_text(".host-told")


@pytest.mark.parametrize(
    ("answer", "is_saved"),
    [
        ("true", True),
        ("Promise.resolve()", True),
        ("false", False),
        ("undefined", False),
        ("Promise.reject()", False),
    ],
)
def test_the_widget_decides_whether_its_settings_are_saved(room, answer, is_saved):
    room.widget(extra=f"self.callbacks.onSave = () => {answer};")
    room.open()
    room.page.click("[data-tab=settings]")
    room.page.check("#host-consent")
    room.page.fill(".widget_settings_block [name=key]", "7")

    room.page.click(".js-widget-install")
    room.page.locator(".host-told:not(:empty)").wait_for()

    assert bool(room.saved()) is is_saved


def test_switching_off_asks_the_widget_and_destroys_it(room):
    room.installed()
    room.open()

    room.page.click(".js-widget-uninstall")
    room.page.click(".js-widget-uninstall-sure")
    room.page.locator("[data-widget][data-status=install]").wait_for()

    assert room.calls()[-2:] == ["save:N7", "destroy"]
    assert room.saved() == []


def test_a_block_of_the_right_column_opens_by_mouse_and_keyboard(room):
    block = "{caption: {class_name: 'x', html: ''}, body: '<i>тело</i>', render: '{{ word|escape }}'}"
    draw = f"self.render_template({block}, {{word: '<b>'}}); return true;"
    room.installed(extra=f"self.callbacks.render = () => {{ {draw} }};")
    room.go("leads/detail/20000001")
    caption = room.page.locator(".card-widgets__widget__caption.x")
    body = room.page.locator(".card-widgets__widget__body")

    closed = body.is_hidden()
    caption.click()
    opened = body.inner_text()
    caption.press("Enter")

    assert (caption.inner_text(), closed, opened, body.is_hidden()) == ("Проба", True, "тело<b>", True)


def test_the_right_column_is_for_those_who_asked_for_it(room):
    draw = "self.callbacks.render = () => { self.render_template({body: '', render: ''}); return true; };"
    room.installed(locations=["lcard-0"], extra=draw)

    room.go("leads/detail/20000001")

    assert room.problems()[0] == "render"


def test_a_request_carries_a_token_that_works_once(room, serve):
    elsewhere = Elsewhere()
    url = serve(elsewhere)
    ask = f"self.$authorizedAjax({{url: '{url}/x', dataType: 'json'}}).done((got) => note(got.word))"
    room.installed(extra=f"self.callbacks.init = () => {{ {ask}; {ask}; return true; }};")

    room.go("leads/detail/20000001")
    room.page.wait_for_function("document.body.dataset.calls.split('answered').length === 3")

    assert len(set(elsewhere.tokens)) == 2
    assert all(token.count(".") == 2 for token in elsewhere.tokens)


def test_the_list_gives_what_was_ticked(room):
    extra = "self.callbacks.leads.selected = () => note(JSON.stringify(self.list_selected()));"
    room.installed(extra=extra)
    room.go("leads/list/")

    room.page.check("#host-list [name=lead]")
    room.page.click(f"[data-bulk-widget={CODE}]")

    chosen = {"id": 20000001, "type": "lead", "phones": ["+79990000001"], "emails": []}
    assert json.loads(room.calls()[-1]) == {
        "selected": [chosen], "summary": {"items": 1, "emails": 0, "phones": 1}, "count_selected": 1,
    }  # fmt: skip


def test_the_advanced_page_is_given_to_its_widget(room):
    room.installed(extra=f"self.callbacks.advancedSettings = () => $('#work-area-{CODE}').text('мы здесь');")

    room.go(f"widgetsSettings/{CODE}/")

    assert room.page.inner_text("#list_page_holder") == "мы здесь"


def test_a_trigger_is_put_on_a_stage(room):
    where = "$('.digital-pipeline__short-task_widget-style_' + self.params.widget_code).parent().parent()"
    form = f"{where}.find('[data-action=send_widget_hook]')"
    room.installed(extra=f"self.callbacks.dpSettings = () => note('form:' + {form}.length);")
    room.go("settings/pipeline/leads/8001/")

    room.page.click("[data-add-trigger='8101']")
    room.page.click(f"[data-trigger-widget={CODE}]")
    room.page.click("[data-save-trigger]")
    asked = room.page.locator(".host-field__problem").inner_text()
    room.page.fill("[data-action=send_widget_hook] [name=note]", "Перед звонком")
    room.page.click("[data-save-trigger]")
    room.page.locator("[data-stage='8101'] [data-trigger]").wait_for()

    [trigger] = room.world.amocrm.state(DOMAIN)["widget_triggers"]
    assert ("form:1" in room.calls(), asked) == (True, "Заполните это поле")
    assert (trigger["stage_id"], trigger["settings"]) == (8101, {"note": "Перед звонком"})


def test_a_phone_is_given_to_the_widget_that_wants_it(room):
    room.installed(extra="self.add_action('phone', (data) => note(data.value + ':' + data.contact_id));")
    room.go("leads/detail/20000001")

    room.page.click("[data-phone]")

    assert room.calls()[-1] == "+79990000001:40000001"


def test_windows_come_and_go_without_a_trace(room):
    room.installed()
    room.go("settings/widgets/")
    measure = room.page.context.new_cdp_session(room.page)
    measure.send("Performance.enable")

    def kept():
        measure.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in measure.send("Performance.getMetrics")["metrics"]}
        return found["JSEventListeners"], found["Nodes"]

    def visit():
        room.page.click(f"[data-open-widget={CODE}]")
        room.page.locator("[data-widget-window][data-ready]").wait_for()
        room.page.keyboard.press("Escape")
        room.page.locator(".modal").wait_for(state="detached")
        room.rest()

    visit()
    visit()
    listeners, nodes = kept()
    for _ in range(10):
        visit()

    assert kept()[0] <= listeners
    assert kept()[1] < nodes + 10  # ten visits that left one node each would be seen


def test_a_missing_archive_is_told_on_the_page(room):
    room.widget()
    (room.folder / "script.js").unlink()

    room.go("settings/widgets/")

    assert "script.js" in room.page.inner_text("[data-missing]")
