"""The salons screens as tests walk them: a network with a salon to connect, what is kept, what is said."""

import dataclasses
import html
import re

import pytest

from backend.flows.rules import configuration
from backend.store import operators
from tests.admin.conftest import HOME
from tests.support.stand import TVERSKAYA

SALONS = f"{HOME}/salons"
ONE = f"{SALONS}/{TVERSKAYA}"
KAZAN, APP = 41003, 5001


def text_of(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def network(stand):
    """A third salon that is not connected, a user who manages all three, and an application of ours."""
    yc = stand.world.yclients
    yc.company(KAZAN, title="Казань", timezone_name="Europe/Moscow", city="Казань")
    yc.user("owner-token", login="79000000001", password="secret-example")
    settings = dataclasses.replace(stand.ctx.settings, yclients_application_id=APP)
    stand.ctx = dataclasses.replace(stand.ctx, settings=settings)
    stand.app.extensions["mostik"] = stand.ctx
    return stand


def base(stand):
    return configuration.number(stand.account.id)


def branch(stand, company=TVERSKAYA):
    return configuration.current(stand.account.id).branch(company)


def trail(stand):
    return operators.audit_page(stand.account.id)[0]


def flash(browser, path=SALONS):
    return text_of(browser.get(path))


# Connecting


def give(browser, **fields):
    return browser.post(f"{SALONS}/connect", **fields)


def by_login(browser, **more):
    answer = give(browser, way="login", login="79000000001", password="secret-example", **more)
    assert answer.status_code == 303, text_of(answer)
    return answer.location
