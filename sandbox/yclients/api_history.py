"""A client's past with payment state, and the comments of a card."""

from sandbox.yclients.api_clients import one, visits_of
from sandbox.yclients.errors import ApiError
from sandbox.yclients.models import JsonObject, Record
from sandbox.yclients.routing import Call, Reply, ok, route
from sandbox.yclients.values import digits, naive, number, stamp


@route("POST", "/company/{company_id}/clients/visits/search")
def client_history(call: Call) -> Reply:
    """All keys are required, also the empty ones."""
    required = ("client_id", "client_phone", "from", "to", "payment_statuses", "attendance")
    missing = {name: ["Поле обязательно для заполнения"] for name in required if name not in call.fields}
    if missing:
        raise ApiError(422, "Произошла ошибка", missing)
    fields = call.fields
    phone = digits(fields["client_phone"])
    client = call.yclients.store.clients.get(fields["client_id"] or 0)
    client = client or call.yclients.store.client_by_phone(call.company.id, phone)
    visits = visits_of(call, client) if client is not None and client.company_id == call.company.id else []
    if fields["attendance"] is not None:
        visits = [visit for visit in visits if visit.attendance == fields["attendance"]]
    visits.sort(key=lambda visit: visit.starts, reverse=True)
    page = visits[:25]
    none = {"from": None, "to": None, "count": 0}
    cursor = {
        "previous": none,
        "current": {"from": fields["from"], "to": fields["to"], "count": len(page)},
        "next": none,
    }
    records = [_history_row(call, visit) for visit in page]
    return ok({"goods_transactions": [], "records": records}, {"dateCursor": cursor})


def _history_row(call: Call, visit: Record) -> JsonObject:
    left = visit.paid
    services = []
    for line in visit.lines:
        paid, left = min(left, line.cost), max(left - line.cost, 0)
        status = "paid_full" if paid >= line.cost > 0 else "paid_not_full" if paid else "not_paid"
        services.append(
            {
                "id": line.id,
                "title": line.title,
                "first_cost": number(line.first_cost),
                "discount_percent": number(line.discount),
                "cost_to_pay": number(line.cost),
                "paid_sum": number(paid),
                "payment_status": status,
                "consumables": [],
            }
        )
    render = call.yclients.render
    return {
        "id": visit.id,
        "comment": visit.comment,
        "date": naive(visit.starts),
        "visit_id": visit.visit_id,
        "attendance": visit.attendance,
        "services": services,
        "staff": render.staff_short(call.company, visit.staff_id, render.dice("history", visit.id)),
        "company": {"id": call.company.id, "title": call.company.title},
        "tips": {"has_tips": False, "sum": None},
        "comer": visit.comer,
    }


# Comments of a card


@route("GET", "/company/{company_id}/clients/{client_id}/comments")
def list_comments(call: Call) -> Reply:
    comments = call.yclients.comments.get(one(call).id, [])
    return ok(comments, {"count": len(comments)})


@route("POST", "/company/{company_id}/clients/{client_id}/comments")
def add_comment(call: Call) -> Reply:
    client, text = one(call), str(call.fields.get("text") or "")
    if not text:
        raise ApiError(422, "Произошла ошибка", {"text": ["Поле обязательно для заполнения"]})
    at = stamp(call.yclients.desk.now(), call.company.zone)
    author = {"id": call.user.id, "name": call.user.name, "avatar": ""} if call.user else {}
    comment = {
        "id": call.yclients.store.next_id("other"),
        "create_date": at,
        "update_date": at,
        "type": "default",
        "text": text,
        "files": [],
        "user": author,
    }
    call.yclients.comments.setdefault(client.id, []).append(comment)
    return ok(comment, status=201)
