"""The conformance list of the YCLIENTS reference (§24.5) as raw HTTP; a live salon can be asked the same."""

import pytest

from tests.support.yclients import CARE, CUT, FULL, LASER, SALON, STAFF, Raw, Salon

HOOK = "https://sync.example.test/yc/one"


@pytest.fixture
def salon():
    return Salon()


@pytest.fixture
def api(salon):
    return salon.api


def new_record(**more):
    booking = {
        "staff_id": STAFF,
        "services": [{"id": LASER, "first_cost": 2500, "discount": 10, "cost": 2250}],
        "client": {"phone": "79000000022", "name": "Нина", "email": "n@example.test"},
        "save_if_busy": False,
        "datetime": "2026-12-02 14:30:00",
        "seance_length": 1800,
        "send_sms": False,
        "comment": "создано из карточки сделки",
        "api_id": "amo-lead-501",
    }
    return {**booking, **more}


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


# 2. Paging to a short page


@pytest.mark.parametrize("meaning", ["overall", "page"])
def test_2_paging_ends_with_a_short_page(salon, api, meaning):
    salon.yclients.options(total_count=meaning)
    made = [salon.book(clock=f"{hour}:00")["id"] for hour in range(10, 17)]

    pages = [api.get(f"/records/{SALON}", page=page, count=3).json() for page in (1, 2, 3)]

    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert sorted(record["id"] for page in pages for record in page["data"]) == made
    assert pages[2]["meta"]["total_count"] == (7 if meaning == "overall" else 1)


def test_2_filters_by_day_master_and_client(salon, api):
    first = salon.book(day="2026-12-01")
    second = salon.book(day="2026-12-05", staff_id=82, client={"name": "Нина", "phone": "79000000022"})

    def found(**query):
        return [record["id"] for record in api.data(f"/records/{SALON}", **query)]

    assert found(start_date="2026-12-02", end_date="2026-12-31") == [second["id"]]
    assert found(staff_id=STAFF) == [first["id"]]
    assert found(client_id=second["client"]["id"]) == [second["id"]]


# 3. changed_after


@pytest.mark.parametrize("deed", ["create", "update", "delete", "payment"])
def test_3_changed_after_finds_every_change(salon, api, deed):
    record = salon.book()
    untouched = salon.book(clock="12:00")
    salon.world.clock.advance(7200)
    where = {"company_id": SALON, "record_id": record["id"]}
    deeds = {
        "create": lambda: salon.book(clock="15:00")["id"],
        "update": lambda: salon.yclients.ui_edit(**where, comment="новый")["id"],
        "delete": lambda: salon.yclients.ui_delete(**where)["id"],
        "payment": lambda: salon.yclients.ui_pay(**where, amount=100)["id"],
    }

    changed = deeds[deed]()
    mark = salon.yclients.store.records[changed].changed_at
    since = salon.yclients.render.record(salon.yclients.store.records[changed])["last_change_date"]
    found = [r["id"] for r in api.data(f"/records/{SALON}", changed_after=since, with_deleted=1)]

    assert found == [changed]
    assert mark > salon.yclients.store.records[untouched["id"]].changed_at


def test_3_a_naive_changed_after_is_read_in_the_zone_of_the_switch(salon, api):
    record = salon.book()
    wall = record["last_change_date"][:19]

    def found():
        return len(api.data(f"/records/{SALON}", changed_after=wall))

    assert found() == 1
    salon.yclients.options(changed_after_zone="utc")
    assert found() == 0


# 4. create → read → PUT → attendance → events


def test_4_a_record_lives_through_the_api(salon, api):
    made = api.post(f"/records/{SALON}", new_record())
    record_id = made.json()["data"]["id"]

    read = api.data(f"/record/{SALON}/{record_id}")
    changed = api.put(f"/record/{SALON}/{record_id}", {**new_record(), "attendance": 2, "comment": "да"})

    assert (made.status_code, changed.status_code) == (201, 201)
    assert (read["api_id"], read["services"][0]["cost_to_pay"], read["attendance"]) == (
        "amo-lead-501",
        2250,
        0,
    )
    after = api.data(f"/record/{SALON}/{record_id}")
    assert (after["attendance"], after["comment"], after["deleted"]) == (2, "да", False)


