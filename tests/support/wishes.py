"""An account's configuration with other wishes than the stand's, by sections of its document."""

import yaml

from tests.support.stand import CONFIGURATION

MONEY = ("planned", "paid", "prepaid", "by_abonement", "debt", "goods")


def wish(stand, options=None, fields=(), contact=(), **sections):
    """`fields` and `contact` are names of fields to be created; `options` are merged; other sections
    replaced.
    """
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    document["options"] = {**document["options"], **(options or {})}
    if fields:
        document["fields"] = dict.fromkeys(fields, "create")
    if contact:
        document["contact_fields"] = dict.fromkeys(contact, "create")
    document.update(sections)
    stand.configure(yaml.safe_dump(document, allow_unicode=True))


def told(stand, contact, name):
    """The value of a contact's field by our name of it; None when it is empty."""
    found = stand.value(contact, f"MOSTIK_CLIENT_{name.upper()}")
    return found[0] if found else None


def money(stand, record, name):
    """The value of a field of a booking's lead."""
    found = stand.value(stand.lead_of(record), f"MOSTIK_{name.upper()}")
    return found[0] if found else None
