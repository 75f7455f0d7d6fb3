"""What a decision about a booking may look at, gathered by flows/sync/facts.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.clients import Person
from backend.core.crm import Contact, Lead
from backend.core.salon import Booking
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate


@dataclass(frozen=True, slots=True)
class Held:
    """A link and its lead as the CRM has it (None: it is gone)."""

    link: Link
    lead: Lead | None

    @property
    def is_alive(self) -> bool:
        return self.lead is not None and not self.lead.is_deleted

    def is_touched(self, worked_on: frozenset[int]) -> bool:
        """People moved it, or work with it (§4.6)."""
        if self.lead is None:
            return False
        expected = self.link.stage_id or int(self.link.applied.get("before_stage", self.lead.stage_id))
        return self.lead.stage_id != expected or self.lead.id in worked_on


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another booking of the same visit, or one that shares its lead, as last seen, with what it has in the
    CRM. `person` tells whose it is when its client is not known any more (matching.person_mark).
    """

    booking: Booking
    link: Link | None = None
    person: str | None = None
    lead: Lead | None = None
    satellites: tuple[Held, ...] = ()
    nexts: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """`seen` is the newest change of this booking that was handled; `lead` the linked lead as the CRM has
    it; `contact` the person's contact; `candidates` the person's open leads and the bookings driving them;
    `twins` other contacts with the same phone or card; `keyed` a lead that carries this booking's key
    although no link knows of it.

    `satellites` are its leads of secondary directions, `nexts` those that came of it for the next visit;
    `wins` links through which we won leads of the person a short while ago; `visit` the other bookings of the
    same visit. `worked_on` are leads with tasks or notes of people, asked for only where it matters;
    `is_returning`: the person had leads before; `wanted`: the lead in whose card the booking was made;
    `person` what is known of the client in all salons.
    """

    booking: Booking
    now: datetime
    seen: datetime | None = None
    link: Link | None = None
    lead: Lead | None = None
    contact: Contact | None = None
    candidates: tuple[Candidate, ...] = ()
    twins: tuple[int, ...] = ()
    keyed: Lead | None = None
    satellites: tuple[Held, ...] = ()
    nexts: tuple[Held, ...] = ()
    wins: tuple[Link, ...] = ()
    visit: tuple[Sibling, ...] = ()
    worked_on: frozenset[int] = frozenset()
    is_returning: bool = False
    wanted: int | None = None
    person: Person | None = None
