"""A configuration from outside or from before: a YAML document, or an older version restored."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.errors import InvalidInput
from backend.core.rules import configuration_document
from backend.core.rules.configuration_document import NO_ENV, Parsed
from backend.core.rules.document import Problem
from backend.flows.context import Context
from backend.flows.rules import configuration, configuration_file, configuration_write, moving
from backend.flows.rules.configuration_write import Draft, ImportResult
from backend.store.accounts import Account


def import_yaml(  # noqa: PLR0913
    ctx: Context,
    account: Account,
    text: str,
    author: str,
    *,
    dry_run: bool = False,
    env: Mapping[str, str] = NO_ENV,
    upon: int | None = None,
) -> ImportResult:
    """`env` is what `env:NAME` may read: nothing for an uploaded file, it would show our secrets. `upon` is
    the version that somebody compared it with.
    """
    try:
        parsed = read(text, env)
    except InvalidInput as error:
        return ImportResult(None, problems=problems_of(error))
    return configuration_write.take(ctx, account.id, Draft(parsed, author, upon=upon), dry_run=dry_run)


def read(text: str, env: Mapping[str, str] = NO_ENV) -> Parsed:
    """What a document says; InvalidInput with every problem."""
    return configuration_document.parse(configuration_file.read(text), env)


def restore(
    ctx: Context, account: Account, number: int, author: str, *, upon: int | None = None
) -> ImportResult:
    """An older version becomes the newest one; the versions between stay, and so does who writes for a salon
    that has changed hands since.
    """
    older, now = configuration.version(account.id, number), configuration.current(account.id)
    parsed = Parsed(moving.as_they_are(account.id, older, now))
    draft = Draft(parsed, author, f"restored {number}", upon=upon)
    return configuration_write.take(ctx, account.id, draft)


def problems_of(error: InvalidInput) -> tuple[Problem, ...]:
    found = error.details.get("problems")
    return found if isinstance(found, tuple) else ()
