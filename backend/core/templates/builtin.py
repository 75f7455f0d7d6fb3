"""The words we use until a salon writes its own: templates like any other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend.core.templates import fields, language
from backend.core.templates.language import Look

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        fields.LEAD_NAME: "[[{направление} · ]][[{клиент} · ]]{дата|день}",
        fields.BOOKING_NOTE: (
            "{новость}: {дата}, {салон}\n[[Мастер: {мастер}]]\n{услуги}\nИтого: {сумма}\n"
            "[[Комментарий: {комментарий}]]"
        ),
        fields.MOVED_NOTE: "Перенос записи: с {было} на {дата}",
        fields.COMMENT_NOTE: "Комментарий к записи: {комментарий|или:удалён}",
        fields.PRICE_NOTE: (
            "Сумма записи на {дата} изменилась после визита: было {прежняя сумма}, стало {сумма}"
        ),
        fields.REFUND_NOTE: "Возврат: было оплачено {было оплачено}, осталось {оплачено}",
        fields.RELEASED_NOTE: (
            "Услуги направления «{убранное направление}» убраны из записи: сделка снова сама по себе."
        ),
        fields.BOOKED_NOTE: "Клиент уже записан ({следующий визит}): эта сделка лишняя и закрыта.",
        fields.REVOKED_NOTE: ("Визит больше не отмечен как состоявшийся: сделка следующего визита закрыта."),
        fields.CANCELLED_NOTE: "Запись на {дата} отменена",
        fields.CLOSED_NOTE: (
            "Запись на {дата} изменилась ({состояние}), но сделка закрыта вручную. Этап не изменён."
        ),
        fields.CLOSED_TASK: "Запись активна ({дата}), а сделка закрыта. Проверьте, нужен ли клиенту визит.",
    }
)

# By what a rule waits for (TaskWhen).
TASKS: Mapping[str, str] = MappingProxyType(
    {
        "booked": "Связаться с клиентом: визит {дата}[[, {названия услуг|в строку}]]",
        "no_show": "Клиент не пришёл {дата|день} и не записался снова. Предложите другое время.",
        "unmarked": "Отметьте визит в журнале: {клиент}, {дата}[[, мастер {мастер}]]",
        "price_changed": (
            "Сумма изменилась после визита {дата|день}: было {прежняя сумма}, стало {сумма}. "
            "Проверьте, почему."
        ),
    }
)


def written(name: str, own: str | None, look: Look) -> str:
    """The text with its values: by the account's own words when they are whole, else by the built-in ones.

    A template is checked when it is saved, so one with mistakes can only come from an older version of us.
    """
    return _written(name, own, BUILT_IN[name], look)


def usual(name: str, when: str = "booked") -> str:
    """The built-in words of a text, or of the tasks of a kind."""
    return TASKS[when] if name == fields.TASK else BUILT_IN[name]


def task(when: str, own: str, look: Look) -> str:
    """The words of a task by rule."""
    return _written(fields.TASK, own, TASKS[when], look)


def _written(name: str, own: str | None, usual: str, look: Look) -> str:
    template = language.read(own, name) if own else None
    if template is None or template.mistakes:
        template = language.read(usual, name)
    return language.render(template, look, is_one_line=name in fields.ONE_LINE)
