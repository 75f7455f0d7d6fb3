"""What we tell people about a lead beside the texts of its booking: why it was left, closed or not moved."""

from __future__ import annotations

from collections.abc import Iterable

ALREADY_BOOKED_TAG = "дубль: уже записан"
TWIN_TAG = "дубль: второй раз"
OTHER_DIRECTION = "другое направление"
REVOKED_TAG = "визит отменён задним числом"


def incoming_left(lead_id: int) -> str:
    return f"В «Неразобранном» лежит заявка этого клиента (сделка № {lead_id}): её не разобрали вовремя."


def after_lead(lead_id: int) -> str:
    return f"Запись восстановлена; прежняя сделка — № {lead_id}."


def direction_changed(titles: Iterable[str]) -> str:
    return (
        f"Сменилось направление записи: {', '.join(titles)}. С этой сделкой работали люди, поэтому она "
        "осталась на месте. Решите, где ей быть."
    )


def share_released_task(title: str) -> str:
    return f"Из записи убраны услуги «{title}». С этой сделкой работали люди — проверьте этап и бюджет."


def relinked(title: str) -> str:
    return f"Сменилась услуга: запись теперь относится к направлению «{title}». Эта сделка закрыта."


def already_booked_task(when: str) -> str:
    return f"Клиент уже записан ({when}), а эта сделка создана ещё раз. Нужна ли она?"


def twin() -> str:
    return "Сделка для следующего визита создана второй раз: эта закрыта."


def success_revoked_task() -> str:
    return "Визит больше не отмечен как состоявшийся, а в этой сделке уже работали. Решите, нужна ли она."


def closed_by_us(when: str, status: str) -> str:
    return f"Запись на {when} изменилась ({status}), а сделка уже закрыта. Этап не изменён."


def left_behind() -> str:
    return "Запись передана другому клиенту: эта сделка снова сама по себе."


def handed_on(name: str) -> str:
    return f"Запись передана другому клиенту: {name or 'без имени'}. Контакт сделки заменён."


def whose_lead(name: str) -> str:
    return f"В записи теперь другой клиент: {name or 'без имени'}. Проверьте контакт сделки."


def stays_closed() -> str:
    return "Статус визита исправлен, но клиент уже записан снова: сделка осталась закрытой."


def cancelled_task(when: str) -> str:
    return f"Запись на {when} отменена. Сделка на этапе, который ведут люди, поэтому она не закрыта."


def rebooked(lead_id: int) -> str:
    return f"Клиент записан заново: сделка № {lead_id}. Эта закрыта."


def rebooked_anew() -> str:
    return "Клиент записан заново, другой сделкой. Эта закрыта."


def moved_to(salon: str, lead_id: int) -> str:
    return f"Запись перенесена в другой салон — «{salon}»: сделка № {lead_id}."


def moved_from(salon: str, lead_id: int) -> str:
    return f"Запись перенесена из салона «{salon}»: прежняя сделка — № {lead_id}."
