"""The trail of changes: what it shows, to whom, and in what words."""

import ast
from pathlib import Path

import pytest

from backend import texts
from backend.flows.people import sessions
from backend.store import audit, operators
from tests.admin.conftest import HOME, Browser
from tests.admin.reading import text_of
from tests.support.stand import TVERSKAYA

ADMIN = Path(__file__).parents[2] / "admin"


def write(stand, action="account.paused", **more):
    audit.write(stand.now(), **{"operator": "irina", "action": action, "address": "10.0.0.1", **more})


@pytest.fixture
def account_admin(stand):
    """An administrator of the amoCRM account, come through the widget."""
    opened = Browser(stand)
    with opened.client.session_transaction() as session:
        session.update(sessions.begun_by_admin(stand.account, 7000001, "Анна", stand.now()))
    return opened


def test_a_line_says_who_when_from_where_and_what(stand, owner):
    write(stand, "operator.role", subject="guest", before={"role": "viewer"}, after={"role": "operator"})

    page = text_of(owner.get("/admin/audit"))

    assert "Изменена роль" in page
    assert "irina · guest · с адреса 10.0.0.1" in page
    assert "Роль наблюдатель оператор" in page


def test_a_saved_configuration_is_told_in_words_of_the_salon(stand, owner):
    path = f"branches[{TVERSKAYA}].mode"
    write(
        stand, "configuration.saved", account_id=stand.account.id,
        before={path: "active", "routes[41001/epilation].stages.no_show": 8105},
        after={path: "observe", "routes[41001/epilation].stages.no_show": 8101},
    )  # fmt: skip

    page = text_of(owner.get(f"{HOME}/audit"))

    assert "Салон «Тверская»: режим работает наблюдение" in page
    assert "Маршрут «Тверская · Эпиляция»: этап, когда клиент не пришёл Перенос визита Записан" in page


def test_an_unknown_path_and_value_show_themselves(stand, owner):
    write(stand, "strange.deed", before={"a.b": [1, {"c": None}]}, after="text")

    page = text_of(owner.get("/admin/audit"))

    assert "strange.deed" in page
    assert "a.b" in page


@pytest.mark.parametrize(
    ("action", "subject", "words"),
    [
        ("event.replayed", "yclients:41001:770000001", "irina · № 770000001 · с адреса"),
        ("work.started", "replay", "irina · Повторная обработка событий · с адреса"),
        ("salon.access_given", "login", "irina · по логину и паролю · с адреса"),
        ("operator.off", "login", "irina · login · с адреса"),
    ],
)
def test_what_a_line_is_about_is_in_words(stand, owner, action, subject, words):
    write(stand, action, subject=subject, account_id=stand.account.id)

    assert words in text_of(owner.get(f"{HOME}/audit"))


def test_markup_in_a_line_is_text(stand, owner):
    evil = "<script>alert(1)</script>"
    write(stand, operator=evil, subject=evil, before={evil: evil}, after={evil: "x"})

    assert evil not in owner.get("/admin/audit").text


def test_filters_by_account_person_and_deed(stand, owner):
    write(stand, "account.paused", operator="olga", account_id=stand.account.id)
    write(stand, "operator.off", subject="guest")

    def lines(query):
        return owner.get(f"/admin/audit?{query}").text.count("<header>")

    everything = lines("")
    assert lines(f"account={stand.account.domain}") < everything
    assert lines("person=olga") == 1
    assert lines("action=operator.off") == 1
    assert lines("person=olga&action=operator.off") == 0
    assert "Ничего не нашлось" in owner.get("/admin/audit?person=nobody").text


def test_an_unknown_account_is_told_beside_the_field(owner):
    page = owner.get("/admin/audit?account=nobody.amocrm.ru").text

    assert "Аккаунта nobody.amocrm.ru нет" in page


def test_older_lines_are_on_the_next_page(stand, owner):
    for number in range(60):
        write(stand, subject=f"line-{number}-")
    first = owner.get("/admin/audit")
    older = first.text.split('<p class="pages">')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

    second = owner.get(older)

    assert "line-59-" in first.text
    assert "line-0-" not in first.text
    assert "line-0-" in second.text
    assert "line-59-" not in second.text


def test_an_administrator_sees_the_trail_of_their_account_only(stand, account_admin):
    write(stand, subject="ours", account_id=stand.account.id)
    write(stand, subject="theirs", account_id=stand.account.id + 1)

    page = account_admin.get(f"{HOME}/audit")

    assert "ours" in page.text
    assert "theirs" not in page.text
    assert account_admin.get("/admin/audit").status_code == 404


def test_signing_in_leaves_a_line(stand, owner):
    newest = audit.page()[0]

    assert (newest.operator, newest.action, newest.address) == ("irina", "signed_in", "127.0.0.1")


def test_pausing_leaves_a_line_and_stays_where_it_was_pressed(stand, owner):
    answer = owner.post(f"{HOME}/pause", next="/admin/accounts?page=1")

    assert answer.location == "/admin/accounts?page=1"
    assert operators.audit_page(stand.account.id)[0].action == "account.paused"
    assert "Состояние работает приостановлен" in text_of(owner.get(f"{HOME}/audit"))


def _deeds():
    """Every deed that the panel writes down, as it stands in the code."""
    for path in sorted(ADMIN.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_audit = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "audit"
            if is_audit and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_deed_has_words():
    deeds = set(_deeds())

    assert len(deeds) > 10
    assert sorted(deed for deed in deeds if not texts.has(f"audit.action.{deed}")) == []
