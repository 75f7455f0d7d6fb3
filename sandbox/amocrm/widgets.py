"""What people do with widgets in the account: install, save, switch off, put on a stage; and their tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sandbox.amocrm.archive import Archive, NoArchive, code_of
from sandbox.amocrm.auth import jwt
from sandbox.amocrm.checks import Json
from sandbox.amocrm.models import Account, App, User
from sandbox.amocrm.office import Office
from sandbox.amocrm.triggers import KINDS, WidgetTrigger

TOKEN_SECONDS = 1800


class Widgets(Office):
    def archive_of(self, client_id: str) -> Archive:
        """The archive uploaded for this integration, or the one the sandbox was started with."""
        app = self.apps.get(client_id)
        place = (app.archive if app is not None else "") or self.default_archive
        if not place or not (app is None or app.has_widget):
            raise NoArchive("Для этой интеграции архив виджета не загружен.")
        return self.shelf.archive(place)

    def widget(self, client_id: str, archive: str) -> Json:
        """Upload: from now on the integration has this archive, a zip or an unpacked folder."""
        app = self.apps[client_id]
        found = self.shelf.archive(archive)
        app.archive = archive
        return {"code": code_of(client_id), "version": found.version, "locations": found.locations}

    def has_archive(self, client_id: str) -> bool:
        try:
            self.archive_of(client_id)
        except NoArchive:
            return False
        return True

    def client_of(self, code: str) -> str | None:
        """The integration behind a widget's code."""
        return next((client_id for client_id in self.apps if code_of(client_id) == code), None)

    def widget_token(self, domain: str, client_id: str, user_id: int | None = None) -> Json:
        """The one-time token that `$authorizedAjax` of the page adds to a request."""
        with self.lock:
            account, app = self.find(domain), self.apps[client_id]
            user = account.users[user_id or account.admin_id()]
            claims = _claims(account, app, user, int(self.clock_now()))
            return {"token": jwt(claims, app.client_secret.encode())}

    def widget_save(self, domain: str, client_id: str, fields: Json) -> Json:
        """The settings as a person saved them; the first time the widget is put into the account."""
        with self.lock:
            account = self.find(domain)
            self.put_widget(account, client_id)["settings"] = {str(k): str(v) for k, v in fields.items()}
            return {"code": code_of(client_id), "settings": account.widgets[code_of(client_id)]["settings"]}

    def put_widget(self, account: Account, client_id: str) -> Json:
        fresh = {"client_id": client_id, "settings": {}}
        known: Json = account.widgets.setdefault(code_of(client_id), fresh)
        known.setdefault("id", self.new_id("widget"))
        return known

    def widget_trigger(  # noqa: PLR0913  # the keys of the verb
        self,
        domain: str,
        client_id: str,
        pipeline_id: int,
        stage_id: int,
        kind: str = "lead_appeared_in_status",
        settings: Json | None = None,
    ) -> Json:
        """Put the widget's action on a stage of the digital pipeline."""
        with self.lock:
            account = self.find(domain)
            if kind not in KINDS:
                raise ValueError(f"unknown kind {kind!r}")
            if stage_id not in account.pipelines[pipeline_id].statuses:
                raise ValueError(f"no stage {stage_id} in pipeline {pipeline_id}")
            given = {str(key): str(value) for key, value in (settings or {}).items()}
            made = WidgetTrigger(
                self.new_id("trigger"), code_of(client_id), client_id, pipeline_id, stage_id, kind, given
            )
            account.widget_triggers[made.id] = made
            return trigger_model(made)

    def widget_trigger_remove(self, domain: str, trigger_id: int) -> Json:
        with self.lock:
            removed = self.find(domain).widget_triggers.pop(trigger_id, None)
        return {"removed": removed is not None}


def trigger_model(trigger: WidgetTrigger) -> Json:
    return {
        "id": trigger.id,
        "code": trigger.code,
        "pipeline_id": trigger.pipeline_id,
        "stage_id": trigger.status_id,
        "kind": trigger.kind,
        "settings": dict(trigger.settings),
    }


def _claims(account: Account, app: App, user: User, now: int) -> dict[str, Any]:
    """Issuer is the account, audience the integration's site without port and path."""
    redirect = urlsplit(app.redirect_uri)
    return {
        "iss": account.url,
        "aud": f"{redirect.scheme}://{redirect.hostname}",
        "jti": str(uuid4()),
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_SECONDS,
        "account_id": account.id,
        "user_id": user.id,
        "client_uuid": app.client_id,
        "subdomain": account.subdomain,
        "is_admin": user.is_admin,
    }
