"""Payments of the REST API: lists, single payments, cash desks, the sale document of a visit."""

from datetime import datetime

from sandbox.yclients.api_loyalty import withdrawal
from sandbox.yclients.errors import NO_RIGHTS, NOT_FOUND, ApiError
from sandbox.yclients.models import JsonObject, Payment, Record
from sandbox.yclients.routing import Call, Reply, ok, route
from sandbox.yclients.store import FOREVER
from sandbox.yclients.values import day, filter_zone, moment, number


def may_see_money(call: Call) -> None:
    if call.yclients.switches["money_hidden"] or (call.user is not None and call.user.restricted):
        raise ApiError(403, NO_RIGHTS)


def _payments(call: Call) -> list[Payment]:
    mine = call.yclients.store.payments.values()
    return [payment for payment in mine if payment.company_id == call.company.id and not payment.deleted]


def _row(call: Call, payment: Payment) -> JsonObject:
    row = call.yclients.desk.payment_shown(call.company, payment)
    dice = call.yclients.render.dice("payment", payment.id)
    row["id"] = dice.pick(int, str)(payment.id)
    row["amount"] = dice.pick(number, lambda value: f"{value:.2f}")(payment.amount)
    return row


@route("GET", "/transactions/{company_id}")
def list_payments(call: Call) -> Reply:
    """date_from and date_to are silently ignored, as in the real service; there is no total either."""
    may_see_money(call)
    page, size = max(call.number("page", 1), 1), max(call.number("count", 50), 1)
    zone = call.company.zone
    rows = _payments(call)
    if call.get("client_id"):
        rows = [payment for payment in rows if payment.client_id == call.number("client_id", 0)]
    if call.get("document_id"):
        rows = [payment for payment in rows if payment.document_id == call.number("document_id", 0)]
    if call.get("start_date"):
        first = day(call.get("start_date"))
        rows = [payment for payment in rows if datetime.fromtimestamp(payment.at, zone).date() >= first]
    if call.get("end_date"):
        last = day(call.get("end_date"))
        rows = [payment for payment in rows if datetime.fromtimestamp(payment.at, zone).date() <= last]
    asked = filter_zone(call.yclients.switches["changed_after_zone"], zone)
    after = moment(call.get("changed_after"), asked) if call.get("changed_after") else 0
    before = moment(call.get("changed_before"), asked) if call.get("changed_before") else FOREVER
    rows = [payment for payment in rows if after <= payment.at <= before]
    return ok([_row(call, payment) for payment in rows[(page - 1) * size : page * size]])


@route("GET", "/timetable/transactions/{company_id}")
def record_payments(call: Call) -> Reply:
    may_see_money(call)
    record_id, visit_id = call.number("record_id", 0), call.number("visit_id", 0)
    rows = [p for p in _payments(call) if record_id in (0, p.record_id) and visit_id in (0, p.visit_id)]
    return ok([_row(call, payment) for payment in rows])


@route("GET", "/finance_transactions/{company_id}/{payment_id}")
def read_payment(call: Call) -> Reply:
    may_see_money(call)
    return ok(_row(call, _one(call)))


@route("DELETE", "/finance_transactions/{company_id}/{payment_id}")
def delete_payment(call: Call) -> Reply:
    may_see_money(call)
    call.yclients.desk.refund(call.company, _one(call), call.user)
    return Reply(202, {"success": True, "data": None, "meta": {"message": "Accepted"}})


def _one(call: Call) -> Payment:
    payment = call.yclients.store.payments.get(call.whole("payment_id"))
    if payment is None or payment.company_id != call.company.id or payment.deleted:
        raise ApiError(404, NOT_FOUND)
    return payment


@route("GET", "/accounts/{company_id}")
def list_accounts(call: Call) -> Reply:
    may_see_money(call)
    desk = {"id": 90459, "title": "Основная касса", "type": 0, "comment": ""}
    return ok([desk, {"id": 90460, "title": "Расчётный счёт", "type": 1, "comment": ""}])


@route("GET", "/company/{company_id}/sale/{document_id}")
def sale_document(call: Call) -> Reply:
    may_see_money(call)
    wanted = call.whole("document_id")
    mine = call.yclients.store.by_company[call.company.id].values()
    record = next((record for record in mine if record.document_id == wanted), None)
    if record is None:
        raise ApiError(404, NOT_FOUND)
    payments = [
        call.yclients.render.record_payment(p, call.company) for p in record.payments if not p.deleted
    ]
    taken = [withdrawal(one) for one in record.withdrawals if not one.deleted]
    state = {"items": _items(record), "loyalty_transactions": taken, "payment_transactions": payments}
    kkm = {"last_operation_type": 0, "transactions": []}
    return ok({"state": state, "kkm_state": kkm, "payment_methods": _methods(record)})


def _items(record: Record) -> list[JsonObject]:
    services = [
        {
            "id": line.id,
            "type": "service",
            "document_id": record.document_id,
            "title": line.title,
            "amount": line.amount,
            "default_cost_per_unit": number(line.first_cost / line.amount),
            "default_cost_total": number(line.first_cost),
            "client_discount_percent": number(line.discount),
            "cost_to_pay_total": number(line.cost),
        }
        for line in record.lines
    ]
    goods = [
        {
            "id": sold.id,
            "type": "good",
            "document_id": record.document_id,
            "title": sold.title,
            "amount": sold.amount,
            "default_cost_per_unit": number(sold.cost / sold.amount),
            "default_cost_total": number(sold.cost),
            "client_discount_percent": 0,
            "cost_to_pay_total": number(sold.cost),
        }
        for sold in record.goods
    ]
    return services + goods


def _methods(record: Record) -> list[JsonObject]:
    account = {"id": 90459, "title": "Основная касса"}
    due = number(max(record.due - record.paid, 0))
    method = {"slug": "account", "is_applicable": due > 0, "applicable_amount": due, "account_id": 90459}
    return [{**method, "account": account}]
