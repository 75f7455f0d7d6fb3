"""Who is calling: tokens by login and password, and the map of rights."""

from sandbox.yclients.errors import UNAUTHORISED, ApiError
from sandbox.yclients.models import JsonObject, User
from sandbox.yclients.routing import PARTNER, Call, Reply, ok, route
from sandbox.yclients.values import digits


@route("POST", "/auth", auth=PARTNER)
def sign_in(call: Call) -> Reply:
    """Old clients put both into the query."""
    given = call.body if isinstance(call.body, dict) else {}
    login, password = (str(given.get(name) or call.get(name)) for name in ("login", "password"))
    user = next((u for u in call.yclients.store.users.values() if password and _is(u, login, password)), None)
    if user is None:
        raise ApiError(401, UNAUTHORISED)
    if call.yclients.switches["second_factor"]:
        return ok({"uuid": "00000000-0000-4000-8000-000000000001", "phone": user.login}, status=201)
    data = {
        "id": user.id,
        "user_token": user.token,
        "name": user.name,
        "phone": user.login,
        "login": user.login,
        "email": "",
        "avatar": "",
        "is_approved": True,
    }
    return ok(data, status=201) if call.yclients.switches["auth_envelope"] else Reply(201, data)


def _is(user: User, login: str, password: str) -> bool:
    return user.password == password and (user.login == login or digits(user.login) == digits(login) != "")


@route("GET", "/user/permissions/{company_id}")
def permissions(call: Call) -> Reply:
    user = call.user
    is_full = not (user is not None and user.restricted)
    days = -1 if is_full else user.last_days_count if user is not None else 0
    found = _permissions(is_full, days)
    switches = call.yclients.switches
    hidden = [name for name in ("phones", "money") if switches[f"{name}_hidden"]]
    for group, flag in [where for name in hidden for where in BEHIND[name]]:
        found[group][flag] = False
    found["record_form"] |= dict.fromkeys(user.denied if user is not None else (), False)
    return ok(found)


BEHIND = {
    "phones": (
        ("timetable", "timetable_phones_access"),
        ("clients", "client_phones_access"),
        ("clients", "clients_phones_email_access"),
        ("clients", "clients_card_phone_access"),
    ),
    "money": (
        ("record_form", "records_finances_access"),
        ("finances", "finances_access"),
        ("finances", "finances_transactions_access"),
    ),
}


def _permissions(is_full: bool, days: int) -> JsonObject:
    return {
        "timetable": {
            "timetable_access": True,
            "master_id": 0,
            "position_id": 0,
            "last_days_count": 1000 if is_full else days,
            "schedule_edit_access": is_full,
            "timetable_phones_access": is_full,
            "timetable_transferring_record_access": is_full,
            "timetable_statistics_access": is_full,
        },
        "record_form": {
            "record_form_access": True,
            "record_form_client_access": is_full,
            "create_records_access": is_full,
            "edit_records_access": is_full,
            "edit_records_attendance_access": is_full,
            "records_services_cost_access": True,
            "records_services_discount_access": is_full,
            "record_edit_full_paid_access": is_full,
            "delete_records_access": is_full,
            "delete_customer_came_records_access": is_full,
            "delete_paid_records_access": is_full,
            "records_finances_access": is_full,
            "records_finances_last_days_count": days,
        },
        "finances": {
            "finances_access": is_full,
            "finances_accounts_ids": [],
            "finances_transactions_access": is_full,
            "finances_last_days_count": days,
        },
        "clients": {
            "clients_access": True,
            "client_phones_access": is_full,
            "clients_phones_email_access": is_full,
            "clients_card_phone_access": is_full,
            "client_comments_list_access": is_full,
            "client_comments_add_access": is_full,
            "clients_visit_master_id": 0,
        },
        "dashboard": {"dashboard_access": is_full},
        "notification": {"notification": is_full},
        "loyalty": {"loyalty_access": is_full},
        "storages": {"storages_access": is_full},
        "settings": {"settings_access": is_full, "users_access": is_full, "webhook_read_access": is_full},
        "other": {"send_sms": is_full, "auth_enable_check_ip": False, "auth_list_allowed_ip": []},
    }
