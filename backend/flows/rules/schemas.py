"""The account's pipelines, users and fields as last read: kept as text in the store, parsed once per process
and text.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from backend.core.crm import Catalog, CrmSchema, CrmUser, CustomField, Pipeline, Stage
from backend.core.errors import TryLater
from backend.integrations.amocrm.client import AmoClient
from backend.store import accounts


def load(account_id: int) -> CrmSchema:
    """What the last `refresh` read. TryLater before the first one."""
    text = accounts.by_id(account_id).schema
    if not text:
        raise TryLater("amocrm.schema_unread")
    return _parsed(text)


def refresh(account_id: int, client: AmoClient) -> CrmSchema:
    """Reads everything a configuration may name (seven requests) and keeps it."""
    schema = client.schema()
    save(account_id, schema)
    return schema


def save(account_id: int, schema: CrmSchema) -> None:
    accounts.save_schema(account_id, json.dumps(asdict(schema), ensure_ascii=False))


@lru_cache(maxsize=200)
def _parsed(text: str) -> CrmSchema:
    data: dict[str, Any] = json.loads(text)
    return CrmSchema(
        **{
            **data,
            "pipelines": tuple(_pipeline(row) for row in data["pipelines"]),
            "users": tuple(CrmUser(**row) for row in data["users"]),
            "lead_fields": tuple(_field(row) for row in data["lead_fields"]),
            "loss_reasons": tuple((row[0], row[1]) for row in data["loss_reasons"]),
            "contact_fields": tuple(_field(row) for row in data.get("contact_fields", ())),
            "catalogs": tuple(Catalog(**row) for row in data.get("catalogs", ())),
        }
    )


def _pipeline(row: dict[str, Any]) -> Pipeline:
    return Pipeline(**{**row, "stages": tuple(Stage(**stage) for stage in row["stages"])})


def _field(row: dict[str, Any]) -> CustomField:
    return CustomField(**{**row, "enums": tuple((enum[0], enum[1]) for enum in row["enums"])})
