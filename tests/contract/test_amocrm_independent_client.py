"""A stranger's client of amoCRM (`amocrm_api`) works against the emulator, unchanged.

It opens sessions of its own and has the vendor's host built in, so every session in these tests is given a
transport that carries `*.amocrm.ru` into the emulator.
"""

from datetime import datetime

import amocrm.v2 as amocrm
import pytest
import requests
from amocrm.v2 import custom_field, exceptions
from amocrm.v2.account import Account, AccountInteraction
from amocrm.v2.filters import FiltersByPipelineAndStatus, SingleFilter
from amocrm.v2.tokens import MemoryTokensStorage, default_token_manager

from tests.support.amocrm_sandbox import ADMIN, CLIENT, DOMAIN, KEY, SALES, SELLER, new_world, query_of
from tests.support.wsgi_adapter import WsgiAdapter

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")


class Lead(amocrm.Lead):
    key = custom_field.TextCustomField("Ключ")
    source = custom_field.SelectCustomField("Источник")
    agreed = custom_field.CheckboxCustomField("Согласие")
    visit = custom_field.DateTimeCustomField("Визит")


class Contact(amocrm.Contact):
    phone = custom_field.ContactPhoneField("Телефон")


def account():
    """The client's own shortcut asks its interaction for a list, which that one does not have."""
    return Account(data=AccountInteraction().get(include=["version", "task_types"]))


@pytest.fixture
def world():
    return new_world()


@pytest.fixture
def storage(world, monkeypatch):
    """Tokens from the real exchange of a code, made by the client itself."""
    adapter = WsgiAdapter(world.amocrm_wsgi)
    original = requests.Session.get_adapter

    def get_adapter(session, url):
        return adapter if ".amocrm.ru/" in url else original(session, url)

    monkeypatch.setattr(requests.Session, "get_adapter", get_adapter)
    storage = MemoryTokensStorage()
    monkeypatch.setattr(default_token_manager, "_storage", None)
    default_token_manager(
        CLIENT["client_id"],
        CLIENT["client_secret"],
        DOMAIN.partition(".")[0],
        CLIENT["redirect_uri"],
        storage,
    )
    url = world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"])["url"]
    default_token_manager.init(query_of(url)["code"])
    return storage


@pytest.fixture(autouse=True)
def _signed_in(storage):
    """Every call below needs tokens."""


def test_expired_token_is_renewed_by_the_client(world, storage):
    # The client compares `exp` with the real clock, so the token must have been issued two days ago.
    world.amocrm.clock(offset=-2 * 86400)
    tokens = world.amocrm.token(domain=DOMAIN, client_id=CLIENT["client_id"])
    storage.save_tokens(tokens["access_token"], tokens["refresh_token"])
    world.amocrm.clock(offset=0)

    assert account().subdomain == "one"
    assert storage.get_refresh_token() != tokens["refresh_token"]


def test_spent_code_raises_the_hint(world):
    url = world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"])["url"]
    code = query_of(url)["code"]
    default_token_manager.init(code)

    with pytest.raises(Exception, match="Authorization code has been revoked"):
        default_token_manager.init(code)


def test_directories():
    assert account().current_user.id == ADMIN
    assert [user.name for user in amocrm.User.objects.all()] == ["Анна", "Борис", "Вера"]
    assert [user.is_admin for user in amocrm.User.objects.all()] == [True, False, True]
    pipelines = list(amocrm.Pipeline.objects.all())
    assert [(pipeline.id, pipeline.name) for pipeline in pipelines] == [
        (SALES, "Продажи"),
        (8002, "Повторные"),
    ]
    assert [status.id for status in pipelines[0].statuses] == [8100, 8101, 8102, 142, 143]
    assert amocrm.Status.get_for(SALES).get(query="Подтвердил").id == 8102


def test_lead_is_made_read_changed_and_moved():
    lead = Lead(name="Чужой", price=100)
    lead.save()

    lead = Lead.objects.get(lead.id)
    lead.price = 200
    lead.status = "Подтвердил"
    lead.save()
    again = Lead.objects.get(lead.id)

    assert (again.name, again.price, again.status.id, again.pipeline.id) == ("Чужой", 200, 8102, SALES)
    assert again.responsible_user.id == ADMIN
    assert again.created_at <= again.updated_at


