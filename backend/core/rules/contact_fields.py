"""Which field of a contact may hold what, and whether the chosen ones are there."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.crm import CrmSchema, CustomField
from backend.core.rules import schema_checks
from backend.core.rules.document import Node
from backend.core.rules.sections import ContactFieldName, FieldChoice

OURS = "MOSTIK_CLIENT_"  # how the codes of the contact fields that we made begin
PRODUCTS = "products"  # the type of the catalogue that holds what is sold; an account has at most one

# What may be written into a field of which type (amocrm.md); the first is the one that we create.
TYPES: Mapping[ContactFieldName, tuple[str, ...]] = {
    ContactFieldName.VISITS: ("numeric", "text"),
    ContactFieldName.NO_SHOWS: ("numeric", "text"),
    ContactFieldName.LAST_VISIT: ("date", "date_time"),
    ContactFieldName.NEXT_VISIT: ("date_time", "date"),
    ContactFieldName.LABELS: ("text", "textarea"),
    ContactFieldName.DO_NOT_SEND: ("checkbox",),
    ContactFieldName.SPENT: ("numeric", "monetary", "text"),
    ContactFieldName.DISCOUNT: ("numeric", "text"),
    ContactFieldName.CARD: ("text", "textarea"),
    ContactFieldName.BIRTHDAY: ("birthday", "date"),
    ContactFieldName.ABONEMENTS: ("textarea", "text"),
}


def candidates(name: ContactFieldName, schema: CrmSchema) -> tuple[CustomField, ...]:
    """Fields of the account that may hold this, by name; those that we made are not among them."""
    found = (
        field
        for field in schema.contact_fields
        if field.type in TYPES[name] and not field.code.startswith(OURS)
    )
    return tuple(sorted(found, key=lambda field: field.name.casefold()))


def own(name: ContactFieldName, schema: CrmSchema) -> CustomField | None:
    """The field that we made for this, when it is there."""
    code = f"{OURS}{name.upper()}"
    return next((field for field in schema.contact_fields if field.code == code), None)


def check(
    root: Node,
    chosen: Mapping[ContactFieldName, FieldChoice],
    products: FieldChoice,
    schema: CrmSchema,
) -> None:
    """What is chosen must be there and fit."""
    for name, choice in chosen.items():
        if isinstance(choice, int):
            node = root.child("contact_fields", None).child(name, None)
            schema_checks.field(node, choice, schema.contact_fields, TYPES[name])
    if isinstance(products, int) and all(catalog.id != products for catalog in schema.catalogs):
        root.child("products", None).complain("configuration.no_catalog", value=products)
