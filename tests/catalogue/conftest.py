"""The scenario catalogue as tests: staff acts in YCLIENTS, people act in amoCRM, amoCRM's state is judged."""

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
