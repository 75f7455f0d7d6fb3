"""Whatever people and vendors call things, it is text on every page, never markup."""

from html.parser import HTMLParser

import pytest

from backend.store import alarms, audit
from tests.security.conftest import CSRF, PASSWORD
from tests.support import hostile, screens
from tests.support.hostile import HostileStand, evil

# Words from outside that must at least have been shown somewhere, or the crawl proves nothing.
SHOWN = (
    "client-0",
    "comment",
    "Тверская",
    "Эпиляция",
    "Лазер: подмышки",
    "Вера",
    "Анна",
    "Записан",
    "operator",
)
SEARCHES = (
    "text",
    "q",
    "status",
    "branch",
    "before",
    "lead",
    "name",
    "person",
    "action",
    "day",
    "next",
    "only",
    "card",
)


@pytest.fixture
def stand(tmp_path, redis_url):
    opened = HostileStand(f"sqlite:///{tmp_path / 'hostile.db'}", redis_url)
    yield opened
    opened.close()


class Elements(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text):
        super().__init__()
        self.acting = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("class") == "evil" or given.get("src") == "x" or any(k.startswith("on") for k in given):
            self.acting.append((tag, attrs))


def acting(text):
    return Elements(text).acting


@pytest.fixture
def lived(stand):
    audit.write(stand.now(), operator=evil("operator"), account_id=stand.account.id, action="signed_in")
    details = {"title": evil("alarm"), "branch": evil("alarm"), "field": evil("alarm")}
    alarms.raise_alarm(stand.account.id, "category_unmapped", "category", evil("alarm"), details, stand.now())
    return screens.samples(stand, hostile.live_through(stand))


def test_the_crawl_would_notice():
    assert acting(evil("here"))
    assert acting("<b onclick=x>")
    assert not acting("<p class=quiet>text</p>")


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_no_word_from_outside_is_markup(stand, lived, comes, who):
    person = comes(who)
    seen = ""

    for endpoint, path in screens.pages(stand.app, lived):
        text = person().get(path).text
        assert acting(text) == [], endpoint
        assert "49'" not in text, endpoint
        seen += text

    assert [word for word in SHOWN if f"{word}&#39;&#34;&gt;&lt;/script&gt;" not in seen] == []


def test_no_word_of_a_search_is_markup(stand, lived, comes):
    owner = comes("owner")
    query = dict.fromkeys(SEARCHES, evil("query"))

    for endpoint, path in screens.pages(stand.app, lived):
        answer = owner().get(path.partition("?")[0], query_string=query)
        assert answer.status_code < 500, endpoint
        assert acting(answer.text) == [], endpoint


def test_no_word_of_a_refused_form_is_markup(stand, lived, comes):
    """Forms come back with what was typed."""
    owner = comes("owner")
    pages = dict(screens.pages(stand.app, lived))
    names = (
        "login",
        "password",
        "title",
        "name",
        "timezone",
        "key",
        "token",
        "note",
        "base",
        "group",
        "card",
        "way",
    )
    typed = {**dict.fromkeys(names, evil("typed")), "csrf": CSRF}

    for endpoint, path in pages.items():
        answer = owner().post(path, data=typed)
        assert answer.status_code < 500, endpoint
        assert acting(answer.text) == [], endpoint


def test_a_strange_login_is_shown_as_text(stand, comes):
    nobody = comes("anonymous")
    form = {"csrf": CSRF, "login": evil("login"), "password": PASSWORD, "next": evil("next")}

    answer = nobody().post("/admin/sign-in", data=form)

    assert answer.status_code == 422
    assert acting(answer.text) == []
    assert "login&#39;" in answer.text
