"""The one-time token that our widget's requests carry: a JWT signed with the integration's secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend.core.errors import InvalidInput

LEEWAY = 5  # seconds between their clock and ours
LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class WidgetUser:
    """Who sits at the widget. `token_id` must be accepted once: remember it until `expires_at`. `issuer` is
    the address of the account.
    """

    account_id: int
    user_id: int
    is_admin: bool
    token_id: str
    expires_at: int
    issuer: str = ""


def verify(token: str, *, client_id: str, client_secret: str, redirect_uri: str, now: datetime) -> WidgetUser:
    """Signature, audience (scheme and host of our redirect address, no port), time window."""
    address = urlsplit(redirect_uri)
    stamp = int(now.timestamp())
    try:
        claims = jwt.decode(token, OctKey.import_key(client_secret), algorithms=["HS256"]).claims
        is_for_us = (
            claims["aud"] == f"{address.scheme}://{address.hostname}" and claims["client_uuid"] == client_id
        )
        is_fresh = int(claims["nbf"]) - LEEWAY <= stamp < int(claims["exp"]) + LEEWAY
        user = WidgetUser(
            account_id=int(claims["account_id"]),
            user_id=int(claims["user_id"]),
            is_admin=claims.get("is_admin") is True,
            token_id=_token_id(claims["jti"]),
            expires_at=int(claims["exp"]),
            issuer=str(claims["iss"]),
        )
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput("widget.token_invalid", error=type(error).__name__) from error
    if not is_for_us or not is_fresh:
        raise InvalidInput("widget.token_invalid", error="audience" if not is_for_us else "time")
    return user


def _token_id(jti: object) -> str:
    """A UUID; whatever else it is must be there and fit a key."""
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID:
        raise ValueError("jti")
    return jti
