"""Client cards of the REST API: search, the legacy list, writing, history."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.models import ARRIVED, Client, JsonObject, Record
from sandbox.yclients.routing import Call, Reply, nothing, ok, route
from sandbox.yclients.store import FOREVER
from sandbox.yclients.values import digits, filter_zone, moment, number

FIELDS = ("id", "name", "phone", "email", "discount", "first_visit_date", "last_visit_date", "sold_amount",
          "visits_count", "passteam_card_id")  # fmt: skip
PAGE_LIMIT = 200
STATUS_OF = {1: -1, 2: 0, 3: 1, 4: 2}  # the search filter has a coding of its own
Test = Callable[[Client], bool]


def _alive(call: Call) -> list[Client]:
    return [
        client for client in call.yclients.store.clients_of[call.company.id].values() if not client.deleted
    ]


def visits_of(call: Call, client: Client) -> list[Record]:
    return [
        call.yclients.store.records[n]
        for n in client.record_ids
        if not call.yclients.store.records[n].deleted
    ]


@route("POST", "/company/{company_id}/clients/search", licence=402)
def search_clients(call: Call) -> Reply:
    body = call.body if isinstance(call.body, dict) else {}
    size, page = min(int(body.get("page_size") or 25), PAGE_LIMIT), max(int(body.get("page") or 1), 1)
    fields = [name for name in body.get("fields") or ["id"] if name in FIELDS]
    tests = [_test(call, item) for item in body.get("filters") or ()]
    join = any if body.get("operation") == "OR" and tests else all
    found = [client for client in _alive(call) if join(test(client) for test in tests)]
    order = body.get("order_by") if body.get("order_by") in FIELDS else "id"
    found.sort(key=lambda client: _sortable(_value(call, client, str(order))))
    if body.get("order_by_direction") == "DESC":
        found.reverse()
    rows = found[(page - 1) * size : page * size]
    data = [{name: _value(call, client, name) for name in fields} for client in rows]
    return ok(data, {"total_count": len(found)})


def _sortable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _value(call: Call, client: Client, name: str) -> Any:
    if name == "phone":
        return call.yclients.render.phone(
            client.phone, call.user, call.yclients.render.dice("found", client.id)
        )
    if name in ("first_visit_date", "last_visit_date"):
        dates = sorted(visit.starts.date().isoformat() for visit in visits_of(call, client))
        return (dates[0] if name.startswith("first") else dates[-1]) if dates else ""
    if name == "visits_count":
        return sum(visit.attendance == ARRIVED for visit in visits_of(call, client))
    if name == "sold_amount":
        return number(sum(visit.cost for visit in visits_of(call, client) if visit.attendance == ARRIVED))
    return getattr(client, name, "")


def _test(call: Call, item: JsonObject) -> Test:
    kind, state = item.get("type"), item.get("state")
    maker = FILTERS.get(str(kind))
    if maker is None or not isinstance(state, dict):
        errors = {"filters": ["Недопустимое значение состояния фильтра"]}
        raise ApiError(400, "Недопустимое значение фильтра", errors)
    test = maker(call, state)
    return (lambda client: not test(client)) if state.get("invert") else test


def _by_id(_call: Call, state: JsonObject) -> Test:
    wanted = {int(value) for value in state.get("value") or ()}
    return lambda client: client.id in wanted


def _quick(_call: Call, state: JsonObject) -> Test:
    """Contains, not equals: the caller has to compare phones by himself."""
    text = str(state.get("value") or "").lower()
    phone = "".join(ch for ch in text if ch.isdigit())
    phone = phone[1:] if len(phone) == 11 and phone[0] in "78" else phone
    return lambda c: (bool(phone) and phone in c.phone) or text in f"{c.name} {c.surname} {c.card}".lower()


def _by_importance(_call: Call, state: JsonObject) -> Test:
    return lambda client: client.importance_id in (state.get("value") or ())


def _by_gender(_call: Call, state: JsonObject) -> Test:
    return lambda client: client.sex_id in (state.get("value") or ())


def _by_label(_call: Call, state: JsonObject) -> Test:
    wanted = {int(value) for value in state.get("value") or ()}
    return lambda client: any(int(label["id"]) in wanted for label in client.categories)


def _by_record(call: Call, state: JsonObject) -> Test:
    staff = set((state.get("staff") or {}).get("value") or ())
    services = set((state.get("service") or {}).get("value") or ())
    statuses = {STATUS_OF.get(value) for value in (state.get("status") or {}).get("value") or ()}

    def fits(record: Record) -> bool:
        return (
            (not staff or record.staff_id in staff)
            and (not services or any(line.id in services for line in record.lines))
            and (not statuses or record.attendance in statuses)
        )

    return lambda client: any(fits(record) for record in visits_of(call, client))


FILTERS: dict[str, Callable[[Call, JsonObject], Test]] = {
    "id": _by_id,
    "quick_search": _quick,
    "importance": _by_importance,
    "gender": _by_gender,
    "category": _by_label,
    "record": _by_record,
}


@route("GET", "/clients/{company_id}", licence=402)
def legacy_list(call: Call) -> Reply:
    """Deprecated, and the only list with changed_after."""
    page, size = max(call.number("page", 1), 1), max(call.number("count", 20), 1)
    tests = list(_legacy_tests(call))
    found = [client for client in _alive(call) if all(test(client) for test in tests)]
    rows = [
        call.yclients.render.client(client, call.user) for client in found[(page - 1) * size : page * size]
    ]
    return ok(rows, {"total_count": len(found)})


def _legacy_tests(call: Call) -> Iterable[Test]:
    if call.get("fullname"):
        yield lambda client: call.get("fullname").lower() in f"{client.name} {client.surname}".lower()
    if call.get("phone"):
        yield lambda client: "".join(ch for ch in call.get("phone") if ch.isdigit()) in client.phone
    if call.values("id"):
        yield lambda client: str(client.id) in call.values("id")
    zone = filter_zone(call.yclients.switches["changed_after_zone"], call.company.zone)
    after = moment(call.get("changed_after"), zone) if call.get("changed_after") else 0
    before = moment(call.get("changed_before"), zone) if call.get("changed_before") else FOREVER
    yield lambda client: after <= client.changed_at <= before


# Writing


def _errors(call: Call, fields: JsonObject, own_id: int = 0) -> dict[str, list[str]]:
    phone = digits(fields.get("phone"))
    other = call.yclients.store.client_by_phone(call.company.id, phone)
    errors = {}
    if not fields.get("name"):
        errors["name"] = ["Не указано имя клиента"]
    if not phone:
        errors["phone"] = ["Номер телефона клиента не может быть пустым"]
    elif not 9 <= len(phone) <= 15:
        errors["phone"] = ["Телефон должен содержать от 9 до 15 цифр"]
    elif other is not None and other.id != own_id:
        errors["phone"] = ["Клиент с указанным телефоном уже существует в базе"]
    return errors


def _new(call: Call, fields: JsonObject) -> Client:
    with call.yclients.desk.act(call.company, call.user):
        client = call.yclients.desk.new_client(call.company, fields)
        call.yclients.desk.note_client(call.company, client, "create")
    return client


@route("POST", "/clients/{company_id}")
def create_client(call: Call) -> Reply:
    errors = _errors(call, call.fields)
    if errors:
        raise ApiError(422, "Произошла ошибка", errors)
    return ok(call.yclients.render.client(_new(call, call.fields), call.user), status=201)


@route("POST", "/clients/{company_id}/bulk")
def create_many(call: Call) -> Reply:
    created, failed = [], []
    for fields in call.body if isinstance(call.body, list) else []:
        errors = _errors(call, fields)
        if errors:
            reason = next(iter(errors.values()))[0]
            failed.append({"phone": fields.get("phone"), "name": fields.get("name"), "error": reason})
        else:
            created.append(call.yclients.render.client(_new(call, fields), call.user))
    return ok({"created": created, "errors": failed})


def one(call: Call) -> Client:
    client = call.yclients.store.clients_of[call.company.id].get(call.whole("client_id"))
    if client is None or client.deleted:
        raise ApiError(404, NOT_FOUND)
    return client


@route("GET", "/client/{company_id}/{client_id}")
def read_client(call: Call) -> Reply:
    return ok(call.yclients.render.client(one(call), call.user))


@route("PUT", "/client/{company_id}/{client_id}")
def update_client(call: Call) -> Reply:
    client, desk = one(call), call.yclients.desk
    errors = _errors(call, call.fields, client.id)
    if errors:
        raise ApiError(422, "Произошла ошибка", errors)
    with desk.act(call.company, call.user):
        desk.fill_client(client, call.fields)
        call.yclients.store.set_phone(client, digits(call.fields["phone"]))
        desk.note_client(call.company, client, "update")
    return ok(call.yclients.render.client(client, call.user))


@route("DELETE", "/client/{company_id}/{client_id}")
def delete_client(call: Call) -> Reply:
    client = one(call)
    with call.yclients.desk.act(call.company, call.user):
        client.deleted = True
        call.yclients.desk.note_client(call.company, client, "delete")
        call.yclients.store.set_phone(client, "")
    return nothing()
