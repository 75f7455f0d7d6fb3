"""Details of a visit with everything it was paid by; abonements of a client."""

from datetime import datetime

from sandbox.yclients.errors import NO_RIGHTS, NOT_FOUND, ApiError
from sandbox.yclients.models import Abonement, JsonObject, Record, Withdrawal
from sandbox.yclients.routing import Call, Reply, ok, route
from sandbox.yclients.till import KINDS
from sandbox.yclients.values import digits, number, stamp


def withdrawal(taken: Withdrawal) -> JsonObject:
    type_id, title = KINDS[taken.kind]
    return {
        "id": taken.id,
        "status_id": 1,
        "amount": number(taken.amount),
        "type_id": type_id,
        "program_id": 0,
        "card_id": taken.card_id,
        "salon_group_id": 0,
        "item_id": taken.item_id,
        "item_type_id": 1,
        "item_record_id": taken.record_id,
        "goods_transaction_id": 0,
        "is_discount": False,
        "is_loyalty_withdraw": taken.kind == "bonus",
        "type": {"id": type_id, "title": title},
    }


def _of_visit(call: Call, visit_id: int) -> list[Record]:
    store = call.yclients.store
    return [store.records[n] for n in store.visits.get(visit_id, ()) if not store.records[n].deleted]


@route("GET", "/visit/details/{company_id}/{record_id}/{visit_id}")
def visit_details(call: Call) -> Reply:
    """All records of the visit at once."""
    if call.yclients.switches["money_hidden"] or (call.user is not None and call.user.restricted):
        raise ApiError(403, NO_RIGHTS)
    records = _of_visit(call, call.whole("visit_id"))
    if call.whole("record_id") not in [record.id for record in records]:
        raise ApiError(404, NOT_FOUND)
    render = call.yclients.render
    payments = [
        render.record_payment(payment, call.company)
        for record in records
        for payment in record.payments
        if not payment.deleted
    ]
    taken = [withdrawal(one) for record in records for one in record.withdrawals if not one.deleted]
    items = [item for record in records for item in _items(record)]
    kkm = {"last_operation_type": 0, "transactions": []}
    return ok(
        {
            "payment_transactions": payments,
            "loyalty_transactions": taken,
            "kkm_transaction_details_container": kkm,
            "items": items,
        }
    )


def _items(record: Record) -> list[JsonObject]:
    services = [
        {
            "id": line.id,
            "item_id": line.id,
            "item_type_id": 1,
            "record_id": record.id,
            "item_title": line.title,
            "amount": line.amount,
            "first_cost": number(line.first_cost),
            "manual_cost": number(line.first_cost),
            "discount": number(line.discount),
            "cost": number(line.cost),
            "master_id": record.staff_id,
            "good_id": 0,
            "service_id": line.id,
            "event_id": 0,
            "is_service": True,
            "is_event": False,
            "is_good": False,
        }
        for line in record.lines
    ]
    goods = [
        {
            "id": sold.id,
            "item_id": sold.good_id,
            "item_type_id": 2,
            "record_id": record.id,
            "item_title": sold.title,
            "amount": sold.amount,
            "first_cost": number(sold.cost),
            "manual_cost": number(sold.cost),
            "discount": 0,
            "cost": number(sold.cost),
            "master_id": record.staff_id,
            "good_id": sold.good_id,
            "service_id": 0,
            "event_id": 0,
            "is_service": False,
            "is_event": False,
            "is_good": True,
        }
        for sold in record.goods
    ]
    return services + goods


@route("GET", "/visit/loyalty/transactions/{visit_id}")
def visit_loyalty(call: Call) -> Reply:
    """Documented with a bare array at the top."""
    records = _of_visit(call, call.whole("visit_id"))
    rows = [withdrawal(one) for record in records for one in record.withdrawals if not one.deleted]
    return Reply(200, [{**row, "program": []} for row in rows])


@route("GET", "/loyalty/abonements")
def abonements(call: Call) -> Reply:
    """Of the person with this phone, in the salons of the network that the company belongs to."""
    company_id, phone = call.number("company_id", 0), digits(call.get("phone"))
    store = call.yclients.store
    own = [
        abonement
        for abonement in store.abonements.values()
        if abonement.company_id == company_id and store.clients[abonement.client_id].phone == phone
    ]
    if not call.yclients.may_see(call.user, company_id):
        raise ApiError(403, NO_RIGHTS)
    rows = [_abonement(call, one) for one in own]
    return ok(rows, {"count": len(rows)})


def _abonement(call: Call, one: Abonement) -> JsonObject:
    company = call.yclients.store.companies[one.company_id]
    now = call.yclients.desk.now()
    is_over = now > one.created_at + one.days * 86400
    status = (3, "Просрочен") if is_over else (2, "Активирован")
    category = {"id": one.category_id, "category_id": 1, "title": one.category_title}
    began = datetime.fromtimestamp(one.created_at, company.zone)
    return {
        "id": one.id,
        "number": one.number,
        "balance_string": f"{one.category_title} (x{one.left})",
        "is_frozen": False,
        "freeze_period": 0,
        "period": one.days,
        "period_unit_id": 1,
        "created_date": stamp(int(began.timestamp()), company.zone),
        "activated_date": stamp(int(began.timestamp()), company.zone),
        "status": {"id": status[0], "title": status[1], "extended_title": status[1]},
        "is_united_balance": False,
        "united_balance_services_count": 0,
        "balance_container": {"links": [{"count": one.left, "category": category}]},
        "type": {
            "id": 97804,
            "salon_group_id": company.group_id,
            "title": one.title,
            "period": one.days,
            "period_unit_id": 1,
            "allow_freeze": True,
            "freeze_limit": 30,
            "is_allow_empty_code": False,
            "is_united_balance": False,
            "united_balance_services_count": 0,
            "balance_container": {"links": [{"count": one.count, "category": category}]},
        },
    }
