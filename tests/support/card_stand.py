"""People at amoCRM's pages beside the exchange: who is to be rung, what their cards show, what they dial."""

import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.flows.sync import mirror
from backend.flows.telephony.hearing import live
from tests.support import make
from tests.support.calls import CallStand
from tests.support.cards import ORIGIN, Cards, change
from tests.support.stand import ANNA, CLIENT, DOMAIN, OLGA, PUBLIC

ANYBODY = "+79995550011"
MARIA = f"+{make.CLIENT}"


class CardStand(CallStand):
    """A browser of each person beside the exchange."""

    def token(self, user=ANNA, **changes):
        now = int(self.now().timestamp())
        claims = {
            "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
            "exp": now + 1800, "account_id": 30000001, "user_id": user, "client_uuid": CLIENT,
            "subdomain": "lotos", "is_admin": False, **changes,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("sandbox-client-secret"))

    def ask(self, path, body=None, user=ANNA, token=None):
        headers = {"X-Auth-Token": token or self.token(user), "Origin": ORIGIN}
        return self.app.test_client().post(f"/widget/calls/{path}", headers=headers, json=body or {})

    def seat(self, user=ANNA):
        return self.ask("ticket", user=user).json["url"]

    def click(self, number=ANYBODY, user=ANNA, **card):
        return self.ask("dial", {"number": number, **card}, user=user)

    def route(self, phone=make.CLIENT, did=make.DID, trunk=make.TRUNK, token=None, address="127.0.0.1"):
        query = {"phone": phone, "did": did, "trunk": trunk}
        return self.app.test_client().get(
            f"/telephony/route/{token or self.pbx.token}", query_string=query,
            environ_overrides={"REMOTE_ADDR": address},
        )  # fmt: skip

    def named(self, **asked):
        return self.route(**asked).get_data(as_text=True)

    def happens(self, kind, call, phone=""):
        """The listener has heard this of a call."""
        rules = live.configuration.current(self.account.id).telephony
        live.store_changes(self.ctx, self.pbx, rules, [change(kind, call, phone)])

    def client(self, responsible=OLGA, number=make.CLIENT, name="Мария"):
        """A client whom somebody of us serves, known to us as amoCRM has told."""
        lead = self.world.amocrm.ui_lead(
            DOMAIN, responsible, "Эпиляция", contact={"name": name, "phone": number},
            responsible_user_id=responsible,
        )  # fmt: skip
        self.settle()
        for collection in (mirror.CONTACTS, mirror.LEADS):  # as the next look of any work does
            mirror.refresh(self.account.id, collection, self.ctx.amo(self.account.id))
        return lead


@pytest.fixture
def stand(tmp_path, redis_url):
    opened = CardStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    opened.close()


@pytest.fixture
def cards(stand, redis_url):
    opened = Cards(redis_url)
    yield opened
    opened.close()
