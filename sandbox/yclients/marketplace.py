"""The marketplace: connecting an application to a salon, its state machine, and the owner's redirect."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.models import JsonObject
from sandbox.yclients.routing import PARTNER, Call, Reply, ok, route
from sandbox.yclients.values import naive

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients


def change(yclients: "Yclients", salon_id: int, application_id: int, status: str, source: str) -> JsonObject:
    """Every step of uninstalled → pending → active → freezed → uninstalled is logged."""
    company = yclients.store.companies[salon_id]
    at = naive(datetime.fromtimestamp(yclients.desk.now(), company.zone).replace(tzinfo=None))
    install = yclients.installs.setdefault(
        (salon_id, application_id), {"status": "uninstalled", "created_at": at, "logs": []}
    )
    step = {"changed_at": at, "status_from": install["status"], "status_to": status, "source": source}
    install["logs"].append(step)
    install["status"] = status
    return install


def redirect_of(
    yclients: "Yclients", salon_id: int, application_id: int, partner: str, broken: bool
) -> JsonObject:
    """What the browser carries when an owner presses «Подключить»; the salon itself is not signed."""
    change(yclients, salon_id, application_id, "pending", "marketplace")
    owner = next(iter(yclients.store.users.values()), None)
    person = {
        "id": owner.id if owner else 3000001,
        "name": owner.name if owner else "Анна Тестова",
        "phone": owner.login if owner else "70000000001",
        "email": "owner@example.test",
        "is_approved": True,
        "avatar": "",
        "salon_name": yclients.store.companies[salon_id].title,
    }
    raw = json.dumps(person).encode()
    data = base64.b64encode(raw)
    sign = hmac.new(partner.encode(), data if broken else raw, hashlib.sha256).hexdigest()
    return {"salon_id": salon_id, "user_data": data.decode(), "user_data_sign": sign}


ENDS = {"uninstall": "uninstalled", "freeze": "freezed"}


def remove(yclients: "Yclients", salon_id: int, application_id: int, event: str) -> None:
    change(yclients, salon_id, application_id, ENDS[event], "marketplace")
    if event == "uninstall":
        yclients.store.companies[salon_id].application = {}


def tell_end(  # noqa: PLR0913 - the fields of the hook
    yclients: "Yclients", salon_id: int, application_id: int, partner: str, url: str, event: str
) -> None:
    """The life-cycle hook. Whoever knows the token may send one, whether or not anything ended."""
    body = {"salon_id": salon_id, "application_id": application_id, "event": event, "partner_token": partner}
    yclients.road.send_raw(url, json.dumps(body))


def _asked(call: Call) -> tuple[int, int]:
    fields = call.fields
    errors: dict[str, list[str]] = {}
    for name in ("salon_id", "application_id"):
        if not str(fields.get(name, "")).isdigit():
            errors[name] = ["Поле обязательно для заполнения"]
    if errors:
        raise ApiError(422, "Произошла ошибка", errors)
    if int(fields["salon_id"]) not in call.yclients.store.companies:
        raise ApiError(422, "Произошла ошибка", {"salon_id": ["Филиал не найден."]})
    return int(fields["salon_id"]), int(fields["application_id"])


@route("POST", "/marketplace/partner/callback", auth=PARTNER)
def activate(call: Call) -> Reply:
    salon_id, application_id = _asked(call)
    known = call.yclients.installs.get((salon_id, application_id))
    if known is not None and known["status"] == "active":
        raise ApiError(403, "Приложение уже установлено")
    change(call.yclients, salon_id, application_id, "active", "partner_api")
    urls = list(call.fields.get("webhook_urls") or ())
    call.yclients.store.companies[salon_id].application = {"id": application_id, "webhook_urls": urls}
    return ok({}, status=201)


@route("POST", "/marketplace/partner/callback/redirect", auth=PARTNER)
def activate_in_browser(call: Call) -> Reply:
    activate(call)
    return Reply(
        301, None, (("Location", f"https://yclients.com/appstore/{call.fields['salon_id']}/settings"),)
    )


@route("GET", "/marketplace/salon/{salon_id}/application/{application_id}", auth=PARTNER)
def read_state(call: Call) -> Reply:
    install = _install(call)
    status = {"status": install["status"], "created_at": install["created_at"]}
    return ok({"logs": install["logs"], "payments": [], "connection_status": status})


@route("POST", "/marketplace/salon/{salon_id}/application/{application_id}/uninstall", auth=PARTNER)
def uninstall(call: Call) -> Reply:
    _install(call)
    salon_id, application_id = call.whole("salon_id"), call.whole("application_id")
    change(call.yclients, salon_id, application_id, "uninstalled", "partner_api")
    call.yclients.store.companies[salon_id].application = {}
    return ok(None)


def _install(call: Call) -> JsonObject:
    install: Any = call.yclients.installs.get((call.whole("salon_id"), call.whole("application_id")))
    if install is None:
        raise ApiError(404, NOT_FOUND)
    found: JsonObject = install
    return found


@route("GET", "/marketplace/application/{application_id}/salons", auth=PARTNER)
def connected_salons(call: Call) -> Reply:
    application_id = call.whole("application_id")
    installs = [(salon, i) for (salon, app), i in call.yclients.installs.items() if app == application_id]
    active = [salon for salon, install in installs if install["status"] == "active"]
    page, size = max(call.number("page", 1), 1), min(max(call.number("count", 100), 1), 1000)
    companies = [call.yclients.store.companies[salon] for salon in active[(page - 1) * size : page * size]]
    return ok([{"id": company.id, "title": company.title} for company in companies])
