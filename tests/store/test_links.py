"""Links: one main lead per booking, and what is remembered of it."""

from datetime import timedelta

import peewee
import pytest

from backend.core.sync.links import Role
from backend.store import lanes, links
from backend.store.lanes import LeaseLost
from backend.store.links import LinkChange, LinkRow
from tests.store.conftest import NOW

KEY, OTHER = "yclients:41001:1", "yclients:41001:2"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def remember(lease):
    def _remember(*changes, now=NOW):
        links.remember(lease, lease.account_id, changes, now)

    return _remember


@pytest.fixture
def link(lease):
    return lambda key=KEY: links.by_keys(lease.account_id, [key]).get(key)


def test_a_link_is_remembered_with_all_that_was_written(remember, link):
    remember(
        LinkChange(
            KEY, 900, "epilation", 50, NOW, {"имя": "Анна"}, stage_id=8101, stage_at=NOW, opened_by_us=False
        )
    )

    found = link()
    assert (found.key, found.lead_id, found.role, found.direction) == (KEY, 900, Role.MAIN, "epilation")
    assert (found.contact_id, found.version, dict(found.applied)) == (50, NOW, {"имя": "Анна"})
    assert (found.stage_id, found.stage_at, found.opened_by_us) == (8101, NOW, False)


def test_later_changes_add_to_what_is_remembered(remember, link):
    remember(LinkChange(KEY, 900, "epilation", remembers={"a": "1", "b": "1"}, stage_id=8101, stage_at=NOW))
    remember(LinkChange(KEY, remembers={"b": "2"}), LinkChange(KEY, version=LATER), now=LATER)

    found = link()
    assert (dict(found.applied), found.version) == ({"a": "1", "b": "2"}, LATER)
    assert (found.direction, found.stage_id, found.stage_at) == ("epilation", 8101, NOW)


def test_the_version_never_goes_back(remember, link):
    remember(LinkChange(KEY, 900, version=LATER))
    remember(LinkChange(KEY, version=NOW))

    assert link().version == LATER


def test_a_new_main_lead_makes_the_old_one_history(remember, link, lease):
    remember(LinkChange(KEY, 900))
    remember(LinkChange(KEY, 901))

    assert link().lead_id == 901
    assert [found.role for found in links.of_lead(lease.account_id, 900)] == [Role.HISTORY]
    assert links.holders(lease.account_id, [900, 901]) == {901: link()}


def test_a_lead_changes_hands_in_one_call(remember, link, lease):
    remember(LinkChange(KEY, 900))
    remember(LinkChange(KEY, is_released=True), LinkChange(OTHER, 900, opened_by_us=False))

    assert link(KEY) is None  # given up: it looks for another lead
    assert links.holders(lease.account_id, [900])[900].key == OTHER
    assert len(links.of_lead(lease.account_id, 900)) == 2


def test_demoting_leaves_no_holder(remember, link, lease):
    remember(LinkChange(KEY, 900))
    links.demote_many(lease, lease.account_id, [KEY], NOW)

    assert link().role is Role.HISTORY
    assert links.holders(lease.account_id, [900]) == {}


def test_the_main_link_is_shown_before_history(remember, link):
    remember(LinkChange(KEY, 900))
    remember(LinkChange(KEY, 901))
    remember(LinkChange(KEY, 900))

    assert (link().lead_id, link().role) == (900, Role.MAIN)


def test_a_change_of_an_unknown_booking_says_nothing(remember, link):
    remember(LinkChange(KEY, remembers={"a": "1"}), LinkChange(OTHER, is_released=True))

    assert link() is None


def test_two_main_links_of_one_booking_are_impossible(remember, lease):
    remember(LinkChange(KEY, 900))
    row = {
        "account_id": lease.account_id, "key": KEY, "lead_id": 901, "role": "main", "direction": "",
        "applied": {},
        "opened_by_us": True, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip

    with pytest.raises(peewee.IntegrityError):
        LinkRow.insert(row).execute()
    LinkRow.insert({**row, "role": "history"}).execute()


def test_accounts_do_not_see_each_others_links(remember, lease):
    remember(LinkChange(KEY, 900))

    assert links.by_keys(lease.account_id + 1, [KEY]) == {}
    assert links.holders(lease.account_id + 1, [900]) == {}


def test_a_stale_lease_changes_no_link(remember, link, lease):
    lanes.release(lease)

    with pytest.raises(LeaseLost):
        remember(LinkChange(KEY, 900))
    with pytest.raises(LeaseLost):
        links.demote_many(lease, lease.account_id, [KEY], NOW)
    assert link() is None
