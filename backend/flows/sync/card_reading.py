"""Clients' cards asked of the salon: only for what no booking tells, once for each client, and where the
account shows what they spent, after each visit.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.clients import ClientCard
from backend.core.errors import AppError
from backend.core.rules.configuration import BookingRules
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import DEFAULT_ZONE, Booking, Client, Phase
from backend.core.sync import people
from backend.flows.sync.readings import Reading
from backend.flows.work import Work
from backend.store import client_cards, connections

OF_THE_CARD = frozenset({ContactFieldName.LABELS, ContactFieldName.DO_NOT_SEND, ContactFieldName.SPENT})


def read(work: Work, fresh: Sequence[Reading], rules: BookingRules) -> list[Reading]:
    """The readings whose clients' cards are known now; those of a silent salon wait."""
    if OF_THE_CARD.isdisjoint(rules.contact_field_ids):
        return list(fresh)
    clients = {r.booking.client.card: r for r in fresh if r.booking.client and r.booking.client.card}
    known = client_cards.of(work.account_id, clients)
    zones = {b.company_id: b.timezone or DEFAULT_ZONE for b in connections.of_account(work.account_id)}
    late: set[str] = set()
    for card, reading in clients.items():
        if _is_wanted(reading.booking, known.get(card), rules):
            late |= _asked(work, reading, known.get(card), zones[reading.booking.branch_id])
    return [reading for reading in fresh if reading.booking.key not in late]


def _is_wanted(booking: Booking, known: ClientCard | None, rules: BookingRules) -> bool:
    if known is None or known.do_not_send is None:  # every card that was read says yes or no to mailings
        return True
    return ContactFieldName.SPENT in rules.contact_field_ids and booking.phase is Phase.ARRIVED


def _asked(work: Work, reading: Reading, known: ClientCard | None, zone: str) -> set[str]:
    """Keys of bookings that have to wait because the salon does not answer."""
    booking, client = reading.booking, reading.booking.client or Client("")
    number = int(client.card.rsplit(":", 1)[1])
    try:
        card = work.yclients(booking.branch_id).client_card(booking.branch_id, number, zone)
    except AppError as error:
        work.dispose(error, [reading.event.id, *(event.id for event in reading.older)])
        return {booking.key}
    if card is not None:
        client_cards.save(work.account_id, [people.joined(known, card) if known else card], work.ctx.now())
    return set()
