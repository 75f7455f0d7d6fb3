"""§24.5 of the YCLIENTS reference as raw HTTP, for a live salon too: what lists and searches find."""

import pytest

from tests.support.yclients import CARE, LASER, SALON, STAFF, api, new_record, salon

__all__ = ["api", "salon"]

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
