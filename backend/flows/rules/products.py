"""The products catalogue of the CRM: services of the salons as its elements, each made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.core.errors import InvalidInput
from backend.core.money import Kopecks, to_whole_rubles
from backend.core.rules.configuration import Configuration
from backend.core.rules.contact_fields import PRODUCTS
from backend.core.sync.commands import LinkProducts, ProductLine
from backend.flows.rules import schemas
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.render import NO_PRODUCTS, Products, shortened
from backend.integrations.http import JsonObject
from backend.store import products

TITLE = "Услуги салонов"
NAME_LENGTH = 255
BATCH = 50


def resolve(client: AmoClient, configuration: Configuration) -> None:
    """The catalogue is made where it is wanted and lacks; an account has at most one of products."""
    if configuration.products != "create":
        return
    rows = client.catalogs()
    if all(row.get("type") != PRODUCTS for row in rows):
        client.write("POST", "catalogs", [{"name": TITLE, "type": PRODUCTS}])


def ready(
    account_id: int, client: AmoClient, configuration: Configuration, commands: Iterable[LinkProducts]
) -> Products:
    """The elements of these services; new ones are made, and a price that changed is written."""
    planned = list(commands)
    wanted = {line.ref: line for command in planned for line in command.lines}
    catalog_id = _catalog(account_id, configuration) if planned else None
    if catalog_id is None:
        return NO_PRODUCTS
    gone = {ref for command in planned for ref in command.gone}
    known = products.of(account_id, catalog_id, wanted.keys() | gone)
    lacking = [line for ref, line in wanted.items() if ref not in known]
    if lacking:
        known |= _found(account_id, client, catalog_id, lacking)
        lacking = [line for line in lacking if line.ref not in known]
        known |= _made(account_id, client, catalog_id, lacking)
    dearer = [line for ref, line in wanted.items() if known[ref].price != line.price]
    _reprice(account_id, client, catalog_id, dearer, known)
    return Products(catalog_id, {ref: element.id for ref, element in known.items()})


def _catalog(account_id: int, configuration: Configuration) -> int | None:
    choice, catalogs = configuration.products, schemas.load(account_id).catalogs
    if isinstance(choice, int):
        return choice
    return next((catalog.id for catalog in catalogs if catalog.type == PRODUCTS), None)


def _found(
    account_id: int, client: AmoClient, catalog_id: int, lacking: Iterable[ProductLine]
) -> dict[str, products.Element]:
    """Elements that we made before and have forgotten (a restored copy of the database)."""
    wanted = {line.ref: line.price for line in lacking}
    found: dict[str, products.Element] = {}
    for row in client.elements(catalog_id):
        ref = _external_id(row)
        if ref in wanted:
            found.setdefault(ref, products.Element(int(row["id"]), wanted[ref]))
    products.save(account_id, catalog_id, found)
    return found


def _made(
    account_id: int, client: AmoClient, catalog_id: int, lacking: list[ProductLine]
) -> dict[str, products.Element]:
    made: dict[str, products.Element] = {}
    for start in range(0, len(lacking), BATCH):
        batch = lacking[start : start + BATCH]
        answer = client.write("POST", f"catalogs/{catalog_id}/elements", [_body(line) for line in batch])
        rows = (answer.body.get("_embedded") or {}).get("elements") or []
        if len(rows) != len(batch):
            raise InvalidInput("amocrm.answer_incomplete", sent=len(batch), named=len(rows))
        made |= {
            line.ref: products.Element(int(row["id"]), line.price)
            for line, row in zip(batch, rows, strict=True)
        }
    products.save(account_id, catalog_id, made)
    return made


def _reprice(
    account_id: int,
    client: AmoClient,
    catalog_id: int,
    changed: list[ProductLine],
    known: Mapping[str, products.Element],
) -> None:
    for start in range(0, len(changed), BATCH):
        batch = changed[start : start + BATCH]
        bodies = [{"id": known[line.ref].id, **_body(line)} for line in batch]
        client.write("PATCH", f"catalogs/{catalog_id}/elements", bodies)
        products.save(
            account_id,
            catalog_id,
            {line.ref: products.Element(known[line.ref].id, line.price) for line in batch},
        )


def _body(line: ProductLine) -> JsonObject:
    return {
        "name": shortened(line.title, NAME_LENGTH),
        "custom_fields_values": [
            {"field_code": "PRICE", "values": [{"value": str(to_whole_rubles(Kopecks(line.price)))}]},
            {"field_code": "EXTERNAL_ID", "values": [{"value": line.ref}]},
        ],
    }


def _external_id(row: JsonObject) -> str:
    for field in row.get("custom_fields_values") or ():
        if field.get("field_code") == "EXTERNAL_ID":
            return str((field.get("values") or [{}])[0].get("value") or "")
    return ""
