"""Recordings in the database: expected once, looked for when due, kept, revoked, outlived; and who heard."""

from datetime import timedelta

import pytest

from backend.store import accounts
from backend.store.telephony import recording_accesses, recording_keys, recordings
from backend.store.telephony.recordings import Kept, Wanted
from tests.store.conftest import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
KEPT = Kept("1/2026/03/1.mp3", "audio/mpeg", 7000, 3500, "d" * 64)


def wanted(part=0, uniq="1:100.1", names=("a.wav",), at=NOW):
    return Wanted(uniq, part, 1, names, at, at + SECOND)


@pytest.fixture
def one(account):
    return recordings.expect(account.id, [wanted()], NOW)[0]


def again(row):
    return recordings.by_id(row.account_id, row.id)


def test_expected_twice_is_one_row_with_one_link(account, one):
    (same,) = recordings.expect(account.id, [wanted()], NOW + DAY)
    assert (same.id, same.public, same.made_at) == (one.id, one.public, NOW)
    assert recordings.by_public(one.public).id == one.id
    assert recordings.by_public("another") is None
    assert recordings.expect(account.id, [], NOW) == []


def test_parts_of_a_call_in_their_order(account):
    made = recordings.expect(account.id, [wanted(0), wanted(1, names=("b.wav",))], NOW)
    assert [row.part for row in recordings.of_call(account.id, "1:100.1")] == [0, 1]
    assert made[0].public != made[1].public


def test_due_when_its_time_has_come(account, one):
    assert recordings.due(account.id, NOW, 10) == []
    assert recordings.due_accounts(NOW) == []
    later = NOW + SECOND
    assert [row.id for row in recordings.due(account.id, later, 10)] == [one.id]
    assert recordings.due_accounts(later) == [account.id]
    accounts.remove(account.id, NOW)
    assert recordings.due_accounts(later) == []


def test_put_off_given_up_and_looked_for_again(account, one):
    recordings.put_off(one.id, NOW + DAY, "telephony_recordings.not_found", {"n": 1})
    row = again(one)
    assert (row.tries, row.due_at, row.trouble, row.details) == (
        1, NOW + DAY, "telephony_recordings.not_found", {"n": 1}
    )  # fmt: skip
    recordings.give_up(one.id, recordings.MISSING, "telephony_recordings.not_found", {})
    assert (again(one).state, again(one).due_at) == ("missing", None)
    assert not recordings.keep(one.id, KEPT, NOW)
    assert recordings.look_again(account.id, one.id, NOW)
    assert (again(one).state, again(one).tries, again(one).trouble) == ("waiting", 0, "")
    assert recordings.look_again_for_all(account.id, NOW) == 0


def test_kept_once(account, one):
    assert recordings.keep(one.id, KEPT, NOW)
    assert not recordings.keep(one.id, KEPT, NOW)
    row = again(one)
    assert (row.state, row.path, row.size, row.milliseconds, row.kept_at) == (
        "ready", KEPT.path, 7000, 3500, NOW
    )  # fmt: skip
    recordings.put_off(one.id, NOW, "late", {})
    recordings.give_up(one.id, recordings.FAILED, "late", {})
    assert again(one).state == "ready"
    assert not recordings.look_again(account.id, one.id, NOW)
    assert recordings.total(account.id).files == 1
    assert recordings.total(account.id).size == 7000


def test_better_names_begin_the_search_anew(account, one):
    recordings.give_up(one.id, recordings.MISSING, "telephony_recordings.not_found", {})
    (row,) = recordings.expect(account.id, [wanted(names=("b.wav", "b.mp3"))], NOW)
    assert (row.state, row.names, row.tries) == ("waiting", ["b.wav", "b.mp3"], 0)
    recordings.keep(one.id, KEPT, NOW)
    (row,) = recordings.expect(account.id, [wanted(names=("c.wav",))], NOW)
    assert (row.state, row.names) == ("ready", ["b.wav", "b.mp3"])


def test_revoked_and_reissued(account, one):
    assert recordings.revoke(account.id, one.id, NOW)
    assert not recordings.revoke(account.id, one.id, NOW)
    assert [row.id for row in recordings.portion(account.id, "revoked", None, 10)] == [one.id]
    assert recordings.reissue(account.id, one.id, NOW)
    assert again(one).revoked_at is None
    assert again(one).public != one.public


@pytest.mark.parametrize("verb", [recordings.revoke, recordings.reissue, recordings.look_again])
def test_another_account_changes_nothing(account, one, verb):
    assert not verb(account.id + 1, one.id, NOW)
    assert again(one).public == one.public
    assert recordings.by_id(account.id + 1, one.id) is None


def test_lists_in_portions_newest_first(account):
    for number in range(5):
        recordings.expect(account.id, [wanted(uniq=f"1:{number}")], NOW)
    first = recordings.portion(account.id, "", None, 3)
    rest = recordings.portion(account.id, "waiting", first[-1].id, 3)
    assert [row.uniq for row in (*first, *rest)] == ["1:4", "1:3", "1:2", "1:1", "1:0"]
    assert recordings.portion(account.id, "ready", None, 3) == []


def test_outlived_are_thrown_away_and_not_found_again(account, one):
    recordings.keep(one.id, KEPT, NOW)
    assert recordings.outlived(account.id, NOW, 10) == []
    (old,) = recordings.outlived(account.id, NOW + DAY, 10)
    recordings.throw_away(old.id)
    row = again(one)
    assert (row.state, row.path, row.digest, row.size) == ("deleted", "", "", 0)
    assert recordings.outlived(account.id, NOW + DAY, 10) == []
    assert recordings.total(account.id).files == 0


def test_newest_key_signs_and_older_ones_are_believed_until_retired(account):
    first = recording_keys.current(account.id, NOW)
    assert recording_keys.current(account.id, NOW).id == first.id
    recording_keys.renew(account.id, NOW, retires_others=False)
    second = recording_keys.current(account.id, NOW)
    assert second.id != first.id
    assert second.secret != first.secret
    assert recording_keys.by_id(first.id).retired_at is None
    recording_keys.renew(account.id, NOW, retires_others=True)
    assert [key.retired_at for key in recording_keys.of_account(account.id)] == [None, NOW, NOW]
    assert recording_keys.by_id(999) is None


def visit(row, at=NOW, agent="Player", status=206):
    recording_accesses.note(row.account_id, row.id, address="10.0.0.1", agent=agent, status=status, now=at)


def test_requests_of_one_visit_are_one_line(account, one):
    for second in range(5):
        visit(one, NOW + second * SECOND)
    visit(one, agent="x" * 500)
    visit(one, status=410)
    visit(one, NOW + DAY)
    lines = recording_accesses.of_recording(account.id, one.id)
    assert [(line.agent[:6], line.status, line.requests) for line in lines] == [
        ("Player", 206, 1), ("Player", 410, 1), ("xxxxxx", 206, 1), ("Player", 206, 5)
    ]  # fmt: skip
    assert len(lines[2].agent) == recording_accesses.LONGEST_AGENT
    assert recording_accesses.counts([one.id]) == {one.id: 3}
    assert recording_accesses.counts([]) == {}
    assert recording_accesses.of_recording(account.id + 1, one.id) == []
    assert recording_accesses.forget(account.id, NOW + SECOND * 60) == 3
    assert len(recording_accesses.of_recording(account.id, one.id)) == 1
