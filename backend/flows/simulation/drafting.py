"""Drafts: rules that somebody looks at before they are saved, and the saving of what was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.core.rules import configuration_changes, configuration_document
from backend.core.rules.configuration import Configuration
from backend.core.rules.configuration_document import Parsed
from backend.core.rules.document import Problem
from backend.flows.context import Context
from backend.flows.rules import configuration, configuration_edit, configuration_write
from backend.flows.rules.configuration_edit import Change
from backend.flows.rules.configuration_import import problems_of
from backend.flows.rules.configuration_write import Draft, ImportResult
from backend.store import drafts
from backend.store.accounts import Account
from backend.store.drafts import DraftRow, NewDraft


@dataclass(frozen=True, slots=True)
class Origin:
    """Who fills in which form, and how: enough to draw the form again. `base` is the version that it was
    drawn from, `sections` are the top keys of the document that it changes.
    """

    author: str
    base: int = 0
    sections: tuple[str, ...] = ()
    place: str = ""
    typed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """`draft_id` None: there is nothing to look at, or there are problems, each with its path."""

    draft_id: int | None
    problems: tuple[Problem, ...] = ()


def of_form(ctx: Context, account: Account, change: Change, origin: Origin) -> Drafted:
    """What saving the form would write, refused for the same reasons; nothing is saved."""
    before = configuration.current(account.id)
    configuration_edit.refuse_conflict(account.id, origin.base, origin.sections, before)
    after = change(before)
    if after == before:
        return Drafted(None)
    problems = _problems(ctx, account, after)
    if problems:
        return Drafted(None, problems)
    draft = NewDraft(
        origin.author, origin.base, configuration.number(account.id), configuration_changes.render(after),
        origin.sections, place=origin.place, typed=origin.typed,
    )  # fmt: skip
    return Drafted(drafts.add(account.id, draft, ctx.now()))


def of_rules(  # noqa: PLR0913 - what is shown, against what, and what may be done with it
    ctx: Context,
    account: Account,
    rules: Configuration,
    compared: int,
    origin: Origin,
    *,
    action: str = "",
    note: str = "",
) -> int:
    """A whole configuration held against a version. With an `action` it may be saved from its page."""
    draft = NewDraft(
        origin.author, configuration.number(account.id), compared, configuration_changes.render(rules),
        action=action, note=note, is_whole=True, is_offered=bool(action), place=origin.place,
    )  # fmt: skip
    return drafts.add(account.id, draft, ctx.now())


def save(ctx: Context, account: Account, draft: DraftRow, author: str) -> ImportResult:
    """The next version. A draft of some sections goes upon what others have saved meanwhile in the rest."""
    upon = configuration.number(account.id)
    if draft.is_whole:
        rules = configuration_document.parse(draft.document).configuration
        wanted = Draft(Parsed(rules), author, draft.note, upon=draft.base)
        return configuration_write.take(ctx, account.id, wanted)
    now = configuration.current(account.id)
    configuration_edit.refuse_conflict(account.id, draft.base, draft.sections, now)
    document = configuration_changes.render(now)
    document.update({section: draft.document[section] for section in draft.sections})
    try:
        parsed = configuration_document.parse(document)
    except InvalidInput as error:  # what somebody saved meanwhile does not agree with it
        return ImportResult(None, problems=problems_of(error))
    wanted = Draft(Parsed(parsed.configuration), author, draft.note, is_thorough=False, upon=upon)
    return configuration_write.take(ctx, account.id, wanted)


def _problems(ctx: Context, account: Account, after: Configuration) -> tuple[Problem, ...]:
    try:
        configuration_document.parse(configuration_changes.render(after))
    except InvalidInput as error:
        return problems_of(error)
    wanted = Draft(Parsed(after), "", is_thorough=False)
    return configuration_write.take(ctx, account.id, wanted, dry_run=True).problems
