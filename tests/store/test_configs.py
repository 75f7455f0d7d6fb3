"""Configuration versions and the lead fields they turned into."""

import pytest

from backend.store import configs, connections
from backend.store.connections import BranchSettings
from tests.store.conftest import NOW


def test_versions_are_numbered_per_account_and_kept(account):
    assert configs.current(account.id) is None

    numbers = [configs.save(account.id, {"имя": n}, "owner", f"note {n}", NOW) for n in (1, 2)]

    assert numbers == [1, 2]
    assert configs.current(account.id).document == {"имя": 2}
    assert configs.get(account.id, 1).note == "note 1"
    assert configs.get(account.id, 3) is None
    assert [version.number for version in configs.versions(account.id)] == [2, 1]


def test_versions_are_listed_in_pages(account):
    for number in range(1, 6):
        configs.save(account.id, {}, "owner", f"note {number}", NOW)

    assert [version.note for version in configs.versions(account.id, limit=2)] == ["note 5", "note 4"]
    assert [version.number for version in configs.versions(account.id, before=4, limit=2)] == [3, 2]


def test_an_import_is_all_or_nothing(account):
    def import_half():
        with configs.transaction():
            configs.save(account.id, {}, "owner", "", NOW)
            configs.save_field_ids(account.id, {"key": 1})
            connections.upsert(account.id, [BranchSettings(1, "А", "active")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        import_half()

    assert configs.current(account.id) is None
    assert configs.field_ids(account.id) == {}
    assert connections.of_account(account.id) == []


def test_field_ids_are_replaced_as_a_whole(account):
    configs.save_field_ids(account.id, {"key": 1, "salon": 2})
    configs.save_field_ids(account.id, {"key": 1, "visit_at": 3})

    assert configs.field_ids(account.id) == {"key": 1, "visit_at": 3}
    configs.save_field_ids(account.id, {})
    assert configs.field_ids(account.id) == {}


def test_a_broken_field_is_left_out_until_it_is_chosen_anew(account):
    configs.save_field_ids(account.id, {"key": 1, "salon": 2})
    configs.mark_field_broken(account.id, "salon")

    assert configs.field_ids(account.id) == {"key": 1}
    assert configs.broken_fields(account.id) == ["salon"]
    configs.save_field_ids(account.id, {"key": 1, "salon": 9})
    assert configs.field_ids(account.id) == {"key": 1, "salon": 9}
