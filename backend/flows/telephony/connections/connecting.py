"""A connection to a PBX as a person fills it in: what is typed becomes a `Pbx`, or complaints by field.
Secrets that are left empty stay as they are stored.
"""

from __future__ import annotations

import ipaddress
import re
import secrets as random_secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from backend.core.errors import InvalidInput
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.exchanges.kind import Need, Shape
from backend.flows.telephony.recordings import recording_places
from backend.flows.widget import spoken
from backend.integrations.asterisk import tables
from backend.store.accounts import Account
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

LONGEST = {Shape.LONG: 20_000}
USUAL = 500
MOST = 20  # PBXes of one account: each is a connection that we hold
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]{0,250}[A-Za-z0-9])?", re.ASCII)
FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)
TABLES, TABLES_SECRET, ZONE, ROUTE_FROM = "tables", "tables_secret", "zone", "route_from"
KEY_FIELD = "options.key"
LOGIN = "mostik"  # what we propose to call the account on the PBX
SECRET_BYTES = 24


@dataclass
class Filled:
    """`problems`: field → (code of its text, what fills its blanks); without any, `pbx` is whole."""

    pbx: Pbx
    problems: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)

    def complain(self, name: str, code: str, **details: object) -> None:
        self.problems.setdefault(name, (code, details))


def proposed_secret() -> str:
    """A password that nobody has to think of, of letters that every file of a PBX takes."""
    return random_secrets.token_urlsafe(SECRET_BYTES)


def find(account: Account, code: str) -> Pbx | None:
    return pbxes.by_code(account.id, code)


def new(account: Account, kind: str) -> Pbx:
    """One that is not saved yet; InvalidInput for a kind that we do not know."""
    needs = {need.name: need.default for need in kinds.of(kind).needs if need.default}
    port = int(needs.get("port", "0"))
    login = LOGIN if any(need.name == "login" for need in kinds.of(kind).needs) else ""
    return Pbx(
        account.id, _free_code(account.id), kind=kind, port=port, login=login, tls=bool(needs.get("tls"))
    )  # fmt: skip


def filled(known: Pbx, given: Mapping[str, str], *, opens_files: bool = False) -> Filled:
    """`known` with what the form says; a field that the form does not have stays. `opens_files`: who sends it
    works for the installation, and may have us read files of this machine.
    """
    found = Filled(known)
    title = _line(given.get("title", known.title))
    if not title:
        found.complain("title", "ui.form.required")
    changes: dict[str, Any] = {"title": title[:USUAL], "is_on": bool(given.get("is_on"))}
    options = dict(known.options)
    for need in kinds.of(known.kind).needs:
        value = _needed(found, known, need, given)
        if need.name.startswith("options."):
            options[need.name.removeprefix("options.")] = value
        else:
            changes[need.name] = value
    _forget_key(found, known, options, given)
    if not known.id and len(pbxes.of_account(known.account_id)) >= MOST:
        found.complain("title", "telephony_connections.problem.many", n=MOST)
    if known.kind == pbxes.ASTERISK:
        _tables(found, given, options, opens_files)
        _route(found, given, options)
    found.pbx = replace(known, **changes, options={name: v for name, v in options.items() if v})
    _check_others(found)
    return found


def _forget_key(found: Filled, known: Pbx, options: dict[str, Any], given: Mapping[str, str]) -> None:
    """A cloud's key goes to the cloud that it was typed for: whoever names another need not know it."""
    before, now = (recording_places.server(recording_places.HTTP, one) for one in (known.options, options))
    if known.options.get("key") and before != now and not given.get(KEY_FIELD):
        found.complain(KEY_FIELD, "telephony_recordings.secret_again")


def without_secret(address: str) -> str:
    """The address of tables as it may be shown."""
    parts = urlsplit(address)
    if parts.password is None:
        return address
    user = quote(unquote(parts.username or ""), safe="")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def facts(pbx: Pbx) -> dict[str, object]:
    """What the trail keeps of a connection: everything but its secrets; of those, that there is one."""
    options = pbx.options
    return {
        "pbx.title": pbx.title, "pbx.host": pbx.host, "pbx.port": pbx.port, "pbx.tls": pbx.tls,
        "pbx.login": pbx.login, "pbx.is_on": pbx.is_on, "pbx.url": options.get("url", ""),
        "pbx.tables": without_secret(str(options.get(TABLES, ""))), "pbx.zone": options.get(ZONE, ""),
        "pbx.fingerprint": options.get("fingerprint", ""),
        "pbx.route_from": ", ".join(options.get(ROUTE_FROM, ())),
    }  # fmt: skip


def _free_code(account_id: int) -> str:
    taken = {pbx.code for pbx in pbxes.of_account(account_id)}
    return next(code for n in range(1, len(taken) + 2) if (code := f"pbx{n}") not in taken)


def _check_others(found: Filled) -> None:
    """A name that means one PBX only, and no PBX that is listened to twice: every call of it would be two."""
    pbx = found.pbx
    others = [one for one in pbxes.of_account(pbx.account_id) if one.id != pbx.id]
    if any(one.title.casefold() == pbx.title.casefold() for one in others):
        found.complain("title", "telephony_connections.problem.taken")
    name = "host" if pbx.kind == pbxes.ASTERISK else "options.url"
    twin = next((one for one in others if one.is_on and _place(one) == _place(pbx)), None)
    if pbx.is_on and twin is not None:
        found.complain(name, "telephony_connections.problem.twice", title=twin.title)


