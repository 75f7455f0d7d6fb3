"""Answers about the other widget become settings of ours, one button for each."""

from __future__ import annotations

from backend.core.rules.configuration import Configuration
from backend.core.takeover import prefilled, probes
from backend.core.takeover.prefilled import Measured
from backend.core.takeover.probes import Proposed
from backend.flows.context import Context
from backend.flows.rules import configuration, configuration_edit
from backend.flows.rules.configuration_write import ImportResult
from backend.flows.takeover.profile import profiling, recognition
from backend.store import takeover_probes, takeover_pulls
from backend.store.accounts import Account
from backend.store.takeover_probes import Answer

SECTION = "options"
AROUND = ("widgets", "webhooks", "users")


def proposals(account_id: int) -> dict[str, tuple[Proposed, ...]]:
    """Probe → what its answers would change now; those that change nothing are left out."""
    now = configuration.current(account_id)
    found = {
        code: probes.proposed(probes.probe(code), answer.answers, now)
        for code, answer in takeover_probes.answers(account_id).items()
    }
    return {code: proposed for code, proposed in found.items() if proposed}


def accept(ctx: Context, account: Account, answer: Answer, base: int, author: str) -> ImportResult:
    """One more version with what the answer asks for; `base` is the version that the person looked at."""
    proposed = probes.proposed(probes.probe(answer.probe), answer.answers, configuration.current(account.id))

    def change(before: Configuration) -> Configuration:
        return probes.changed(before, {one.path: one.then for one in proposed})

    return configuration_edit.edit(ctx, account, base, (SECTION,), change, author, note=answer.probe)


def measured(account_id: int) -> dict[str, tuple[Measured, ...]]:
    """Probe → what was measured of it already; empty before anything was."""
    habits, known = profiling.measured(account_id).behaviour, recognition.measured(account_id)
    facts, read_at = takeover_pulls.surroundings(account_id)
    around = {name: len(facts.get(name) or ()) for name in AROUND} if read_at else {}
    return prefilled.of(known, habits, around)
