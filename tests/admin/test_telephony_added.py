"""Added functions in the panel: switched on and off, tried on past calls, and shown when they fail."""

import pytest

from backend.core.telephony.rules import Hook
from backend.flows.rules import configuration
from backend.flows.telephony.after import hooks
from backend.store.telephony import hook_figures
from tests.admin.calling import keep
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import added_hooks
from tests.support.calls import CallStand

PAGE = f"{HOME}/telephony/hooks"
SOURCE = """
def polite(call, facts):
    return {"task": "Позвонить самим", "responsible": 7000002}


def broken(call, facts):
    raise KeyError("нет такого")
"""


@pytest.fixture
def stand(tmp_path, redis_url, monkeypatch):
    added_hooks.install(tmp_path, monkeypatch, SOURCE, ("polite", "broken"), "polite_hooks")
    opened = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    hooks.end_all()
    opened.close()


def sent(owner, **fields):
    base = owner.get(PAGE).text.split('name="base" value="')[1].split('"')[0]
    return owner.post(PAGE, base=base, **{"ms-broken": "200", "ms-polite": "200", **fields})


def told(stand):
    return configuration.current(stand.account.id).telephony.hooks


def test_what_is_installed_is_shown_and_off(stand, owner):
    page = owner.get(PAGE)

    assert "Пакет polite_hooks 1.2." in text_of(page)
    assert "checked" not in page.text.split('id="added"')[1].split("</form>")[0]


def test_a_function_is_switched_on_and_off(stand, owner):
    assert sent(owner, **{"on-polite": "1", "ms-polite": "350"}).status_code == 303
    assert told(stand) == (Hook("polite", True, 350),)
    assert "polite" in text_of(owner.get(f"{HOME}/audit"))

    assert sent(owner, **{"ms-polite": "350"}).status_code == 303
    assert told(stand) == (Hook("polite", False, 350),)


@pytest.mark.parametrize("limit", ["", "5", "60000", "soon"])
def test_a_time_limit_that_cannot_be_is_told_beside_it(stand, owner, limit):
    answer = sent(owner, **{"on-polite": "1", "ms-polite": limit})

    assert answer.status_code == 422
    assert 'id="ms-polite-problem"' in answer.text
    assert told(stand) == ()


def test_a_dry_run_says_what_it_would_decide_and_writes_nothing(stand, owner):
    keep(stand, rings=["101"])

    said = text_of(owner.post(f"{PAGE}/polite/try"))

    assert "Поставить задачу" in said
    assert "Текст задачи: Позвонить самим" in said
    assert "Ответственный: Ольга" in said
    assert hook_figures.of_week(stand.account.id, stand.now()) == {}


def test_a_dry_run_of_a_broken_one_names_the_failure(stand, owner):
    keep(stand, rings=["101"])

    assert "Дополнение «broken» сломалось" in text_of(owner.post(f"{PAGE}/broken/try"))


def test_a_dry_run_without_calls_says_so(stand, owner):
    assert "Пробовать пока не на чем" in owner.post(f"{PAGE}/polite/try").text


def test_how_one_fares_is_shown(stand, owner):
    stand.rules(hooks=(Hook("broken", True), Hook("lost", True)))
    error = "call_hooks.failed name=broken error=KeyError"
    hook_figures.note(stand.account.id, "broken", 4000, error, stand.now())
    hook_figures.note(stand.account.id, "broken", 2000, "", stand.now())

    said = text_of(owner.get(PAGE))

    assert "За неделю 2 звонка, в среднем 3 мс." in said
    assert "Сломалось 1 раз" in said
    assert "Дополнение «broken» сломалось: KeyError" in said
    assert "Дополнения «lost» на этом сервере нет" in said


def test_one_that_is_not_installed_cannot_be_tried(stand, owner, viewer):
    refused = owner.post(f"{PAGE}/lost/try")

    assert refused.status_code == 422
    assert "Дополнения «lost» на этом сервере нет" in refused.text
    assert viewer.post(f"{PAGE}/polite/try").status_code == 403
