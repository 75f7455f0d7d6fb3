"""OAuth: codes, JWT access tokens, refresh tokens that work once, revocation; on the virtual clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from sandbox.amocrm.checks import Json
from sandbox.amocrm.http import JSON, Refused, Reply
from sandbox.amocrm.models import Account, App, Grant

CODE_SECONDS = 20 * 60
ACCESS_SECONDS = 86400
REFRESH_SECONDS = 90 * 86400
API_DOMAIN = "api-b.amocrm.ru"
SIGNING_KEY = secrets.token_bytes(32)


def problem(status: int, hint: str) -> Refused:
    body = {
        "hint": hint,
        "title": "Некорректный запрос",
        "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
        "status": status,
        "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
    }
    return Refused(Reply(status, json.dumps(body, ensure_ascii=False).encode(), JSON))


def unauthorized() -> Refused:
    body = {
        "title": "Unauthorized",
        "type": "https://httpstatus.es/401",
        "status": 401,
        "detail": "Неверный логин или пароль",
    }
    return Refused(Reply(401, json.dumps(body, ensure_ascii=False).encode(), "application/problem+json"))


def jwt(claims: Json, key: bytes = SIGNING_KEY) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = part(_compact({"typ": "JWT", "alg": "HS256"}))
    body = part(_compact(claims))
    signature = hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{part(signature)}"


def _compact(data: Json) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def uninstall_signature(app: App, account_id: int) -> str:
    message = f"{app.client_id}|{account_id}".encode()
    return hmac.new(app.client_secret.encode(), message, hashlib.sha256).hexdigest()


class Tokens:
    """Everything that was issued; what is spent is remembered, to be refused by its own words."""

    def __init__(self) -> None:
        self.codes: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self.revoked: dict[str, None] = {}

    def new_code(self, client_id: str, account: Account, user_id: int, now: float) -> str:
        code = "def502" + secrets.token_hex(120)
        self.codes[code] = Grant(client_id, account.id, user_id, now + CODE_SECONDS)
        return code

    def exchange(self, account: Account, code: str, client_id: str, now: float) -> Json:
        if code in self.revoked:
            raise problem(400, "Authorization code has been revoked")
        grant = self.codes.get(code)
        if grant is None or grant.client_id != client_id or grant.account_id != account.id:
            raise problem(400, "Cannot decrypt the authorization code")
        self._revoke(self.codes, code)
        if grant.expires_at <= now:
            raise problem(400, "Authorization code has expired")
        return self.issue(account, client_id, grant.user_id, now, "authorization_code")

    def renew(self, account: Account, refresh: str, client_id: str, now: float) -> Json:
        if refresh in self.revoked:
            raise problem(401, "Token has been revoked")
        grant = self.refresh.get(refresh)
        if grant is None or grant.client_id != client_id or grant.account_id != account.id:
            raise problem(401, "Cannot decrypt the refresh token")
        self._revoke(self.refresh, refresh)
        if grant.expires_at <= now:
            raise problem(401, "Token has expired")
        return self.issue(account, client_id, grant.user_id, now, "refresh_token")

    def issue(self, account: Account, client_id: str, user_id: int, now: float, grant_type: str) -> Json:
        access = jwt(_claims(account, client_id, user_id, now, grant_type))
        refresh = "def502" + secrets.token_hex(160)
        self.access[access] = Grant(client_id, account.id, user_id, now + ACCESS_SECONDS)
        self.refresh[refresh] = Grant(client_id, account.id, user_id, now + REFRESH_SECONDS)
        return {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "server_time": int(now),
            "access_token": access,
            "refresh_token": refresh,
        }

    def bearer(self, header: str, account: Account, now: float) -> Grant:
        scheme, _space, token = header.partition(" ")
        grant = self.access.get(token) if scheme.lower() == "bearer" else None
        if grant is None or grant.account_id != account.id or grant.expires_at <= now:
            raise unauthorized()
        return grant

    def revoke_all(self, account_id: int, client_id: str) -> None:
        for store in (self.codes, self.access, self.refresh):
            for token in [
                t for t, g in store.items() if (g.account_id, g.client_id) == (account_id, client_id)
            ]:
                self._revoke(store, token)

    def _revoke(self, store: dict[str, Grant], token: str) -> None:
        del store[token]
        self.revoked[token] = None


def _claims(account: Account, client_id: str, user_id: int, now: float, grant_type: str) -> dict[str, Any]:
    stamp = int(now)
    return {
        "aud": client_id,
        "jti": secrets.token_hex(16),
        "iat": stamp,
        "nbf": stamp,
        "exp": stamp + ACCESS_SECONDS,
        "sub": str(user_id),
        "grant_type": grant_type,
        "account_id": account.id,
        "base_domain": account.domain.partition(".")[2],
        "version": 2,
        "scopes": ["crm", "notifications"],
        "api_domain": API_DOMAIN,
    }


REQUIRED = {"authorization_code": "code", "refresh_token": "refresh_token"}


def token_reply(apps: dict[str, App], tokens: Tokens, account: Account, data: Json, now: float) -> Reply:
    """`POST /oauth2/access_token`: client, secret and redirect address must match to the letter."""
    app = apps.get(str(data.get("client_id")))
    secret = str(data.get("client_secret", ""))
    if app is None or not hmac.compare_digest(app.client_secret.encode(), secret.encode()):
        raise problem(401, "Client authentication failed")
    if data.get("redirect_uri") != app.redirect_uri:
        raise problem(400, "Invalid redirect URI")
    kind = str(data.get("grant_type"))
    given = data.get(REQUIRED.get(kind, ""))
    if not isinstance(given, str):
        raise problem(
            400,
            "Check the `grant_type` parameter" if kind not in REQUIRED else f"Check the `{REQUIRED[kind]}`",
        )
    use = tokens.exchange if kind == "authorization_code" else tokens.renew
    return Reply(200, json.dumps(use(account, given, app.client_id, now)).encode(), JSON)
