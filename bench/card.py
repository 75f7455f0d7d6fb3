"""How long a lead's card waits for its answer, through the widget's door."""

from __future__ import annotations

import itertools
import statistics
import uuid
from functools import partial

from joserfc import jwt
from joserfc.jwk import OctKey

from backend.store import db
from bench.network import DOMAIN, Network, p95, timed
from tests.support.stand import AMO, ANNA, CLIENT, PUBLIC

WARM, LEADS, PASSES = 20, 400, 3
LIFETIME = 1800
PER_PERSON = 200  # a person may ask 240 times within a minute


def measure(opened: Network) -> tuple[float, float]:
    """The middle of three 95th percentiles and the slowest answer of all, in milliseconds. Each answer needs
    a token of its own; they are of many people, as an office sends them. Contacts are asked for as well.
    """
    client, numbers, passes, slowest = opened.app.test_client(), itertools.count(), [], 0.0
    asked = [f"lead={lead}" for lead in _leads(opened)] + [f"contact={one}" for one in _contacts(opened)]

    def ask(question: str, given: str) -> None:
        headers = {"X-Auth-Token": given, "Origin": AMO}
        answer = client.get(f"/widget/card?{question}", headers=headers)
        assert answer.status_code == 200, (question, answer.text)

    for _ in range(PASSES):
        ready = [(question, token(opened, next(numbers))) for question in (*asked[:WARM], *asked)]
        times = [timed(partial(ask, *one)) for one in ready][WARM:]
        passes.append(p95(times) * 1000)
        slowest = max(slowest, *times)
    return statistics.median(passes), slowest * 1000


def _leads(opened: Network) -> list[int]:
    """Of all ages, the regular client's among them, and some that nobody knows."""
    sql = """SELECT lead_id FROM links WHERE account_id = %s
        ORDER BY mod(lead_id * 7919, 10007), lead_id LIMIT %s"""
    known = [lead for (lead,) in db.rows(sql, (opened.account.id, LEADS))]
    busy = [lead for (lead,) in db.rows(BUSY, (opened.account.id, LEADS // 10))]
    return [*known, *busy, *range(1, LEADS // 20)]


BUSY = """SELECT min(lead_id) FROM links WHERE account_id = %s
    GROUP BY contact_id ORDER BY count(*) DESC, contact_id LIMIT %s"""


def _contacts(opened: Network) -> list[int]:
    sql = """SELECT contact_id FROM crm_contacts WHERE account_id = %s ORDER BY contact_id DESC LIMIT %s"""
    return [contact for (contact,) in db.rows(sql, (opened.account.id, LEADS // 4))]


def token(opened: Network, number: int) -> str:
    """As amoCRM's page gives it to the widget."""
    now = int(opened.now().timestamp())
    claims = {
        "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
        "exp": now + LIFETIME, "account_id": opened.account.crm_id, "user_id": ANNA + number // PER_PERSON,
        "client_uuid": CLIENT, "subdomain": DOMAIN.partition(".")[0], "is_admin": True,
    }  # fmt: skip
    key = OctKey.import_key("sandbox-client-secret")
    return jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])
