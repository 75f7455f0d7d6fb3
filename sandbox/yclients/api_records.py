"""Records and visits of the REST API."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.yclients.errors import NO_RIGHTS, NOT_FOUND, ApiError
from sandbox.yclients.models import ARRIVED, JsonObject, Line, Record, User
from sandbox.yclients.routing import Call, Reply, nothing, ok, route
from sandbox.yclients.store import FOREVER
from sandbox.yclients.values import day, digits, filter_zone, moment, whole

STRICT = ("staff_id", "services", "client", "datetime", "seance_length", "save_if_busy", "send_sms")
RESET: JsonObject = {"comment": "", "services": [], "record_labels": [], "custom_fields": {}}

EQUAL = ("staff_id", "client_id", "created_user_id")
Test = Callable[[Record], bool]


@route("GET", "/records/{company_id}")
def list_records(call: Call) -> Reply:
    page, size = max(call.number("page", 1), 1), max(min(call.number("count", 50), 300), 1)
    ids = _found(call)
    rows = ids[(page - 1) * size : page * size]
    store, with_money = call.yclients.store, call.flag("include_finance_transactions")
    data = [call.yclients.render.record(store.records[n], call.user, with_money) for n in rows]
    total = len(ids) if call.yclients.switches["total_count"] == "overall" else len(data)
    return ok(data, {"page": page, "total_count": total})


def _found(call: Call) -> list[int]:
    """Ids of the whole answer, remembered while the salon does not change: pages are then slices."""
    company = call.company
    query = {name: values for name, values in call.query.items() if name not in ("page", "count")}
    key = (company.id, repr(sorted(query.items())), call.user.token if call.user else "")
    today = call.yclients.desk.now() // 86400
    known = call.yclients.memo.get(key)
    if known is None or known[0] != (company.version, today):
        known = ((company.version, today), _search(call))
        if len(call.yclients.memo) > 64:
            call.yclients.memo.clear()
        call.yclients.memo[key] = known
    return known[1]


def _search(call: Call) -> list[int]:
    tests = [*_equal_tests(call), *_date_tests(call), *_rights_tests(call)]
    records = _candidates(call)
    return sorted(record.id for record in records if all(test(record) for test in tests))


def _candidates(call: Call) -> list[Record]:
    store, company = call.yclients.store, call.company
    records = store.by_company[company.id]
    if not (call.get("changed_after") or call.get("changed_before")):
        return list(records.values())
    zone = filter_zone(call.yclients.switches["changed_after_zone"], company.zone)
    after = moment(call.get("changed_after"), zone) if call.get("changed_after") else 0
    before = moment(call.get("changed_before"), zone) if call.get("changed_before") else FOREVER
    entries = store.changes[company.id].between(after, before)
    return [records[n] for at, n in dict.fromkeys(entries) if records[n].changed_at == at]


def _equal_tests(call: Call) -> list[Test]:
    tests: list[Test] = []
    if not call.flag("with_deleted"):
        tests.append(lambda record: not record.deleted)
    wanted = {name: whole(call.get(name)) for name in EQUAL if call.get(name)}
    if wanted:
        tests.append(lambda record: all(getattr(record, name) == value for name, value in wanted.items()))
    return tests


def _date_tests(call: Call) -> list[Test]:
    tests: list[Test] = []
    zone = call.company.zone
    if call.get("start_date"):
        first = day(call.get("start_date"))
        tests.append(lambda record: record.starts.date() >= first)
    if call.get("end_date"):
        last = day(call.get("end_date"))
        tests.append(lambda record: record.starts.date() <= last)
    if call.get("c_start_date"):
        made_first = day(call.get("c_start_date"))
        tests.append(lambda record: datetime.fromtimestamp(record.created_at, zone).date() >= made_first)
    if call.get("c_end_date"):
        made_last = day(call.get("c_end_date"))
        tests.append(lambda record: datetime.fromtimestamp(record.created_at, zone).date() <= made_last)
    return tests


def _rights_tests(call: Call) -> list[Test]:
    if call.yclients.switches["rights_cut"]:
        return [lambda _record: False]
    return [lambda record: _is_visible(call, record, call.user)]


def _is_visible(call: Call, record: Record, user: User | None) -> bool:
    """Cut rights hide old records without a word."""
    if user is None or not user.restricted:
        return True
    today = datetime.fromtimestamp(call.yclients.desk.now(), call.company.zone).date()
    return record.starts.date() >= today - timedelta(days=user.last_days_count)


@route("POST", "/records/{company_id}")
def create_record(call: Call) -> Reply:
    fields = call.fields
    _need(call, "create_records_access")
    required = () if fields.get("activity_id") else ("staff_id", "datetime")
    errors = {name: ["Поле обязательно для заполнения"] for name in required if not fields.get(name)}
    errors |= _client_errors(fields)
    if errors:
        raise ApiError(422, "Произошла ошибка", errors)
    _check_staff(call, fields)
    if not fields.get("save_if_busy"):
        _check_free(call, fields)
    record = call.yclients.desk.create(call.company, fields, call.user)
    return ok(call.yclients.render.record(record, call.user), status=201)


def _client_errors(fields: JsonObject) -> dict[str, list[str]]:
    client = fields.get("client") or {}
    phone = digits(client.get("phone")) if isinstance(client, dict) else ""
    if phone and not 9 <= len(phone) <= 15:
        return {"client": ["Телефон должен содержать от 9 до 15 цифр"]}
    return {}


def _check_staff(call: Call, fields: JsonObject) -> None:
    staff_id = whole(fields["staff_id"], "Не указан сотрудник.") if fields.get("staff_id") else 0
    if staff_id and staff_id not in call.company.staff:
        raise ApiError(404, f"Сотрудник с ID {staff_id} не найден в филиале {call.company.id}.")


def _need(call: Call, right: str) -> None:
    if call.user is not None and not call.user.may(right):
        raise ApiError(403, NO_RIGHTS)


def _check_free(call: Call, fields: JsonObject, record_id: int = 0) -> None:
    """`record_id` is the record itself, which is in nobody's way when it is moved."""
    if not fields.get("staff_id") or not fields.get("datetime"):
        return
    length = int(fields.get("seance_length") or 3600)
    if call.yclients.is_busy(call.company, int(fields["staff_id"]), fields["datetime"], length, record_id):
        raise ApiError(422, "Выбранное время уже занято или является нерабочим.")


