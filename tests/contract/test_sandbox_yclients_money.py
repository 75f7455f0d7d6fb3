"""Money of the YCLIENTS emulator by the reference: visits, goods, abonements, rights (chapters 13, 15–17)."""

import pytest

from tests.support.yclients import CARE, CUT, LASER, SALON, Raw, Salon


@pytest.fixture
def salon():
    return Salon()


@pytest.fixture
def record(salon):
    return salon.book(services=[{"id": LASER}, {"id": CARE}])


def details(salon, record):
    return salon.api.data(f"/visit/details/{SALON}/{record['id']}/{record['visit_id']}")


def test_details_tell_of_all_records_of_a_visit(salon, record):
    other = salon.book(visit_id=int(record["visit_id"]), staff_id=82)

    items = details(salon, record)["items"]

    assert {item["record_id"] for item in items} == {record["id"], other["id"]}
    assert [item["cost"] for item in items if item["record_id"] == record["id"]] == [2500, 4000]


def test_details_tell_what_a_visit_was_paid_by(salon, record):
    salon.yclients.ui_pay(SALON, record["id"], 1000)
    salon.yclients.ui_withdraw(SALON, record["id"], "certificate", 500)

    found = details(salon, record)

    assert [row["amount"] for row in found["payment_transactions"]] == [1000]
    (taken,) = found["loyalty_transactions"]
    assert (taken["type_id"], taken["amount"], taken["is_discount"]) == (8, 500, False)


def test_a_visit_of_another_record_is_unknown(salon, record):
    other = salon.book(day="2026-12-05")

    assert salon.api.get(f"/visit/details/{SALON}/{other['id']}/{record['visit_id']}").status_code == 404


def test_loyalty_of_a_visit_is_a_bare_array(salon, record):
    salon.yclients.ui_withdraw(SALON, record["id"], "bonus", 300)

    (row,) = salon.api.get(f"/visit/loyalty/transactions/{record['visit_id']}").json()

    assert (row["amount"], row["is_loyalty_withdraw"]) == (300, True)


@pytest.mark.parametrize(("amount", "is_full"), [(6500, 0), (7700, 1)])
def test_goods_are_a_part_of_what_has_to_be_paid(salon, record, amount, is_full):
    salon.yclients.ui_sell(SALON, record["id"], "Крем", 1200, amount=2)
    salon.yclients.ui_pay(SALON, record["id"], amount)

    shown = salon.api.data(f"/record/{SALON}/{record['id']}")

    (goods,) = shown["goods_transactions"]
    assert (goods["amount"], goods["cost_to_pay"], goods["title"]) == (-2, 1200, "Крем")
    assert shown["paid_full"] == is_full


def test_the_sale_document_has_goods_and_withdrawals(salon, record):
    salon.yclients.ui_sell(SALON, record["id"], "Крем", 1200)
    salon.yclients.ui_withdraw(SALON, record["id"], "deposit", 100)
    document = record["documents"][0]["id"]

    state = salon.api.data(f"/company/{SALON}/sale/{document}")["state"]

    assert [item["type"] for item in state["items"]] == ["service", "service", "good"]
    assert [row["amount"] for row in state["loyalty_transactions"]] == [100]


def test_goods_taken_back_are_gone_and_told(salon, record):
    salon.yclients.hooks_url(SALON, ["https://a.example.test"])
    salon.yclients.ui_sell(SALON, record["id"], "Крем", 1200)
    salon.deliver()
    salon.yclients.ui_take_back(SALON, record["id"])

    told = [(event["resource"], event["status"]) for event in salon.deliver()]

    assert told == [("goods_operations_sale", "delete"), ("record", "update")]
    assert salon.api.data(f"/record/{SALON}/{record['id']}")["goods_transactions"] == []


def test_an_abonement_sold_at_the_desk_is_told_as_goods_without_a_record(salon, record):
    salon.yclients.hooks_url(SALON, ["https://a.example.test"])
    sold = salon.yclients.ui_sell_abonement(
        SALON, record["client"]["id"], "Эпиляция 10", 18000, category_id=501, count=10
    )

    (event,) = salon.deliver()

    assert event["resource"] == "goods_operations_sale"
    assert (event["data"]["loyalty_abonement_id"], event["data"]["record_id"]) == (sold["id"], 0)
    assert event["data"]["cost"] == 18000


def test_abonements_are_found_by_the_phone_and_count_down(salon, record):
    salon.yclients.ui_sell_abonement(
        SALON, record["client"]["id"], "Эпиляция 10", 18000, category_id=501, count=10
    )
    salon.yclients.ui_withdraw(SALON, record["id"], "abonement", 2500)

    (found,) = salon.api.data("/loyalty/abonements/", company_id=SALON, phone="79000000011")

    assert found["balance_string"] == "Эпиляция (x9)"
    assert found["type"]["balance_container"]["links"][0]["count"] == 10
    assert found["status"]["id"] == 2
    assert salon.api.data("/loyalty/abonements/", company_id=SALON, phone="79000000012") == []


def test_an_abonement_runs_out(salon, record):
    salon.yclients.ui_sell_abonement(
        SALON, record["client"]["id"], "Эпиляция 10", 18000, category_id=501, count=10, days=30
    )
    salon.world.clock.advance(31 * 86_400)

    (found,) = salon.api.data("/loyalty/abonements/", company_id=SALON, phone="79000000011")

    assert found["status"] == {"id": 3, "title": "Просрочен", "extended_title": "Просрочен"}


def test_a_refund_takes_the_last_payment_back(salon, record):
    salon.yclients.ui_pay(SALON, record["id"], 1000)
    salon.yclients.ui_pay(SALON, record["id"], 500)

    salon.yclients.ui_refund(SALON, record["id"])

    assert [row["amount"] for row in details(salon, record)["payment_transactions"]] == [1000]
    with pytest.raises(ValueError, match="no such payment"):
        salon.yclients.ui_refund(SALON, record["id"], payment_id=5)


def test_money_is_refused_without_the_right(salon, record):
    cut = Raw(salon.session, user=CUT)

    assert cut.get(f"/visit/details/{SALON}/{record['id']}/{record['visit_id']}").status_code == 403


def test_hidden_money_is_told_by_the_rights(salon, record):
    salon.yclients.options(money_hidden=True)

    rights = salon.api.data(f"/user/permissions/{SALON}")

    assert not rights["finances"]["finances_access"]
    assert not rights["record_form"]["records_finances_access"]
    path = f"/visit/details/{SALON}/{record['id']}/{record['visit_id']}"
    assert salon.api.get(path).status_code == 403


def test_hidden_phones_are_told_by_the_rights_and_seen_nowhere(salon, record):
    salon.yclients.options(phones_hidden=True)

    rights = salon.api.data(f"/user/permissions/{SALON}")

    assert not rights["clients"]["client_phones_access"]
    assert salon.api.data(f"/record/{SALON}/{record['id']}")["client"]["phone"] == ""


def test_an_unknown_way_of_paying_is_none(salon, record):
    with pytest.raises(Exception, match="Не найдено"):
        salon.yclients.ui_withdraw(SALON, record["id"], "ракушки", 5)
