"""The contact of a booking's person: what the salon tells of them, and whose lead it is (rows E1–E15).

Only news of the salon are written, into fields that the account has chosen; a phone is added and never
replaced, a name stays a person's unless the account says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.core import phones
from backend.core.clients import Abonement, ClientCard, Person
from backend.core.crm import Contact
from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Booking, Client, Phase
from backend.core.sync import leads
from backend.core.sync.commands import FieldValue, Remembered, UpdateContact, Value

GONE_TAG = "карточка удалена в YCLIENTS"
ACTIVE = (Phase.WAITING, Phase.CONFIRMED)


def seen_in(booking: Booking) -> ClientCard | None:
    """What a booking tells of its client's card."""
    client = booking.client
    if client is None or not client.card:
        return None
    return ClientCard(
        client.card, client.name, client.phone, client.email, None, client.visits, client.no_shows,
        client.labels or None, discount=client.discount, loyalty_card=client.loyalty_card,
        birthday=client.birthday,
    )  # fmt: skip


def joined(old: ClientCard, new: ClientCard) -> ClientCard:
    """What is known of a card now: a source that does not tell something takes nothing away."""
    silent = {f.name: getattr(old, f.name) for f in fields(ClientCard) if getattr(new, f.name) in (None, "")}
    return replace(new, **silent)


def enriched(client: Client, card: ClientCard | None) -> Client:
    """A booking's client with what only the card tells: labels that may keep it out, the birthday."""
    if card is None:
        return client
    return replace(
        client, labels=client.labels or card.labels or (), birthday=client.birthday or card.birthday
    )


def update(
    key: str, contact: Contact, person: Person, rules: BookingRules, now: datetime
) -> UpdateContact | None:
    """What the contact lacks of the salon's news; None when it lacks nothing."""
    all_ = written(person, rules, now)
    fresh = {
        name: value for name, value in all_.items() if person.applied.get(name) != leads.shown(value.value)
    }
    # An empty value where nothing was written before is no news.
    fresh = {name: v for name, v in fresh.items() if v.value not in (None, ()) or person.applied.get(name)}
    added = new_phones(contact, person)
    name = _name(contact, person, rules)
    gone = _gone(person)
    if not (fresh or added or name or gone):
        return None
    applied = [*((name_, leads.shown(value.value)) for name_, value in fresh.items()), *gone]
    return UpdateContact(
        key, contact.id, name=name, phones=added, fields=tuple(fresh.values()),
        tags=(GONE_TAG,) if gone else (), applied=tuple(applied),
    )  # fmt: skip


def first_fields(
    person: Person, rules: BookingRules, now: datetime
) -> tuple[tuple[FieldValue, ...], Remembered]:
    """For a contact that is made now: its fields, and what to remember of them."""
    filled = {n: v for n, v in written(person, rules, now).items() if v.value not in (None, ())}
    return tuple(filled.values()), tuple((name, leads.shown(v.value)) for name, v in filled.items())


def new_phones(contact: Contact, person: Person) -> tuple[str, ...]:
    """Numbers of the person's cards that the contact lacks; another contact's number is a matter for a person
    (row E7).
    """
    has = {phones.key(part) for phone in contact.phones for part in phones.split(phone)}
    wanted = (phones.normalized(card.phone) for card in person.cards if not card.is_gone)
    found = (phone for phone in wanted if phone and phone not in has and phone not in person.taken)
    return tuple(dict.fromkeys(found))


def written(person: Person, rules: BookingRules, now: datetime) -> dict[str, FieldValue]:
    """Values of the fields that are there, by remembered name."""
    ids = rules.contact_field_ids
    if not ids:
        return {}
    found = values(person, rules, now)
    return {f"field:{ids[name]}": FieldValue(ids[name], found[name]) for name in found if name in ids}


def _name(contact: Contact, person: Person, rules: BookingRules) -> str | None:
    """A manager's spelling stays, unless the salon is the master of names (row E8)."""
    if not rules.configuration.options.names_from_salon:
        return None
    name = next((card.name for card in person.cards if card.name), "")
    return name if name and name != contact.name else None


