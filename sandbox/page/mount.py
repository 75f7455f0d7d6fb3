"""Pages on the amoCRM port beside the API: `/`, `/page/…` and an account's own, `/DOMAIN/leads/…`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import World

OF_ACCOUNT = {"", "leads", "contacts", "settings", "widgets", "widgetsSettings", "ajax"}
"""First words of the addresses that a browser opens on the account's host; the API keeps the rest."""
WITHOUT_ACCOUNT = {"leads", "contacts", "settings", "widgetsSettings"}
"""The same at the root: a widget links to `/leads/detail/1`, as it may on a host of the account's own."""
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def mount(world: World, amocrm: Wsgi) -> Wsgi:
    """The page is made when somebody looks at it: tests of the API do not pay for templates."""
    made: list[Wsgi] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if not _is_page(world, path):
            return amocrm(environ, start)
        if not made:
            made.append(importlib.import_module("sandbox.page.app").create_app(world))
        return made[0](environ, start)

    return application


def _is_page(world: World, path: str) -> bool:
    first, _slash, rest = path.lstrip("/").partition("/")
    if first in {"", "page"} or first in WITHOUT_ACCOUNT:
        return True
    return first in world.amocrm.accounts and rest.partition("/")[0] in OF_ACCOUNT
