"""Operators: inviting, roles, switching off, ending sessions."""

import pytest

from backend.flows.people import invitations
from backend.store import audit, operators
from tests.admin.conftest import PASSWORD, Browser

NEW = "another long password"
PEOPLE = "/admin/operators"


@pytest.fixture
def guest(stand):
    return operators.by_id(operators.add("guest", PASSWORD, "viewer", stand.now()))


def link_in(answer):
    return answer.text.split('id="link" value="')[1].split('"')[0].removeprefix("http://mostik.test")


def test_an_invited_person_sets_their_own_password_and_is_in(stand, owner):
    owner.post(PEOPLE, login="Olga", role="operator")
    link = link_in(owner.get(f"{PEOPLE}/olga"))
    olga = Browser(stand)

    assert "Ваш логин — olga" in olga.get(link).text
    assert olga.post(link, new=NEW, again=NEW).status_code == 303

    assert olga.get("/admin/").status_code == 200
    assert operators.by_login("olga").role == "operator"
    deeds = [(line.operator, line.action) for line in audit.page()]
    assert deeds[:3] == [("olga", "signed_in"), ("olga", "operator.joined"), ("irina", "operator.invited")]


def test_a_link_works_once(stand, owner):
    owner.post(PEOPLE, login="olga", role="operator")
    link = link_in(owner.get(f"{PEOPLE}/olga"))
    Browser(stand).post(link, new=NEW, again=NEW)

    again = Browser(stand).post(link, new=PASSWORD, again=PASSWORD)

    assert again.status_code == 410
    assert operators.verify("olga", NEW, stand.now()) is not None


def test_a_link_dies_with_its_time_with_a_newer_one_and_when_forged(stand, owner):
    owner.post(PEOPLE, login="olga", role="operator")
    link = link_in(owner.get(f"{PEOPLE}/olga"))
    assert Browser(stand).get(link).status_code == 200

    for forged in (
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        "/admin/invitation/1.2",
        "/admin/invitation/x",
    ):
        assert Browser(stand).get(forged).status_code == 410
    owner.post(f"{PEOPLE}/olga/link")
    assert Browser(stand).get(link).status_code == 410
    newest = link_in(owner.get(f"{PEOPLE}/olga"))
    stand.world.clock.advance(invitations.LIVES.total_seconds() + 1)
    assert Browser(stand).get(newest).status_code == 410


@pytest.mark.parametrize(
    ("new", "again", "words"), [("short", "short", "Пароль короче 10"), (NEW, PASSWORD, "Пароли не совпали")]
)
def test_a_bad_password_is_told_and_the_link_still_works(stand, owner, new, again, words):
    owner.post(PEOPLE, login="olga", role="operator")
    link = link_in(owner.get(f"{PEOPLE}/olga"))

    answer = Browser(stand).post(link, new=new, again=again)

    assert answer.status_code == 422
    assert words in answer.text
    assert Browser(stand).get(link).status_code == 200


@pytest.mark.parametrize(
    ("login", "role", "words"),
    [
        ("irina", "viewer", "Такой логин уже есть"),
        ("a/b", "viewer", "В логине могут быть"),
        ("", "viewer", "Заполните это поле"),
        ("olga", "king", "Заполните это поле"),
    ],
)
def test_a_bad_invitation_is_told_beside_the_field(owner, login, role, words):
    answer = owner.post(PEOPLE, login=login, role=role)

    assert answer.status_code == 422
    assert words in answer.text
    assert len(operators.all_operators()) == 1


def test_a_role_is_changed_with_a_line_in_the_trail(owner, guest):
    assert owner.post(f"{PEOPLE}/guest/role", role="operator").status_code == 303

    assert operators.by_login("guest").role == "operator"
    line = audit.page()[0]
    assert (line.subject, line.before, line.after) == ("guest", {"role": "viewer"}, {"role": "operator"})


def test_switched_off_is_out_at_once_and_on_again_comes_back(stand, owner, guest):
    browser = Browser(stand)
    browser.sign_in("guest")

    owner.post(f"{PEOPLE}/guest/off")
    assert browser.get("/admin/").status_code == 302
    assert browser.sign_in("guest").status_code == 422

    owner.post(f"{PEOPLE}/guest/on")
    assert browser.sign_in("guest").status_code == 303


def test_all_sessions_of_a_person_can_be_ended(stand, owner, guest):
    browsers = [Browser(stand), Browser(stand)]
    for browser in browsers:
        browser.sign_in("guest")

    owner.post(f"{PEOPLE}/guest/end-sessions")

    assert [browser.get("/admin/").status_code for browser in browsers] == [302, 302]
    assert browsers[0].sign_in("guest").status_code == 303


@pytest.mark.parametrize("deed", ["off", "link", "role"])
def test_the_last_owner_stays(stand, owner, guest, deed):
    answer = owner.post(f"{PEOPLE}/irina/{deed}", role="viewer")

    assert answer.status_code == 422
    assert "Это последний владелец" in answer.text
    irina = operators.by_login("irina")
    assert (irina.role, irina.is_active, irina.has_password) == ("owner", True, True)


def test_an_owner_who_never_came_does_not_count(owner):
    owner.post(PEOPLE, login="olga", role="owner")

    assert owner.post(f"{PEOPLE}/irina/off").status_code == 422


def test_only_owners_come_here(stand, viewer):
    operators.add("olga", PASSWORD, "operator", stand.now())
    olga = Browser(stand)
    olga.sign_in("olga")

    for browser in (viewer, olga):
        assert browser.get(PEOPLE).status_code == 403
        assert browser.post(f"{PEOPLE}/guest/role", role="owner").status_code == 403
    assert operators.by_login("guest").role == "viewer"


def test_an_unknown_person_or_deed_is_not_found(owner, guest):
    assert owner.get(f"{PEOPLE}/nobody").status_code == 404
    assert owner.post(f"{PEOPLE}/guest/promote").status_code == 404
