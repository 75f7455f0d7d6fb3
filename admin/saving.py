"""A form of a setup screen becomes a version of the configuration; what is wrong comes back to its fields."""

from __future__ import annotations

from collections.abc import Mapping

from admin import drafts, guard, pages, trail
from admin.forms import Form
from backend.core.errors import AppError
from backend.core.rules.document import Problem
from backend.flows.rules import configuration_edit
from backend.flows.rules.configuration_edit import Change
from backend.flows.rules.configuration_write import ImportResult
from backend.store.accounts import Account

WHOLE = drafts.WHOLE  # the field of a complaint about the form as a whole


def save(
    form: Form, account: Account, sections: tuple[str, ...], change: Change, fields: Mapping[str, str]
) -> bool:
    """`fields` says which field of the form a path of the document came from. With the button «look first»
    nothing is saved; and a form that comes back from such a look is only drawn again.
    """
    if form.flag(drafts.AGAIN):
        return False
    try:
        if form.flag(drafts.PREVIEW):
            return drafts.preview(form, account, sections, change, fields)
        result = configuration_edit.edit(
            guard.context(), account, form.number("base") or 0, sections, change, guard.person().login
        )
    except AppError as error:
        form.complain(WHOLE, error.code, **error.details)
        return False
    return told(form, account, result, fields)


def told(
    form: Form,
    account: Account,
    result: ImportResult,
    fields: Mapping[str, str],
    action: str = "configuration.saved",
) -> bool:
    """Whether it was saved, or there was nothing to save; leaves the line of the trail and the sentence."""
    if result.number is None:
        for problem in result.problems:
            form.place(fields.get(problem.path, WHOLE), problem)
        if not result.problems:
            pages.say("salons.unchanged", "")
        return form.ok
    trail.saved(account, result, action)
    pages.say("salons.saved")
    for problem in result.problems:
        warn(problem)
    return True


def warn(problem: Problem) -> None:
    """What could not be done after the version was written."""
    pages.say(problem.code, "warn", **problem.details)
