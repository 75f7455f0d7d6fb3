"""Branches and their catalogues."""

from datetime import timedelta

from backend.core.salon import Catalogue, Service, StaffMember
from backend.store import connections
from backend.store.connections import BranchSettings
from tests.store.conftest import COMPANY, NOW


def test_an_import_keeps_secret_token_and_marks_of_known_branches(account, branch):
    connections.save_mark(branch.id, NOW)

    connections.upsert(
        account.id, [BranchSettings(COMPANY, "Арбат", "observe", "Asia/Omsk", responsible_id=5)]
    )

    again = connections.get(account.id, COMPANY)
    assert (again.id, again.hook_secret, again.user_token) == (branch.id, branch.hook_secret, "user-token")
    assert (again.title, again.mode, again.timezone, again.responsible_id) == (
        "Арбат",
        "observe",
        "Asia/Omsk",
        5,
    )
    assert again.reconciled_to == NOW


def test_a_new_token_replaces_the_old_one(account, branch):
    connections.upsert(account.id, [BranchSettings(COMPANY, "Тверская", "active", user_token="another")])

    assert connections.by_id(branch.id).user_token == "another"


def test_a_branch_that_is_left_out_is_switched_off(account, branch):
    connections.upsert(account.id, [BranchSettings(41002, "Арбат", "active")])

    assert [(b.company_id, b.mode) for b in connections.of_account(account.id)] == [
        (COMPANY, "off"),
        (41002, "active"),
    ]


def test_branches_are_found_by_their_secret_only(account, branch):
    connections.upsert(
        account.id, [BranchSettings(COMPANY, "Тверская", "active"), BranchSettings(41002, "Б", "off")]
    )
    secrets = {b.hook_secret for b in connections.of_account(account.id)}

    assert len(secrets) == 2
    assert connections.by_hook_secret(branch.hook_secret).id == branch.id
    assert connections.by_hook_secret("guess") is None
    assert connections.get(account.id, 999) is None


def test_pause_resume_and_mode_touch_one_branch(account, branch):
    connections.upsert(
        account.id, [BranchSettings(COMPANY, "А", "active"), BranchSettings(41002, "Б", "active")]
    )
    connections.pause(account.id, COMPANY, "yclients.unauthorized", "401")
    connections.set_mode(account.id, COMPANY, "observe")

    first, second = connections.of_account(account.id)
    assert (first.paused_code, first.paused_details, first.mode) == (
        "yclients.unauthorized",
        "401",
        "observe",
    )
    assert (second.paused_code, second.mode) == ("", "active")
    connections.resume(account.id, COMPANY)
    assert connections.by_id(branch.id).paused_code == ""


def test_a_mark_never_goes_back(branch):
    connections.save_mark(branch.id, NOW)
    connections.save_mark(branch.id, NOW - timedelta(hours=1))

    assert connections.by_id(branch.id).reconciled_to == NOW


def test_a_vanished_service_keeps_its_last_category(account, branch):
    full = Catalogue(
        ((501, "Лазер"), (502, "Ногти")), (Service(1, "Ноги", 501), Service(2, "Руки", 502)),
        (StaffMember(91, "Анна"),),
    )  # fmt: skip
    connections.save_catalogue(branch.id, full, NOW)
    connections.save_catalogue(branch.id, Catalogue(((501, "Лазер"),), (Service(1, "Ноги", None),)), NOW)

    assert connections.categories_of(account.id, [COMPANY, 999]) == {(COMPANY, 1): 501, (COMPANY, 2): 502}
    assert connections.categories_of(account.id, []) == {}
    assert connections.catalogue(branch.id) == Catalogue(((501, "Лазер"),), (Service(1, "Ноги", 501),))


def test_a_catalogue_is_read_back_as_it_was(branch):
    catalogue = Catalogue(
        ((501, "Лазер"),), (Service(1, "Ноги", 501), Service(2, "Без", None)), (StaffMember(91, "А"),)
    )
    connections.save_catalogue(branch.id, catalogue, NOW)

    assert connections.catalogue(branch.id) == catalogue
