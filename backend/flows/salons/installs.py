"""The marketplace of YCLIENTS: an owner presses «Подключить» there, finishes here, and may remove us."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from backend.core.errors import InvalidInput, NeedsHuman, Scope
from backend.flows import stops
from backend.flows.context import Context
from backend.flows.vendors import clients
from backend.integrations.yclients import installs
from backend.integrations.yclients.partner import ACTIVE, GONE, PENDING
from backend.store import accounts, connections, secrets

log = logging.getLogger(__name__)

STANDS = timedelta(hours=1)  # YCLIENTS itself waits between one and twelve
STOPPED = {"uninstall": "yclients.uninstalled", "freeze": "yclients.frozen"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """An owner came from YCLIENTS to connect these salons. That they may is proved later, by their access."""

    salons: tuple[int, ...]
    person: str


def application(ctx: Context) -> int:
    number = ctx.settings.yclients_application_id
    if number is None:
        raise InvalidInput("yclients.no_application")
    return number


def invite(ctx: Context, *, user_data: str, sign: str, salon_id: str, salon_ids: str) -> str:
    """The redirect's contents, checked, as one sealed word for the way through the sign-in."""
    application(ctx)
    person = installs.person(user_data, sign, ctx.settings.yclients_partner_token)
    salons = installs.salons(salon_id, salon_ids)
    until = (ctx.now() + STANDS).timestamp()
    return secrets.box().seal(json.dumps({"salons": salons, "person": person, "until": until}))


def invitation(ctx: Context, sealed: str) -> Invitation:
    """InvalidInput when it was too long ago, or was never ours."""
    try:
        data = json.loads(secrets.box().open(sealed))
    except NeedsHuman as error:
        raise InvalidInput("salons.invitation_over") from error
    if not isinstance(data, dict) or data.get("until", 0) < ctx.now().timestamp():
        raise InvalidInput("salons.invitation_over")
    return Invitation(tuple(data["salons"]), data["person"])


def refuse_unready(ctx: Context, salon_ids: tuple[int, ...]) -> None:
    """Before anything is written: does YCLIENTS still wait for these salons?"""
    partner, number = clients.yclients_partner(ctx), application(ctx)
    for salon_id in salon_ids:
        if partner.installation(salon_id, number) not in (PENDING, ACTIVE):
            raise InvalidInput("yclients.not_pending", company_id=salon_id)


def finish(ctx: Context, salon_id: int, hook_url: str) -> None:
    """YCLIENTS shows the application as connected and tells this address what changes."""
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, hook_url))
    clients.yclients_partner(ctx).activate(salon_id, application(ctx), key, hook_url)


def heard(ctx: Context, body: bytes) -> int:
    """The life-cycle hook. Whoever learned our token could forge it, so YCLIENTS is asked before anything
    stops; returns how many salons did.
    """
    number = application(ctx)
    event = installs.life_event(body, ctx.settings.yclients_partner_token, number)
    if event is None:
        return 0
    if clients.yclients_partner(ctx).installation(event.salon_id, number) not in GONE:
        log.warning("life event not confirmed salon_id=%d event=%s", event.salon_id, event.name)
        return 0
    error = NeedsHuman(STOPPED[event.name], Scope("branch", str(event.salon_id)))
    return sum(_stopped(ctx, account.id, event.salon_id, error) for account in accounts.all_accounts())


def _stopped(ctx: Context, account_id: int, salon_id: int, error: NeedsHuman) -> bool:
    branch = connections.get(account_id, salon_id)
    if branch is None or branch.mode == "off":
        return False
    stops.stop(ctx, account_id, error)
    return True
