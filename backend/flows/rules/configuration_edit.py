"""A part of the configuration changed on a screen of the panel: one form, one version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from backend.core.errors import InvalidInput
from backend.core.rules import configuration_changes, configuration_document
from backend.core.rules.configuration import Configuration, Mode
from backend.core.rules.configuration_document import Parsed
from backend.flows.context import Context
from backend.flows.rules import configuration, configuration_write
from backend.flows.rules.configuration_import import problems_of
from backend.flows.rules.configuration_write import Draft, ImportResult
from backend.store.accounts import Account

NO_TOKENS: Mapping[int, str] = MappingProxyType({})

Change = Callable[[Configuration], Configuration]


def edit(  # noqa: PLR0913 - a form has an author, a beginning and parts
    ctx: Context,
    account: Account,
    base: int,
    sections: Iterable[str],
    change: Change,
    author: str,
    *,
    tokens: Mapping[int, str] = NO_TOKENS,
    note: str = "",
) -> ImportResult:
    """Saves the changed configuration as the next version. Nothing changed: nothing is saved.

    `base` is the version that the form was drawn from, 0 for none. InvalidInput
    `configuration.changed_meanwhile` when somebody saved one of `sections` (top keys of the
    document, or parts of one: `telephony.people`) since. Problems with what was typed come back
    in the result, each with its path in the document.
    """
    upon = configuration.number(account.id)
    before = configuration.current(account.id)
    refuse_conflict(account.id, base, sections, before)
    after = change(before)
    if after == before and not tokens:
        return ImportResult(None)
    try:
        configuration_document.parse(configuration_changes.render(after))
    except InvalidInput as error:
        return ImportResult(None, problems=problems_of(error))
    draft = Draft(Parsed(after, tokens), author, note, is_thorough=False, upon=upon)
    return configuration_write.take(ctx, account.id, draft)


def set_mode(ctx: Context, account: Account, company_id: int, mode: Mode, author: str) -> ImportResult:
    """Switch one salon. Also a version, so that the document always says what is in force."""

    def switched(before: Configuration) -> Configuration:
        if before.branch(company_id) is None:
            raise InvalidInput("configuration.no_branch", company_id=company_id)
        branches = tuple(replace(b, mode=mode) if b.company_id == company_id else b for b in before.branches)
        return replace(before, branches=branches)

    base = configuration.number(account.id)
    return edit(ctx, account, base, (), switched, author, note=f"{company_id}: {mode}")


def refuse_conflict(account_id: int, base: int, sections: Iterable[str], now: Configuration) -> None:
    """Two people at two parts do not disturb each other; at the same part the second one looks again."""
    newest = configuration.newest_version(account_id)
    if newest is None or newest.number == base:
        return
    then = configuration.version(account_id, base) if base else Configuration()
    old, new = configuration_changes.render(then), configuration_changes.render(now)
    if any(_part(old, section) != _part(new, section) for section in sections):
        raise InvalidInput("configuration.changed_meanwhile", author=newest.author, number=newest.number)


def _part(document: Mapping[str, Any], path: str) -> object:
    """A top key, or a part of it: `telephony.people`."""
    section, _, part = path.partition(".")
    return document[section][part] if part else document[section]
