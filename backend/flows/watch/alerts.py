"""Alarms reach people who do not look at the panel: a task in amoCRM and a letter, once for each alarm,
several together as one. What is over needs no word any more.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from backend import texts
from backend.core.crm import CrmUser
from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.rules.configuration import Configuration
from backend.flows.context import Context
from backend.flows.rules import configuration, schemas, writing
from backend.flows.watch import watchers, words
from backend.integrations import mail
from backend.integrations.mail import Letter, Server
from backend.store import accounts, alarms
from backend.store.accounts import Account
from backend.store.alarms import Alarm

log = logging.getLogger(__name__)

PASSING = timedelta(minutes=2)  # younger ones may be over before anybody reads of them
DUE_IN = timedelta(hours=4)
FOLLOW_UP = 1  # the task type that every account has
MOST = 10  # alarms in one message; the rest is in the panel
LANGUAGE = "ru"
REFUSED = "mail.refused_addresses"

# Notices stop nothing, but these grow into trouble unless a person acts.
WORTH = (
    watchers.LICENCE_ENDS, watchers.RIGHT_LACKS, watchers.HOOKS_LOST, watchers.CRM_HOOK_LOST,
    "amocrm.user_left", "amocrm.field_gone", "amocrm.loss_reason_unknown",
    "telephony.place_gone", "telephony.user_gone", "telephony.field_gone",
    "takeover.two_leads", "takeover.address_stays", "takeover.their_fields", "takeover.flipping",
    "takeover.crm_hook_stays", "takeover.ours_lost", "takeover.copies", "takeover.list_not_restored",
    "takeover.switch_on", "takeover.unheard", "telephony.broken",
)  # fmt: skip


def tell(ctx: Context, account_id: int) -> int:
    """Everything worth telling that nobody was told of; returns how many alarms."""
    found = [a for a in alarms.untold(account_id, ctx.now() - PASSING) if not a.is_notice or a.code in WORTH]
    claimed = set(alarms.claim([alarm.id for alarm in found], ctx.now()))
    mine = [alarm for alarm in found if alarm.id in claimed]
    if not mine:
        return 0
    account, rules = accounts.by_id(account_id), configuration.current(account_id)
    is_told = [_write(ctx, account, rules, mine), _assign(ctx, account, rules, mine)]
    if not any(is_told):
        alarms.unclaim(claimed)
        return 0
    log.info("alarms told account_id=%d count=%d", account_id, len(mine))
    return len(mine)


def server(ctx: Context) -> Server | None:
    """Where letters go out; None when the installation has none."""
    settings = ctx.settings
    if not settings.smtp_host or not settings.smtp_from:
        return None
    return Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_from,
        settings.smtp_user, settings.smtp_password,
    )  # fmt: skip


def probe(ctx: Context, account: Account, to: Sequence[str], language: str) -> None:
    """A trial letter; InvalidInput when there is no way for it."""
    through = server(ctx)
    if through is None:
        raise InvalidInput("mail.none")
    words_of_it = texts.t("alerts.probe", language, account=account.name or account.domain)
    refused = mail.send(
        through, Letter(to, texts.t("alerts.probe_subject", language), words_of_it), ctx.now()
    )
    if refused:
        raise InvalidInput(REFUSED, to=", ".join(refused))


def _write(ctx: Context, account: Account, rules: Configuration, found: Sequence[Alarm]) -> bool:
    """A letter; False when there is nobody to write to, or no way."""
    through, to = server(ctx), rules.alerts.emails
    if through is None or not to:
        return False
    subject = texts.t("alerts.subject", LANGUAGE, n=len(found), account=account.name or account.domain)
    try:
        refused = mail.send(through, Letter(to, subject, text(ctx, account, found)), ctx.now())
    except AppError as error:
        log.warning("letter not sent error=%s", error)
        return False
    _note(ctx, account, refused)
    return True


def _note(ctx: Context, account: Account, refused: Sequence[str]) -> None:
    """Addresses that get no letters are somebody's to correct; the others are not written to again."""
    alarms.resolve(account.id, REFUSED)
    if refused:
        log.warning("letter refused account_id=%d addresses=%d", account.id, len(refused))
        details = {"to": ", ".join(refused)}
        alarms.raise_alarm(account.id, REFUSED, "notice", "mail", details, ctx.now())


def _assign(ctx: Context, account: Account, rules: Configuration, found: Sequence[Alarm]) -> bool:
    """A task; False when amoCRM does not take it. Whether an answer that got lost came after the work nobody
    knows, so that is taken for told: once is the promise.
    """
    person = _person(account, rules)
    if person is None or account.state != "active" or not _is_welcome(account.id, rules):
        return False
    body = {
        "text": text(ctx, account, found), "task_type_id": FOLLOW_UP, "responsible_user_id": person.id,
        "complete_till": int((ctx.now() + DUE_IN).timestamp()),
    }  # fmt: skip
    try:
        ctx.amo(account.id).write("POST", "tasks", [body])
    except TryLater as error:
        log.warning("task in doubt error=%s", error)
        return error.code.endswith((".unreachable", ".failing"))
    except AppError as error:
        log.warning("task not made error=%s", error)
        return False
    return True


def _is_welcome(account_id: int, rules: Configuration) -> bool:
    """Nothing is written into a CRM that we only observe, unless somebody chose who is to be told."""
    return rules.alerts.user_id is not None or bool(writing.ours(account_id, rules))


def _person(account: Account, rules: Configuration) -> CrmUser | None:
    """The one who was chosen, else the first administrator."""
    try:
        users = [user for user in schemas.load(account.id).users if user.is_active]
    except TryLater:
        return None
    chosen = next((user for user in users if user.id == rules.alerts.user_id), None)
    return chosen or min((user for user in users if user.is_admin), key=lambda user: user.id, default=None)


def text(ctx: Context, account: Account, found: Sequence[Alarm]) -> str:
    """Each trouble with what to press, then where to look."""
    parts = [
        f"{words.sentence(alarm, LANGUAGE)}\n{words.todo(alarm, LANGUAGE)}".strip() for alarm in found[:MOST]
    ]
    if len(found) > MOST:
        parts.append(texts.t("alerts.more", LANGUAGE, n=len(found) - MOST))
    address = f"{ctx.settings.public_url}/admin/accounts/{account.domain}"
    return "\n\n".join([*parts, texts.t("alerts.where", LANGUAGE, address=address)])
