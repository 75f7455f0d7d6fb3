"""Fixtures around the Stand, for the catalogue and for the flows."""

import json

import pytest

from backend.store import alarms, connections
from tests.support.calls import CallStand
from tests.support.get8 import Get8Stand
from tests.support.stand import TVERSKAYA, Stand


@pytest.fixture
def stand(tmp_path, redis_url):
    """Two salons, three directions, a pipeline for each; all is installed, nothing has happened yet."""
    opened = Stand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    opened.close()


@pytest.fixture
def calls(tmp_path, redis_url):
    """The same with a telephone exchange: three people with a phone each, two trunks."""
    opened = CallStand(f"sqlite:///{tmp_path / 'calls.db'}", redis_url)
    yield opened
    opened.close()


@pytest.fixture
def alarm_codes(stand):
    """Codes of what the panel asks a person to look at."""
    return lambda: [alarm.code for alarm in alarms.open_alarms(stand.account.id)]


@pytest.fixture
def field_id(stand):
    """The id that amoCRM gave to a field of ours."""
    return lambda code: next(field["id"] for field in stand.crm()["fields"] if field["code"] == code)


@pytest.fixture
def caught_hooks(stand):
    """Takes the hooks about bookings off their way, in the order of the deeds: they arrive only if posted."""

    def catch():
        on_their_way = [hook["event"] for hook in stand.world.yclients.hooks_pending()]
        stand.world.sender.drop("yclients")
        return [event for event in on_their_way if event["resource"] == "record"]

    return catch


@pytest.fixture
def post_hook(stand):
    """Brings a salon's hook to our door; answers the status."""

    def post(body, company=TVERSKAYA):
        secret = connections.get(stand.account.id, company).hook_secret
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        status = stand.app.test_client().post(f"/hooks/yclients/{secret}", data=raw).status_code
        stand.work()
        return status

    return post


@pytest.fixture
def new_get8(tmp_path, redis_url):
    """Makes a Get8Stand: `new_get8(style="url", has_switch=False)`; one in a test."""
    opened = []

    def make(**options):
        opened.append(Get8Stand(f"sqlite:///{tmp_path / 'get8.db'}", redis_url, **options))
        return opened[-1]

    yield make
    for stand in opened:
        stand.close()


@pytest.fixture
def get8(new_get8):
    """An account that lives on GET8, which marks its deals with the record's id in a field."""
    return new_get8()
