"""Once in a minute: a part of an account's telephony that does not work becomes something people see on the
overview and hear of, and is over by itself when the part works again.
"""

from __future__ import annotations

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.health import conditions
from backend.flows.telephony.health.conditions import Mood, Part
from backend.store import accounts, alarms
from backend.store.accounts import Account
from backend.store.telephony import pbxes

BROKEN, UNSOUND = "telephony.broken", "telephony.unsound"
CODES = (BROKEN, UNSOUND)
UNSEEN = "telephony_health.pbx.unseen"
ITS_OWN = ("amocrm",)  # has alarms of its own


def look_all(ctx: Context) -> int:
    """Accounts with a PBX, and those that still have an alarm of ours; returns how many."""
    with_pbx = {pbx.account_id for kind in kinds.KINDS for pbx in pbxes.everything_on(kind)}
    with_alarm = {alarm.account_id for alarm in alarms.open_alarms() if alarm.code in CODES}
    for account_id in with_pbx | with_alarm:
        look(ctx, accounts.by_id(account_id))
    return len(with_pbx | with_alarm)


def look(ctx: Context, account: Account) -> None:
    try:
        found = conditions.parts(ctx, account) if account.state == "active" else []
    except AppError:
        return  # an account that is not set up yet has nothing to tell
    dead = any(part.name == "listener" and part.mood is Mood.BAD for part in found)
    told = [part for part in found if not (dead and part.code == UNSEEN)]  # one cause, one alarm
    now = {key: part for part in told if (key := _alarm(part)) is not None}
    for (code, scope_key), part in now.items():
        details = {
            "part": part.name, "about": part.about, "key": part.key, "said": _said(part),
            "values": dict(_values(part)),
        }  # fmt: skip
        alarms.raise_alarm(account.id, code, "notice", scope_key, details, ctx.now())
    for alarm in alarms.open_alarms(account.id):
        if alarm.code in CODES and (alarm.code, alarm.scope_key) not in now:
            alarms.resolve(account.id, alarm.code, scope_kind="notice", scope_key=alarm.scope_key)


def _alarm(part: Part) -> tuple[str, str] | None:
    if part.name in ITS_OWN:
        return None
    if part.mood is Mood.BAD:
        return BROKEN, f"{part.name}:{part.key}"
    return (UNSOUND, f"{part.name}:{part.key}") if part.mood is Mood.WARN and part.findings else None


def _said(part: Part) -> str:
    """The code of what is wrong: a setting that is missing says more than that something is."""
    finding = next((str(one["code"]) for one in part.findings if "code" in one), "")
    return part.code if part.mood is Mood.BAD or not finding else finding


def _values(part: Part) -> dict[str, object]:
    finding = next((one for one in part.findings if "code" in one), {})
    values = part.details if part.mood is Mood.BAD or not finding else finding
    return {name: value for name, value in values.items() if name != "code"}
