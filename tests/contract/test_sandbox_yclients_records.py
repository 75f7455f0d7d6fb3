"""§24.5 of the YCLIENTS reference as raw HTTP, for a live salon too: the life of a record, and its hooks."""

import pytest

from tests.support.yclients import LASER, SALON, STAFF, Raw, api, new_record, salon

__all__ = ["api", "salon"]

HOOK = "https://sync.example.test/yc/one"


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


# The desk: timetable, moves


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
