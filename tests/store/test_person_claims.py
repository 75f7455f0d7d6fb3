"""Two lanes never make one person: whoever plans first has them until the command is settled."""

import threading

import pytest

from backend.core.crm import Contact
from backend.store import db, events, lanes, mirror, outbox, person_claims
from backend.store.outbox import PlannedRow, Settled
from backend.store.person_claims import PersonTaken
from tests.store.conftest import NOW

PHONE, CARD = "+79990000001", "41001:77"


@pytest.fixture
def taken(account):
    """Takes a lane of this name."""

    def take(name):
        return lanes.take(lanes.lane_id(account.id, name), name, 60)

    return take


@pytest.fixture
def planned(account):
    """Plans the making of a person in a lane; returns the command's id."""

    def plan(lease, *keys, status="planned"):
        subject = f"{lease.name}:{keys}"
        event_id = events.record(
            NOW, account_id=account.id, branch_id=None, lane=lease.name, subject=subject, source="test",
            kind="test", dedup_key=f"{subject}:{threading.get_ident()}:{len(outbox_ids)}", body="{}",
            settle_seconds=0,
        )  # fmt: skip
        row = PlannedRow(event_id, 0, subject, "MakeLead", {"contact": {"keys": list(keys)}}, status)
        outbox_ids.extend(outbox.plan(lease, [row], NOW))
        return outbox_ids[-1]

    outbox_ids = []
    return plan


def test_what_one_lane_makes_another_does_not(taken, planned):
    bookings, calls = taken("bookings"), taken("calls")
    planned(bookings, PHONE, CARD)

    with pytest.raises(PersonTaken) as error:
        planned(calls, PHONE)

    assert error.value.keys == {PHONE}
    assert error.value.after.total_seconds() == 1
    assert db.rows("SELECT count(*) FROM outbox_commands") == [(1,)]


@pytest.mark.parametrize("status", ["done", "failed"])
def test_a_settled_command_gives_the_person_back(taken, planned, status):
    bookings, calls = taken("bookings"), taken("calls")
    command = planned(bookings, PHONE)

    outbox.settle(bookings, {command: Settled(status)}, NOW)

    assert planned(calls, PHONE)


def test_the_same_lane_comes_back_to_its_own(taken, planned):
    calls = taken("calls")
    planned(calls, PHONE)

    assert planned(calls, PHONE)


def test_other_persons_and_other_accounts_are_free(taken, planned):
    planned(taken("bookings"), PHONE)

    assert planned(taken("calls"), "+79990000002")


def test_what_is_only_observed_claims_nobody(taken, planned):
    planned(taken("bookings"), PHONE, status="observed")

    assert planned(taken("calls"), PHONE)


def test_a_claim_runs_out(taken, planned, monkeypatch):
    monkeypatch.setattr(person_claims, "SECONDS", -1.0)
    planned(taken("bookings"), PHONE)

    assert planned(taken("calls"), PHONE)


def test_a_person_who_came_meanwhile_is_not_made(account, taken, planned):
    mirror.save_contacts(account.id, [Contact(5, "Мария", (PHONE,))], lambda _: (PHONE,))

    with pytest.raises(PersonTaken):
        planned(taken("calls"), PHONE)


def test_a_deleted_contact_is_nobody(account, taken, planned):
    mirror.save_contacts(account.id, [Contact(5, "Мария", (PHONE,))], lambda _: (PHONE,))
    mirror.mark_contact_deleted(account.id, 5)

    assert planned(taken("calls"), PHONE)


def test_a_failed_plan_leaves_no_claim(taken, planned, account):
    bookings, calls = taken("bookings"), taken("calls")
    planned(bookings, PHONE)
    with pytest.raises(PersonTaken):
        planned(calls, "+79990000002", PHONE)

    assert planned(bookings, "+79990000002")


def test_of_two_at_one_moment_one_wins(store, taken, planned):
    leases = [taken(name) for name in ("bookings", "calls")]
    start, won, lost = threading.Barrier(2), [], []

    def run(lease):
        with db.connection():
            for number in range(20):
                start.wait(20)
                try:
                    planned(lease, f"+7999000{number:04}", f"card:{number}")
                    won.append(number)
                except PersonTaken:
                    lost.append(number)

    threads = [threading.Thread(target=run, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(won) == sorted(lost) == list(range(20))
