"""Everything the processes are told by their environment: read once, checked at once, passed down."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONG_ENOUGH = 32  # characters of SECRET_KEY once strangers can reach us
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SMTP_SECURITY = ("starttls", "tls", "none")
MAILBOX = re.compile(r"[^@\s<>]+@[^@\s<>]+")
PLACEHOLDER = re.compile(r"\{[^}]*\}")


class SettingsError(SystemExit):
    """A variable is missing or malformed. Uncaught, it ends the process with one line: the name first."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


def _address(value: str) -> str:
    """An http(s) address; a path inside it is kept, a slash at its end is not."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address like https://example.test")
    _ = parts.port  # raises ValueError for what is not a port
    return value.rstrip("/")


def _address_of_accounts(value: str) -> str:
    if set(PLACEHOLDER.findall(value)) != {"{domain}"}:
        raise ValueError("expected an address with {domain} in it and no other placeholder")
    _address(value.replace("{domain}", "account.example"))
    return value.rstrip("/")


def _database(value: str) -> str:
    if value.startswith("postgres://"):
        value = value.replace("postgres://", "postgresql://", 1)
    path = value.removeprefix("sqlite:///")
    if not value.startswith("postgresql://") and (path == value or not path):
        raise ValueError("expected sqlite:///PATH or postgresql://…")
    return value


def _redis(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("expected redis://…, rediss://… or unix://…")
    return value


def _level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return value.upper()


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError("expected a whole number")
    return int(value)


def _seconds(value: str) -> int:
    if (number := _count(value)) < 1:
        raise ValueError("expected a whole number of seconds, 1 or more")
    return number


def _port(value: str) -> int:
    if not 1 <= (number := _count(value)) <= 65_535:
        raise ValueError("expected a port from 1 to 65535")
    return number


def _security(value: str) -> str:
    if value.lower() not in SMTP_SECURITY:
        raise ValueError(f"expected one of {', '.join(SMTP_SECURITY)}")
    return value.lower()


def _networks(value: str) -> str:
    """Words between spaces or commas; kept as one text, told apart by `words`."""
    for one in words(value):
        ipaddress.ip_network(one)  # raises ValueError, with the word
    return value


def _folders(value: str) -> str:
    if not all(Path(one).is_absolute() for one in words(value)):
        raise ValueError("expected absolute paths")
    return value


def words(value: str) -> list[str]:
    """What a setting of several values lists."""
    return value.replace(",", " ").split()


def _mailbox(value: str) -> str:
    if not MAILBOX.fullmatch(value):
        raise ValueError("expected an address like mostik@example.test")
    return value


def _number_of_application(value: str) -> int:
    if (number := _count(value)) < 1:
        raise ValueError("expected the number of an application")
    return number


def _period(value: str) -> float:
    """Seconds between two rounds of something cheap; a simulation wants a fraction."""
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError("expected a number of seconds") from error
    if not 0.05 <= number <= 3600:
        raise ValueError("expected seconds between 0.05 and 3600")
    return number


def _rate(value: str) -> float:
    """Requests per second; anything above amoCRM's own 7 only makes sense against an emulator."""
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError("expected a number of requests per second") from error
    if not 0 < number <= 10_000:
        raise ValueError("expected a number of requests per second above 0")
    return number


@dataclass(frozen=True)
class Settings:
    """One attribute per variable, in lower case; `NAME_FILE` may name a file that holds the value."""

    public_url: str
    secret_key: str
    database_url: str
    redis_url: str
    amocrm_client_id: str
    amocrm_client_secret: str
    yclients_partner_token: str
    secret_key_old: str | None = None
    amocrm_api_url: str = "https://{domain}"
    amocrm_oauth_url: str = "https://www.amocrm.ru/oauth"
    yclients_api_url: str = "https://api.yclients.com/api/v1"
    yclients_application_id: int | None = None
    amocrm_rate: float = 6.5
    sweep_seconds: float = 5
    reconcile_seconds: int = 300
    lease_seconds: int = 15
    uncertain_seconds: int = 20
    stream_url: str | None = None
    clock_key: str | None = None
    trusted_proxies: int = 0
    log_level: str = "INFO"
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_from: str | None = None
    recordings_dir: str = "var/recordings"
    recordings_from: str = "/var/spool/asterisk/monitor"
    private_networks: str = ""
    tables_from: str = ""

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Stops at the first variable that is missing or wrong, with one line that names it."""
        given = {f.name: text for f in fields(cls) if (text := _given(env, f.name.upper())) is not None}
        for f in fields(cls):
            if f.default is MISSING and f.name not in given:
                raise SettingsError(f.name.upper(), "is required")
        settings = cls(**{name: _parsed(name, text) for name, text in given.items()})
        _check_together(settings)
        return settings


READERS: Mapping[str, Callable[[str], Any]] = {
    "public_url": _address,
    "database_url": _database,
    "redis_url": _redis,
    "stream_url": _address,
    "amocrm_api_url": _address_of_accounts,
    "amocrm_oauth_url": _address,
    "yclients_api_url": _address,
    "yclients_application_id": _number_of_application,
    "amocrm_rate": _rate,
    "sweep_seconds": _period,
    "reconcile_seconds": _seconds,
    "lease_seconds": _seconds,
    "uncertain_seconds": _count,
    "trusted_proxies": _count,
    "log_level": _level,
    "smtp_port": _port,
    "smtp_security": _security,
    "smtp_from": _mailbox,
    "private_networks": _networks,
    "tables_from": _folders,
}


def _parsed(name: str, text: str) -> Any:
    try:
        return READERS.get(name, str)(text)
    except ValueError as error:
        raise SettingsError(name.upper(), str(error)) from error


def _given(env: Mapping[str, str], name: str) -> str | None:
    """The text of a variable or of the file it names; an empty one counts as not given."""
    value, path = env.get(name, "").strip(), env.get(f"{name}_FILE", "").strip()
    if value and path:
        raise SettingsError(name, f"is given twice, directly and by {name}_FILE")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE", "the file cannot be read") from error
    return value or None


def _check_together(settings: Settings) -> None:
    if settings.is_https and settings.clock_key:
        raise SettingsError("CLOCK_KEY", "simulated time is refused when PUBLIC_URL is https")
    if settings.smtp_host and not settings.smtp_from:
        raise SettingsError("SMTP_FROM", "is required when SMTP_HOST is given")
    if settings.smtp_user and settings.smtp_security == "none":
        raise SettingsError("SMTP_SECURITY", "none would send SMTP_PASSWORD in the clear: starttls or tls")
    if settings.is_https and len(settings.secret_key) < LONG_ENOUGH:
        raise SettingsError("SECRET_KEY", f"needs {LONG_ENOUGH} characters or more when PUBLIC_URL is https")
