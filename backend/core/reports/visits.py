"""A visit as the reports read it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from backend.core.money import Kopecks
from backend.core.reports.figures import Shares
from backend.core.salon import Phase


@dataclass(frozen=True, slots=True)
class Visit:
    """`branch_id` is the id of our branch row, `company_id` the salon's own; `lead_id` its main lead."""

    key: str
    branch_id: int
    phase: Phase
    day: int
    starts_at: datetime
    ended_at: datetime
    changed_at: datetime
    price: Kopecks
    shares: Shares
    direction: str
    person: str
    staff_id: int
    made_day: int = 0
    lead_id: int | None = None

    @property
    def date(self) -> date:
        return date.fromordinal(self.day)

    @property
    def number(self) -> str:
        """The booking's number in the salon."""
        return self.key.rsplit(":", 1)[-1]
