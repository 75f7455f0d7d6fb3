"""Writing a version of the configuration: checked against amoCRM, given its fields, stored at once.

Afterwards the salons it concerns are read, and bookings without a lead are decided again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from backend.core.crm import CrmSchema
from backend.core.errors import AppError, TryLater
from backend.core.rules import configuration_changes, configuration_schema
from backend.core.rules.configuration import Branch, Configuration, FieldName, Mode
from backend.core.rules.configuration_changes import Difference
from backend.core.rules.configuration_document import KEPT, Parsed
from backend.core.rules.document import Problem
from backend.flows.context import Context
from backend.flows.rules import (
    catalogue,
    configuration,
    contact_fields,
    lead_fields,
    products,
    requeue,
    schemas,
)
from backend.flows.rules import moving as moving_salons
from backend.flows.rules.requeue import SOURCE
from backend.store import accounts, alarms, configs, connections, events, in_force
from backend.store import contact_fields as contact_fields_store
from backend.store.connections import BranchSettings

log = logging.getLogger(__name__)

# Which troubles a change of a section may have mended; one that it has not is raised again.
MENDED_BY = {
    "branches": ("route",),
    "directions": ("route", "notice"),
    "routes": ("route",),
    "options": ("route",),
    "fields": ("field",),
    "contact_fields": ("field",),
    "telephony": ("telephony",),
}

DECIDES_NOTHING = frozenset(
    {"account", "fields", "contact_fields", "products", "telephony"}
)  # whether a booking gets a lead hangs on the other sections

NEW = "new"  # how a token that was given shows in a list of differences


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`number` is None when nothing was written: a dry run, an invalid document, or nothing to change.

    With a number, `problems` are what could not be done afterwards (a salon is silent); the version stands.
    """

    number: int | None
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """Fields of leads and of contacts by our names, and the schema with them."""

    leads: dict[str, int]
    contacts: dict[str, int]
    schema: CrmSchema


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to be the next version. `is_thorough`: look at everything outside anew, whether or
    not it changed, as befits a document that came from elsewhere. `upon`: the version it was made from, when
    nothing saved meanwhile may be lost.
    """

    parsed: Parsed
    author: str
    note: str = ""
    is_thorough: bool = True
    upon: int | None = None

    @property
    def rules(self) -> Configuration:
        return self.parsed.configuration


def take(ctx: Context, account_id: int, draft: Draft, *, dry_run: bool = False) -> ImportResult:
    """Problems keep the version from being written; a dry run only tells what would change."""
    before = configuration.current(account_id)
    changes = _differences(before, draft.parsed)
    missing = _missing(ctx, account_id, before, draft)
    moving = moving_salons.problems(account_id, before, draft.rules)
    problems = (*missing, *_without_token(account_id, draft.parsed), *moving)
    if problems or dry_run:
        return ImportResult(None, changes, problems)
    concerned, touched = _concerned(before, draft), _touched(changes, draft)
    number = _write(ctx, account_id, draft, _fields(ctx, account_id, before, draft), touched)
    log.info("configuration saved number=%d changes=%d", number, len(changes))
    troubles = tuple(_read_salons(ctx, account_id, draft.rules, concerned))
    _release(account_id, draft.parsed.tokens, touched)
    requeue.ring(ctx, account_id)
    return ImportResult(number, changes, troubles)


# What the draft means


def _differences(before: Configuration, parsed: Parsed) -> tuple[Difference, ...]:
    found = configuration_changes.differences(
        configuration_changes.render(before), configuration_changes.render(parsed.configuration)
    )
    tokens = (Difference(f"branches[{company}].user_token", KEPT, NEW) for company in sorted(parsed.tokens))
    return (*found, *tokens)


def _missing(ctx: Context, account_id: int, before: Configuration, draft: Draft) -> tuple[Problem, ...]:
    """What is named and not there. What we read last is enough to agree, but not to refuse; and a form is not
    refused for what had vanished before it, somewhere else in the document.
    """
    if draft.is_thorough:
        schema = schemas.refresh(account_id, ctx.amo(account_id))
        return configuration_schema.check_against(draft.rules, schema)
    with suppress(TryLater):  # nothing read yet
        if not _new_problems(before, draft, schemas.load(account_id)):
            return ()
    return _new_problems(before, draft, schemas.refresh(account_id, ctx.amo(account_id)))


def _new_problems(before: Configuration, draft: Draft, schema: CrmSchema) -> tuple[Problem, ...]:
    """By what is wrong, not by where: places move when something is put before them."""
    known = {_essence(problem) for problem in configuration_schema.check_against(before, schema)}
    found = configuration_schema.check_against(draft.rules, schema)
    return tuple(problem for problem in found if _essence(problem) not in known)


def _essence(problem: Problem) -> tuple[str, tuple[tuple[str, str], ...]]:
    return problem.code, tuple(sorted(problem.details.items()))


def _without_token(account_id: int, parsed: Parsed) -> Iterable[Problem]:
    """`kept` keeps nothing when nothing was ever stored."""
    stored = {row.company_id for row in connections.of_account(account_id) if row.user_token}
    known = stored | parsed.tokens.keys()
    for place, branch in enumerate(parsed.configuration.branches):
        if branch.mode is not Mode.OFF and branch.company_id not in known:
            details = {"company_id": str(branch.company_id)}
            yield Problem(f"branches[{place}].user_token", "configuration.token_missing", details)


def _concerned(before: Configuration, draft: Draft) -> frozenset[int]:
    """Salons to be read after the draft is written: new ones, those switched on, those with another token."""
    known = {branch.company_id for branch in before.branches if branch.mode is not Mode.OFF}
    working = {branch.company_id for branch in draft.rules.branches if branch.mode is not Mode.OFF}
    return frozenset(working if draft.is_thorough else working - known | draft.parsed.tokens.keys() & working)


def _fields(ctx: Context, account_id: int, before: Configuration, draft: Draft) -> Made | None:
    """Ids of the fields with the schema they stand in, made where they lack; None when nothing about them
    changes. While no booking can become a lead, nobody's account is given fields.
    """
    is_known = configs.field_ids(account_id).keys() - {FieldName.KEY}
    people = (before.contact_fields, before.products) == (draft.rules.contact_fields, draft.rules.products)
    is_settled = is_known and people and lead_fields.are_same(before, draft.rules)
    if not draft.is_thorough and (is_settled or not draft.rules.routes):
        return None
    client = ctx.amo(account_id)
    leads, contacts = lead_fields.resolve(client, draft.rules), contact_fields.resolve(client, draft.rules)
    products.resolve(client, draft.rules)
    return Made(leads, contacts, client.schema())  # read again: now with the new fields


# Writing it


def _write(
    ctx: Context,
    account_id: int,
    draft: Draft,
    fields: Made | None,
    touched: Collection[str],
) -> int:
    zones, tokens = in_force.timezones(account_id), draft.parsed.tokens
    branches = [
        _settings(branch, draft.rules, zones.get(branch.company_id), tokens.get(branch.company_id))
        for branch in draft.rules.branches
    ]
    document = configuration_changes.render(draft.rules)
    with configs.transaction():
        number = configs.save(account_id, document, draft.author, draft.note, ctx.now(), draft.upon)
        if fields is not None:
            configs.save_field_ids(account_id, fields.leads)
            contact_fields_store.save(account_id, fields.contacts)
            schemas.save(account_id, fields.schema)
        connections.upsert(account_id, branches)
        accounts.activate(account_id)
        if not DECIDES_NOTHING.issuperset(touched):
            requeue.order(ctx, account_id, number)
    return number


def _settings(branch: Branch, rules: Configuration, zone: str | None, token: str | None) -> BranchSettings:
    """A salon whose own time zone is not known yet lives by the account's until it has answered."""
    return BranchSettings(
        branch.company_id,
        branch.title,
        str(branch.mode),
        timezone=branch.timezone or zone or rules.timezone,
        user_token=token,
        responsible_id=branch.responsible_id,
    )


