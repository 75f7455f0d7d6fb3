"""The contact fields that we fill: those chosen in the configuration, or made in the account; none is unless
it is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backend.core.rules.configuration import Configuration
from backend.core.rules.contact_fields import OURS, TYPES
from backend.core.rules.sections import ContactFieldName
from backend.integrations.amocrm import fields
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.fields import FieldWish
from backend.store import alarms, contact_fields

GONE = "amocrm.field_gone"

# What people see in the contact's card. amoCRM keeps one name per field for all users of an account.
TITLES: Mapping[ContactFieldName, str] = {
    ContactFieldName.VISITS: "Визитов",
    ContactFieldName.NO_SHOWS: "Неявок",
    ContactFieldName.LAST_VISIT: "Последний визит",
    ContactFieldName.NEXT_VISIT: "Ближайшая запись",
    ContactFieldName.LABELS: "Метки клиента",
    ContactFieldName.DO_NOT_SEND: "Не присылать рассылки",
    ContactFieldName.SPENT: "Потрачено",
    ContactFieldName.DISCOUNT: "Скидка, %",
    ContactFieldName.CARD: "Номер карты",
    ContactFieldName.BIRTHDAY: "День рождения",
    ContactFieldName.ABONEMENTS: "Абонементы",
}


def resolve(client: AmoClient, configuration: Configuration) -> dict[str, int]:
    """Ids of all contact fields to be filled. Ours are found again by their code."""
    wanted = [name for name in ContactFieldName if configuration.contact_fields.get(name) is not None]
    if not wanted:
        return {}
    choices = configuration.contact_fields
    chosen = {str(name): choice for name, choice in choices.items() if isinstance(choice, int)}
    return fields.ensure_fields(client, [_wish(name) for name in wanted], chosen, entity="contacts")


def note_broken(account_id: int, field_id: int, now: datetime) -> bool:
    """An administrator deleted a field of contacts: they go on without it, and a person is told (row H14).
    False when it was none of these.
    """
    if not contact_fields.mark_broken(account_id, field_id):
        return False
    alarms.raise_alarm(account_id, GONE, "field", str(field_id), {"field_id": field_id}, now)
    return True


def mend(account_id: int, client: AmoClient, configuration: Configuration) -> None:
    """Fields of ours that somebody deleted are made anew."""
    contact_fields.save(account_id, resolve(client, configuration))


def _wish(name: ContactFieldName) -> FieldWish:
    return FieldWish(name=str(name), code=f"{OURS}{name.upper()}", type=TYPES[name][0], title=TITLES[name])
