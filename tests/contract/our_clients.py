"""Our clients, wired to a sandbox in this process: an account with two pipelines, and a salon."""

from types import SimpleNamespace

from backend.core.money import Kopecks
from backend.core.sync.commands import CreateLead, FieldValue, NewContact
from backend.integrations.amocrm.apply import Planned, apply
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import Http, NoLimit, new_session
from backend.integrations.yclients.client import YclientsClient
from sandbox.world import World
from tests.support.wsgi_adapter import WsgiAdapter

DOMAIN = "sandbox.amocrm.ru"
CLIENT_ID = "0b0832f6-0000-4000-8000-00000000abcd"
KEY, SOURCE, VISIT_AT, VISIT_ON, TAGS, COMMENT = 9001, 9002, 9003, 9004, 9005, 9006
PIPELINE, FIRST, SECOND = 8001, 8101, 8102
COMPANY = 41001


class Limit(NoLimit):
    """Counts complaints instead of waiting."""

    def __init__(self):
        self.complaints = 0

    def penalise(self, at_least=0):
        self.complaints += 1
        return max(1.0, at_least)


def line(app, vendor, limiter=None, **more):
    session = new_session()
    session.mount("https://", WsgiAdapter(app))
    return Http(vendor, limiter or Limit(), session=session, **more)


def amocrm(world=None, **account):
    """A world with one account, and our client in it. `log` is the journal of the account."""
    world = world or World()
    crm = world.amocrm
    described = {
        "id": 30000001,
        "name": "Песочница",
        "users": [
            {"id": 7000001, "name": "Анна", "is_admin": True},
            {"id": 7000002, "name": "Борис", "is_admin": False},
        ],
        "pipelines": [
            {
                "id": PIPELINE,
                "name": "Эпиляция",
                "stages": [{"id": FIRST, "name": "Запись"}, {"id": SECOND, "name": "Да"}],
            },
            {"id": 8002, "name": "Прочее", "stages": [{"id": 8201, "name": "Запись"}]},
        ],
        "loss_reasons": [{"id": 501, "name": "Отмена"}],
        "lead_fields": [
            {"id": KEY, "name": "Ключ", "type": "text", "code": "KEY"},
            {"id": SOURCE, "name": "Источник", "type": "select", "enums": ["сайт", "звонок"]},
            {"id": VISIT_AT, "name": "Визит", "type": "date_time"},
            {"id": VISIT_ON, "name": "День", "type": "date"},
            {"id": TAGS, "name": "Услуги", "type": "multiselect", "enums": ["Ноги", "Руки"]},
            {"id": COMMENT, "name": "Комментарий", "type": "textarea"},
        ],
    }
    crm.account(DOMAIN, **{**described, **account})
    crm.limits(DOMAIN, on=False)
    crm.app(CLIENT_ID, "secret", "https://app.example.test/oauth/amocrm/callback")
    tokens = {"access": crm.token(DOMAIN, CLIENT_ID)["access_token"], "asked": []}
    http = line(world.amocrm_wsgi, "amocrm")

    def token(is_stale):
        tokens["asked"].append(is_stale)
        return tokens["access"]

    client = AmoClient(http, f"https://crm.example.test/{DOMAIN}", token)
    return SimpleNamespace(world=world, crm=crm, client=client, tokens=tokens, http=http)


def sent(place, path=""):
    """(method, path, status) of what the account received."""
    rows = [(row["method"], row["path"], row["status"]) for row in place.crm.journal(DOMAIN)]
    return [row for row in rows if path in row[1]]


def lead(number, *, contact=None, fields=(), **changes):
    """A creation for booking `number`, of a new person unless `contact` is given."""
    given = {
        "key": f"yclients:{COMPANY}:{number}",
        "direction": "epilation",
        "name": f"Запись {number}",
        "pipeline_id": PIPELINE,
        "stage_id": FIRST,
        "responsible_id": 7000001,
        "price": Kopecks(150050),
        "contact": contact or NewContact((f"+7900{number:07}",), f"Клиент {number}", f"+7900{number:07}"),
        "fields": (FieldValue(KEY, f"yclients:{COMPANY}:{number}"), *fields),
    }
    return CreateLead(**{**given, **changes})


def ready(**account):
    """`amocrm` with the fields that `run` writes by, and an empty journal."""
    place = amocrm(**account)
    place.fields = {field.id: field for field in place.client.schema().lead_fields}
    place.crm.journal_clear()
    return place


def run(place, *commands, timezone="Europe/Moscow"):
    """Outcomes by row, and the sizes of the settled groups."""
    rows = [Planned(number, command) for number, command in enumerate(commands)]
    settled, groups = {}, []

    def on_settled(outcomes):
        groups.append(len(outcomes))
        settled.update({outcome.row_id: outcome for outcome in outcomes})

    place.settled, place.groups = settled, groups
    apply(place.client, place.fields, rows, on_settled, timezone)
    return settled


def state(place):
    return place.crm.state(DOMAIN)


def values(shown, field_id):
    row = next((row for row in shown["custom_fields_values"] or () if row["field_id"] == field_id), None)
    return [value["value"] for value in row["values"]] if row else []


def yclients(world=None, **company):
    """A world with one salon in Yekaterinburg time, and our client for it."""
    world = world or World()
    journal = world.yclients
    described = {
        "title": "Тверская",
        "timezone_name": "Asia/Yekaterinburg",
        "categories": [{"id": 501, "title": "Эпиляция"}],
        "services": [
            {"id": 90017, "category_id": 501, "title": "Голени", "price": 4500, "duration": 3600},
            {"id": 90018, "category_id": 501, "title": "Подмышки", "price": 2500, "duration": 1800},
        ],
        "staff": [{"id": 71, "name": "Вера Образцова"}],
    }
    journal.company(COMPANY, **{**described, **company})
    journal.partner("partner")
    journal.user("user")
    journal.limits(on=False)
    http = line(world.yclients_wsgi, "yclients")
    client = YclientsClient(http, "https://salon.example.test/api/v1", "partner", "user")
    return SimpleNamespace(world=world, journal=journal, client=client, http=http)


def book(place, day="2027-03-01", **changes):
    """A booking made by the salon's staff."""
    given = {
        "staff_id": 71,
        "services": [{"id": 90017}],
        "client": {"name": "Мария", "surname": "Пробная", "phone": "79000000011"},
        "datetime": f"{day} 14:30:00",
    }
    return place.journal.ui_create(COMPANY, **{**given, **changes})
