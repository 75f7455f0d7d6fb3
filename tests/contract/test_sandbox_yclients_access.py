"""§24.5 of the YCLIENTS reference as raw HTTP, for a live salon too: who is let in, to what, how often."""

import pytest

from tests.support.yclients import CUT, FULL, SALON, Raw, api, new_record, salon

__all__ = ["api", "salon"]

# 1. Envelope and headers


def test_1_envelope_of_lists_and_errors(salon, api):
    salon.book()

    listed = api.get(f"/records/{SALON}", count=1).json()
    missing = api.get(f"/record/{SALON}/5")

    assert (listed["success"], listed["meta"]["page"], len(listed["data"])) == (True, 1, 1)
    assert missing.status_code == 404
    assert missing.json() == {"success": False, "data": None, "meta": {"message": "Не найдено"}}


@pytest.mark.parametrize(("partner", "user"), [("", ""), ("partner-token", ""), ("partner-token", "wrong")])
def test_1_no_data_without_both_tokens(salon, partner, user):
    refused = Raw(salon.session, partner, user).get(f"/records/{SALON}")

    assert refused.status_code == 401
    assert refused.json()["meta"]["message"] == "Необходима авторизация"


def test_1_a_catalogue_needs_the_partner_only(salon):
    staff = Raw(salon.session, user="").data(f"/company/{SALON}/staff/")

    assert [member["name"] for member in staff] == ["Вера Образцова", "Инна Пробная"]


def test_1_company_errors_have_a_shape_of_their_own(salon):
    refused = Raw(salon.session, user="").get(f"/company/{SALON}/")

    assert refused.json()["errors"] == {"code": 401, "message": "Необходима авторизация"}


def test_1_an_unregistered_partner_is_refused(salon, api):
    salon.yclients.partner(token="another")

    assert api.get(f"/records/{SALON}").status_code == 401


def test_1_a_token_comes_for_login_and_password_and_dies_with_the_password(salon, api):
    body = {"login": "8 900 000-00-01", "password": "secret-example"}

    granted = Raw(salon.session, user="").post("/auth", body)
    salon.yclients.change_password(FULL, "newer")

    assert (granted.status_code, granted.json()["data"]["user_token"]) == (201, FULL)
    assert api.get(f"/records/{SALON}").status_code == 401
    assert Raw(salon.session, user="newer").get(f"/records/{SALON}").status_code == 200


def test_1_a_stranger_may_not_read_the_salon(salon):
    salon.yclients.user("elsewhere", companies=[99])

    refused = Raw(salon.session, user="elsewhere").get(f"/records/{SALON}")

    assert (refused.status_code, refused.json()["meta"]["message"]) == (
        403,
        "Нет прав на управление компанией",
    )


def test_1_an_expired_licence_is_named(salon, api):
    salon.yclients.company(SALON, license_ok=False)

    catalogue = api.get(f"/company/{SALON}/services/")
    search = api.post(f"/company/{SALON}/clients/search", {})

    assert (catalogue.status_code, search.status_code) == (403, 402)
    assert catalogue.json()["meta"]["message"].endswith(f"в филиале с id: {SALON}")


# 7. Rights


def test_7_cut_rights_cut_answers_without_an_error(salon, api):
    salon.yclients.user(CUT, restricted=True, last_days_count=30)
    old = salon.book(day="2025-01-01")
    record = salon.book(day="2027-01-01")
    cut = Raw(salon.session, user=CUT)

    rights = cut.data(f"/user/permissions/{SALON}")

    assert rights["timetable"]["timetable_phones_access"] is False
    assert rights["timetable"]["last_days_count"] == 30
    assert [row["id"] for row in cut.data(f"/records/{SALON}")] == [record["id"]]
    assert cut.get(f"/record/{SALON}/{old['id']}").status_code == 404
    assert cut.data(f"/record/{SALON}/{record['id']}")["client"]["phone"] == ""
    assert cut.get(f"/transactions/{SALON}").status_code == 403
    assert api.data(f"/user/permissions/{SALON}")["clients"]["client_phones_access"] is True


def test_7_all_records_may_vanish_without_being_deleted(salon, api):
    record = salon.book()

    salon.yclients.options(rights_cut=True)

    assert api.data(f"/records/{SALON}", with_deleted=1) == []
    assert bool(api.data(f"/record/{SALON}/{record['id']}")["deleted"]) is False


# 11. Rate


def test_11_the_sixth_request_of_a_second_is_refused(salon, api):
    salon.yclients.limits(on=True)
    salon.yclients.options(retry_after=60)

    answers = [api.get(f"/records/{SALON}") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[5].headers["Retry-After"] == "60"
    assert salon.yclients.counts()["refused_429"] == 1


def test_11_the_minute_has_a_limit_of_its_own(salon, api):
    salon.yclients.limits(per_second=1000, per_minute=20, on=True)

    statuses = [api.get(f"/records/{SALON}").status_code for _ in range(22)]

    assert statuses == [200] * 20 + [429, 429]


# The desk: rights of the booking form


@pytest.mark.parametrize(
    ("method", "path", "denied"),
    [
        ("POST", "/records/{salon}", "create_records_access"),
        ("PUT", "/record/{salon}/{id}", "edit_records_access"),
        ("DELETE", "/record/{salon}/{id}", "delete_records_access"),
        ("PUT", "/visits/{visit}/{id}", "edit_records_attendance_access"),
    ],
)
def test_rights_of_the_booking_form(salon, api, method, path, denied):
    record = salon.book()
    salon.yclients.user(FULL, denied=[denied])
    where = path.format(salon=SALON, id=record["id"], visit=record["visit_id"])
    body = new_record() if method == "POST" else {"attendance": 2, "comment": ""}

    answer = api.delete(where) if method == "DELETE" else api.call(method, where, json=body)

    assert (answer.status_code, answer.json()["meta"]["message"]) == (403, "Недостаточно прав")
    assert api.data(f"/user/permissions/{SALON}")["record_form"][denied] is False


@pytest.mark.parametrize(
    ("attendance", "paid", "denied"),
    [(1, 0, "delete_customer_came_records_access"), (0, 100, "delete_paid_records_access")],
)
def test_who_came_or_paid_is_deleted_by_a_right_of_its_own(salon, api, attendance, paid, denied):
    record = salon.book(attendance=attendance)
    if paid:
        salon.yclients.ui_pay(SALON, record["id"], paid)
    salon.yclients.user(FULL, denied=[denied])

    assert api.delete(f"/record/{SALON}/{record['id']}").status_code == 403
