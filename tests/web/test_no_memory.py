"""Redis is away: whoever needs a ticket, a token or a limit is asked to come back, and nothing breaks."""

import dataclasses

import pytest
import redis

from tests.support.stand import CLIENT, DOMAIN

NOWHERE = redis.Redis(port=1, socket_connect_timeout=0.2)


@pytest.fixture
def forgetful(stand, monkeypatch):
    monkeypatch.setitem(stand.app.extensions, "mostik", dataclasses.replace(stand.ctx, redis=NOWHERE))
    return stand.app.test_client()


def test_a_ticket_is_opened_later(forgetful, caplog):
    answer = forgetful.get("/admin/enter/some-ticket")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "служба очередей недоступна" in answer.text
    assert not [line for line in caplog.records if line.exc_info]


def test_the_widget_is_told_in_its_own_way(stand, forgetful):
    token = stand.world.amocrm.widget_token(DOMAIN, CLIENT)["token"]

    answer = forgetful.get("/widget/state", headers={"X-Auth-Token": token})

    assert (answer.status_code, answer.json["code"]) == (503, "web.no_memory")


def test_a_step_of_the_pipeline_is_sent_again(stand, forgetful):
    step = {"account_id": 30000001, "subdomain": "lotos", "event": {"data": {"element_type": "2", "id": "1"}}}

    answer = forgetful.post("/widget/pipeline", json=step)

    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
