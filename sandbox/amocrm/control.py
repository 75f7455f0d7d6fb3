"""Control verbs: what tests, the demo and the page for people may do to the emulator."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from sandbox.amocrm import calls, incoming
from sandbox.amocrm.archive import code_of
from sandbox.amocrm.auth import uninstall_signature
from sandbox.amocrm.catalogs import catalog_model, element_model, linked_elements
from sandbox.amocrm.checks import Json
from sandbox.amocrm.contacts import plain as plain_contact
from sandbox.amocrm.hooks import SERVICE
from sandbox.amocrm.loading import Loading
from sandbox.amocrm.models import App, Trigger
from sandbox.amocrm.people import full_lead
from sandbox.amocrm.state import build_account
from sandbox.amocrm.views import (
    field_model,
    note_model,
    pipeline_model,
    task_model,
    user_model,
    webhook_model,
)
from sandbox.amocrm.widgets import trigger_model
from sandbox.faults import Fault

INSTALL_TIMEOUT = 3.0
UNINSTALL_TIMEOUT = 5.0
OPTIONS = {
    "search_lag": float, "list_lag": float, "lag_clock": str, "lying_next": bool, "trigger_encoding": str,
}  # fmt: skip


class AmoCrm(Loading):
    """All verbs; each is also `POST /__control/<verb>` with its arguments as JSON."""

    def reset(self) -> Json:
        with self.lock:
            self.clear()
            self.fault_list.clear()
            self.requests.clear()
            self.world.sender.drop(SERVICE)
            self.world.forget_timers()
        return {}

    def clock(self, advance: float | None = None, offset: float | None = None) -> Json:
        if offset is not None:
            self.world.clock.set_offset(float(offset))
        if advance is not None:
            self.world.clock.advance(float(advance))
        return {"now": self.world.clock.now(), "offset": self.world.clock.offset}

    def account(self, domain: str, **described: Any) -> Json:
        """Create an account, or replace it with everything in it; installations stay only if the id stays."""
        with self.lock:
            made = build_account(self, {"domain": domain, **described})
            self.accounts[domain] = made
            phone = made.field_by_code("contacts", "PHONE")
            return {"id": made.id, "domain": domain, "phone_field_id": phone.id if phone else None}

    def rename(self, domain: str, new_domain: str) -> Json:
        """A changed subdomain: the old host no longer knows the account."""
        with self.lock:
            account = self.find(domain)
            del self.accounts[domain]
            account.domain = new_domain
            self.accounts[new_domain] = account
            return {"id": account.id, "domain": new_domain}

    def app(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        uninstall_uri: str | None = None,
        has_widget: bool = True,
    ) -> Json:
        known = self.apps.get(client_id)
        archive = known.archive if known is not None else ""
        self.apps[client_id] = App(client_id, client_secret, redirect_uri, uninstall_uri, archive, has_widget)
        return {"client_id": client_id}

    def install(
        self,
        domain: str,
        client_id: str,
        way: str = "browser",
        state: str | None = None,
        user_id: int | None = None,
    ) -> Json:
        """Installed by the consent page, or in the account, which calls us itself and without a state."""
        with self.lock:
            account, app = self.find(domain), self.apps[client_id]
            code = self.tokens.new_code(client_id, account, user_id or account.admin_id(), self.clock_now())
            if self.has_archive(client_id):
                self.put_widget(account, client_id)
        asked: Json = {"code": code, "referer": domain, "platform": 1, "client_id": client_id}
        if way == "server":
            url = with_query(app.redirect_uri, {**asked, "from_widget": 1})
            return {"url": None, "status": self.world.get(url, INSTALL_TIMEOUT)}
        if way != "browser":
            raise ValueError(f"unknown way {way!r}")
        if state is not None:
            asked["state"] = state
        return {"url": with_query(app.redirect_uri, asked), "status": None}

    def uninstall(self, domain: str, client_id: str) -> Json:
        """Tokens die, the integration's webhooks and widget go, and the integration hears of it once."""
        with self.lock:
            account, app = self.find(domain), self.apps[client_id]
            self.tokens.revoke_all(account.id, client_id)
            account.webhooks = {
                n: hook for n, hook in account.webhooks.items() if hook.client_id != client_id
            }
            account.widgets.pop(code_of(client_id), None)
        if not app.uninstall_uri:
            return {"status": None}
        signature = uninstall_signature(app, account.id)
        asked = {"account_id": account.id, "client_uuid": client_id, "signature": signature}
        return {"status": self.world.get(with_query(app.uninstall_uri, asked), UNINSTALL_TIMEOUT)}

    def token(self, domain: str, client_id: str, user_id: int | None = None) -> Json:
        """A pair of tokens without the exchange, for scripts that are not about OAuth."""
        with self.lock:
            account = self.find(domain)
            author = user_id or account.admin_id()
            return self.tokens.issue(account, client_id, author, self.clock_now(), "authorization_code")

    def state(self, domain: str | None = None) -> Json:
        """Everything of one account; without a domain the list of accounts."""
        with self.lock:
            if domain is None:
                known = [{"id": a.id, "domain": a.domain, "name": a.name} for a in self.accounts.values()]
                return {"accounts": known}
            account = self.find(domain)
            return {
                "id": account.id,
                "name": account.name,
                "timezone": account.timezone,
                "leads": [full_lead(account, lead) for lead in account.leads.rows.values()],
                "deleted_leads": [
                    full_lead(account, lead, is_deleted=True) for lead in account.trash.values()
                ],
                "contacts": [
                    {**plain_contact(account, contact), "leads": list(contact.leads)}
                    for contact in account.contacts.rows.values()
                ],
                "notes": [note_model(account, note) for note in account.notes.rows.values()],
                "tasks": [task_model(account, task) for task in account.tasks.rows.values()],
                "users": [user_model(user) for user in account.users.values()],
                "pipelines": [pipeline_model(account, pipeline) for pipeline in account.pipelines.values()],
                "loss_reasons": [{"id": key, "name": name} for key, name in account.loss_reasons.items()],
                "fields": [
                    field_model(account, entity, field)
                    for entity, fields in account.fields.items()
                    for field in fields.values()
                ],
                "catalogs": [
                    {
                        **catalog_model(account, catalog),
                        "elements": [element_model(account, catalog, e) for e in catalog.elements.values()],
                    }
                    for catalog in account.catalogs.values()
                ],
                "products": {lead_id: linked_elements(account, lead_id) for lead_id in account.element_links},
                "unsorted": [incoming.model(account, one) for one in account.incoming.values()],
                "popups": [dict(popup) for popup in account.popups],
                "call_statistics": calls.statistics(account),
                "webhooks": [webhook_model(account, hook) for hook in account.webhooks.values()],
                "widgets": [{"code": code, **kept} for code, kept in account.widgets.items()],
                "widget_triggers": [trigger_model(one) for one in account.widget_triggers.values()],
            }

    def journal(self, domain: str | None = None, since: int = 0) -> list[Json]:
        return self.requests.rows(domain, int(since))

    def journal_clear(self) -> Json:
        self.requests.clear()
        return {}

    def counts(self) -> Json:
        return dict(self.requests.counts())

    def faults(self, kind: str, domain: str | None = None, **more: Any) -> Json:
        self.fault_list.add(Fault(kind=str(kind), scope=domain, **more))
        return {"faults": self.fault_list.listed()}

    def faults_clear(self) -> Json:
        self.fault_list.clear()
        return {}

    def limits(self, domain: str, **changes: Any) -> Json:
        with self.lock:
            limits = self.limits_of(self.find(domain))
            known = {"per_second", "account_per_second", "violations_until_403", "on"}
            if changes.keys() - known:
                raise ValueError(f"unknown keys: {', '.join(sorted(changes.keys() - known))}")
            limits.configure(**changes)
            return {
                "domain": domain,
                "blocked": limits.blocked,
                **{key: getattr(limits, key) for key in known},
            }

    def unblock(self, domain: str) -> Json:
        """What the vendor's support does after a 403."""
        with self.lock:
            limits = self.limits_of(self.find(domain))
            limits.blocked, limits.violations = False, 0
            return {"domain": domain}

    def hooks(self, **changes: Any) -> Json:
        """Troubles of account webhooks: delay, loss, duplicate (most copies), shuffle (seconds)."""
        self.trouble = replace(self.trouble, **changes)
        return asdict(self.trouble)

    def hooks_flush(self) -> Json:
        """Everything queued is due now; the server's thread, or `world.deliver()`, sends it."""
        return {"due": self.world.sender.make_due(SERVICE)}

    def hooks_pending(self) -> list[Json]:
        return [
            {
                "url": hook.url,
                "due": hook.due,
                "attempt": hook.attempt,
                "body": hook.content().decode(),
                **hook.about,
            }
            for hook in self.world.sender.pending(SERVICE)
        ]

    def webhook_enable(self, domain: str, webhook_id: int) -> Json:
        """Hooks that were switched off are switched on again only by hand."""
        with self.lock:
            hook = self.find(domain).webhooks[webhook_id]
            hook.disabled, hook.invalid = False, []
            return {"id": webhook_id}

    def options(self, **changes: Any) -> Json:
        """search_lag, list_lag (seconds), lag_clock ("virtual" or "real"), lying_next, trigger_encoding."""
        for name, value in changes.items():
            if name not in OPTIONS:
                raise ValueError(f"unknown option {name!r}")
            setattr(self, name, OPTIONS[name](value))
        return {name: getattr(self, name) for name in OPTIONS}

    def filters(self, domain: str, enabled: bool) -> Json:
        self.find(domain).filter_enabled = bool(enabled)
        return {"domain": domain, "filter_enabled": bool(enabled)}

    def trigger(self, domain: str, **trigger: Any) -> Json:
        """Set the robot "lead won, so open a new one" of one pipeline; without arguments all are removed."""
        robots = self.find(domain).triggers
        if trigger:
            robots[trigger["on_pipeline"]] = Trigger(**trigger)
        else:
            robots.clear()
        return {"domain": domain}


def with_query(url: str, asked: Json) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
