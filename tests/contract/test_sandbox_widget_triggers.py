"""A widget's triggers in the digital pipeline of the sandbox: when they are told, and in what form."""

import json
from urllib.parse import parse_qsl

import pytest

from tests.support.amocrm_sandbox import DOMAIN, SALES, SELLER
from tests.support.widget_host import (
    CODE,
    HOOK,
    address,
    archive,
    browser,
    install,
    lead_id,
    receiver,
    visited,
    world,
)

__all__ = ["archive", "browser", "lead_id", "receiver", "visited", "world"]


def keep_bodies(world):
    """What is sent, as it is: body and headers."""
    sent = []

    def post(url, body, headers, timeout):
        sent.append((body, headers))
        return 200

    world.sender.post = post
    return sent


def add_trigger(browser, kind="lead_appeared_in_status", stage=8102, **settings):
    asked = {"code": CODE, "pipeline_id": SALES, "stage_id": stage, "kind": kind, "settings": settings}
    return browser.post(address("ajax/triggers"), json=asked)


def test_a_lead_that_reaches_the_stage_is_told_once(world, browser, receiver, lead_id):
    install(browser, key="7")
    added = add_trigger(browser, note="Перед звонком")
    receiver.status = 500

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()
    world.clock.advance(7200)
    world.deliver()

    [body] = receiver.bodies
    assert (added.status_code, receiver.url, receiver.timeout) == (201, HOOK, 2.0)
    assert abs(int(body.pop("event[time]")) - world.clock.now() + 7200) < 5
    assert body == {
        "event[type]": "15",
        "event[type_code]": "lead_appeared_in_status",
        "event[data][id]": str(lead_id),
        "event[data][element_type]": "2",
        "event[data][status_id]": "8102",
        "event[data][pipeline_id]": str(SALES),
        "event[data][direction_of_movement]": "went_to_trigger",
        "action[settings][widget][settings][note]": "Перед звонком",
        "subdomain": "one",
        "account_id": "30000001",
    }


def test_the_body_may_be_json(world, browser, lead_id):
    sent = keep_bodies(world)
    install(browser, key="7")
    add_trigger(browser)
    world.amocrm.options(trigger_encoding="json")

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()

    [(body, headers)] = sent
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["event"]["data"]["id"] == lead_id


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("lead_added", ["1"]), ("lead_status_changed", ["14"]), ("lead_appeared_in_status", ["15", "15"])],
)
def test_kinds_of_triggers(world, browser, receiver, lead_id, kind, codes):
    install(browser, key="7")
    add_trigger(browser, kind)

    world.amocrm.ui_lead(domain=DOMAIN, user_id=SELLER, name="Новая", stage_id=8102)
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.amocrm.ui_edit(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, price=5)
    world.deliver()

    assert [body["event[type]"] for body in receiver.bodies] == codes


def test_a_trigger_falls_silent_with_its_widget_and_when_removed(world, browser, receiver, lead_id):
    install(browser, key="7")
    first = add_trigger(browser).json["id"]
    browser.post(address(f"ajax/triggers/{first}/remove"), data={"back": address("settings/widgets/")})
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    add_trigger(browser, stage=8101)
    browser.post(address(f"ajax/widgets/{CODE}/disable"))
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8101)
    world.deliver()

    assert receiver.bodies == []


def test_a_wrong_trigger_is_refused(browser):
    install(browser, key="7")

    answers = [
        add_trigger(browser, stage=99),
        add_trigger(browser, kind="chat"),
        browser.post(address("ajax/triggers")),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 404]


def test_the_form_of_the_hook_reads_back(world, browser, receiver, lead_id):
    """What the receiver got is the very form: nothing is lost by the brackets."""
    sent = keep_bodies(world)
    install(browser, key="7")
    add_trigger(browser, note="a&b=[c]")

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()

    assert dict(parse_qsl(sent[0][0].decode()))["action[settings][widget][settings][note]"] == "a&b=[c]"
