"""Money and people: what a visit was paid by, what we know of a client's cards, what we wrote into contacts,
and the services that are products of the CRM.
"""

from __future__ import annotations

SCRIPT = """
CREATE TABLE visit_money (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    mark TEXT NOT NULL,
    money TEXT,
    is_stale BOOLEAN NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE client_cards (
    account_id BIGINT NOT NULL,
    card TEXT NOT NULL,
    facts TEXT NOT NULL,
    is_gone BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, card)
);
CREATE TABLE contact_notes (
    account_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    applied TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, contact_id)
);
CREATE TABLE contact_fields (
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    field_id BIGINT NOT NULL,
    is_broken BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE TABLE products (
    account_id BIGINT NOT NULL,
    ref TEXT NOT NULL,
    catalog_id BIGINT NOT NULL,
    element_id BIGINT NOT NULL,
    price BIGINT NOT NULL,
    PRIMARY KEY (account_id, ref)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; none of these tables numbers its rows, so `key` is not needed."""
    del key
    return [statement.strip() for statement in SCRIPT.split(";") if statement.strip()]
