"""What the amoCRM widget may ask: who is asking, how the connection is doing, the way into the panel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from backend import texts
from backend.core.errors import InvalidInput, TryLater
from backend.flows.context import Context
from backend.flows.people import sessions, tickets
from backend.flows.people.tickets import Ticket
from backend.flows.sync import mirror
from backend.flows.widget import card, recheck
from backend.integrations.amocrm import widget_token
from backend.integrations.amocrm.widget_token import WidgetUser
from backend.settings import Settings
from backend.store import accounts, alarms, connections, events, operators
from backend.store.accounts import Account

LEEWAY_SECONDS = 60
MINUTE = timedelta(minutes=1)
MOST_LEADS = 200
NAMED = 10  # leads that a line of the trail names
PLACE = re.compile(r"[a-z]{1,20}(-[a-z]{1,20})?", re.ASCII)  # a page of the account, by its address
# How often one person may ask within a minute: far above what hands do, far below what hurts.
MOST_CARDS, MOST_RECHECKS, MOST_SIGN_INS = 240, 60, 20

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sits at the widget, and in which account."""

    account: Account
    user: WidgetUser

    @property
    def name(self) -> str:
        """As the trail shows this person."""
        return sessions.name_of(self.account, self.user.user_id)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants the panel opened: in a frame of the widget or in a window, at which page, and about
    which number there.
    """

    lang: str
    is_framed: bool = False
    to: str = ""
    question: str = ""


def caller(ctx: Context, token: str, origin: str | None) -> Caller:
    """Who is behind a one-time token. It works once: its `jti` is remembered until it expires. A page of
    another account may not use it either.
    """
    settings = ctx.settings
    user = widget_token.verify(
        token,
        client_id=settings.amocrm_client_id,
        client_secret=settings.amocrm_client_secret,
        redirect_uri=settings.public_url,
        now=ctx.now(),
    )
    lifetime = max(1, user.expires_at - int(ctx.now().timestamp()) + LEEWAY_SECONDS)
    if not ctx.redis.set(f"mostik:widget-token:{user.token_id}", 1, nx=True, ex=lifetime):
        raise InvalidInput("widget.token_used")
    account = accounts.by_crm_id(user.account_id)
    if account is None or account.state == "removed":
        raise InvalidInput("widget.unknown_account")
    pages = origin_of(settings, account.domain)
    if user.issuer not in (f"https://{account.domain}", pages):
        raise InvalidInput("widget.token_invalid", error="issuer")
    if origin is not None and origin != pages:
        raise InvalidInput("widget.bad_origin")
    return Caller(account, user)


def origin_of(settings: Settings, domain: str) -> str:
    """Where an account's pages live: scheme, host and port, as a browser names them."""
    parts = urlsplit(settings.amocrm_api_url.format(domain=domain))
    return f"{parts.scheme}://{parts.netloc}"


def is_connected(ctx: Context, origin: str) -> bool:
    """Whether pages of this origin belong to an account that is connected. In the sandbox all accounts share
    one.
    """
    host = urlsplit(origin).hostname or ""
    account = accounts.by_domain(host)
    if account is not None:
        return account.state != "removed" and origin == origin_of(ctx.settings, account.domain)
    is_shared = "{domain}" not in urlsplit(ctx.settings.amocrm_api_url).netloc
    return is_shared and origin == origin_of(ctx.settings, host) and accounts.is_any_connected()


def state(asking: Caller, lang: str) -> Json:
    """The connection in a few words. `trouble` is the code of the newest alarm that stops work, or empty."""
    account = asking.account
    branches = [branch for branch in connections.of_account(account.id) if branch.mode != "off"]
    newest = next((found for found in alarms.open_alarms(account.id) if not found.is_notice), None)
    is_ready = mirror.is_complete(account.id)
    usual = f"widget.state.{account.state if is_ready or account.state == 'paused' else 'reading'}"
    has_words = newest is not None and texts.has(newest.code)
    sentence = texts.t(newest.code, lang, **newest.details) if newest and has_words else texts.t(usual, lang)
    return {
        "state": account.state,
        "is_ready": is_ready,
        "salons": [{"title": branch.title, "mode": branch.mode} for branch in branches],
        "waiting": events.pending_count(account.id),
        "trouble": newest.code if newest else "",
        "sentence": sentence,
    }


