"""Who is who in a report: a client by the contact in amoCRM, a master by the salon's own list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.core.reports import figures
from backend.core.rules.configuration import BookingRules, Configuration
from backend.flows.rules import configuration
from backend.store import connections, mirror, reports


@dataclass(frozen=True)
class Named:
    """Salons by our branch row; a name that nobody knows is empty, whoever shows it says so."""

    branches: Mapping[int, str]
    companies: Mapping[int, int]
    zones: Mapping[int, str | None]
    staff: Mapping[tuple[int, int], str]
    in_force: BookingRules

    @property
    def rules(self) -> Configuration:
        return self.in_force.configuration

    def direction(self, key: str) -> str:
        found = self.rules.direction(key)
        return found.title if found else key

    def author(self, branch_id: int, author_id: int) -> str:
        """A user of YCLIENTS whom the salon's settings know as a user of amoCRM."""
        return self.in_force.author(self.companies.get(branch_id, 0), author_id)


def named(account_id: int) -> Named:
    rows = connections.of_account(account_id)
    return Named(
        {row.id: row.title for row in rows},
        {row.id: row.company_id for row in rows},
        {row.id: row.timezone for row in rows},
        reports.staff_names(account_id),
        configuration.load(account_id),
    )


def clients(account_id: int, people: Iterable[str]) -> dict[str, str]:
    """Person → name, of those who have a contact in amoCRM."""
    ids = {person: number for person in people if (number := figures.contact_of(person))}
    found = mirror.contacts_by_ids(account_id, ids.values())
    return {person: found[number].name for person, number in ids.items() if number in found}
