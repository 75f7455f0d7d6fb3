"""Killed with a booking from a lead's card half made: pressed again, there is one booking and one lead."""

import json
import signal
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.store import accounts, card_actions
from tests.crash.salon import STAFF
from tests.crash.world import ANNA, CLIENT

COMPANY, SERVICE = 41001, 90001
HOST = "http://127.0.0.1"  # the audience of a token names no port


@pytest.fixture
def world(installation, database):
    return installation(database, 1, workers=1)


@pytest.fixture
def lead(world):
    [(_, domain)] = world.pairs
    found = world.person_asks(domain, "+79990000001")
    world.calm()
    return found


@pytest.fixture
def press(world, lead):
    """What the button sends, each time with a token of its own."""
    form = str(uuid.uuid4())
    at = datetime.now(UTC) + timedelta(days=3)
    body = {
        "form": form, "lead": lead["id"], "salon": COMPANY, "services": [SERVICE], "master": STAFF,
        "at": f"{at:%Y-%m-%d} 12:00", "comment": "",
    }  # fmt: skip
    return lambda: {"headers": {"X-Auth-Token": token(world)}, "body": body}


def token(world):
    [(_, domain)] = world.pairs
    now = int(world.ctx.now().timestamp())
    claims = {
        "iss": f"https://{domain}", "aud": HOST, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
        "exp": now + 1800, "account_id": 30000001, "user_id": ANNA, "client_uuid": CLIENT, "is_admin": True,
    }  # fmt: skip
    return jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key("sandbox-client-secret"), algorithms=["HS256"]
    )


def journal(world):
    return world.salons.read(f"state?company_id={COMPANY}")["records"]


def killed(world, point, press):
    victim = world.family.start(
        "victim", "tests.crash.card_victim", point, json.dumps(press), environment=world.environment
    )
    assert victim.wait(30) == -signal.SIGKILL


def pressed(world, press):
    return requests.post(f"{world.web}/widget/book", headers=press["headers"], json=press["body"], timeout=30)


@pytest.mark.parametrize(("point", "made"), [("asked", 0), ("answered", 1)])
def test_pressed_again_there_is_one_booking_and_one_lead(world, lead, press, point, made):
    killed(world, point, press())
    assert len(journal(world)) == made

    world.advance(90)  # whoever sent it is dead for sure
    answer = pressed(world, press())
    world.calm()

    assert answer.status_code == 201, answer.text
    (record,) = journal(world)
    [(_, domain)] = world.pairs
    leads = world.crm.read(f"state?domain={domain}")["leads"]
    assert [one["id"] for one in leads] == [lead["id"]]
    assert leads[0]["status_id"] == 8101
    assert answer.json()["booking"]["key"] == f"yclients:{COMPANY}:{record['id']}"


def test_pressed_again_while_the_death_is_fresh_nothing_is_made_twice(world, press):
    killed(world, "answered", press())

    started = time.monotonic()
    answer = pressed(world, press())

    assert (answer.status_code, answer.json()["code"]) == (503, "card.in_progress")
    assert time.monotonic() - started < 15
    assert len(journal(world)) == 1
    [(_, domain)] = world.pairs
    form = press()["body"]["form"]
    assert card_actions.by_form(accounts.by_domain(domain).id, form).state == "sent"
