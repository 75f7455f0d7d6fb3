"""The configuration in force, its export and its versions; `configuration_import` writes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from backend.core.errors import InvalidInput, TryLater
from backend.core.rules import configuration_changes, configuration_document
from backend.core.rules.configuration import BookingRules, Configuration, FieldName
from backend.core.rules.configuration_changes import Difference
from backend.core.rules.options import Settle
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Phase
from backend.flows.rules import configuration_file, schemas
from backend.store import configs, contact_fields, in_force
from backend.store.configs import ConfigVersion, VersionLine
from backend.store.in_force import Stamp

UNCONFIGURED = BookingRules(Configuration(), {})


def load(account_id: int) -> BookingRules:
    """The rules now: a version is parsed once per process, for it never changes; the rest are small rows."""
    now = in_force.newest(account_id)
    if now.stamp is None:
        return UNCONFIGURED
    configuration = _parsed(account_id, now.stamp)
    zones = now.timezones
    branches = tuple(
        replace(b, timezone=b.timezone or zones.get(b.company_id)) for b in configuration.branches
    )
    ids = {FieldName(name): field_id for name, field_id in now.field_ids.items()}
    people = {ContactFieldName(name): i for name, i in contact_fields.ids(account_id).items()}
    whole = replace(configuration, branches=branches)
    rules = BookingRules(whole, ids, now.stamp.number, contact_field_ids=people)
    return _in_account(account_id, rules)


def _in_account(account_id: int, rules: BookingRules) -> BookingRules:
    """With what the account has now: who works there, and where its unsorted leads lie."""
    try:
        schema = schemas.load(account_id)
    except TryLater:
        return rules
    stages = (stage for pipeline in schema.pipelines for stage in pipeline.stages)
    return replace(
        rules,
        incoming_stages=frozenset(stage.id for stage in stages if stage.is_incoming),
        users={user.id: user.name for user in schema.users if user.is_active},
        domain=schema.domain,
    )


def current(account_id: int) -> Configuration:
    """What was configured last, as it was written; the empty configuration when nothing was."""
    stamp = in_force.stamp(account_id)
    return _parsed(account_id, stamp) if stamp else UNCONFIGURED.configuration


def number(account_id: int) -> int:
    """Of the version in force; 0 when nothing was configured."""
    stamp = in_force.stamp(account_id)
    return stamp.number if stamp else 0


def newest_version(account_id: int) -> ConfigVersion | None:
    return configs.current(account_id)


def resting(account_id: int, keys: Sequence[str]) -> tuple[Settle, dict[str, Phase]]:
    """How long hooks rest now, and the phases in which these bookings were last seen."""
    stamp, phases = in_force.resting(account_id, keys)
    rules = _parsed(account_id, stamp) if stamp else UNCONFIGURED.configuration
    return rules.options.settle, phases


def export_yaml(account_id: int) -> str:
    """The whole document; tokens show as `kept`."""
    return configuration_file.write(configuration_changes.render(current(account_id)))


def versions(account_id: int, before: int | None = None, limit: int | None = None) -> list[VersionLine]:
    """Newest first; older than `before`."""
    return configs.versions(account_id, before, limit)


def has_version(account_id: int, number: int) -> bool:
    return in_force.stamp(account_id, number) is not None


def show(account_id: int, number: int) -> str:
    return configuration_file.write(configuration_changes.render(version(account_id, number)))


def compare(account_id: int, old: int, new: int) -> tuple[Difference, ...]:
    before, after = version(account_id, old), version(account_id, new)
    return configuration_changes.differences(
        configuration_changes.render(before), configuration_changes.render(after)
    )


def version(account_id: int, number: int) -> Configuration:
    stamp = in_force.stamp(account_id, number)
    if stamp is None:
        raise InvalidInput("configuration.no_version", number=number)
    return _parsed(account_id, stamp)


def forget() -> None:
    """After switching to another database."""
    _parsed.cache_clear()


@lru_cache(maxsize=1_000)
def _parsed(account_id: int, stamp: Stamp) -> Configuration:
    stored = configs.get(account_id, stamp.number)
    if stored is None:
        raise InvalidInput("configuration.no_version", number=stamp.number)
    return configuration_document.parse(stored.document).configuration
