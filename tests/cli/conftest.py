"""Commands on the Stand, typed as an administrator types them."""

import pytest

from backend import cli
from tests.support.stand_fixtures import calls, stand

__all__ = ["calls", "stand"]


@pytest.fixture
def run(stand):
    """`run("config export …")` → the outcome with `exit_code`, `stdout` and `stderr`."""
    cli.register(stand.app)
    runner = stand.app.test_cli_runner()

    def typed(command, *more, **how):
        return runner.invoke(args=[*command.split(), *map(str, more)], **how)

    return typed
