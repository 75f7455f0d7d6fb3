"""`hooks_settings`: reading gives the whole list, writing replaces it, for every integration of the salon."""

from typing import Any

from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.hooks import FLAGS, shown
from sandbox.yclients.models import HookSettings
from sandbox.yclients.routing import Call, Reply, ok, route

URL_LIMIT = 10


@route("GET", "/hooks_settings/{company_id}")
def read_hooks(call: Call) -> Reply:
    _must_exist(call)
    return ok(shown(call.company.hooks))


@route("POST", "/hooks_settings/{company_id}")
def replace_hooks(call: Call) -> Reply:
    _must_exist(call)
    fields = call.fields
    urls = _checked(fields.get("urls"))
    call.company.hooks = HookSettings(
        urls=urls,
        flags={flag: int(bool(fields[flag])) for flag in FLAGS if flag in fields},
        active=int(bool(fields.get("active", 1))),
        self_sending=int(bool(fields.get("self_sending", 0))),
        owner=call.user.token if call.user else None,
    )
    return ok(shown(call.company.hooks), status=201)


def _must_exist(call: Call) -> None:
    """The method left the documentation in 2025; new customers may not have it."""
    if call.yclients.switches["hooks_settings"] == "404":
        raise ApiError(404, NOT_FOUND)
    if call.user is not None and call.user.restricted:
        raise ApiError(403, "Недостаточно прав")


def _checked(urls: Any) -> list[str]:
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise ApiError(422, "Произошла ошибка", {"urls": ["Неверный формат"]})
    unique = list(dict.fromkeys(urls))
    if not 1 <= len(unique) <= URL_LIMIT or len(unique) != len(urls):
        raise ApiError(422, "Произошла ошибка", {"urls": ["Укажите от 1 до 10 разных адресов"]})
    if not all(url.startswith(("http://", "https://")) for url in unique):
        raise ApiError(422, "Произошла ошибка", {"urls": ["Неверный адрес"]})
    return unique
