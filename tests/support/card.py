"""A person at the card of a lead in amoCRM: opens it and presses its buttons, through the widget's doors."""

import uuid

from joserfc import jwt
from joserfc.jwk import OctKey

from tests.support.stand import ANNA, CLIENT, DOMAIN, LASER_ARMPITS, PUBLIC, TVERSKAYA, VERA

ORIGIN = "http://amo.test"
LIFETIME = 1800


class Card:
    """`card.book(lead, …)` and the other buttons; every answer is Flask's own."""

    def __init__(self, stand, user=ANNA, is_admin=True):
        self.stand, self.user, self.is_admin = stand, user, is_admin
        self.client = stand.app.test_client()

    def token(self):
        now = int(self.stand.now().timestamp())
        claims = {
            "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
            "exp": now + LIFETIME, "account_id": 30000001, "user_id": self.user, "client_uuid": CLIENT,
            "subdomain": "lotos", "is_admin": self.is_admin,
        }  # fmt: skip
        key = OctKey.import_key("sandbox-client-secret")
        return jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])

    def headers(self):
        return {"X-Auth-Token": self.token(), "Origin": ORIGIN}

    def look(self, path):
        return self.client.get(f"/widget/{path}", headers=self.headers())

    def person(self, lead):
        return self.look(f"person?lead={lead['id']}").json

    def press(self, path, **given):
        """A button; without a `form` it is a press of its own."""
        body = {"form": str(uuid.uuid4()), **given}
        return self.client.post(f"/widget/{path}", headers=self.headers(), json=body)

    def wish(self, lead, *services, at="+2", master=VERA, salon=TVERSKAYA, comment=""):
        """What the form of a new booking sends; `at` as in `stand.book`."""
        return {
            "lead": lead["id"], "salon": salon, "services": list(services) or [LASER_ARMPITS],
            "master": master, "at": self.stand.wall(at)[:16], "comment": comment,
        }  # fmt: skip

    def book(self, lead, *services, form=None, **more):
        named = {"form": form} if form else {}
        return self.press("book", **self.wish(lead, *services, **more), **named)

    def act(self, act, lead, record, **more):
        key = f"yclients:{record['company_id']}:{record['id']}"
        return self.press(f"booking/{act}", **{"lead": lead["id"], "key": key, **more})
