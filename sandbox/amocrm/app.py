"""The WSGI application of the amoCRM emulator: API, tokens, consent page and control verbs.

The first segment of a path is the account's host (`/sandbox.amocrm.ru/api/v4/…`); when the path begins
with `api` or `oauth2`, the Host header names the account, as in life.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sandbox.amocrm import (
    calls,
    catalogs,
    companies,
    contacts,
    directories,
    fields,
    incoming,
    leads,
    links,
    notes,
    sip,
    small,
    webhooks,
)
from sandbox.amocrm.auth import problem, token_reply, unauthorized
from sandbox.amocrm.checks import Json
from sandbox.amocrm.consent import consent
from sandbox.amocrm.control_http import control
from sandbox.amocrm.http import JSON, TITLES, Refused, Reply, Request, page, parse_query, refusal, resolve
from sandbox.amocrm.journal import written
from sandbox.amocrm.models import Account
from sandbox.faults import ConnectionBroken, Fault, Silence, pause

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm
    from sandbox.world import World

Environ = dict[str, Any]
ROUTED = (
    calls, catalogs, companies, contacts, directories, fields, incoming, leads, links, notes, sip, small,
    webhooks,
)  # fmt: skip
"""Imported for the routes they register."""
Start = Callable[[str, list[tuple[str, str]]], Any]
OLD_EVENTS = "/api/v2/events"  # the one door of the second version that is still needed
AFTER_COMMIT = {"reset_after_commit", "504_after_commit", "slow"}
REASONS = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 500: "Internal Server Error",
           504: "Gateway Timeout", **TITLES}  # fmt: skip


def create_app(world: World) -> Callable[[Environ, Start], Iterable[bytes]]:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        reply = respond(world, environ)
        headers = [("Content-Length", str(len(reply.body))), *reply.headers]
        if reply.body:
            headers.insert(0, ("Content-Type", reply.content_type))
        start(f"{reply.status} {REASONS.get(reply.status, 'Unknown')}", headers)
        return [reply.body]

    return app


def respond(world: World, environ: Environ) -> Reply:
    path = environ.get("PATH_INFO", "/")
    crm = world.amocrm
    if path.startswith("/__control/"):
        return control(crm, environ, path.removeprefix("/__control/"))
    if path == "/oauth" or path.startswith("/oauth/"):
        return consent(crm, environ, path)
    world.run_timers()
    return _service(crm, environ, path)


def _service(crm: AmoCrm, environ: Environ, path: str) -> Reply:
    """One request to an account's host, with its faults and its line in the journal."""
    domain, rest, base = _address(environ, path)
    fault = crm.fault_list.take(domain, f"{environ['REQUEST_METHOD']} {rest}")
    call = _Call(crm, environ, domain, rest, base)
    strikes_first = fault is not None and fault.kind not in AFTER_COMMIT
    reply = _instead(fault, call) if fault is not None and strikes_first else call.answer()
    call.record(reply)
    return reply if fault is None else _afterwards(fault, reply, environ)


def _address(environ: Environ, path: str) -> tuple[str, str, str]:
    """Account's host, path on it, and the base of links to it."""
    host = environ.get("HTTP_HOST", "localhost")
    origin = f"{environ.get('wsgi.url_scheme', 'http')}://{host}{environ.get('SCRIPT_NAME', '')}"
    first, _slash, rest = path.lstrip("/").partition("/")
    if first in {"api", "oauth2"}:
        return host.partition(":")[0], path, origin
    return first, f"/{rest}", f"{origin}/{first}"


def _instead(fault: Fault, call: _Call) -> Reply:
    """A fault that strikes before anything is done."""
    if fault.kind == "timeout":
        call.record(Reply(0))
        raise Silence(fault.seconds)
    status = int(fault.kind)
    if status == 401:
        return unauthorized().reply
    if status == 402:
        return refusal(402, "Payment required").reply
    if status == 500:
        body = {"title": "ErrInternalServer", "status": 500, "detail": "Internal error", "trace_id": "0" * 32}
        return Reply(500, json.dumps(body).encode(), "application/problem+json")
    return page(status, REASONS[status])


