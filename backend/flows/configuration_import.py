"""A new version of the configuration: checked, given its fields in amoCRM, written as one transaction.

Afterwards the salons' time zones and catalogues are read, and bookings without a lead are decided again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from backend.core import configuration_changes, configuration_document, configuration_schema
from backend.core.configuration import Branch, Configuration, Mode
from backend.core.configuration_changes import Difference
from backend.core.configuration_document import KEPT, NO_ENV, Parsed
from backend.core.crm import CrmSchema
from backend.core.document import Problem
from backend.core.errors import AppError, InvalidInput
from backend.flows import configuration, configuration_file, lead_fields, requeue, schemas
from backend.flows.context import Context
from backend.store import accounts, alarms, catalogue, configs, connections, events, in_force
from backend.store.accounts import Account
from backend.store.connections import BranchRow, BranchSettings

log = logging.getLogger(__name__)


NEW = "new"  # how a token that was given shows in a list of differences


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`number` is None when nothing was written: a dry run, or an invalid document.

    With a number, `problems` are what could not be done afterwards (a salon is silent); the version stands.
    """

    number: int | None
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to be the next version."""

    parsed: Parsed
    author: str
    note: str = ""

    @property
    def rules(self) -> Configuration:
        return self.parsed.configuration


def import_yaml(  # noqa: PLR0913
    ctx: Context,
    account: Account,
    text: str,
    author: str,
    *,
    dry_run: bool = False,
    env: Mapping[str, str] = NO_ENV,
) -> ImportResult:
    """`env` is what `env:NAME` may read: nothing for an uploaded file, it would show our secrets."""
    try:
        parsed = configuration_document.parse(configuration_file.read(text), env)
    except InvalidInput as error:
        return ImportResult(None, problems=_problems(error))
    return _take(ctx, account.id, Draft(parsed, author), dry_run=dry_run)


def restore(ctx: Context, account: Account, number: int, author: str) -> ImportResult:
    """An older version becomes the newest one; the versions between stay."""
    parsed = Parsed(configuration.version(account.id, number))
    return _take(ctx, account.id, Draft(parsed, author, f"restored {number}"))


def set_mode(ctx: Context, account: Account, company_id: int, mode: Mode, author: str) -> ImportResult:
    """Switch one salon. Also a version, so that the document always says what is in force."""
    before = configuration.current(account.id)
    if before.branch(company_id) is None:
        raise InvalidInput("configuration.no_branch", company_id=company_id)
    branches = tuple(replace(b, mode=mode) if b.company_id == company_id else b for b in before.branches)
    parsed = Parsed(replace(before, branches=branches))
    return _take(ctx, account.id, Draft(parsed, author, f"{company_id}: {mode}"))


def _take(ctx: Context, account_id: int, draft: Draft, *, dry_run: bool = False) -> ImportResult:
    changes = _differences(account_id, draft.parsed)
    client = ctx.amo(account_id)
    schema = client.schema()
    missing = configuration_schema.check_against(draft.rules, schema)
    problems = (*missing, *_without_token(account_id, draft.parsed))
    if problems or dry_run:
        return ImportResult(None, changes, problems)
    field_ids = lead_fields.resolve(client, draft.rules)
    number = _write(ctx, account_id, draft, client.schema(), field_ids)  # read again: now with the new fields
    log.info("configuration imported number=%d changes=%d", number, len(changes))
    troubles = tuple(_read_salons(ctx, account_id, draft.rules))
    _release(account_id, draft.parsed.tokens)
    requeue.after_import(ctx, account_id, number, draft.rules)
    return ImportResult(number, changes, troubles)


def _differences(account_id: int, parsed: Parsed) -> tuple[Difference, ...]:
    before = configuration_changes.render(configuration.current(account_id))
    after = configuration_changes.render(parsed.configuration)
    tokens = (Difference(f"branches[{company}].user_token", KEPT, NEW) for company in sorted(parsed.tokens))
    return (*configuration_changes.differences(before, after), *tokens)


def _without_token(account_id: int, parsed: Parsed) -> Iterable[Problem]:
    """`kept` keeps nothing when nothing was ever stored."""
    stored = {row.company_id for row in connections.of_account(account_id) if row.user_token}
    known = stored | parsed.tokens.keys()
    for place, branch in enumerate(parsed.configuration.branches):
        if branch.mode is not Mode.OFF and branch.company_id not in known:
            details = {"company_id": str(branch.company_id)}
            yield Problem(f"branches[{place}].user_token", "configuration.token_missing", details)


def _write(ctx: Context, account_id: int, draft: Draft, schema: CrmSchema, field_ids: dict[str, int]) -> int:
    zones, tokens = in_force.timezones(account_id), draft.parsed.tokens
    branches = [
        _settings(branch, draft.rules, zones.get(branch.company_id), tokens.get(branch.company_id))
        for branch in draft.rules.branches
    ]
    document = configuration_changes.render(draft.rules)
    with configs.transaction():
        number = configs.save(account_id, document, draft.author, draft.note, ctx.now())
        configs.save_field_ids(account_id, field_ids)
        connections.upsert(account_id, branches)
        schemas.save(account_id, schema)
        accounts.activate(account_id)
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


def _read_salons(ctx: Context, account_id: int, rules: Configuration) -> Iterable[Problem]:
    """A salon that does not answer is told of; it does not keep the others from being read."""
    rows = {row.company_id: row for row in connections.of_account(account_id)}
    for place, branch in enumerate(rules.branches):
        if branch.mode is Mode.OFF:
            continue
        try:
            _read_salon(ctx, account_id, branch, rows[branch.company_id])
        except AppError as error:
            details = {name: str(value) for name, value in error.details.items()}
            yield Problem(f"branches[{place}]", error.code, details)


def _read_salon(ctx: Context, account_id: int, branch: Branch, row: BranchRow) -> None:
    client = ctx.yclients(account_id, branch.company_id)
    if branch.timezone is None:
        in_force.save_timezone(row.id, client.company(branch.company_id).timezone)
    catalogue.save_catalogue(row.id, client.catalogue(branch.company_id), ctx.now())


def _release(account_id: int, tokens: Mapping[int, str]) -> None:
    """What waited for another stage, user, field or token gets its chance with the new version."""
    for company_id in tokens:
        connections.resume(account_id, company_id)
    for alarm in alarms.open_alarms(account_id):
        is_mended = alarm.scope_kind == "branch" and alarm.scope_key in map(str, tokens)
        if is_mended or alarm.scope_kind in ("route", "field", "notice"):
            alarms.resolve(account_id, alarm.code, scope_kind=alarm.scope_kind, scope_key=alarm.scope_key)
            events.unblock(account_id, alarm.scope)


def _problems(error: InvalidInput) -> tuple[Problem, ...]:
    found = error.details.get("problems")
    return found if isinstance(found, tuple) else ()
