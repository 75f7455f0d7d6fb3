"""Online booking, as far as free time goes: services, masters, days, times, and the journal's grid."""

from datetime import date, datetime, timedelta

from sandbox.yclients.models import JsonObject
from sandbox.yclients.routing import PARTNER, Call, Reply, ok, route
from sandbox.yclients.values import day, whole

OPENS, CLOSES, STEP = 9, 21, timedelta(minutes=15)
DAYS_AHEAD = 30


@route("GET", "/book_services/{company_id}", auth=PARTNER)
def bookable_services(call: Call) -> Reply:
    company = call.company
    services = [
        {
            "id": service.id,
            "title": service.title,
            "category_id": service.category_id,
            "price_min": service.price,
            "price_max": service.price,
            "discount": 0,
            "comment": "",
            "weight": service.weight,
            "active": 1,
            "seance_length": service.duration,
        }
        for service in company.services.values()
    ]
    categories = [
        {"id": c.id, "title": c.title, "sex": 0, "api_id": "", "weight": c.weight}
        for c in company.categories.values()
    ]
    return ok({"events": [], "services": services, "category": categories})


@route("GET", "/book_staff/{company_id}", auth=PARTNER)
def bookable_staff(call: Call) -> Reply:
    members = [member for member in call.company.staff.values() if not member.fired and not member.hidden]
    shown = [
        {
            "id": str(m.id),
            "name": m.name,
            "bookable": True,
            "specialization": m.specialization,
            "rating": 0,
            "weight": 0,
        }
        for m in members
    ]
    return ok(shown)


@route("GET", "/book_dates/{company_id}", auth=PARTNER)
def bookable_dates(call: Call) -> Reply:
    today = datetime.fromtimestamp(call.yclients.desk.now(), call.company.zone).date()
    dates = [today + timedelta(days=n) for n in range(1, DAYS_AHEAD + 1)]
    months: dict[str, list[int]] = {}
    for one in dates:
        months.setdefault(str(one.month), []).append(one.day)
    texts = [one.isoformat() for one in dates]
    return ok(
        {"booking_days": months, "booking_dates": texts, "working_days": months, "working_dates": texts}
    )


@route("GET", "/book_times/{company_id}/{staff_id}/{date}", auth=PARTNER)
def bookable_times(call: Call) -> Reply:
    length = sum(
        call.company.services[int(n)].duration
        for n in call.values("service_ids")
        if int(n) in call.company.services
    )
    slots = _grid(call, call.whole("staff_id"), length or 3600)
    zone = call.company.zone
    return ok(
        [
            {
                "time": at.strftime("%H:%M"),
                "seance_length": length or 3600,
                "datetime": at.replace(tzinfo=zone).isoformat(),
            }
            for at, is_free in slots
            if is_free
        ]
    )


@route("GET", "/timetable/seances/{company_id}/{staff_id}/{date}")
def journal_grid(call: Call) -> Reply:
    slots = _grid(call, call.whole("staff_id"), int(STEP.total_seconds()))
    return ok([{"time": at.strftime("%H:%M"), "is_free": is_free} for at, is_free in slots])


@route("GET", "/timetable/dates/{company_id}/{date}")
def journal_dates(call: Call) -> Reply:
    first = day(call.args["date"])
    return ok([(first + timedelta(days=n)).isoformat() for n in range(DAYS_AHEAD)])


@route("GET", "/company/{company_id}/staff/schedule")
def schedule(call: Call) -> Reply:
    """Working hours by days; what is taken comes when `include[]` asks for it."""
    first, last = day(call.get("start_date")), day(call.get("end_date"))
    wanted = {int(one) for one in call.values("staff_ids") if one.isdigit()}
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    members = [member for member in call.company.staff.values() if not wanted or member.id in wanted]
    return ok([_work_day(call, member.id, on) for member in members for on in dates])


def _work_day(call: Call, staff_id: int, on: date) -> JsonObject:
    shown: JsonObject = {
        "staff_id": staff_id,
        "date": on.isoformat(),
        "slots": [{"from": f"{OPENS:02d}:00", "to": f"{CLOSES:02d}:00"}],
    }
    if "busy_intervals" in call.values("include"):
        shown["busy_intervals"] = [
            {
                "entity_type": "record",
                "entity_id": record.id,
                "from": record.starts.strftime("%H:%M"),
                "to": (record.starts + timedelta(seconds=record.seance_length)).strftime("%H:%M"),
            }
            for record in call.yclients.store.by_company[call.company.id].values()
            if record.staff_id == staff_id and record.starts.date() == on and not record.deleted
        ]
    if "off_day_type" in call.values("include"):
        shown["off_day_type"] = None
    return shown


def _grid(call: Call, staff_id: int, length: int) -> list[tuple[datetime, bool]]:
    on = day(call.args["date"])
    at = datetime(on.year, on.month, on.day, OPENS)  # noqa: DTZ001 - the salon's wall time
    end = at.replace(hour=CLOSES)
    slots = []
    while at < end:
        slots.append((at, not call.yclients.is_busy(call.company, staff_id, at.isoformat(), length)))
        at += STEP
    return slots


@route("POST", "/book_check/{company_id}", auth=PARTNER)
def check(call: Call) -> Reply:
    for wish in call.fields.get("appointments") or ():
        refusal = _refusal(call, wish)
        if refusal:
            return refusal
    return Reply(201, {"success": True, "meta": {"message": "Created"}})


def _refusal(call: Call, wish: JsonObject) -> Reply | None:
    staff_id = whole(wish.get("staff_id"))
    if not call.yclients.is_busy(call.company, staff_id, wish.get("datetime"), _length(call, wish)):
        return None
    member = call.company.staff.get(staff_id)
    name = member.name if member else ""
    text = f"К сотруднику {name}({staff_id}) нельзя записаться на {wish.get('datetime')}. "
    meta = {
        "message": text + "Выбранное время уже занято или является нерабочим.",
        "errors": {"code": 433, "id": wish.get("id")},
    }
    return Reply(422, {"success": False, "data": None, "meta": meta})


def _length(call: Call, wish: JsonObject) -> int:
    known = call.company.services
    return sum(known[int(n)].duration for n in wish.get("services") or () if int(n) in known) or 3600


@route("POST", "/book_record/{company_id}", auth=PARTNER)
def book(call: Call) -> Reply:
    fields, made = call.fields, []
    if not fields.get("fullname"):
        return Reply(
            422,
            {"success": False, "data": None, "meta": {"message": "Не указано имя", "errors": {"code": 435}}},
        )
    for wish in fields.get("appointments") or ():
        refusal = _refusal(call, wish)
        if refusal:
            return refusal
    for wish in fields.get("appointments") or ():
        booking = {
            "staff_id": whole(wish["staff_id"]),
            "services": [{"id": int(n)} for n in wish.get("services") or ()],
            "datetime": wish["datetime"],
            "client": {
                "name": fields["fullname"],
                "phone": fields.get("phone"),
                "email": fields.get("email"),
            },
            "comment": fields.get("comment"),
            "api_id": fields.get("api_id"),
            "online": True,
        }
        record = call.yclients.desk.create(call.company, booking, None)
        made.append(
            {"id": wish.get("id"), "record_id": record.id, "record_hash": f"{record.id:x}{record.visit_id:x}"}
        )
    return ok(made, status=201)
