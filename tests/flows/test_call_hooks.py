"""Functions added to an installation: what they may say, and that whatever they do harms nobody."""

import time

import pytest

from backend.core.telephony.rules import Hook
from backend.flows.rules import configuration
from backend.flows.telephony.after import facts, hooks
from backend.store.telephony import calls, hook_figures
from tests.support import added_hooks
from tests.support.calls import CallStand
from tests.support.stand import ANNA, DOMAIN

SPELT = ("79990001122", "9179990001122", "89990001122")  # of one client; a PBX writes one as it likes


@pytest.fixture
def stand(tmp_path, redis_url, monkeypatch):
    added_hooks.install(tmp_path, monkeypatch)
    opened = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    hooks.end_all()
    opened.close()


@pytest.fixture
def row(stand):
    stand.store(stand.call(talks=["101"]))
    (row,) = calls.portion(stand.account.id, calls.CallFilters())
    return row


def asked(stand, row, *names, milliseconds=2000, **more):
    """The facts of the call with what these hooks said."""
    rules = stand.rules(hooks=tuple(Hook(name, True, milliseconds) for name in names), **more)
    known = facts.gather(stand.account.id, [row], stand.now(), configuration.load(stand.account.id))
    (found,) = hooks.asked(stand.ctx, stand.account.id, known, rules)
    return found


def figures(stand):
    return hook_figures.of_week(stand.account.id, stand.now())


def test_a_hook_says_all_that_may_be_said(stand, row):
    found = asked(stand, row, "generous")

    hooked = found.hooked
    assert (hooked.responsible_id, hooked.pipeline_id, hooked.stage_id) == (7, 8, 9)
    assert (hooked.number, hooked.task, hooked.task_text) == ("+79990001122", True, "Позвонить самим")
    assert found.call.recordings == ("msk.wav",)
    assert (figures(stand)["generous"].runs, figures(stand)["generous"].failures) == (1, 0)


def test_the_first_that_says_something_decides(stand, row):
    found = asked(stand, row, "silent", "talkative", "generous")

    assert (found.hooked.skip, found.hooked.responsible_id) == ("talkative", 7)


def test_a_hook_that_is_off_is_not_asked(stand, row):
    rules = stand.rules(hooks=(Hook("generous"),))
    known = facts.gather(stand.account.id, [row], stand.now(), configuration.load(stand.account.id))

    assert hooks.asked(stand.ctx, stand.account.id, known, rules) == known
    assert figures(stand) == {}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "KeyError"), ("misspelt", "responsable"), ("wrong", "Анна"), ("odd", "TypeError"),
        ("dies", "call_hooks.failed"), ("greedy", "MemoryError"), ("writes", "File too large"),
        ("gone", "call_hooks.not_loaded"), ("unheard_of", "call_hooks.not_installed"),
    ],
)  # fmt: skip
def test_a_failing_hook_is_as_if_it_had_said_nothing_and_is_shown(stand, row, name, said):
    found = asked(stand, row, name, "silent", "talkative")

    assert found.hooked.skip == "talkative"
    assert (figures(stand)[name].failures, figures(stand)["talkative"].failures) == (1, 0)
    assert said in figures(stand)[name].last_error
    assert figures(stand)[name].failed_at is not None


def test_a_slow_hook_is_ended_by_its_time_limit(stand, row):
    asked(stand, row, "talkative")  # whatever Python reads at its first start is read
    began = time.monotonic()
    found = asked(stand, row, "slow", milliseconds=100)

    assert time.monotonic() - began < 5
    assert found.hooked.skip == ""
    assert "call_hooks.late" in figures(stand)["slow"].last_error


def test_a_hook_sees_nothing_of_our_settings(stand, row, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not-for-hooks")
    monkeypatch.setenv("DATABASE_URL", "not-for-hooks")

    assert asked(stand, row, "nosy").hooked.task_text == "ничего"


def test_a_process_is_kept_for_the_next_call_and_started_anew_after_a_failure(stand, row):
    assert [asked(stand, row, "counts").hooked.task_text for _ in range(2)] == ["1", "2"]

    hooks.end_all()
    assert asked(stand, row, "counts").hooked.task_text == "1"


def test_a_dry_run_writes_nothing(stand, row):
    (dry,) = hooks.try_on(stand.ctx, stand.account.id, "generous", [row], 2000)
    (failed,) = hooks.try_on(stand.ctx, stand.account.id, "broken", [row], 2000)

    assert (dry.answer.responsible_id, dry.error) == (7, None)
    assert (failed.answer, failed.error.code) == (None, "call_hooks.failed")
    assert figures(stand) == {}


def test_what_is_installed_is_listed(stand):
    found = {one.name: one for one in hooks.installed()}

    assert set(added_hooks.NAMES) | {"gone"} <= set(found)
    assert (found["slow"].place, found["slow"].package, found["slow"].version) == (
        "added_hooks:slow", "added_hooks", "1.2",
    )  # fmt: skip


def test_what_a_hook_says_is_done_in_amocrm(stand):
    stand.rules(hooks=(Hook("talkative", True, 2000),))
    stand.called(talks=["101"])
    assert (stand.logged(), stand.contact_of()) == ([], None)

    stand.rules(hooks=(Hook("broken", True, 2000),))
    stand.called(talks=["101"])
    assert len(stand.logged()) == 1


def test_a_missed_call_is_the_task_of_the_client_whom_a_hook_names(stand):
    """The PBX puts a prefix before numbers of one city, and only the hook knows it."""
    stand.rules(hooks=(Hook("renames", True, 2000),))
    stand.called("in", client="9179990001122")
    (task,) = stand.tasks()

    stand.called("out", client="79990001122", talks=[("101", 5, 60)])

    assert stand.contact_of("79990001122")
    assert [one["id"] for one in stand.tasks(is_completed=True)] == [task["id"]]


@pytest.mark.parametrize("is_company", [False, True])
def test_calls_heard_together_whom_a_hook_brings_to_one_client_make_one_of_everything(stand, is_company):
    stand.rules(hooks=(Hook("renames", True, 2000),))
    if is_company:
        stand.world.amocrm.ui_company(DOMAIN, ANNA, "Ромашка", ["+79990001122"])

    stand.finish(*(stand.call(client=client, talks=["101"]) for client in SPELT))

    assert len(stand.logged()) == len(SPELT)
    assert len(stand.leads()) == 1
    assert len(stand.contacts()) == (0 if is_company else 1)
