"""Everything a decision about calls may look at, from the store alone: for the drain, which has freshened the
mirror where it matters, and for the preview, which takes the mirror as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from backend.core import phones
from backend.core.crm import Contact, CrmSchema, Lead
from backend.core.errors import TryLater
from backend.core.rules.configuration import BookingRules
from backend.core.telephony import numbers
from backend.core.telephony.after.commands import CallCommand, MakeIncoming
from backend.core.telephony.after.facts import CallFacts, OpenTask
from backend.core.telephony.call import Call
from backend.flows.rules import schemas
from backend.flows.telephony.after import became
from backend.integrations.amocrm.client import AmoClient
from backend.store import mirror
from backend.store.telephony import call_tasks, calls, pbxes
from backend.store.telephony.call_tasks import CallTaskRow
from backend.store.telephony.calls import CallRow
from backend.store.telephony.pbxes import Pbx

NOBODY_ELSE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _People:
    """Of the numbers of a batch: contacts by key, their leads by contact."""

    contacts: Mapping[str, tuple[Contact, ...]]
    leads: Mapping[int, tuple[Lead, ...]]
    incoming_stages: frozenset[int]

    def of(self, key: str | None) -> tuple[Contact | None, tuple[Lead, ...], int | None]:
        """Contact, its open leads (oldest first), and a lead of this number in «Неразобранное». Whoever is
        known by such leads alone is in no list of the CRM yet.
        """
        found = self.contacts.get(key, ()) if key else ()
        waiting = [lead for one in found for lead in self.leads.get(one.id, ()) if self._waits(lead)]
        listed = [one for one in found if not self._is_unlisted(one)]
        with_leads = next((one for one in listed if self._open(one)), None)
        contact = with_leads or next(iter(listed), None)
        return contact, self._open(contact) if contact else (), waiting[0].id if waiting else None

    def _open(self, contact: Contact) -> tuple[Lead, ...]:
        leads = self.leads.get(contact.id, ())
        return tuple(lead for lead in leads if not lead.is_closed and not self._waits(lead))

    def _waits(self, lead: Lead) -> bool:
        return lead.stage_id in self.incoming_stages

    def _is_unlisted(self, contact: Contact) -> bool:
        leads = self.leads.get(contact.id, ())
        return bool(leads) and all(self._waits(lead) for lead in leads)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What calls that are decided together have in common: read once for all of them."""

    account_id: int
    now: datetime
    rules: BookingRules
    people: _People
    tasks: Mapping[str, CallTaskRow]
    pbxes: Mapping[int, Pbx]
    entry_stages: Mapping[int, int]
    main_pipeline_id: int | None


def gather(
    account_id: int,
    rows: Sequence[CallRow],
    now: datetime,
    rules: BookingRules,
    others: Mapping[str, str] = NOBODY_ELSE,
) -> list[CallFacts]:
    """One for each call, in their order. `others`: call → the number it is about instead of its own."""
    found = [row.call for row in rows]
    shown = [others.get(call.uniq) or numbers.client(call.client) for call in found]
    schema = _schema(account_id)
    batch = _Batch(
        account_id, now, rules, _people(account_id, [_key(number) for number in shown], rules),
        call_tasks.open_of(account_id, shown),
        {pbx_id: pbxes.by_id(pbx_id) for pbx_id in {call.pbx_id for call in found}},
        _entries(schema), _main(schema),
    )  # fmt: skip
    return [_facts(batch, row, call, number) for row, call, number in zip(rows, found, shown, strict=True)]


