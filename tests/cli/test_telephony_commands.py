"""`telephony …`: an exchange is connected and calls are listed from a terminal."""

import json

import pytest

from backend import cli
from backend.store.telephony import calls
from tests.support.calls import DOMAIN, make

OFFICE = {"title": "Склад", "host": "pbx.test", "port": "5039", "tls": "on", "login": "mostik", "is_on": "on",
          "secret": "word", "tables": "mysql://reader:hidden@pbx.test/asteriskcdrdb"}  # fmt: skip


@pytest.fixture
def stand(calls):
    """The one of these tests has a telephone exchange."""
    return calls


@pytest.fixture
def typed(stand):
    cli.register(stand.app)
    runner = stand.app.test_cli_runner()

    def command(verb, *arguments, given=None):
        return runner.invoke(args=["telephony", verb, DOMAIN, *arguments], input=given and json.dumps(given))

    return command


def test_an_exchange_is_connected_and_changed_without_a_secret_being_shown(typed):
    made = typed("pbx", "second", given=OFFICE)
    changed = typed("pbx", "second", given={**OFFICE, "secret": "", "host": "other.test"})
    states = json.loads(typed("state").stdout)

    assert made.exit_code == changed.exit_code == 0, made.output + changed.output
    assert json.loads(made.stdout)["id"] == json.loads(changed.stdout)["id"]
    assert "/telephony/route/" in json.loads(made.stdout)["door"]
    assert "second" in {one["code"] for one in states}
    assert "hidden" not in made.output
    assert "word" not in made.output


@pytest.mark.parametrize(
    ("given", "told"),
    [({**OFFICE, "port": "many"}, "port:"), ({**OFFICE, "title": ""}, "title:"), (["a"], "объект")],
)
def test_what_is_wrong_is_told_by_field(typed, given, told):
    done = typed("pbx", "second", given=given)

    assert done.exit_code == 1
    assert told in done.output


def test_calls_are_listed_with_what_became_of_them(typed, stand):
    row = calls.save(stand.account.id, stand.call("in"), now=stand.now())

    listed = json.loads(typed("calls").stdout)

    assert [(one["uniq"], one["client"]) for one in listed] == [(row.uniq, make.CLIENT)]
    assert listed[0]["state"] == row.state
