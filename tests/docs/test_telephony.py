"""What docs/telephony.md shows is what is shipped, what the tests' real Asterisk runs, and what works."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backend.cli.telephony import telephony
from backend.core.telephony.rules import Hook
from backend.flows.rules import configuration
from backend.flows.telephony.after import facts, hooks
from tests.support import added_hooks
from tests.support.calls import CallStand
from tests.support.stand import OLGA

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "telephony.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
MOSCOW = ZoneInfo("Europe/Moscow")
NIGHT, DAY = datetime(2026, 3, 2, 23, 40, tzinfo=MOSCOW), datetime(2026, 3, 2, 12, 40, tzinfo=MOSCOW)
ADVERTS = "74951234567"


@pytest.fixture
def stand(tmp_path, redis_url, monkeypatch):
    """With the function of the document installed."""
    (source,) = [text for language, text in BLOCKS if language == "python"]
    added_hooks.install(tmp_path, monkeypatch, source, ["night"], "our_calls")
    opened = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    hooks.end_all()
    opened.close()


@pytest.mark.parametrize(
    "name", ["manager_mostik.conf", "cdr_manager.conf", "cel.conf", "extensions_mostik.conf"]
)
def test_the_files_of_the_document_are_the_shipped_ones(name):
    shown = [text.rstrip() for _, text in BLOCKS]

    assert (ROOT / "deploy" / "pbx" / name).read_text(encoding="utf-8").rstrip() in shown


def test_commands_of_the_document_exist():
    named = set(re.findall(r"^\| `telephony (\w+)", TEXT, re.MULTILINE))

    assert named == set(telephony.commands)


@pytest.mark.parametrize(
    ("at", "did", "talks", "said"),
    [
        (NIGHT, ADVERTS, [], (OLGA, "Звонили ночью (23:40) по рекламе: перезвонить утром")),
        (NIGHT, ADVERTS, ["101"], (OLGA, "")),
        (DAY, ADVERTS, [], (None, "")),
        (NIGHT, "74950000000", [], (None, "")),
    ],
    ids=["night", "night, answered", "day", "another line"],
)
def test_the_function_of_the_document_does_what_it_says(stand, at, did, talks, said):
    ended = stand.call(at=at, did=did, talks=talks)
    stand.store(ended)
    rules = stand.rules(hooks=(Hook("night", True, 2000),))
    loaded = configuration.load(stand.account.id)
    known = facts.gather(stand.account.id, [stand.row(ended)], stand.now(), loaded)

    (found,) = hooks.asked(stand.ctx, stand.account.id, known, rules)

    assert (found.hooked.responsible_id, found.hooked.task_text) == said