def sign_in(ctx: Context, asking: Caller, wish: Wish) -> str:
    """An address that opens the account's panel, once, as this administrator."""
    if not asking.user.is_admin:
        raise InvalidInput("widget.not_admin")
    refuse_flood(ctx, "sign-in", asking, MOST_SIGN_INS)
    account = asking.account
    place = f"/{wish.to}" if PLACE.fullmatch(wish.to) else ""
    is_number = wish.question.isascii() and wish.question.isdigit()
    query = f"?q={wish.question}" if place and is_number else ""
    contents = sessions.begun_by_admin(account, asking.user.user_id, asking.name, ctx.now())
    origin = origin_of(ctx.settings, account.domain) if wish.is_framed else ""
    ticket = Ticket(contents, f"/admin/accounts/{account.domain}{place}{query}", wish.lang, origin)
    return tickets.issue(ctx, ticket, tickets.FROM_WIDGET)


def lead_card(ctx: Context, asking: Caller, lead_id: int, lang: str) -> Json:
    refuse_flood(ctx, "card", asking, MOST_CARDS)
    return card.of_lead(ctx, asking.account, lead_id, lang)


def contact_card(ctx: Context, asking: Caller, contact_id: int, lang: str) -> Json:
    refuse_flood(ctx, "card", asking, MOST_CARDS)
    return card.of_contact(ctx, asking.account, contact_id, lang)


def check_leads(ctx: Context, asking: Caller, lead_ids: list[int], address: str, lang: str) -> Json:
    if len(lead_ids) > MOST_LEADS:
        raise InvalidInput("widget.too_many_leads", most=MOST_LEADS)
    refuse_flood(ctx, "recheck", asking, MOST_RECHECKS)
    asked = recheck.leads(ctx, asking.account, lead_ids, recheck.WIDGET)
    return _asked(ctx, asking, asked, lead_ids, address, lang)


def check_contact(ctx: Context, asking: Caller, contact_id: int, address: str, lang: str) -> Json:
    refuse_flood(ctx, "recheck", asking, MOST_RECHECKS)
    asked = recheck.contact(ctx, asking.account, contact_id, recheck.WIDGET)
    return _asked(ctx, asking, asked, [contact_id], address, lang)


def _asked(  # noqa: PLR0913 - what the trail and the answer hold
    ctx: Context, asking: Caller, asked: tuple[int, int], about: list[int], address: str, lang: str
) -> Json:
    found, news = asked
    if news:  # fifty clicks leave one line
        operators.audit(
            ctx.now(), operator=asking.name, action="recheck_asked", account_id=asking.account.id,
            address=address, subject=", ".join(f"№ {number}" for number in about[:NAMED]),
        )  # fmt: skip
    is_paused = asking.account.state == "paused"
    code = "widget.asked_none" if not found else "widget.asked_later" if is_paused else "widget.asked"
    return {"asked": found, "sentence": texts.t(code, lang, n=found)}


def refuse_flood(ctx: Context, what: str, asking: Caller, most: int) -> None:
    who = f"{asking.account.id}:{asking.user.user_id}"
    if not is_within(ctx, f"{what}:{who}", most, MINUTE):
        raise TryLater("widget.too_often", after=MINUTE)


def is_within(ctx: Context, name: str, most: int, length: timedelta) -> bool:
    """Counts one more; False beyond `most` in `length` from the first."""
    key = f"mostik:asked:{name}"
    with ctx.redis.pipeline() as both:
        both.set(key, 0, ex=length, nx=True)
        both.incr(key)
        count: int = both.execute()[-1]
    return count <= most
