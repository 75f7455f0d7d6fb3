"""OAuth of amoCRM by Authlib's client: consent address, code → tokens, refresh → tokens, uninstall signature.

Authlib's own refreshing stays off: a refresh token works once, so refreshing is a flow under a lock.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import BaseAdapter

from backend.core.errors import InvalidInput, NeedsHuman, TryLater

PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.(amocrm\.ru|amocrm\.com|kommo\.com)")
TIMEOUT = (3.0, 10.0)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a grant gives. Both are secrets, and the refresh token works once."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """Our integration's record. `api_url` holds `{domain}`; `adapter`, when given, carries the requests."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_url: str
    consent_url: str
    before_request: Callable[[], None] = lambda: None
    adapter: BaseAdapter | None = None

    def authorization_url(self, state: str) -> str:
        """Where the customer's administrator agrees; `state` comes back with the browser."""
        url, _state = self._session().create_authorization_url(self.consent_url, state=state)
        return str(url)

    def exchange(self, domain: str, code: str, now: datetime) -> TokenPair:
        """The code of a callback → tokens, asked from the account's own host."""
        session = self._session()
        session.register_compliance_hook("access_token_response", _checked(_refuse_code))
        return self._asked(session.fetch_token, domain, now, grant_type="authorization_code", code=code)

    def refresh(self, domain: str, refresh_token: str, now: datetime) -> TokenPair:
        """The old pair is dead once this was answered. TryLater: it may be dead already, and nobody knows."""
        session = self._session()
        session.register_compliance_hook("refresh_token_response", _checked(_refuse_refresh))
        return self._asked(
            session.refresh_token, domain, now, refresh_token=refresh_token, redirect_uri=self.redirect_uri
        )

    def is_uninstall_signed(self, client_uuid: str, account_id: str, signature: str) -> bool:
        """Whether the uninstall call is amoCRM's."""
        expected = uninstall_signature(self.client_secret, self.client_id, account_id)
        is_ours = hmac.compare_digest(client_uuid.encode(), self.client_id.encode())
        return hmac.compare_digest(expected.encode(), signature.lower().encode()) and is_ours

    def _session(self) -> Any:
        session = OAuth2Session(
            self.client_id,
            self.client_secret,
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method=_as_json,
        )
        session.trust_env = False
        if self.adapter is not None:
            session.mount("https://", self.adapter)
            session.mount("http://", self.adapter)
        return session

    def _asked(self, ask: Callable[..., Any], domain: str, now: datetime, **grant: str) -> TokenPair:
        url = self.api_url.format(domain=domain).rstrip("/") + "/oauth2/access_token"
        self.before_request()
        try:
            token = ask(url, timeout=TIMEOUT, allow_redirects=False, **grant)
        except requests.RequestException as error:
            raise TryLater("amocrm.unreachable", error=type(error).__name__) from error
        try:
            expires_at = now + timedelta(seconds=int(token["expires_in"]))
            return TokenPair(token["access_token"], token["refresh_token"], expires_at)
        except (KeyError, TypeError, ValueError) as error:
            raise TryLater("amocrm.failing", error="no tokens in the answer") from error


def is_account_domain(domain: str) -> bool:
    """Whether a code may be exchanged there: our secret goes to this host."""
    return PLATFORM.fullmatch(domain) is not None


def uninstall_signature(client_secret: str, client_id: str, account_id: str) -> str:
    message = f"{client_id}|{account_id}".encode()
    return hmac.new(client_secret.encode(), message, hashlib.sha256).hexdigest()


def _as_json(client: Any, _method: str, uri: str, headers: Any, body: str) -> tuple[str, Any, bytes]:
    """amoCRM takes the grant and our credentials in one JSON object."""
    grant = dict(parse_qsl(body, keep_blank_values=True))
    credentials = {"client_id": client.client_id, "client_secret": client.client_secret}
    content = json.dumps({**grant, **credentials}).encode()
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(content))
    return uri, headers, content


def _checked(refuse: Callable[[int, str], None]) -> Callable[[requests.Response], requests.Response]:
    def check(response: requests.Response) -> requests.Response:
        try:
            data = response.json()
        except ValueError:
            data = None
        status = response.status_code
        if status == 403 and data is None:
            raise NeedsHuman("amocrm.blocked")
        if (
            status == 429
            or status >= 500
            or 300 <= status < 400
            or (status < 400 and not isinstance(data, dict))
        ):
            raise TryLater("amocrm.failing", status=status)
        if status >= 400:
            refuse(status, str(data.get("hint") or "") if isinstance(data, dict) else "")
        return response

    return check


def _refuse_code(status: int, hint: str) -> None:
    raise InvalidInput("amocrm.code_refused", status=status, hint=hint[:200])


def _refuse_refresh(status: int, hint: str) -> None:
    """Used, expired or withdrawn: only a new installation helps."""
    raise NeedsHuman("amocrm.tokens_revoked", status=status, hint=hint[:200])
