"""While YCLIENTS and amoCRM are slow, the panel ends with a sentence, and with what was done by then."""

import pytest

from backend.flows.rules import configuration
from backend.flows.vendors import patience
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import TVERSKAYA

SLOW = "отвечает слишком долго"


@pytest.fixture
def slow(monkeypatch):
    """All the time there was is gone at once."""
    monkeypatch.setattr(patience, "SECONDS", -1.0)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("reread/crm", {"screen": "stages"}),
        (f"salons/{TVERSKAYA}/hooks", {}),
        ("salons/connect", {"way": "token", "token": "salon-token"}),
    ],
)
def test_a_deed_that_takes_too_long_is_a_sentence(stand, owner, slow, path, form):
    asked = len(stand.world.yclients.journal())

    answer = owner.post(f"{HOME}/{path}", **form)

    page = answer if answer.status_code == 422 else owner.get(answer.location)
    assert SLOW in text_of(page)
    assert len(stand.world.yclients.journal()) == asked


def test_a_version_is_saved_and_the_salons_it_could_not_read_are_told_of(stand, owner, slow):
    off = {"mode": "off"}
    owner.post(f"{HOME}/salons/{TVERSKAYA}/mode", **off)

    answer = owner.post(f"{HOME}/salons/{TVERSKAYA}/mode", mode="observe")

    assert configuration.number(stand.account.id) == 3
    assert SLOW in text_of(owner.get(answer.location))


def test_what_is_true_of_every_salon_is_said_once(stand, owner):
    owner.post(f"{HOME}/salons/{TVERSKAYA}/mode", mode="observe")
    stand.world.yclients.faults("500")

    owner.post(f"{HOME}/rules/1/restore", base="2")

    assert configuration.number(stand.account.id) == 3
    assert text_of(owner.get(f"{HOME}/rules")).count("YCLIENTS ответил ошибкой") == 1


def test_pages_that_ask_nobody_do_not_notice(owner, slow):
    assert owner.get(f"{HOME}/stages").status_code == 200
    assert owner.get(f"{HOME}/salons").status_code == 200
