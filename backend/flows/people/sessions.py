"""Whose a browser's session is and what they may do: one answer for the panel and for the doors beside it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.flows.rules import schemas
from backend.store import accounts, operators
from backend.store.accounts import Account
from backend.store.operators import Operator

MAY_ACT = ("owner", "operator", "admin")
ADMIN_STAYS = timedelta(hours=12)  # then amoCRM is asked again whether the person is still an administrator
CODE_WAITS = timedelta(minutes=10)  # from the password to the code
NUMBERED = "№ "

Session = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in. An operator of this installation sees every account; an administrator of an amoCRM
    account came through the widget and sees that account only.
    """

    login: str
    role: str
    operator_id: int | None = None
    account_id: int | None = None

    @property
    def is_staff(self) -> bool:
        return self.operator_id is not None

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    def sees(self, account_id: int) -> bool:
        return self.is_staff or self.account_id == account_id


def begun_by(operator: Operator) -> dict[str, int | str]:
    """What a session keeps of an operator who signs in."""
    return {"operator_id": operator.id, "since": _fingerprint(operator)}


def half_begun_by(operator: Operator, now: datetime) -> dict[str, int | str]:
    """What a session keeps between the password and the code: not a person yet, only whose code is asked."""
    until = int((now + CODE_WAITS).timestamp())
    return {"half_id": operator.id, "half_since": _fingerprint(operator), "half_until": until}


def half_of(session: Session, now: datetime) -> Operator | None:
    """Whose code is waited for; None when nobody's, or for too long."""
    operator_id, until = session.get("half_id"), session.get("half_until")
    if not isinstance(operator_id, int) or not isinstance(until, int) or now.timestamp() > until:
        return None
    found = operators.by_id(operator_id)
    is_same = found is not None and hmac.compare_digest(
        str(session.get("half_since", "")), _fingerprint(found)
    )
    return found if found is not None and found.is_active and is_same else None


def begun_by_admin(account: Account, user_id: int, name: str, now: datetime) -> dict[str, int | str]:
    """What a session keeps of an amoCRM administrator whom the widget's token vouched for."""
    return {
        "account_id": account.id,
        "user_id": user_id,
        "name": name,
        "since": _installation(account),
        "until": int((now + ADMIN_STAYS).timestamp()),
    }


def name_of(account: Account, user_id: int) -> str:
    """Of somebody of amoCRM, told apart from our own operators; a number until the account is read."""
    found = {user.id: user.name for user in schemas.load(account.id).users} if account.schema else {}
    return f"{found.get(user_id) or f'{NUMBERED}{user_id}'} (amoCRM)"


def person_of(session: Session, now: datetime) -> Person | None:
    """The person signed in, unless something since then has ended their session."""
    return _admin(session, now) if "account_id" in session else _operator(session)


def may_act(person: Person | None) -> bool:
    """Whether this person changes anything, or looks only."""
    return person is not None and person.role in MAY_ACT


def _operator(session: Session) -> Person | None:
    """An operator switched off, or with another password since, is out."""
    operator_id = session.get("operator_id")
    found = operators.by_id(operator_id) if isinstance(operator_id, int) else None
    if found is None or not found.is_active or not _is_same(session, _fingerprint(found)):
        return None
    return Person(found.login, found.role, operator_id=found.id)


def _admin(session: Session, now: datetime) -> Person | None:
    """An account that left, or was installed anew, ends the sessions of its administrators."""
    account_id, until = session.get("account_id"), session.get("until")
    if not isinstance(account_id, int) or not isinstance(until, int) or now.timestamp() > until:
        return None
    account = accounts.find(account_id)
    if account is None or account.state == "removed" or not _is_same(session, _installation(account)):
        return None
    name, user_id = str(session.get("name") or session.get("user_id")), session.get("user_id")
    if name.startswith(NUMBERED) and isinstance(user_id, int):  # came before the account was read
        name = name_of(account, user_id)
    return Person(name, "admin", account_id=account.id)


def _is_same(session: Session, expected: str) -> bool:
    return hmac.compare_digest(str(session.get("since", "")), expected)


def _fingerprint(operator: Operator) -> str:
    """Changes with the password and when an owner ends all sessions."""
    text = f"{operator.password_hash}:{operator.session_generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _installation(account: Account) -> str:
    """Changes when the account grants access anew."""
    text = f"{account.crm_id}:{account.hook_secret}:{account.installed_at.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]
