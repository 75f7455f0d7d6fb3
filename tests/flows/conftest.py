"""Flows on the Stand: the real store, both emulators, a worker that is stepped by hand."""

from tests.support.stand_fixtures import (
    alarm_codes,
    calls,
    caught_hooks,
    field_id,
    get8,
    new_get8,
    post_hook,
    stand,
)

__all__ = ["alarm_codes", "calls", "caught_hooks", "field_id", "get8", "new_get8", "post_hook", "stand"]
