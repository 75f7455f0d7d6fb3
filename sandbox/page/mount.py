"""Pages beside the APIs: `/` and `/page/…` on both ports; an account's own (`/DOMAIN/leads/…`) on amoCRM's,
and `/timetable/COMPANY`, where links to a salon's journal lead, on that of YCLIENTS.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import World

OF_ACCOUNT = {"", "leads", "contacts", "companies", "settings", "widgets", "widgetsSettings", "ajax"}
"""First words of the addresses that a browser opens on the account's host; the API keeps the rest."""
WITHOUT_ACCOUNT = {"leads", "contacts", "companies", "settings", "widgetsSettings"}
"""The same at the root: a widget links to `/leads/detail/1`, as it may on a host of the account's own."""
OF_SALON = {"", "page", "timetable"}
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def mount(world: World, amocrm: Wsgi) -> Wsgi:
    return _beside(world, amocrm, lambda path: _is_page(world, path))


def mount_journal(world: World, yclients: Wsgi) -> Wsgi:
    return _beside(world, yclients, lambda path: path.lstrip("/").partition("/")[0] in OF_SALON)


def _beside(world: World, api: Wsgi, is_page: Callable[[str], bool]) -> Wsgi:
    """The page is made when somebody looks at it: tests of the API do not pay for templates."""
    made: list[Wsgi] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if not is_page(path):
            return api(environ, start)
        if not made:
            made.append(importlib.import_module("sandbox.page.app").create_app(world))
        return made[0](environ, start)

    return application


def _is_page(world: World, path: str) -> bool:
    first, _slash, rest = path.lstrip("/").partition("/")
    if first in {"", "page"} or first in WITHOUT_ACCOUNT:
        return True
    return first in world.amocrm.accounts and rest.partition("/")[0] in OF_ACCOUNT
