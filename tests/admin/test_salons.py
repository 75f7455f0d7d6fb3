"""The salons screens: connecting, looking, switching, leaving; what they say when YCLIENTS refuses."""

import re

import pytest

from backend.flows import configuration
from backend.store import connections, operators
from tests.admin.conftest import HOME
from tests.support.stand import DOMAIN, TVERSKAYA, URAL

SALONS = f"{HOME}/salons"
KAZAN = 41003


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def network(stand):
    """A third salon that is not connected, and a user who manages all three."""
    yc = stand.world.yclients
    yc.company(KAZAN, title="Казань", timezone_name="Europe/Moscow", city="Казань")
    yc.user("owner-token", login="79000000001", password="secret-example", companies=[TVERSKAYA, URAL, KAZAN])
    return stand


def branch(stand, company=TVERSKAYA):
    return configuration.current(stand.account.id).branch(company)


def test_the_list_shows_every_salon(stand, owner):
    page = text_of(owner.get(SALONS))

    assert "Тверская" in page
    assert "Урал" in page
    assert "работает" in page


# Connecting


def give(browser, **fields):
    return browser.post(f"{SALONS}/connect", **fields)


def by_login(browser, **more):
    answer = give(browser, way="login", login="79000000001", password="secret-example", **more)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def test_a_salon_is_connected_by_login_and_only_observed(network, owner):
    choice = by_login(owner)
    page = text_of(owner.get(choice))
    assert "Казань" in page

    answer = owner.post(choice, salon=KAZAN, base=configuration.number(network.account.id), hooks="1")

    assert (answer.status_code, answer.location) == (303, SALONS)
    row = connections.get(network.account.id, KAZAN)
    assert (branch(network, KAZAN).mode, row.mode, row.user_token) == ("observe", "observe", "owner-token")
    urls = network.world.yclients.state(KAZAN)["companies"][0]["urls"]
    assert urls == [f"http://mostik.test/hooks/yclients/{row.hook_secret}"]
    assert "Подключён 1 салон" in text_of(owner.get(SALONS))
