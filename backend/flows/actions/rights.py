"""Who may do what from a card, and which right of the salon's user is missing when YCLIENTS refuses."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backend.core.errors import InvalidInput, NeedsHuman
from backend.core.rules.configuration import Branch, Configuration, Mode
from backend.core.rules.sections import Who
from backend.flows.widget.widget import Caller
from backend.integrations.yclients.writes import YclientsDesk
from backend.store.accounts import Account


class Act(StrEnum):
    CREATE = "create"
    MOVE = "move"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    ARRIVE = "arrive"


# What YCLIENTS asks of the user, the surest cause first (yclients.md §5.5).
NEEDED: Mapping[Act, tuple[str, ...]] = {
    Act.CREATE: ("create_records_access",),
    Act.MOVE: ("edit_records_access", "record_edit_full_paid_access"),
    Act.CANCEL: (
        "delete_records_access",
        "delete_customer_came_records_access",
        "delete_paid_records_access",
    ),
    Act.CONFIRM: ("edit_records_attendance_access", "edit_records_access", "record_edit_full_paid_access"),
    Act.ARRIVE: ("edit_records_attendance_access", "edit_records_access", "record_edit_full_paid_access"),
}


def denial(asking: Caller, rules: Configuration, act: Act) -> str:
    """The code of why this person may not do it; empty when they may."""
    who = Who(getattr(rules.card, act))
    if who is Who.EVERYONE or (who is Who.ADMINS and asking.user.is_admin):
        return ""
    return f"card.denied.{who}"


def standing(account: Account) -> str:
    """The code of why nobody may do anything now; empty while the account works."""
    return {"active": "", "new": "card.no_active_salon"}.get(account.state, "card.not_working")


def check(asking: Caller, rules: Configuration, act: Act) -> None:
    if code := standing(asking.account) or denial(asking, rules, act):
        raise InvalidInput(code)


def branch(rules: Configuration, company_id: int) -> Branch:
    """A salon that we write for: in another one somebody else does, or nobody yet."""
    found = rules.branch(company_id)
    if found is None:
        raise InvalidInput("card.unknown_salon")
    if found.mode is not Mode.ACTIVE:
        raise InvalidInput("card.salon_not_active", salon=found.title)
    return found


def missing(desk: YclientsDesk, company_id: int, act: Act, refusal: NeedsHuman) -> NeedsHuman:
    """The refusal in words of the salon: which right to give in YCLIENTS. When all are there, YCLIENTS' own
    words are the best we have.
    """
    refused = desk.refused_rights(company_id, NEEDED[act])
    code = f"card.no_right.{refused[0]}" if refused else "card.no_right.other"
    return NeedsHuman(code, refusal.scope, **refusal.details)
