"""Rules that nobody has saved yet, tried on calls of the past. Nothing is written, and amoCRM is asked only
whether a number of which somebody new would be made is a company's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.core.telephony.after import trying
from backend.core.telephony.after.deciding import decide
from backend.core.telephony.after.facts import CallFacts
from backend.core.telephony.after.trying import Effect
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.after import companies, facts
from backend.integrations.amocrm.companies import Company
from backend.store.telephony import calls
from backend.store.telephony.calls import CallFilters, CallRow

MOST = 50  # of the newest calls


@dataclass(frozen=True, slots=True)
class Tried:
    """One call: what the rules in force would do with it now, and what the others would."""

    row: CallRow
    before: tuple[Effect, ...]
    after: tuple[Effect, ...]

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def newest(account_id: int, limit: int = MOST) -> list[CallRow]:
    return calls.portion(account_id, CallFilters(is_over=True), None, limit)


def try_on(ctx: Context, account_id: int, rules: TelephonyRules, rows: Sequence[CallRow]) -> list[Tried]:
    """In the order of `rows`. Functions that were added to the installation are not asked."""
    in_force = configuration.load(account_id)
    found = [trying.untouched(known) for known in facts.gather(account_id, rows, ctx.now(), in_force)]
    both = (in_force.configuration.telephony, rules)
    strangers = {known.number for known in found if any(_makes_person(known, one) for one in both)}
    there = companies.of_numbers(ctx, account_id, sorted(strangers)) if strangers else {}
    tried = []
    for row, known in zip(rows, found, strict=True):
        company = there.get(known.number)
        before, after = (_effects(row, known, company, one) for one in both)
        tried.append(Tried(row, before, after))
    return tried


def _effects(
    row: CallRow, known: CallFacts, company: Company | None, rules: TelephonyRules
) -> tuple[Effect, ...]:
    """A company counts where it would have been asked about: before somebody is made."""
    if company is not None and _makes_person(known, rules):
        leads = facts.of_company(row.account_id, {*company.lead_ids} - {(row.crm or {}).get("lead_id")})
        known = replace(known, company_id=company.id, open_leads=leads)
    return trying.effects(decide(known, rules))


def _makes_person(known: CallFacts, rules: TelephonyRules) -> bool:
    return any(map(companies.makes_person, decide(known, rules).commands))
