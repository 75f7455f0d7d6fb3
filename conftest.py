"""Makes the shared servers of `tests/support` known to every test."""

pytest_plugins = ["tests.support.fixtures"]
