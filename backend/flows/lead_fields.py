"""The lead fields that we fill: those chosen in the configuration, the rest made in the account."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.configuration import Configuration, FieldName
from backend.core.configuration_document import CREATE, FIELDS
from backend.core.configuration_schema import FIELD_TYPES
from backend.integrations.amocrm import fields
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.fields import FieldWish

# What people see in the lead's card. amoCRM keeps one name per field for all users of an account.
TITLES: Mapping[FieldName, str] = {
    FieldName.KEY: "Ключ записи (Мостик)",
    FieldName.RECORD_ID: "Номер записи YCLIENTS",
    FieldName.SALON: "Салон",
    FieldName.DIRECTION: "Направление",
    FieldName.SERVICES: "Услуги",
    FieldName.VISIT_AT: "Дата и время визита",
    FieldName.MASTER: "Мастер",
    FieldName.COMMENT: "Комментарий к записи",
    FieldName.STATUS: "Статус визита",
}


def resolve(client: AmoClient, configuration: Configuration) -> dict[str, int]:
    """Ids of all fields to be filled. Ours are found again by their code, so nothing is made twice."""
    choices = {name: configuration.fields.get(name, CREATE) for name in FIELDS}
    wanted = [FieldName.KEY, *(name for name, choice in choices.items() if choice is not None)]
    chosen = {str(name): choice for name, choice in choices.items() if isinstance(choice, int)}
    return fields.ensure_fields(client, [_wish(name, configuration) for name in wanted], chosen)


def _wish(name: FieldName, configuration: Configuration) -> FieldWish:
    return FieldWish(
        name=str(name),
        code=f"MOSTIK_{name.upper()}",
        type=FIELD_TYPES[name][0],
        enums=_enums(name, configuration),
        is_api_only=name is FieldName.KEY,
        title=TITLES[name],
    )


def _enums(name: FieldName, configuration: Configuration) -> tuple[str, ...]:
    if name is FieldName.SALON:
        return tuple(branch.title for branch in configuration.branches)
    if name is FieldName.DIRECTION:
        return tuple(direction.title for direction in configuration.directions)
    return ()