def _afterwards(fault: Fault, reply: Reply, environ: Environ) -> Reply:
    """A fault that strikes when the work is done and only the answer is lost."""
    if fault.kind == "reset_after_commit":
        raise ConnectionBroken
    if fault.kind == "504_after_commit":
        return page(504, REASONS[504])
    if fault.kind == "slow":
        pause(environ, fault.seconds)
    return reply


class _Call:
    """One request on its way through the emulator."""

    def __init__(self, crm: AmoCrm, environ: Environ, domain: str, path: str, base: str) -> None:
        self.crm = crm
        self.environ = environ
        self.domain = domain
        self.path = path
        self.base = base
        self.method: str = environ["REQUEST_METHOD"]
        self.author: str | None = None

    def answer(self) -> Reply:
        body = read_body(self.environ)
        with self.crm.lock:
            try:
                return self._route(body)
            except Refused as refused:
                return refused.reply

    def _route(self, body: bytes) -> Reply:
        if self.path.startswith("/oauth2/account/"):
            return self._subdomain()
        account = self.crm.accounts.get(self.domain)
        if account is not None and self.crm.limits_of(account).blocked:
            return page(403, "Forbidden")
        if self.path == "/oauth2/access_token":
            return self._token(account, body)
        if account is None:
            raise unauthorized()
        if not self.path.startswith(("/api/v4/", OLD_EVENTS)):
            raise refusal(404, f"Cannot {self.method} {self.path}")
        return self._api(account, body)

    def _api(self, account: Account, body: bytes) -> Reply:
        grant = self.crm.tokens.bearer(
            self.environ.get("HTTP_AUTHORIZATION", ""), account, self.crm.clock_now()
        )
        self.author = grant.client_id
        limits = self.crm.limits_of(account)
        if not limits.allow(grant.client_id):
            return page(403, "Forbidden") if limits.blocked else page(429, "Too Many Requests")
        request = Request(
            crm=self.crm,
            account=account,
            grant=grant,
            method=self.method,
            path=self.path.removeprefix("/api/v4/").removeprefix("/api/").rstrip("/"),
            base=self.base,
            pairs=parse_query(self.environ.get("QUERY_STRING", "")),
            body=body,
        )
        return resolve(request)(request)

    def _token(self, account: Account | None, body: bytes) -> Reply:
        data = _token_data(self.environ, body)
        self.author = str(data.get("client_id"))
        if account is None:
            raise problem(401, "Account not found")
        return token_reply(self.crm.apps, self.crm.tokens, account, data, self.crm.clock_now())

    def _subdomain(self) -> Reply:
        """Where the account lives now: by refresh token, or the old way by access token."""
        tokens, now = self.crm.tokens, self.crm.clock_now()
        grant = tokens.refresh.get(self.environ.get("HTTP_X_REFRESH_TOKEN", ""))
        if grant is None:
            grant = tokens.access.get(self.environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if grant is None or grant.expires_at <= now:
            raise unauthorized()
        account = next(a for a in self.crm.accounts.values() if a.id == grant.account_id)
        top = account.domain.rpartition(".")[2]
        found = {
            "id": account.id,
            "subdomain": account.subdomain,
            "domain": account.domain,
            "top_level_domain": top,
        }
        return Reply(200, json.dumps(found).encode(), JSON)

    def record(self, reply: Reply) -> None:
        row = {"at": self.crm.clock_now(), "domain": self.domain, "method": self.method, "path": self.path}
        query = self.environ.get("QUERY_STRING", "")
        told = {"query": query, "status": reply.status, "rows": reply.rows, "author": self.author}
        ids = written(reply.body) if reply.rows and reply.body else []
        self.crm.requests.record({**row, **told, "ids": ids})


def _token_data(environ: Environ, body: bytes) -> Json:
    """JSON by the book; the form of OAuth clients is taken as well."""
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_query(body.decode("utf-8", "replace")))
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise problem(400, "Invalid request data")
    return data


def read_body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    return body