def _gone(person: Person) -> Remembered:
    """Cards that the salon has deleted, unless another one is left in that salon or we said so (row E14)."""
    marked = tuple(
        card.card for card in person.cards if card.is_gone and not _has_another(card, person.cards)
    )
    return tuple((f"gone:{card}", "1") for card in marked if f"gone:{card}" not in person.applied)


def _has_another(gone: ClientCard, cards: Iterable[ClientCard]) -> bool:
    """Cards of one person merged: the one that survived stands for both (row E5)."""
    salon = gone.card.rsplit(":", 1)[0]
    return any(not one.is_gone and one.card.rsplit(":", 1)[0] == salon for one in cards)


def values(person: Person, rules: BookingRules, now: datetime) -> dict[ContactFieldName, Value]:
    """Across all salons (§4.3). What no salon has told stays as it is."""
    cards = [card for card in person.cards if not card.is_gone]
    came = {at for at, phase in person.visits.values() if phase is Phase.ARRIVED}
    ahead = [at for at, phase in person.visits.values() if phase in ACTIVE and at > now]
    found: dict[ContactFieldName, Value] = {
        ContactFieldName.VISITS: _counted([card.visits for card in cards], person, Phase.ARRIVED),
        ContactFieldName.NO_SHOWS: _counted([card.no_shows for card in cards], person, Phase.NO_SHOW),
        ContactFieldName.LAST_VISIT: int(max(came).timestamp()) if came else None,
        ContactFieldName.NEXT_VISIT: int(min(ahead).timestamp()) if ahead else None,
        ContactFieldName.CARD: ", ".join(dict.fromkeys(c.loyalty_card for c in cards if c.loyalty_card))
        or None,
        ContactFieldName.BIRTHDAY: _birthday(cards, rules),
    }
    return found | _told(cards)


def _told(cards: list[ClientCard]) -> dict[ContactFieldName, Value]:
    """What only the card itself tells; not asked for, it is not written."""
    labels = [card.labels for card in cards if card.labels is not None]
    silent = [card.do_not_send for card in cards if card.do_not_send is not None]
    spent = [card.spent for card in cards if card.spent is not None]
    discounts = [card.discount for card in cards if card.discount is not None]
    bought = [card.abonements for card in cards if card.abonements is not None]
    found: dict[ContactFieldName, Value] = {}
    if labels:
        found[ContactFieldName.LABELS] = tuple(dict.fromkeys(one for some in labels for one in some))
    if silent:
        found[ContactFieldName.DO_NOT_SEND] = int(any(silent))
    if spent:
        found[ContactFieldName.SPENT] = leads.rubles(Kopecks(sum(spent)))
    if discounts:
        found[ContactFieldName.DISCOUNT] = max(discounts)
    if bought:
        found[ContactFieldName.ABONEMENTS] = "\n".join(_abonement(a) for some in bought for a in some) or None
    return found


def _abonement(one: Abonement) -> str:
    until = f"до {one.until:%d.%m.%Y}" if one.until else ""
    return " · ".join(part for part in (f"№ {one.number}", one.title, one.balance, until) if part)


def _counted(told: list[int | None], person: Person, phase: Phase) -> int:
    """The salons count the time before us too; what we saw ourselves may be newer than their last word.
    Parallel masters at one hour are one visit, however many bookings the salon counts (row D13).
    """
    seen = [at for at, stands in person.visits.values() if stands is phase]
    visits = len(set(seen))
    return max(sum(count for count in told if count is not None) - (len(seen) - visits), visits)


def _birthday(cards: list[ClientCard], rules: BookingRules) -> str | None:
    """With an offset: plain days are refused, and years before 1970 have no whole number of their own."""
    written = next((card.birthday for card in cards if card.birthday), "")
    try:
        day = datetime.fromisoformat(written)
    except ValueError:
        return None
    return day.replace(tzinfo=ZoneInfo(rules.configuration.timezone)).isoformat()
