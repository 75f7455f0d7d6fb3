"""The lead fields that we fill: those chosen in the configuration, the rest made in the account."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.rules.configuration import Configuration, FieldName
from backend.core.rules.configuration_document import FIELDS
from backend.core.rules.configuration_schema import FIELD_TYPES
from backend.flows.rules import schemas
from backend.integrations.amocrm import fields
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.fields import FieldWish
from backend.store import configs

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
    FieldName.AMOUNTS: "Суммы по направлениям",
    FieldName.NO_SHOWS: "Неявок у клиента",
    FieldName.VISIT_ID: "Номер визита YCLIENTS",
    FieldName.JOURNAL_URL: "Запись в журнале",
    FieldName.DURATION: "Длительность визита, мин",
    FieldName.CATEGORIES: "Категории услуг",
    FieldName.GOODS: "Товары",
    FieldName.AUTHOR: "Кто записал",
    FieldName.ONLINE: "Онлайн-запись",
    FieldName.LABELS: "Метки записи",
    FieldName.PLANNED: "Стоимость визита",
    FieldName.PAID: "Оплачено",
    FieldName.PREPAID: "Предоплата",
    FieldName.BY_ABONEMENT: "Оплачено абонементом",
    FieldName.DEBT: "Осталось оплатить",
    FieldName.FIRST_VISIT: "Первый визит в салон",
    FieldName.FIRST_IN_NETWORK: "Первый визит в сеть",
    FieldName.RETURNING: "Повторный клиент",
    FieldName.EVENT: "Групповое занятие",
    FieldName.PLACES: "Мест",
    FieldName.VISITOR: "Кто придёт",
    FieldName.SOURCE_LEAD: "Сделка прошлого визита",
    FieldName.NEXT_VISIT_AT: "Рекомендованная дата визита",
    FieldName.HAS_NEXT: "Есть будущая запись",
}
LISTS = (FieldName.SALON, FieldName.DIRECTION)


def resolve(client: AmoClient, configuration: Configuration) -> dict[str, int]:
    """Ids of all fields to be filled. Ours are found again by their code, so nothing is made twice. A list
    whose values are not known yet waits: the CRM has no empty lists, and a company may only have telephony.
    """
    choices = {name: configuration.field_choice(name) for name in FIELDS}
    filled = (name for name, choice in choices.items() if choice is not None)
    wanted = [FieldName.KEY, *(name for name in filled if name not in LISTS or _enums(name, configuration))]
    chosen = {str(name): choice for name, choice in choices.items() if isinstance(choice, int)}
    return fields.ensure_fields(client, [_wish(name, configuration) for name in wanted], chosen)


def are_same(before: Configuration, after: Configuration) -> bool:
    """Whether the fields to be filled, and the values that their lists need, stay what they were."""
    choices = before.fields == after.fields
    return choices and all(_enums(name, before) == _enums(name, after) for name in FIELDS)


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


def repair_key(account_id: int, client: AmoClient, configuration: Configuration) -> None:
    """The key field was deleted in the CRM: it is made anew. Old links live in our table, new leads carry
    the key again.
    """
    made = fields.ensure_fields(client, [_wish(FieldName.KEY, configuration)], {})
    configs.save_field(account_id, FieldName.KEY, made[FieldName.KEY])
    schemas.refresh(account_id, client)
