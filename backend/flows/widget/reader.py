"""The account as one card looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend import texts
from backend.core.salon import branch_of
from backend.flows.context import Context
from backend.flows.widget import spoken
from backend.store import connections
from backend.store.accounts import Account
from backend.store.connections import BranchRow


@dataclass
class Reader:
    """Language, clock and salons of one answer."""

    ctx: Context
    account: Account
    lang: str

    def text(self, code: str, /, **values: object) -> str:
        return texts.t(code, self.lang, **values)

    def when(self, moment: datetime, branch: BranchRow | None = None) -> str:
        place = (branch.timezone if branch else None) or self.account.timezone
        return spoken.when(self.lang, self.ctx.now(), moment, place)

    @cached_property
    def branches(self) -> dict[int, BranchRow]:
        """By the salon's own number."""
        return {row.company_id: row for row in connections.of_account(self.account.id)}

    def branch(self, key: str) -> BranchRow | None:
        return self.branches.get(branch_of(key))
