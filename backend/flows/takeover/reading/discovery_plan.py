"""What is to be read before a move: collections in their order, each from where it has been read to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from backend.flows.sync import mirror
from backend.flows.takeover.reading import salon_pulls
from backend.store import connections, takeover_found, takeover_pulls
from backend.store.takeover_pulls import DONE, WAITING, Pull

SAME = timedelta(days=45)  # a later wish for as many months needs only what changed since


def wanted(account_id: int, since: datetime, now: datetime) -> list[Pull]:
    """Of every salon that has a key, also of those that are switched off."""
    known = {pull.collection: pull for pull in takeover_pulls.of_account(account_id)}
    names = ["account", *mirror.COLLECTIONS, "notes"]
    for branch in connections.of_account(account_id):
        if branch.user_token:
            names += [f"{kind}:{branch.company_id}" for kind in salon_pulls.READERS]
    fresh = [_fresh(name, position, since, now) for position, name in enumerate(names)]
    return [_onward(account_id, pull, known.get(pull.collection), now) for pull in fresh]


def _fresh(name: str, position: int, since: datetime, now: datetime) -> Pull:
    cursor = {"since": since, "until": now + salon_pulls.AHEAD, "changed": now}
    return Pull(name, position, {name: moment.isoformat() for name, moment in cursor.items()})


def _onward(account_id: int, fresh: Pull, known: Pull | None, now: datetime) -> Pull:
    """What was cut goes on; what was read whole and goes back as far is only asked for what came since."""
    if known is None or _since(known) > _since(fresh) + SAME:
        return fresh
    if known.state != DONE:
        return replace(known, position=fresh.position, state=WAITING, code="")
    match fresh.collection.partition(":")[0]:
        case "notes":
            newest = takeover_found.newest_note(account_id)
            return replace(fresh, cursor={**fresh.cursor, "newest": newest})
        case "records":
            whole = {name: known.cursor[name] for name in ("since", "until")}
            after = len(salon_pulls.windows(*map(datetime.fromisoformat, whole.values())))
            changed = (known.began_at or now).isoformat()
            cursor = {**whole, "changed": changed, "window": after}
            return replace(fresh, cursor=cursor, found=known.found)
        case _:
            return fresh


def _since(pull: Pull) -> datetime:
    return datetime.fromisoformat(pull.cursor["since"])
