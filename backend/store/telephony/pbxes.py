"""Telephone exchanges connected to an account: how to reach each, and how its connection stands.

A removed one stays as a row without secrets: calls of former days name it for ever.
"""

from __future__ import annotations

import json
import secrets as random_secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.store import db
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.secrets import EncryptedField

ASTERISK, CLOUD = "asterisk", "cloud"


class SealedJson(EncryptedField):
    """Plain JSON data, encrypted as a whole: passwords stand among it."""

    def db_value(self, value: Any) -> Any:
        return super().db_value(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def python_value(self, value: Any) -> Any:
        return {} if value is None else json.loads(super().python_value(value))


class PbxRow(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    code = peewee.TextField()
    title = peewee.TextField()
    kind = peewee.TextField()
    host = peewee.TextField(default="")
    port = peewee.BigIntegerField(default=0)
    tls = peewee.BooleanField(default=False)
    login = peewee.TextField(default="")
    secret = EncryptedField(null=True)
    options = SealedJson(null=True)
    token = peewee.TextField()
    is_on = peewee.BooleanField(default=True)
    is_removed = peewee.BooleanField(default=False)
    revision = peewee.BigIntegerField(default=1)

    class Meta:
        table_name = "pbxes"


class StateRow(BaseModel):
    pbx_id = peewee.BigIntegerField(primary_key=True)
    seen_at = UtcField(null=True)
    connected_since = UtcField(null=True)
    last_event_at = UtcField(null=True)
    last_pong_at = UtcField(null=True)
    events_per_minute = peewee.BigIntegerField(default=0)
    open_calls = peewee.BigIntegerField(default=0)
    lag_ms = peewee.BigIntegerField(default=0)
    clock_ahead_ms = peewee.BigIntegerField(default=0)
    version = peewee.TextField(default="")
    trouble = peewee.TextField(default="")
    details = JsonField(default=dict)
    findings = JsonField(default=list)

    class Meta:
        table_name = "pbx_states"


@dataclass(frozen=True, slots=True)
class Pbx:
    """`code` is how the rules name it; `token` is the secret part of the addresses that this PBX calls.

    `options`, all of them may be missing: `ca` (PEM), `fingerprint` (SHA-256 of the certificate), `zone` (of
    its tables), `tables` (DSN with its password), `recordings` (secrets of the source), `url` and `key` of a
    cloud, `route_from` (addresses that may ask whom to ring). `id` is 0 for one that was not saved yet.
    """

    account_id: int
    code: str
    title: str = ""
    kind: str = ASTERISK
    host: str = ""
    port: int = 5038
    tls: bool = False
    login: str = ""
    secret: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_on: bool = True
    is_removed: bool = False
    token: str = field(default="", repr=False)
    revision: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class PbxState:
    """`seen_at`: when a listener last said that it looks after this PBX. `trouble` is a code of texts, ""
    when all is well; `findings` are settings of it that are missing or too generous, `{"code": …, …}` each.
    """

    pbx_id: int
    seen_at: datetime | None = None
    connected_since: datetime | None = None
    last_event_at: datetime | None = None
    last_pong_at: datetime | None = None
    events_per_minute: int = 0
    open_calls: int = 0
    lag_ms: int = 0
    clock_ahead_ms: int = 0
    version: str = ""
    trouble: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Mapping[str, Any]] = ()

    @property
    def clock_ahead(self) -> timedelta:
        """By how much its clock is known to be wrong."""
        return timedelta(milliseconds=self.clock_ahead_ms)


def of_account(account_id: int) -> list[Pbx]:
    where = (PbxRow.account_id == account_id) & ~PbxRow.is_removed
    return [_pbx(row) for row in PbxRow.select().where(where).order_by(PbxRow.id)]


def has_any(account_id: int) -> bool:
    """Asked by pages that are looked at all day, so nothing is decrypted."""
    return PbxRow.select().where((PbxRow.account_id == account_id) & ~PbxRow.is_removed).exists()


def looks(account_ids: Collection[int]) -> list[tuple[Pbx, PbxState]]:
    """Of many accounts at once, without secrets: what each is and how its connection stands."""
    where = PbxRow.account_id.in_(list(account_ids)) & ~PbxRow.is_removed
    plain = (PbxRow.id, PbxRow.account_id, PbxRow.code, PbxRow.title, PbxRow.kind, PbxRow.is_on)
    rows: Any = PbxRow.select(*plain).where(where).order_by(PbxRow.id).dicts()
    found = [Pbx(**row) for row in rows]
    states = StateRow.select().where(StateRow.pbx_id.in_([pbx.id for pbx in found]))
    known = {row.pbx_id: PbxState(**row.__data__) for row in states}
    return [(pbx, known.get(pbx.id, PbxState(pbx.id))) for pbx in found]


def by_id(pbx_id: int) -> Pbx:
    """LookupError when there is none; a removed one is found."""
    row = PbxRow.get_or_none(PbxRow.id == pbx_id)
    if row is None:
        raise LookupError(f"no PBX {pbx_id}")
    return _pbx(row)


def by_code(account_id: int, code: str) -> Pbx | None:
    return next((pbx for pbx in of_account(account_id) if pbx.code == code), None)


def by_token(token: str) -> Pbx | None:
    """The PBX that calls us by this address, when its account is still here."""
    row = PbxRow.get_or_none((PbxRow.token == token) & ~PbxRow.is_removed & _of_those_here())
    return _pbx(row) if row is not None else None


def everything_on(kind: str) -> list[Pbx]:
    """Of all accounts that have not left."""
    return [_pbx(row) for row in PbxRow.select().where(_on(kind)).order_by(PbxRow.id)]


def revisions(kind: str) -> dict[int, int]:
    """PBX id → revision of all that are on: asked every few seconds, so nothing is decrypted."""
    rows = PbxRow.select(PbxRow.id, PbxRow.revision).where(_on(kind))
    return {row.id: row.revision for row in rows}


def save(pbx: Pbx) -> Pbx:
    """A new one, or the whole of a known one; an empty secret keeps the stored one."""
    values: dict[str, Any] = {
        "code": pbx.code, "title": pbx.title, "kind": pbx.kind, "host": pbx.host, "port": pbx.port,
        "tls": pbx.tls, "login": pbx.login, "options": dict(pbx.options), "is_on": pbx.is_on,
    }  # fmt: skip
    if pbx.secret:
        values["secret"] = pbx.secret
    if not pbx.id:
        token = pbx.token or random_secrets.token_urlsafe(24)
        made = PbxRow.insert(account_id=pbx.account_id, token=token, **values).execute()
        return by_id(int(made))
    where = (PbxRow.id == pbx.id) & (PbxRow.account_id == pbx.account_id) & ~PbxRow.is_removed
    if not PbxRow.update(revision=PbxRow.revision + 1, **values).where(where).execute():
        raise LookupError(f"no PBX {pbx.id}")
    return by_id(pbx.id)


def renew_token(pbx_id: int) -> str:
    """A new secret address; the old one is dead at once."""
    token = random_secrets.token_urlsafe(24)
    PbxRow.update(token=token, revision=PbxRow.revision + 1).where(PbxRow.id == pbx_id).execute()
    return token


def remove(pbx_id: int) -> None:
    """Its secrets are gone, its address is dead; its calls keep their name."""
    changes: dict[str, Any] = {"is_removed": True, "is_on": False, "secret": None, "options": {}}
    PbxRow.update(revision=PbxRow.revision + 1, **changes).where(PbxRow.id == pbx_id).execute()


def state(pbx_id: int) -> PbxState:
    row = StateRow.get_or_none(StateRow.pbx_id == pbx_id)
    return PbxState(**row.__data__) if row is not None else PbxState(pbx_id)


def note_state(pbx_id: int, **changes: Any) -> None:
    """What is named is changed, the rest stays as it was."""
    with db.atomic():
        if not StateRow.update(changes).where(StateRow.pbx_id == pbx_id).execute():
            known = replace(PbxState(pbx_id), **changes)
            row = {name: getattr(known, name) for name in PbxState.__slots__}
            StateRow.insert(row).on_conflict(conflict_target=[StateRow.pbx_id], update=changes).execute()


def _on(kind: str) -> Any:
    return (PbxRow.kind == kind) & PbxRow.is_on & ~PbxRow.is_removed & _of_those_here()


def _of_those_here() -> Any:
    return PbxRow.account_id.in_(peewee.SQL("(SELECT id FROM accounts WHERE state <> 'removed')"))


def _pbx(row: PbxRow) -> Pbx:
    facts = {name: value for name, value in row.__data__.items() if name != "secret"}
    return Pbx(secret=row.secret or "", **facts)