def test_custom_fields_are_written_and_read():
    lead = Lead.objects.get(Lead(name="Поля").save().id)
    lead.key, lead.source, lead.agreed = "k1", "Звонок", True
    lead.visit = datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001  # what the client takes
    lead.save()

    again = Lead.objects.get(lead.id)

    assert (again.key, again.agreed) == ("k1", True)
    assert (again.source.id, again.source.value) == (12, "Звонок")
    assert again.visit == datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001


def test_wrong_choice_is_a_validation_error():
    lead = Lead.objects.get(Lead(name="Поля").save().id)
    lead.source = "Нет такого"

    with pytest.raises(exceptions.ValidationError, match="NotSupportedChoice"):
        lead.save()


def test_contact_is_found_by_phone_and_linked():
    contact = Contact.objects.get(Contact(name="Иван").save().id)
    contact.phone = "+79990000001"
    contact.save()
    lead = Lead.objects.get(Lead(name="Запись").save().id)
    lead.contacts.append(contact, main=True)

    found = Contact.objects.get(query="9990000001")

    assert (found.id, found.phone, found.name) == (contact.id, "+79990000001", "Иван")
    assert [person.id for person in Lead.objects.get(lead.id).contacts] == [contact.id]
    assert [deal.id for deal in found.leads] == [lead.id]


def test_absent_things():
    with pytest.raises(exceptions.NotFound):
        Lead.objects.get(999)
    with pytest.raises(StopIteration):
        Contact.objects.get(query="79990000009")
    assert list(Lead.objects.all()) == []


def test_all_pages_are_walked_even_when_next_lies(world):
    world.amocrm.options(lying_next=True)
    for number in range(260):
        world.amocrm.ui_lead(domain=DOMAIN, user_id=ADMIN, name=str(number))

    leads = list(Lead.objects.filter(order={"id": "desc"}))

    assert [lead.name for lead in leads] == [str(number) for number in reversed(range(260))]


def test_filters_of_the_client_are_understood(world):
    place = {"domain": DOMAIN, "user_id": SELLER, "name": "Ф"}
    world.amocrm.ui_lead(**place)
    there = world.amocrm.ui_lead(**place, stage_id=8102, fields={KEY: "k"})

    by_stage = list(Lead.objects.filter(filters=[FiltersByPipelineAndStatus("statuses")(SALES, 8102)]))
    by_field = list(Lead.objects.filter(filters=[SingleFilter(f"custom_fields_values][{KEY}")("k")]))

    assert [lead.id for lead in by_stage] == [there["id"]]
    assert [lead.id for lead in by_field] == [there["id"]]


def test_notes_and_tasks_of_a_lead():
    lead = Lead.objects.get(Lead(name="Заметки").save().id)
    lead.notes(text="привет").save()
    lead.tasks.add(amocrm.Task(text="Перезвонить", complete_till=datetime(2026, 1, 6, 12, 0)))  # noqa: DTZ001

    assert [note.text for note in lead.notes.objects.all()] == ["привет"]
    assert [task.text for task in lead.tasks] == ["Перезвонить"]


def test_tags_of_a_lead():
    lead = Lead.objects.get(Lead(name="Теги").save().id)
    lead.tags.append("vip")
    lead.save()

    assert [tag.name for tag in Lead.objects.get(lead.id).tags] == ["vip"]
    assert [tag.name for tag in amocrm.Tag.leads.all()] == ["vip"]


def test_fields_of_leads_are_listed():
    fields = list(custom_field.CustomFieldModel.get_for(Lead(name="x")))

    assert (fields[0].id, fields[0].name, fields[0].type) == (KEY, "Ключ", "text")
    assert [enum["value"] for enum in fields[1].enums] == ["Сайт", "Звонок"]


def test_uninstalled_integration_is_unauthorized(world):
    world.amocrm.uninstall(domain=DOMAIN, client_id=CLIENT["client_id"])

    with pytest.raises(exceptions.UnAuthorizedException):
        list(Lead.objects.all())


def test_block_is_a_refusal_of_permission(world):
    world.amocrm.faults(kind="403", next=1)

    with pytest.raises(exceptions.PermissionsDenyException):
        list(Lead.objects.all())


def test_broken_connection_is_an_api_error(world):
    world.amocrm.faults(kind="reset_after_commit", next=1)

    with pytest.raises(exceptions.AmoApiException):
        Lead(name="x").save()
