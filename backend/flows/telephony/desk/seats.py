"""The widget's telephony: a ticket for the stream of cards, and a press on a number."""

from __future__ import annotations

from urllib.parse import urlencode

from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.desk import channel, dialling
from backend.flows.telephony.desk.channel import Seat
from backend.flows.telephony.desk.dialling import Card
from backend.flows.widget import widget
from backend.flows.widget.widget import Caller
from backend.settings import Settings
from backend.store.telephony import pbxes

ASK_AGAIN = 600  # seconds until a widget without telephony asks once more
MOST_TICKETS, MOST_DIALS = 60, 60  # of one person in a minute; what is dialled is limited by the rules

Json = dict[str, object]


def ticket(ctx: Context, asking: Caller) -> Json:
    """Where this person's cards come from: an address that works once, and for half a minute. No address when
    the account has no telephony, or none for this person: then nothing is held open.
    """
    widget.refuse_flood(ctx, "calls-ticket", asking, MOST_TICKETS)
    account = asking.account
    rules = configuration.current(account.id).telephony
    person = rules.person_of(asking.user.user_id) or next(
        (one for one in rules.people if one.user_id == asking.user.user_id), None
    )
    is_on = rules.is_on and person is not None and account.state == "active"
    if not is_on or not pbxes.of_account(account.id):
        return {"url": "", "after": ASK_AGAIN, "dials": False}
    seat = Seat(account.id, asking.user.user_id, widget.origin_of(ctx.settings, account.domain))
    secret = channel.issue(ctx.redis, seat)
    address = f"{base(ctx.settings)}/cards?{urlencode({'ticket': secret})}"
    return {"url": address, "after": 0, "dials": rules.dialling.is_on}


def dial(ctx: Context, asking: Caller, number: str, card: Card, address: str) -> Json:
    """The phone of the one who asks will ring. Who that is was proven by amoCRM, it is not in the request."""
    widget.refuse_flood(ctx, "calls-dial", asking, MOST_DIALS)
    if asking.account.state != "active":  # as the ticket said: a page that was opened before does not know
        raise InvalidInput("dial.off")
    made = dialling.ask(ctx, asking.account.id, asking.user.user_id, number, card, address)
    return dialling.message(made)


def base(settings: Settings) -> str:
    """Behind a reverse proxy the stream has the server's own address."""
    return settings.stream_url or settings.public_url
