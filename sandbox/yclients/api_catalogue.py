"""Salons, networks, people and services of the REST API."""

from sandbox.yclients.errors import NO_COMPANY, NOT_FOUND, ApiError
from sandbox.yclients.models import Category, Company, JsonObject, Service, Staff
from sandbox.yclients.render import AVATAR
from sandbox.yclients.routing import PARTNER, Call, Reply, ok, route
from sandbox.yclients.values import digits, number

GROUP_ACCESS = (
    "settings_access",
    "clients_access",
    "users_access",
    "loyalty_access",
    "network_services_access",
)


@route("GET", "/companies", auth=PARTNER)
def list_companies(call: Call) -> Reply:
    """Without my=1 this is the public directory."""
    companies = list(call.yclients.store.companies.values())
    if call.flag("my"):
        if call.user is None:
            raise ApiError(401, "Необходима авторизация")
        companies = [company for company in companies if call.yclients.may_see(call.user, company.id)]
    if call.get("group_id"):
        companies = [company for company in companies if company.group_id == call.number("group_id", 0)]
    if call.get("id"):
        companies = [company for company in companies if company.id == call.number("id", 0)]
    page, size = max(call.number("page", 1), 1), max(call.number("count", 100), 1)
    return ok([_company(call, company) for company in companies][(page - 1) * size : page * size], {})


def _company(call: Call, company: Company) -> JsonObject:
    dice = call.yclients.render.dice("company", company.id)
    return {
        "id": dice.pick(int, str)(company.id),
        "title": company.title,
        "short_descr": "Салон красоты",
        "logo": "",
        "active": dice.pick(1, "1"),
        "phone": "+7 000 000-01-01",
        "country_id": 1,
        "country": "Россия",
        "city_id": 1,
        "city": company.city,
        "timezone_name": company.timezone_name,
        "timezone": company.timezone_name,
        "schedule": "",
        "address": "Примерная, д. 1",
        "phone_confirmation": False,
        "active_staff_count": sum(not member.fired for member in company.staff.values()),
        "currency_short_title": "р",
        "group_priority": 900,
        "main_group_id": company.group_id,
    }


@route("GET", "/company/{company_id}")
def read_company(call: Call) -> Reply:
    company = call.company
    title = call.yclients.store.groups.get(company.group_id)
    group = {"id": company.group_id, "title": title} if title else {}
    more = {
        "id": company.id,
        "business_type_id": 1,
        "main_group": group,
        "groups": {str(company.group_id): group} if group else {},
        "bookforms": [],
        "access": {},
    }
    return ok({**_company(call, company), **more}, {})


@route("GET", "/groups")
def list_groups(call: Call) -> Reply:
    store = call.yclients.store
    groups = []
    for group_id, title in store.groups.items():
        mine = [
            c
            for c in store.companies.values()
            if c.group_id == group_id and call.yclients.may_see(call.user, c.id)
        ]
        if mine:
            companies = [{"id": company.id, "title": company.title} for company in mine]
            access = dict.fromkeys(GROUP_ACCESS, "1")
            groups.append({"id": group_id, "title": title, "companies": companies, "access": access})
    return Reply(200, {"success": True, "data": groups})


@route("GET", "/group/{group_id}/clients")
def find_in_group(call: Call) -> Reply:
    """The same person in all salons of the network, by the phone exactly."""
    group_id, phone = call.whole("group_id"), digits(call.get("phone"))
    store = call.yclients.store
    if group_id not in store.groups:
        raise ApiError(404, NOT_FOUND)
    companies = [
        c
        for c in store.companies.values()
        if c.group_id == group_id and call.yclients.may_see(call.user, c.id)
    ]
    found = [client for c in companies if (client := store.client_by_phone(c.id, phone))]
    shown = [{"id": c.id, "company_id": c.company_id, "name": c.name, "email": c.email} for c in found]
    return ok({"salon_group_id": group_id, "phone": phone, "clients": shown})


@route("GET", "/license/{company_id}")
def read_license(call: Call) -> Reply:
    company = call.company
    return ok(
        {
            "id": company.id,
            "salon_id": company.id,
            "staff_limit": 50,
            "deactivation_date": company.license_ends
            or ("08.11.2030" if company.license_ok else "08.11.2024"),
            "start_date": "07.05.2024",
            "name": "Старт",
            "active": int(company.license_ok),
            "options": [{"id": 3, "title": "Онлайн-оплата"}],
        }
    )


# People


@route("GET", "/company/{company_id}/staff", auth=PARTNER, licence=403)
@route("GET", "/staff/{company_id}", auth=PARTNER, licence=403)
def list_staff(call: Call) -> Reply:
    members = [_member(call, member) for member in call.company.staff.values()]
    return ok(members, {"total_count": len(members)})


