"""Makes the shared servers of `tests/support` known to every test."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.fixtures"]

# A busy machine is no flaw of the code: how long random inputs take is not judged.
settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
