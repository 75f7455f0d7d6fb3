"""The account's event feed, kept short: the newest changes of leads, contacts and notes."""

from __future__ import annotations

from sandbox.amocrm.checks import Json
from sandbox.amocrm.models import Account

KEPT = 10_000
Changed = tuple[Json, Json]
NOTHING: Changed = ({}, {})
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def record_event(
    account: Account, kind: str, about: tuple[str, int], author: int, values: Changed = NOTHING
) -> None:
    """`values` holds what was before and what is after."""
    before, after = values
    entity, entity_id = about
    number = account.crm.new_id("event")
    account.events.append(
        {
            "id": _ulid(account.now, number),
            "type": kind,
            "entity_id": entity_id,
            "entity_type": entity,
            "created_by": author,
            "created_at": account.now,
            "value_after": [after] if after else [],
            "value_before": [before] if before else [],
            "account_id": account.id,
        }
    )
    if len(account.events) > 2 * KEPT:
        del account.events[:KEPT]


def _ulid(stamp: int, number: int) -> str:
    """26 characters that sort by time."""
    bits, text = stamp * 1000 << 80 | number, ""
    for _ in range(26):
        bits, place = divmod(bits, 32)
        text = ALPHABET[place] + text
    return text