@route("GET", "/company/{company_id}/staff/{staff_id}", auth=PARTNER, licence=403)
@route("GET", "/staff/{company_id}/{staff_id}", auth=PARTNER, licence=403)
def read_staff(call: Call) -> Reply:
    staff_id = call.whole("staff_id")
    member = call.company.staff.get(staff_id)
    if member is None:
        raise ApiError(404, f"Сотрудник с ID {staff_id} не найден в филиале {call.company.id}.")
    return ok(_member(call, member))


def _member(call: Call, member: Staff) -> JsonObject:
    dice = call.yclients.render.dice("staff", member.id)
    return {
        "id": member.id,
        "api_id": None,
        "name": member.name,
        "company_id": call.company.id,
        "specialization": member.specialization,
        "position": member.position or dice.pick([], {}),
        "avatar": AVATAR,
        "avatar_big": AVATAR,
        "fired": member.fired,
        "status": member.status,
        "hidden": member.hidden,
    }


@route("GET", "/company/{company_id}/users")
@route("GET", "/company_users/{company_id}")
def list_users(call: Call) -> Reply:
    users = [
        user for user in call.yclients.store.users.values() if call.yclients.may_see(user, call.company.id)
    ]
    shown = [
        {
            "id": user.id,
            "name": user.name,
            "phone": user.login,
            "email": "",
            "information": "Сотрудник" if user.restricted else "Владелец",
            "is_approved": True,
            "is_non_deletable": not user.restricted,
            "user_role_slug": "worker" if user.restricted else "owner",
        }
        for user in users
    ]
    return ok(shown, {"count": len(shown)})


# Services


@route("GET", "/company/{company_id}/service_categories", auth=PARTNER, licence=403)
def list_categories(call: Call) -> Reply:
    categories = [_category(call, category) for category in call.company.categories.values()]
    return ok(categories, {"total_count": len(categories)})


@route("GET", "/company/{company_id}/service_categories/{category_id}", auth=PARTNER, licence=403)
def read_category(call: Call) -> Reply:
    category = call.company.categories.get(call.whole("category_id"))
    if category is None:
        raise ApiError(404, "Категория не найдена.")
    return ok(_category(call, category))


def _category(call: Call, category: Category) -> JsonObject:
    mine = [service for service in call.company.services.values() if service.category_id == category.id]
    prices = [service.price for service in mine]
    return {
        "id": category.id,
        "category_id": 1,
        "salon_service_id": category.salon_service_id or category.id % 1000,
        "title": category.title,
        "booking_title": category.title,
        "api_id": "",
        "weight": category.weight,
        "price_min": min(prices, default=0),
        "price_max": max(prices, default=0),
        "sex": 0,
        "is_chain": bool(call.company.group_id),
        "staff": sorted({staff_id for service in mine for staff_id in service.staff_ids}),
    }


@route("GET", "/company/{company_id}/services", licence=403)
@route("GET", "/services/{company_id}", licence=403)
def list_services(call: Call) -> Reply:
    services = list(call.company.services.values())
    if call.get("category_id"):
        services = [service for service in services if service.category_id == call.number("category_id", 0)]
    if call.get("staff_id"):
        staff_id = call.number("staff_id", 0)
        services = [service for service in services if not service.staff_ids or staff_id in service.staff_ids]
    return ok([_service(call, service) for service in services], {"total_count": len(services)})


@route("GET", "/company/{company_id}/services/{service_id}", licence=403)
@route("GET", "/services/{company_id}/{service_id}", auth=PARTNER, licence=403)
def read_service(call: Call) -> Reply:
    service = call.company.services.get(call.whole("service_id"))
    if service is None:
        raise ApiError(404, "Услуга не найдена.")
    return ok(_service(call, service))


def _service(call: Call, service: Service) -> JsonObject:
    dice = call.yclients.render.dice("service", call.company.id, service.id)
    text = dice.pick(int, str)
    price = dice.pick(number, lambda value: f"{value:.2f}")(service.price)
    staff = service.staff_ids or tuple(call.company.staff)
    return {
        "id": text(service.id),
        "salon_service_id": text(service.id % 1000000),
        "title": service.title,
        "booking_title": service.title,
        "category_id": text(service.category_id),
        "price_min": price,
        "price_max": price,
        "discount": text(0),
        "comment": "",
        "weight": text(service.weight),
        "active": text(1),
        "api_id": "",
        "duration": service.duration,
        "is_multi": service.is_multi,
        "prepaid": "forbidden",
        "staff": [{"id": text(staff_id), "seance_length": text(service.duration)} for staff_id in staff],
    }


def company_of(call: Call) -> Company:
    """The company named by the path; 404 in the words of the API."""
    text = call.args["company_id"]
    if not text.isdigit():
        raise ApiError(404, NOT_FOUND)
    company = call.yclients.store.companies.get(int(text))
    if company is None:
        raise ApiError(404, NO_COMPANY)
    return company
