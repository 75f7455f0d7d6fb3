"""3i: what the panel cannot say, a function added to the installation can; whatever it does harms no call."""

import pytest

from backend.core.telephony.rules import Hook, Missed
from backend.flows.telephony.after import hooks
from backend.store.telephony import calls as store
from backend.store.telephony import hook_figures
from tests.support import added_hooks
from tests.support.stand import ANNA, COSMETOLOGY, OLGA, STAGES

TALK = [("101", 5, 60)]
SECONDS = 2000  # milliseconds: a machine that is busy with tests starts processes slowly
SOURCE = f"""
def chooses(call, facts):
    if call["client"] != "79990001122":
        return None
    return {{
        "responsible": {OLGA}, "pipeline": {COSMETOLOGY}, "stage": {STAGES[COSMETOLOGY]},
        "task": "Перезвонить: " + ", ".join(call["rung"]) if not call["answered"] else None,
    }}


def ignores(call, facts):
    return {{"skip": facts["number"] == "+79990001122"}}


def corrects(call, facts):
    return {{"number": "+7 999 777-66-55"}}


def without_task(call, facts):
    return {{"task": False}}


def breaks(call, facts):
    return 1 / 0


def sleeps(call, facts):
    import time

    time.sleep(60)
"""
NAMES = ("chooses", "ignores", "corrects", "without_task", "breaks", "sleeps")


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    added_hooks.install(folder, monkeypatch, SOURCE, NAMES, "salon_calls")
    yield
    hooks.end_all()


def on(*names, milliseconds=SECONDS):
    return tuple(Hook(name, True, milliseconds) for name in names)


@pytest.mark.parametrize(("is_on", "owner", "pipeline"), [(False, ANNA, None), (True, OLGA, COSMETOLOGY)])
def test_3i_a_function_chooses_whose_the_client_is_and_where_the_lead_goes(calls, is_on, owner, pipeline):
    calls.rules(hooks=on("chooses") if is_on else (Hook("chooses"),))

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert calls.contact_of()["responsible_user_id"] == owner
    assert (lead["pipeline_id"] == COSMETOLOGY) is (pipeline == COSMETOLOGY)


@pytest.mark.parametrize("is_on", [False, True])
def test_3i_a_function_leaves_a_call_out(calls, is_on):
    calls.rules(hooks=on("ignores") if is_on else ())

    row = calls.called("in", talks=TALK)

    assert len(calls.logged()) == len(calls.contacts()) == (0 if is_on else 1)
    assert row.state == (store.IGNORED if is_on else store.HANDLED)


@pytest.mark.parametrize(("is_on", "number"), [(False, "79990001122"), (True, "79997776655")])
def test_3i_a_function_corrects_the_number(calls, is_on, number):
    calls.rules(hooks=on("corrects") if is_on else ())

    calls.called("in", talks=TALK)

    assert calls.contact_of(number) is not None


@pytest.mark.parametrize(
    ("names", "texts"), [((), 1), (("without_task",), 0), (("chooses",), 1), (("without_task", "chooses"), 0)]
)
def test_3i_a_function_says_whether_a_missed_call_is_a_task(calls, names, texts):
    calls.rules(hooks=on(*names), missed=Missed())

    calls.called("in", rings=["101"])

    assert len(calls.tasks()) == texts
    if names == ("chooses",):
        assert calls.tasks()[0]["text"].startswith("Перезвонить: 101")


@pytest.mark.parametrize(
    ("name", "milliseconds"), [("breaks", SECONDS), ("sleeps", 50), ("not_there", SECONDS)]
)
def test_3i_a_function_that_fails_is_as_if_it_were_not_there(calls, name, milliseconds):
    calls.rules(hooks=(*on(name, milliseconds=milliseconds), *on("chooses")))

    row = calls.called("in", talks=TALK)

    assert (row.state, len(calls.logged())) == (store.HANDLED, 1)
    assert calls.contact_of()["responsible_user_id"] == OLGA
    week = hook_figures.of_week(calls.account.id, calls.now())
    assert week[name].failures == week[name].runs > 0 == week["chooses"].failures


def test_3i_a_dry_run_on_past_calls_changes_nothing(calls):
    row = calls.called("in", talks=TALK)
    before = calls.crm()

    (dry,) = hooks.try_on(calls.ctx, calls.account.id, "chooses", [row], SECONDS)

    assert dry.answer.responsible_id == OLGA
    assert calls.crm() == before
