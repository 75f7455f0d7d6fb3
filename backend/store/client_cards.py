"""What we know of the salons' client cards, and of the bookings of each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import peewee

from backend.core.clients import Abonement, ClientCard
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

Visits = dict[str, tuple[datetime, Phase]]  # booking key → when, and where it stands


class ClientCardRow(BaseModel):
    """`facts` is the card as JSON; a card that the salon deleted stays, marked."""

    account_id = peewee.BigIntegerField()
    card = peewee.TextField()
    facts = JsonField()
    is_gone = peewee.BooleanField()
    updated_at = UtcField()

    class Meta:
        table_name = "client_cards"
        primary_key = peewee.CompositeKey("account_id", "card")


def of(account_id: int, cards: Iterable[str]) -> dict[str, ClientCard]:
    found: dict[str, ClientCard] = {}
    for chunk in bulk.chunks(set(cards)):
        where = (ClientCardRow.account_id == account_id) & ClientCardRow.card.in_(chunk)
        found |= {row.card: _card(row) for row in ClientCardRow.select().where(where)}
    return found


def save(account_id: int, cards: Iterable[ClientCard], now: datetime) -> None:
    new = [
        {
            "account_id": account_id,
            "card": card.card,
            "facts": _facts(card),
            "is_gone": card.is_gone,
            "updated_at": now,
        }
        for card in {card.card: card for card in cards}.values()
    ]
    bulk.upsert(ClientCardRow, new, ("account_id", "card"))


def of_contacts(account_id: int, contact_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Contact id → the client cards it is found by."""
    found: dict[int, tuple[str, ...]] = {}
    for chunk in bulk.chunks(set(contact_ids)):
        sql = f"""SELECT contact_id, key FROM person_keys WHERE account_id = %s AND is_card
            AND contact_id IN ({bulk.marks(len(chunk))}) ORDER BY key"""
        for contact_id, key in db.rows(sql, (account_id, *chunk)):
            found[contact_id] = (*found.get(contact_id, ()), key)
    return found


def visits_of(account_id: int, people: Iterable[str]) -> dict[str, Visits]:
    """Person (as the reports know them: `contact:<id>`, or a card) → their bookings."""
    found: dict[str, Visits] = {}
    for chunk in bulk.chunks(set(people)):
        sql = f"""SELECT person, key, starts_at, phase FROM booking_figures
            WHERE account_id = %s AND person IN ({bulk.marks(len(chunk))})"""
        for person, key, starts_at, phase in db.rows(sql, (account_id, *chunk)):
            found.setdefault(person, {})[key] = (db.moment(starts_at), Phase(phase))
    return found


def survivors(account_id: int, cards: Sequence[str]) -> dict[str, int]:
    """Card → the contact that has the lead of this card's bookings now: contacts were merged in the CRM, and
    the one that the card was remembered for is gone (row E6).
    """
    found: dict[str, int] = {}
    for chunk in bulk.chunks(set(cards)):
        sql = f"""SELECT lost.card, held.contact_id, l.id FROM (
                SELECT k.account_id, k.key AS card, l.key FROM person_keys k
                JOIN links l ON l.account_id = k.account_id AND l.contact_id = k.contact_id
                WHERE k.account_id = %s AND k.is_card AND k.key IN ({bulk.marks(len(chunk))})
                UNION
                SELECT k.account_id, k.key AS card, f.key FROM person_keys k
                JOIN booking_figures f ON f.account_id = k.account_id
                    AND f.person IN (k.key, 'contact:' || k.contact_id)
                WHERE k.account_id = %s AND k.is_card AND k.key IN ({bulk.marks(len(chunk))})
            ) AS lost
            JOIN links l ON l.account_id = lost.account_id AND l.key = lost.key
            JOIN lead_contacts held ON held.account_id = l.account_id AND held.lead_id = l.lead_id
            JOIN crm_contacts c ON c.account_id = held.account_id AND c.contact_id = held.contact_id
            WHERE NOT c.is_deleted ORDER BY l.id"""
        rows = db.rows(sql, (account_id, *chunk, account_id, *chunk))
        found |= {card: contact_id for card, contact_id, _ in rows}
    return found


def _facts(card: ClientCard) -> Mapping[str, Any]:
    """What the salon has not told is not kept."""
    plain = {name: value for name, value in asdict(card).items() if value is not None and value != ""}
    del plain["card"]
    if card.changed_at:
        plain["changed_at"] = card.changed_at.isoformat()
    if card.abonements is not None:
        plain["abonements"] = [
            {**asdict(one), "until": one.until.isoformat() if one.until else None} for one in card.abonements
        ]
    return plain


def _card(row: ClientCardRow) -> ClientCard:
    told: dict[str, Any] = dict(row.facts)
    if "labels" in told:
        told["labels"] = tuple(told["labels"])
    if "changed_at" in told:
        told["changed_at"] = datetime.fromisoformat(told["changed_at"])
    if "abonements" in told:
        told["abonements"] = tuple(_abonement(one) for one in told["abonements"])
    return ClientCard(card=row.card, **told)


def _abonement(data: Mapping[str, Any]) -> Abonement:
    until, price = data.get("until"), data.get("price")
    return Abonement(
        **{
            **data,
            "until": datetime.fromisoformat(until) if until else None,
            "price": None if price is None else Kopecks(price),
        }
    )