# What follows


def _read_salons(
    ctx: Context, account_id: int, rules: Configuration, concerned: Collection[int]
) -> Iterable[Problem]:
    """A salon that does not answer is told of, and read later; the others are read all the same."""
    rows = {row.company_id: row for row in connections.of_account(account_id)}
    for place, branch in enumerate(rules.branches):
        if branch.company_id not in concerned:
            continue
        row = rows[branch.company_id]
        try:
            catalogue.refresh(ctx.yclients(account_id, branch.company_id), row, ctx.now())
        except AppError as error:
            if isinstance(error, TryLater):
                catalogue.order(ctx, [row], SOURCE)
            details = {name: str(value) for name, value in error.details.items()}
            yield Problem(f"branches[{place}]", error.code, details)


def _touched(changes: Iterable[Difference], draft: Draft) -> frozenset[str]:
    """Sections whose change may mend something; a document from elsewhere may mend everything."""
    if draft.is_thorough:
        return frozenset(MENDED_BY)
    return frozenset(re.split(r"[.\[]", change.path, maxsplit=1)[0] for change in changes)


def _release(account_id: int, tokens: Mapping[int, str], touched: Collection[str]) -> None:
    """What waited for another stage, user, field or token gets its chance with the new version."""
    for company_id in tokens:
        connections.resume(account_id, company_id)
    kinds = {kind for section in touched for kind in MENDED_BY.get(section, ())}
    for alarm in alarms.open_alarms(account_id):
        is_mended = alarm.scope_kind == "branch" and alarm.scope_key in map(str, tokens)
        if is_mended or alarm.scope_kind in kinds:
            alarms.resolve(account_id, alarm.code, scope_kind=alarm.scope_kind, scope_key=alarm.scope_key)
            events.unblock(account_id, alarm.scope)
