"""The draft configuration of an account out of its profile, and what each part of it would change."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.errors import TryLater
from backend.core.rules import configuration_changes
from backend.core.rules.configuration import Configuration
from backend.core.rules.configuration_changes import Difference
from backend.core.takeover import draft
from backend.core.takeover.draft import Line, Part, Sources
from backend.flows.rules import configuration, configuration_file, schemas
from backend.flows.takeover.profile import profiling, recognition
from backend.store import connections, takeover_profiles


def sources(account_id: int) -> Sources | None:
    """None before the first profile, or before amoCRM was read."""
    row = takeover_profiles.of(account_id)
    if row is None or row.measured_at is None:
        return None
    try:
        schema = schemas.load(account_id)
    except TryLater:
        return None
    salons = {branch.company_id: branch.title for branch in connections.of_account(account_id)}
    return Sources(
        profiling.measured(account_id),
        recognition.load(account_id),
        configuration.current(account_id),
        schema,
        salons,
    )


def differences(given: Sources, part: Part, chosen: Iterable[Line]) -> tuple[Difference, ...]:
    """What accepting these lines would change."""
    after: Configuration = draft.accepted(given, part, chosen, given.rules)
    return configuration_changes.differences(
        configuration_changes.render(given.rules), configuration_changes.render(after)
    )


def text(given: Sources) -> str:
    """The whole draft as people edit it in a file."""
    return configuration_file.write(draft.draft(given))