def _place(pbx: Pbx) -> tuple[str, str, int, str]:
    """Where it is: for a cloud the address and whose key, for an Asterisk the server and its port."""
    cloud = f"{pbx.options.get('url', '')} {pbx.options.get('key', '')}" if pbx.kind == pbxes.CLOUD else ""
    return pbx.kind, pbx.host.casefold(), pbx.port, cloud


# One value


def _needed(found: Filled, known: Pbx, need: Need, given: Mapping[str, str]) -> Any:
    before = _stored(known, need)
    if need.shape is Shape.FLAG:
        return bool(given.get(need.name))
    if need.name not in given:
        return before
    raw = given[need.name]
    if len(raw) > LONGEST.get(need.shape, USUAL):
        found.complain(need.name, "ui.form.too_long")
        return before
    value = raw.strip()
    if need.shape is Shape.HIDDEN:
        value = raw or str(before)
    if not value:
        if need.is_required:
            found.complain(need.name, "ui.form.required")
        return "" if need.shape is not Shape.PORT else before
    try:
        return CHECKS.get(need.name, SHAPES[need.shape])(value)
    except InvalidInput as error:
        found.complain(need.name, error.code, **error.details)
        return before


def _stored(pbx: Pbx, need: Need) -> Any:
    if need.name.startswith("options."):
        return pbx.options.get(need.name.removeprefix("options."), "")
    return getattr(pbx, need.name)


def _line(value: str) -> str:
    """One line: whatever would begin another is told, not thrown away."""
    return " ".join(value.split()) if value.isprintable() else ""


def _text(value: str) -> str:
    if not value.isprintable():
        raise InvalidInput("telephony_connections.problem.line")
    return value


def _port(value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
    if not 0 < number < 65_536:
        raise InvalidInput("telephony_connections.problem.port")
    return number


def _address(value: str) -> str:
    try:
        parts = urlsplit(_text(value))
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        is_one = False
    if not is_one:
        raise InvalidInput("telephony_connections.problem.address")
    return value.rstrip("/")


def _host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise InvalidInput("telephony_connections.problem.host")
    return value


def _certificate(value: str) -> str:
    try:
        ssl.create_default_context(cadata=value)
    except (ssl.SSLError, ValueError) as error:
        raise InvalidInput("pbx.bad_ca") from error
    return value


def _fingerprint(value: str) -> str:
    plain = value.removeprefix("SHA256:").replace(":", "").replace(" ", "").lower()
    if not FINGERPRINT.fullmatch(plain):
        raise InvalidInput("telephony_connections.problem.fingerprint")
    return plain


SHAPES: Mapping[Shape, Callable[[str], Any]] = {
    Shape.TEXT: _text, Shape.PORT: _port, Shape.ADDRESS: _address, Shape.HIDDEN: _text, Shape.LONG: str,
}  # fmt: skip
CHECKS: Mapping[str, Callable[[str], Any]] = {
    "host": _host, "options.ca": _certificate, "options.fingerprint": _fingerprint,
}  # fmt: skip


# What only an Asterisk has


def _tables(found: Filled, given: Mapping[str, str], options: dict[str, Any], opens_files: bool) -> None:
    """The address of the call tables; left empty, its password stays as long as the rest is as it was."""
    if TABLES in given:
        before = str(options.get(TABLES, ""))
        typed, secret = given[TABLES].strip(), given.get(TABLES_SECRET, "")
        options[TABLES] = _with_secret(typed, secret, before)
        if len(typed) > USUAL or len(secret) > USUAL:
            found.complain(TABLES, "ui.form.too_long")
        elif typed:
            _check_tables(found, typed, opens_files or typed == without_secret(before))
    if ZONE in given:
        zone = given[ZONE].strip()
        if zone and str(spoken.zone(zone)) != zone:
            found.complain(ZONE, "telephony_connections.problem.zone")
        options[ZONE] = zone


def _check_tables(found: Filled, typed: str, opens_files: bool) -> None:
    try:
        place = tables.parse(typed)
    except InvalidInput as error:
        found.complain(TABLES, error.code, **error.details)
        return
    if place.is_local and not opens_files:
        found.complain(TABLES, "telephony_connections.problem.file")


def _with_secret(typed: str, secret: str, before: str) -> str:
    try:
        parts = urlsplit(typed)
        has_own = parts.password is not None
    except ValueError:
        return typed
    if not typed or has_own or not parts.username:
        return typed
    if not secret:
        return before if without_secret(before) == typed else typed
    host = parts.netloc.rpartition("@")[2]
    user = quote(unquote(parts.username), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(secret, safe='')}@{host}"))


def _route(found: Filled, given: Mapping[str, str], options: dict[str, Any]) -> None:
    if ROUTE_FROM not in given:
        return
    named = given[ROUTE_FROM].replace(",", " ").split()
    for one in named:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            found.complain(ROUTE_FROM, "telephony_connections.problem.network", value=one[:50])
    options[ROUTE_FROM] = named
