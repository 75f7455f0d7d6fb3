"""Records of a salon that two living leads claim: the one we drive, and one that somebody has made since."""

from __future__ import annotations

from datetime import datetime

from backend.core.rules.configuration import FieldName
from backend.core.sync.links import booking_of
from backend.core.takeover import conflicts, marks
from backend.core.takeover.recognition import Recognition, What
from backend.flows.rules import configuration
from backend.store import foreign_writes, links, mirror, takeover_changes, takeover_counters


def records(
    account_id: int, company_id: int, since: datetime, known: Recognition
) -> dict[str, tuple[int, ...]]:
    """Record → its leads, ours first. Read from the leads as they are now, so that whoever closes one of them
    ends the matter.
    """
    made = foreign_writes.since(account_id, since, company_id)
    ids = {one.lead_id for one in made if one.what == conflicts.MADE}
    if not ids:
        return {}
    claims = _claims(account_id, ids, known)
    own = {key: link.lead_id for key, link in links.by_keys(account_id, claims).items()}
    leads = mirror.leads_by_ids(account_id, [*ids, *own.values()])
    alive = {lead.id for lead in leads.values() if not (lead.is_deleted or lead.is_closed)}
    mine = {key: ids for key, ids in claims.items() if takeover_changes.company_of(key) == company_id}
    return conflicts.two_leads(mine, own, alive)


def _claims(account_id: int, lead_ids: set[int], known: Recognition) -> dict[str, list[int]]:
    """Booking → leads that carry our key of it, or the number of its record."""
    key_field = configuration.load(account_id).field_ids.get(FieldName.KEY)
    leads = mirror.leads_by_ids(account_id, lead_ids).values()
    carried = {lead.id: marks.ids(What.RECORD_ID, lead, known) for lead in leads}
    keys = takeover_counters.keys_of_records(account_id, [one for ids in carried.values() for one in ids])
    claims: dict[str, list[int]] = {}
    for lead in leads:
        named = [keys[one] for one in carried[lead.id] if one in keys]
        for key in {*named, *map(booking_of, lead.values(key_field))}:
            claims.setdefault(key, []).append(lead.id)
    return claims
