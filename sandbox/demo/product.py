"""The product as every demo has it: what it is told, how it comes into an account, its commands."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from deploy.build_widget import build
from sandbox.demo.errors import DemoError
from sandbox.demo.frame import Place
from sandbox.demo.http import Control
from sandbox.demo.processes import ROOT, python, run

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
LOGIN = "demo"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "TERM", "SSL_CERT_FILE")
INSTALLED = (200, 201, 204, 302)


class Product:
    """Its keys are made for this run."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.address = place.ports.address(place.ports.web)
        self.metrics = f"{self.address}/metrics"
        self.client_secret = secrets.token_urlsafe(32)
        self.partner = secrets.token_urlsafe(16)
        self.environment: dict[str, str] = {}

    def settings(self, redis_url: str, **more: str) -> dict[str, str]:
        """What the product is told. Of the environment only DATABASE_URL and REDIS_URL point anywhere."""
        ports, servers = self.place.ports, self.place.servers
        amocrm = ports.address(ports.amocrm)
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        return {
            **kept,
            "PUBLIC_URL": self.address,
            "WEB_BIND": f"127.0.0.1:{ports.web}",
            "STREAM_BIND": f"127.0.0.1:{ports.stream}",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": servers.database_in(self.place.folder),
            "REDIS_URL": redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": self.client_secret,
            "AMOCRM_API_URL": f"{amocrm}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{amocrm}/oauth",
            "YCLIENTS_API_URL": f"{ports.address(ports.yclients)}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": self.partner,
            "SWEEP_SECONDS": "0.2",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def start(self, settings: dict[str, str]) -> None:
        self.environment = settings
        self.place.children.start("product", python("backend.run"), settings)

    def wait(self) -> None:
        self.place.children.wait_for(f"{self.address}/ready")

    def widget(self) -> Path:
        """The archive for this very demo, beside its logs: `dist/` may hold one for a real server."""
        archive = self.place.folder / "widget.zip"
        build(ROOT, self.address, archive)
        return archive

    def install(self, crm: Control, domain: str, *, has_widget: bool = True) -> None:
        """As the owner of an account does it, up to the answer amoCRM gets."""
        crm(
            "app",
            client_id=CLIENT_ID,
            client_secret=self.client_secret,
            redirect_uri=f"{self.address}/oauth/amocrm/callback",
            uninstall_uri=f"{self.address}/oauth/amocrm/uninstall",
            has_widget=has_widget,
        )
        answer = crm("install", domain=domain, client_id=CLIENT_ID, way="server")
        if answer["status"] not in INSTALLED:
            raise DemoError(f"the product refused the installation with status {answer['status']}")

    def flask(self, *arguments: str, typed: str = "") -> str:
        command = python("flask", "--app", "wsgi", *arguments)
        return run(command, self.environment, self.place.folder / "commands.log", typed)

    def doors(self) -> list[tuple[str, str]]:
        """How somebody comes into the panel, with a password made for this run; the link signs in once."""
        password = secrets.token_urlsafe(9)
        self.flask("operator", "add", LOGIN, "--password-stdin", typed=password)
        return [
            ("Вход в панель одним нажатием", self.flask("operator", "link", LOGIN).strip()),
            ("Вход в панель по паролю", f"{LOGIN}, пароль {password}"),
        ]
