"""The page lives on the amoCRM port beside the API: `/` and `/page/…` are its own, the rest is not."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import World

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def mount(world: World, amocrm: Wsgi) -> Wsgi:
    """The page is made when somebody looks at it: tests of the API do not pay for templates."""
    made: list[Wsgi] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path != "/" and not path.startswith("/page/"):
            return amocrm(environ, start)
        if not made:
            made.append(importlib.import_module("sandbox.page.app").create_app(world))
        return made[0](environ, start)

    return application
