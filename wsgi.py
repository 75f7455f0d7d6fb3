"""The WSGI application and the Flask commands, built from the environment."""

import sys

from backend import cli, logs
from backend.app import create_app
from backend.settings import Settings, SettingsError
from backend.wiring import build_context

BOOT_ERROR = 3  # tells gunicorn to stop instead of starting the same worker again and again

try:
    settings = Settings.from_env()
except SettingsError as error:
    sys.stderr.write(f"mostik: {error}\n")
    raise SystemExit(BOOT_ERROR) from None

logs.configure(settings.log_level)
app = create_app(build_context(settings))
cli.register(app)