def test_4_staff_deeds_become_events(salon):
    salon.yclients.hooks_url(SALON, [HOOK])
    record = salon.book()
    where = {"company_id": SALON, "record_id": record["id"]}
    salon.yclients.ui_attendance(**where, attendance=2)
    salon.yclients.ui_pay(**where, amount=2500)
    salon.yclients.ui_delete(**where)

    told = [(event["resource"], event["status"]) for event in salon.deliver()]

    assert told == [
        ("record", "create"),
        ("client", "create"),
        ("record", "update"),
        ("finances_operation", "create"),
        ("record", "update"),
        ("record", "delete"),
    ]


def test_4_the_two_ways_of_putting_a_record(salon, api):
    record = salon.book(comment="важно")
    path = f"/record/{SALON}/{record['id']}"

    partial = api.put(path, {"attendance": 2})
    kept = api.data(path)["comment"]
    salon.yclients.options(put="strict")
    strict = api.put(path, {"attendance": 1})
    salon.yclients.options(put="partial", put_omitted="reset")
    api.put(path, {"attendance": 1})

    assert (partial.status_code, kept) == (201, "важно")
    assert strict.status_code == 422
    assert "save_if_busy" in strict.json()["meta"]["errors"]
    assert (api.data(path)["comment"], api.data(path)["services"]) == ("", [])


def test_4_a_visit_marks_all_its_records(salon, api):
    first = salon.book()
    second = salon.book(staff_id=82, visit_id=int(first["visit_id"]))

    answer = api.put(f"/visits/{first['visit_id']}/{first['id']}", {"attendance": 1, "comment": "обе"})

    assert answer.status_code == 200
    assert [api.data(f"/record/{SALON}/{r['id']}")["attendance"] for r in (first, second)] == [1, 1]
    assert api.put(f"/visits/{first['visit_id']}/{first['id']}", {"attendance": 1}).status_code == 422


def test_4_a_busy_time_is_refused_unless_asked_otherwise(salon, api):
    api.post(f"/records/{SALON}", new_record())

    busy = api.post(f"/records/{SALON}", new_record())
    forced = api.post(f"/records/{SALON}", new_record(save_if_busy=True))

    assert (busy.status_code, forced.status_code) == (422, 201)


# 5. Money of two units


def test_5_a_line_of_two_units_is_a_total(salon, api):
    record = salon.book(services=[{"id": LASER, "amount": 2, "discount": 10}])

    line = api.data(f"/record/{SALON}/{record['id']}")["services"][0]

    assert (line["amount"], line["cost_per_unit"], line["first_cost"]) == (2, 2500, 5000)
    assert line["cost_to_pay"] == line["cost"] == 4500
    assert "category_id" not in line


def test_5_paid_in_parts_and_in_full(salon, api):
    record = salon.book()
    path = f"/record/{SALON}/{record['id']}"
    where = {"company_id": SALON, "record_id": record["id"]}

    salon.yclients.ui_pay(**where, amount=1000)
    half = api.data(path, include_finance_transactions=1)
    salon.yclients.ui_pay(**where, amount=1500)
    full = api.data(path, include_finance_transactions=1)

    assert (half["paid_full"], full["paid_full"]) == (0, 1)
    assert [payment["amount"] for payment in full["finance_transactions"]] == [1000, 1500]
    assert "finance_transactions" not in api.data(path)
    assert len(api.data(f"/transactions/{SALON}", date_from="2030-01-01")) == 2


# 6. Deletion


