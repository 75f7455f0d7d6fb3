"""What the first-run guide says of an account: everything it needs is in our own store."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.core.mapping import first_run
from backend.core.mapping.first_run import Facts, StepState
from backend.core.rules.configuration import Configuration, Mode
from backend.flows.context import Context
from backend.flows.rules import configuration, configuration_edit
from backend.flows.rules.configuration_write import ImportResult
from backend.flows.sync import mirror
from backend.store import bookings, connections, events, offered, outbox
from backend.store.accounts import Account
from backend.store.inbound import InboundEvent


@dataclass(frozen=True, slots=True)
class Guide:
    """`example` is the newest event about a booking, from which a person sees what the rules do with it;
    `is_observed`: so far it was only decided, and nothing was written to the CRM.
    """

    steps: tuple[StepState, ...]
    facts: Facts
    example: InboundEvent | None
    is_observed: bool = False

    @property
    def is_over(self) -> bool:
        return first_run.is_over(self.steps)


def look(account: Account) -> Guide:
    rules, branches = configuration.current(account.id), connections.of_account(account.id)
    newest = bookings.page(account.id, limit=1)
    facts = Facts(
        is_connected=account.state in ("new", "active"),
        is_read=mirror.is_complete(account.id),
        configuration=rules,
        categories=_categories(account.id),
        with_access=frozenset(branch.company_id for branch in branches if branch.user_token),
        has_booking=bool(newest),
    )
    told = events.of_subject(account.id, newest[0].key, limit=1) if newest else []
    example = told[0] if told else None
    is_observed = example is not None and bool(outbox.observed_among([example.id]))
    return Guide(first_run.steps(facts), facts, example, is_observed)


def _categories(account_id: int) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for company, number, _, is_gone in offered.categories(account_id):
        if not is_gone:
            found.setdefault(company, set()).add(number)
    return {company: frozenset(numbers) for company, numbers in found.items()}


def switch_on(ctx: Context, account: Account, author: str) -> ImportResult:
    """Every salon that was only observed begins to write."""

    def working(before: Configuration) -> Configuration:
        branches = tuple(
            replace(branch, mode=Mode.ACTIVE) if branch.mode is Mode.OBSERVE else branch
            for branch in before.branches
        )
        return replace(before, branches=branches)

    base = configuration.number(account.id)
    return configuration_edit.edit(ctx, account, base, (), working, author, note="guide")