def one(call: Call) -> Record:
    record = call.yclients.store.by_company[call.company.id].get(call.whole("record_id"))
    if record is None or not _is_visible(call, record, call.user):
        raise ApiError(404, NOT_FOUND)
    return record


@route("GET", "/record/{company_id}/{record_id}")
def read_record(call: Call) -> Reply:
    record = one(call)
    if record.deleted and call.yclients.switches["deleted_record"] == "404":
        raise ApiError(404, NOT_FOUND)
    with_money = call.flag("include_finance_transactions")
    return ok(call.yclients.render.record(record, call.user, with_money))


@route("PUT", "/record/{company_id}/{record_id}")
def update_record(call: Call) -> Reply:
    record, fields = one(call), call.fields
    if call.yclients.switches["put"] == "strict":
        missing = {name: ["Поле обязательно для заполнения"] for name in STRICT if name not in fields}
        if missing:
            raise ApiError(422, "Произошла ошибка", missing)
    errors = _client_errors(fields)
    if errors:
        raise ApiError(422, "Произошла ошибка", errors)
    _check_staff(call, fields)
    _may_edit(call, record)
    if not fields.get("save_if_busy", True):
        _check_free(call, fields, record.id)
    if call.yclients.switches["put_omitted"] == "reset":
        fields = {**RESET, **fields}
    call.yclients.desk.change(call.company, record, fields, call.user)
    return ok(call.yclients.render.record(record, call.user), status=201)


def _may_edit(call: Call, record: Record) -> None:
    _need(call, "edit_records_access")
    if 0 < record.cost <= record.paid:
        _need(call, "record_edit_full_paid_access")


@route("DELETE", "/record/{company_id}/{record_id}")
def delete_record(call: Call) -> Reply:
    record = one(call)
    if record.deleted:
        raise ApiError(404, NOT_FOUND)
    _need(call, "delete_records_access")
    if record.attendance == ARRIVED:
        _need(call, "delete_customer_came_records_access")
    if record.paid:
        _need(call, "delete_paid_records_access")
    call.yclients.desk.delete(call.company, record, call.user)
    return nothing()


# Visits


def _visit(call: Call) -> list[Record]:
    store = call.yclients.store
    records = [store.records[n] for n in store.visits.get(call.whole("visit_id"), ())]
    if not records or not call.yclients.may_see(call.user, records[0].company_id):
        raise ApiError(404, NOT_FOUND)
    return records


@route("GET", "/visits/{visit_id}")
def read_visit(call: Call) -> Reply:
    return ok(_visit_shown(call, _visit(call)))


def _visit_shown(call: Call, records: list[Record]) -> JsonObject:
    first, render = records[0], call.yclients.render
    return {
        "attendance": first.visit_attendance,
        "datetime": render.offset_datetime(call.yclients.store.companies[first.company_id], first.starts),
        "comment": 0 if call.yclients.switches["loose"] else first.comment,
        "records": [render.record(record, call.user) for record in records],
    }


@route("PUT", "/visits/{visit_id}/{record_id}")
def update_visit(call: Call) -> Reply:
    records, fields = _visit(call), call.fields
    missing = {
        name: ["Поле обязательно для заполнения"] for name in ("attendance", "comment") if name not in fields
    }
    if missing:
        raise ApiError(422, "Произошла ошибка", missing)
    named = [record for record in records if record.id == call.whole("record_id")]
    if not named:
        raise ApiError(404, NOT_FOUND)
    _may_edit(call, named[0])
    _need(call, "edit_records_attendance_access")
    named[0].comment = str(fields["comment"] or "")
    company = call.yclients.store.companies[named[0].company_id]
    call.yclients.desk.set_attendance(company, named[0], fields["attendance"], call.user)
    for payment in fields.get("new_transactions") or ():
        call.yclients.desk.pay(company, named[0], float(payment["amount"]), call.user)
    return ok(_visit_shown(call, records))


@route("GET", "/visit/details/{company_id}/{record_id}/{visit_id}")
def visit_details(call: Call) -> Reply:
    records = _visit(call)
    render = call.yclients.render
    payments = [payment for record in records for payment in record.payments if not payment.deleted]
    hidden = call.user is not None and call.user.restricted
    return ok(
        {
            "payment_transactions": []
            if hidden
            else [render.record_payment(p, call.company) for p in payments],
            "loyalty_transactions": [],
            "kkm_transaction_details_container": {"last_operation_type": 0, "transactions": []},
            "items": [_item(record, line) for record in records for line in record.lines],
        }
    )


def _item(record: Record, line: Line) -> JsonObject:
    return {
        "id": line.id,
        "item_id": line.id,
        "item_type_id": 1,
        "record_id": record.id,
        "item_title": line.title,
        "amount": line.amount,
        "first_cost": line.first_cost,
        "manual_cost": line.first_cost,
        "discount": line.discount,
        "cost": line.cost,
        "master_id": record.staff_id,
        "good_id": 0,
        "service_id": line.id,
        "event_id": 0,
        "is_service": True,
        "is_event": False,
        "is_good": False,
    }
