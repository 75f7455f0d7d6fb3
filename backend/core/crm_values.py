"""What is written into the CRM, whichever rules asked for it: values of fields, and a person to be made."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | tuple[str, ...] | None
Remembered = tuple[tuple[str, str], ...]  # (name, value)


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value for one custom field: text, whole number, unix seconds for dates, or several texts for a multi-
    select.
    """

    field_id: int
    value: Value


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be created together with its first lead. `keys` are what the person is found by later."""

    keys: tuple[str, ...]
    name: str
    phone: str = ""
    email: str = ""
    tags: tuple[str, ...] = ()
    responsible_id: int = 0
    fields: tuple[FieldValue, ...] = ()
    applied: Remembered = ()
