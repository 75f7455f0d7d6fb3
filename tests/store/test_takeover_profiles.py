"""What was measured of another integration, a person's word beside it, and the values it was held against."""

from backend.store import takeover_profiles
from tests.store.conftest import NOW

RESULT, MEASURED, SAID = {"looked": {"records": 5}}, {"writer_ids": [7]}, {"writer_ids": [8]}


def test_a_persons_word_outlives_the_next_measuring(account):
    takeover_profiles.save_measured(account.id, RESULT, MEASURED, NOW)
    takeover_profiles.save_corrected(account.id, SAID, "Анна", NOW)
    takeover_profiles.save_measured(account.id, {}, {"writer_ids": [9]}, NOW)

    row = takeover_profiles.of(account.id)
    assert (row.result, row.measured, row.corrected) == ({}, {"writer_ids": [9]}, SAID)
    assert (row.corrected_by, row.corrected_at, row.measured_at) == ("Анна", NOW, NOW)

    takeover_profiles.save_corrected(account.id, None, "Ольга", NOW)
    assert takeover_profiles.of(account.id).corrected is None


def test_a_word_may_come_before_any_measuring(account):
    takeover_profiles.save_corrected(account.id, SAID, "Анна", NOW)

    row = takeover_profiles.of(account.id)
    assert (row.corrected, row.measured, row.measured_at) == (SAID, {}, None)


def test_a_value_is_everything_it_is_known_as_and_forgotten_whole(account):
    pairs = [("record_id", "770001"), ("price", "770001"), ("staff", "вера")]
    takeover_profiles.add_values(account.id, pairs)
    takeover_profiles.add_values(account.id, pairs)

    assert takeover_profiles.whats(account.id, ["770001", "вера", "нет"]) == {
        "770001": {"record_id", "price"}, "вера": {"staff"},
    }  # fmt: skip
    assert takeover_profiles.whats(account.id + 1, ["770001"]) == {}

    takeover_profiles.forget_values(account.id)
    assert takeover_profiles.whats(account.id, ["770001"]) == {}