def test_6_a_deleted_record_is_hidden_and_kept(salon, api):
    record = salon.book()

    gone = api.delete(f"/record/{SALON}/{record['id']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert api.data(f"/records/{SALON}") == []
    kept = api.data(f"/records/{SALON}", with_deleted=1)
    assert [(row["id"], bool(row["deleted"])) for row in kept] == [(record["id"], True)]
    assert bool(api.data(f"/record/{SALON}/{record['id']}")["deleted"])


def test_6_a_restored_record_is_back_with_the_same_id(salon, api):
    record = salon.book()
    where = {"company_id": SALON, "record_id": record["id"]}
    salon.yclients.ui_delete(**where)

    salon.yclients.ui_restore(**where)

    assert [row["id"] for row in api.data(f"/records/{SALON}")] == [record["id"]]


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


# 8. Hooks: read, merge, write


def test_8_writing_hook_settings_replaces_the_list(salon, api):
    path = f"/hooks_settings/{SALON}"
    api.post(path, {"urls": ["https://other.example.test/hook"], "record": 1, "client": 0})

    merged = [*api.data(path)["urls"], HOOK]
    api.post(path, {**api.data(path), "urls": merged})
    salon.book()
    told = [event["resource"] for event in salon.deliver()]
    replaced = api.post(path, {"urls": [HOOK]})

    assert told == ["record", "record"]
    assert replaced.status_code == 201
    assert api.data(path)["urls"] == [HOOK]


@pytest.mark.parametrize("urls", [[], [HOOK, HOOK], [f"{HOOK}{n}" for n in range(11)], "text", ["ftp://x"]])
def test_8_wrong_lists_are_refused(api, urls):
    assert api.post(f"/hooks_settings/{SALON}", {"urls": urls}).status_code == 422


def test_8_the_method_may_be_gone(salon, api):
    salon.yclients.options(hooks_settings="404")

    assert api.get(f"/hooks_settings/{SALON}").status_code == 404


# 9. Echo


@pytest.mark.parametrize("self_sending", [0, 1])
def test_9_own_writes_come_back_only_when_asked(salon, api, self_sending):
    api.post(f"/hooks_settings/{SALON}", {"urls": [HOOK], "self_sending": self_sending})
    salon.yclients.user("colleague")

    api.post(f"/records/{SALON}", new_record())
    own = len(salon.deliver())
    colleague = Raw(salon.session, user="colleague")
    colleague.post(f"/records/{SALON}", new_record(save_if_busy=True))

    assert own == (2 if self_sending else 0)
    assert [event["resource"] for event in salon.deliver()] == ["record"]


# 10. Offsets


def test_10_the_wall_time_is_right_even_when_the_offset_is_not(salon, api):
    salon.yclients.company(SALON, timezone_name="Asia/Yekaterinburg")
    record = salon.book(day="2026-12-01", clock="10:00")
    path = f"/record/{SALON}/{record['id']}"

    right = api.data(path)
    salon.yclients.options(wrong_offset=True)
    wrong = api.data(path)

    assert right["date"] == wrong["date"] == "2026-12-01 10:00:00"
    assert (right["datetime"], wrong["datetime"]) == (
        "2026-12-01T10:00:00+05:00",
        "2026-12-01T10:00:00+06:00",
    )
    assert right["last_change_date"].endswith("+0500")


def test_10_a_moment_with_an_offset_is_turned_into_wall_time(salon, api):
    answer = api.post(f"/records/{SALON}", new_record(datetime="2026-12-02T14:30:00+05:00"))

    assert answer.json()["data"]["date"] == "2026-12-02 12:30:00"


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


# 12. Phones


@pytest.mark.parametrize(
    "written", ["8 900 000-00-22", "+7 (900) 000 00 22", "79000000022", 79000000022, "9000000022"]
)
def test_12_a_phone_in_any_form_finds_the_same_card(salon, api, written):
    first = api.post(f"/records/{SALON}", new_record()).json()["data"]

    second = api.post(
        f"/records/{SALON}", new_record(client={"name": "Н", "phone": written}, save_if_busy=True)
    )
    network = api.data("/group/9001/clients/", phone=str(written))

    assert second.json()["data"]["client"]["id"] == first["client"]["id"]
    assert [row["id"] for row in network["clients"]] == [first["client"]["id"]]


def test_12_phones_come_in_three_shapes_and_strictly_in_one(salon, api):
    for minute in range(30):
        salon.book(clock=f"10:{minute:02d}", client={"name": "К", "phone": f"7900000{minute:04d}"})

    loose = {type(r["client"]["phone"]) for r in api.data(f"/records/{SALON}")}
    salon.yclients.options(loose=False)
    strict = {str(r["client"]["phone"])[:2] for r in api.data(f"/records/{SALON}")}

    assert loose == {int, str}
    assert strict == {"+7"}


def test_12_search_contains_and_the_legacy_list_filters(salon, api):
    record = salon.book()
    salon.book(client={"name": "Другая", "phone": "79000000022"})
    body = {"fields": ["id", "phone"], "filters": [{"type": "quick_search", "state": {"value": "900000001"}}]}

    found = api.post(f"/company/{SALON}/clients/search", body).json()

    assert [row["id"] for row in found["data"]] == [record["client"]["id"]]
    assert found["meta"]["total_count"] == 1
    assert len(api.data(f"/clients/{SALON}", phone="900000")) == 2
    assert api.post(f"/company/{SALON}/clients/search", {"filters": [{"type": "?"}]}).status_code == 400


def test_12_an_impossible_phone_is_refused(api):
    answer = api.post(f"/records/{SALON}", new_record(client={"name": "Н", "phone": "123"}))

    assert answer.status_code == 422
    assert answer.json()["meta"]["errors"]["client"] == ["Телефон должен содержать от 9 до 15 цифр"]


# Catalogue, which the list above takes for granted


def test_services_carry_the_category_that_records_lack(salon, api):
    services = {int(row["id"]): int(row["category_id"]) for row in api.data(f"/company/{SALON}/services/")}
    categories = {row["id"]: row["title"] for row in api.data(f"/company/{SALON}/service_categories/")}

    assert services == {LASER: 501, CARE: 503}
    assert categories == {501: "Эпиляция", 503: "Косметология"}


def test_a_removed_service_stays_in_old_records(salon, api):
    record = salon.book()

    salon.yclients.ui_delete_service(SALON, LASER)

    assert api.get(f"/company/{SALON}/services/{LASER}").status_code == 404
    assert api.data(f"/record/{SALON}/{record['id']}")["services"][0]["title"] == "Лазер"


# The desk: timetable, moves, rights of the booking form


def test_the_timetable_of_a_master(salon, api):
    record = salon.book(day="2026-12-02", clock="14:30")
    query = {"staff_ids[]": STAFF, "start_date": "2026-12-02", "end_date": "2026-12-03"}

    bare = api.data(f"/company/{SALON}/staff/schedule", **query)
    full = api.data(f"/company/{SALON}/staff/schedule", **query, **{"include[]": ["busy_intervals"]})

    assert [(row["staff_id"], row["date"]) for row in bare] == [(STAFF, "2026-12-02"), (STAFF, "2026-12-03")]
    assert "busy_intervals" not in bare[0]
    assert full[0]["slots"] == [{"from": "09:00", "to": "21:00"}]
    assert full[0]["busy_intervals"] == [
        {"entity_type": "record", "entity_id": record["id"], "from": "14:30", "to": "15:00"}
    ]


def test_a_move_onto_a_taken_time_is_refused_unless_it_is_forced(salon, api):
    salon.book(day="2026-12-02", clock="14:30")
    record = salon.book(day="2026-12-03", clock="14:30")
    wanted = {"datetime": "2026-12-02 14:30:00", "staff_id": STAFF, "seance_length": 1800}

    refused = api.put(f"/record/{SALON}/{record['id']}", {**wanted, "save_if_busy": False})
    forced = api.put(f"/record/{SALON}/{record['id']}", {**wanted, "save_if_busy": True})

    assert (refused.status_code, forced.status_code) == (422, 201)


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