def _facts(batch: _Batch, row: CallRow, call: Call, number: str) -> CallFacts:
    contact, leads, incoming = batch.people.of(_key(number))
    company_id = (row.crm or {}).get("company_id") if contact is None else None
    if company_id:
        leads = _leads_of_company(row)
    task, pbx = batch.tasks.get(number), batch.pbxes[call.pbx_id]
    former = [other for other in calls.of_client(batch.account_id, number) if other.uniq != call.uniq]
    return CallFacts(
        call, batch.now, number, pbx.code, pbx.title, batch.rules.configuration.timezone,
        contact=contact,
        responsible_id=_responsible(contact, leads),
        open_leads=leads,
        incoming_lead=incoming or (_own_incoming(row) if contact is None else None),
        company_id=company_id,
        last_talker_id=_last_talker(call, former),
        talked_since=_talked_since(call, former),
        open_task=OpenTask(task.task_id, task.uniq, task.began_at) if task else None,
        users=batch.rules.users,
        entry_stages=batch.entry_stages,
        main_pipeline_id=batch.main_pipeline_id,
        written=became.written(row.crm),
    )  # fmt: skip


def _key(number: str) -> str | None:
    return phones.key(number) if number else None


def _leads_of_company(row: CallRow) -> tuple[Lead, ...]:
    """As the CRM named them when it was asked, and the one of this call itself."""
    crm = row.crm or {}
    return of_company(row.account_id, {*crm.get("company_leads", ()), crm.get("lead_id")} - {None})


def _people(account_id: int, keys: Sequence[str | None], rules: BookingRules) -> _People:
    contacts = mirror.contacts_by_keys(account_id, [key for key in keys if key])
    leads = mirror.leads_of(account_id, [one.id for some in contacts.values() for one in some])
    return _People(contacts, leads, rules.incoming_stages)


def of_company(account_id: int, ids: Collection[int]) -> tuple[Lead, ...]:
    """The open ones of its leads, oldest first: as amoCRM named them when it was asked, and of this call."""
    found = mirror.leads_by_ids(account_id, ids) if ids else {}
    return tuple(found[n] for n in sorted(found) if not (found[n].is_closed or found[n].is_deleted))


def _own_incoming(row: CallRow) -> int | None:
    """What this call has put into «Неразобранное» itself: whoever it is about is in no list yet."""
    return (row.crm or {}).get("incoming_lead_id")


def _responsible(contact: Contact | None, leads: Sequence[Lead]) -> int | None:
    """Whose the client is; where the contact does not tell, whose its newest open lead is."""
    if contact is None:
        return None
    return contact.responsible_id or next((lead.responsible_id for lead in reversed(leads)), None)


def _last_talker(call: Call, former: Sequence[CallRow]) -> int | None:
    earlier = (row for row in former if row.began_at < call.began_at and row.answered_at is not None)
    return next((row.user_id for row in earlier if row.user_id is not None), None)


def _talked_since(call: Call, former: Sequence[CallRow]) -> datetime | None:
    end = call.ended_at or call.began_at
    later = [row.answered_at for row in former if row.answered_at is not None and row.answered_at > end]
    return min(later, default=None)


def _schema(account_id: int) -> CrmSchema | None:
    try:
        return schemas.load(account_id)
    except TryLater:
        return None


def learn_incoming(account_id: int, client: AmoClient, commands: Iterable[CallCommand]) -> None:
    """amoCRM makes the stage of «Неразобранное» with the first call that comes there."""
    known = incoming_stages(account_id)
    made = (one.pipeline_id for one in commands if isinstance(one, MakeIncoming))
    if any(pipeline_id not in known for pipeline_id in made):
        schemas.refresh(account_id, client)


def incoming_stages(account_id: int) -> dict[int, int]:
    """Pipeline → its «Неразобранное»."""
    schema = _schema(account_id)
    stages = (stage for pipeline in (schema.pipelines if schema else ()) for stage in pipeline.stages)
    return {stage.pipeline_id: stage.id for stage in stages if stage.is_incoming}


def _entries(schema: CrmSchema | None) -> dict[int, int]:
    """Pipeline → the first stage that a lead may begin in."""
    found: dict[int, int] = {}
    for pipeline in schema.pipelines if schema else ():
        stages = sorted((s for s in pipeline.stages if not s.is_incoming), key=lambda stage: stage.sort)
        if stages:
            found[pipeline.id] = stages[0].id
    return found


def _main(schema: CrmSchema | None) -> int | None:
    return next((pipeline.id for pipeline in schema.pipelines if pipeline.is_main), None) if schema else None
