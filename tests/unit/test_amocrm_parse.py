"""amoCRM's entities → leads and contacts."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidInput
from backend.integrations.amocrm import parse

PAYLOADS = Path(__file__).parent.parent / "payloads" / "amocrm"


def payload(name):
    return json.loads((PAYLOADS / name).read_text(), parse_float=Decimal)


def test_lead_is_read_whole():
    lead = parse.lead(payload("lead.json"))

    assert (lead.id, lead.pipeline_id, lead.stage_id, lead.price) == (20000101, 8001, 8102, 555000)
    assert (lead.name, lead.responsible_id, lead.created_by) == ("Ольга, голени", 7000101, 0)
    assert lead.tags == ("запись", "VIP")
    assert lead.created_at == datetime.fromtimestamp(1802000000, UTC)
    assert lead.updated_at == datetime.fromtimestamp(1802000100, UTC)
    assert not lead.is_deleted


def test_main_contact_comes_first():
    assert parse.lead(payload("lead.json")).contact_ids == (40000101, 40000102)


@pytest.mark.parametrize(
    ("field_id", "values"),
    [
        (9001, ("yclients:41001:770000101",)),
        (9005, ("Голени", "Маска")),
        (9006, ("1802600100",)),
        (9007, ("1",)),
        (9008, ()),
        (9009, ()),
        (9010, ("12.5",)),
    ],
)
def test_every_type_of_field_becomes_texts(field_id, values):
    assert parse.lead(payload("lead.json")).values(field_id) == values


@pytest.mark.parametrize("nothing", [None, []])
def test_lead_without_fields_price_and_links(nothing):
    lead = parse.lead(
        {"id": 1, "pipeline_id": 2, "status_id": 3, "price": None, "custom_fields_values": nothing}
    )

    assert (lead.fields, lead.contact_ids, lead.tags, lead.price, lead.updated_at) == ((), (), (), 0, None)


def test_contact_keeps_phones_as_they_are_written():
    contact = parse.contact(payload("contact.json"))

    assert contact.phones == ("+7 (900) 000-01-01", "89000000102")
    assert (contact.name, contact.lead_ids) == ("Ольга Примерная", (20000101, 20000099))


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "x"},
        {"status_id": None},
        {"price": "много"},
        {"custom_fields_values": [{"values": [{"value": "?"}]}]},
        {"_embedded": "?"},
    ],
)
def test_nonsense_is_invalid_input(broken):
    with pytest.raises(InvalidInput) as caught:
        parse.lead({**payload("lead.json"), **broken})

    assert caught.value.code == "amocrm.lead_malformed"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.text(min_size=1, max_size=20).filter(lambda name: name not in payload("lead.json")), json_values)
def test_unknown_keys_never_matter(name, value):
    lead = payload("lead.json")

    assert parse.lead({**lead, f"new_{name}": value}) == parse.lead(lead)


@given(json_values)
def test_unknown_field_types_never_break(value):
    row = {"field_id": 1, "field_type": "of_tomorrow", "values": [{"value": value}]}

    assert parse.lead({**payload("lead.json"), "custom_fields_values": [row]}).id == 20000101


def test_archived_pipelines_are_left_out_and_incoming_stages_marked():
    facts = parse.account(
        {"id": 1, "name": "А", "_embedded": {"datetime_settings": {"timezone": "Asia/Omsk"}}}
    )
    stages = [{"id": 8100, "name": "Неразобранное", "type": 1}, {"id": 142, "name": "Успех", "sort": 10000}]
    pipelines = [
        {"id": 8001, "name": "Продажи", "is_main": True, "_embedded": {"statuses": stages}},
        {"id": 8002, "name": "Старая", "is_archive": True},
    ]

    lists = {
        "pipelines": pipelines,
        "users": [{"id": 7, "name": "Б", "rights": {"is_active": False}}],
        "custom_fields": [{"id": 1, "name": "Х", "type": "of_tomorrow", "enums": None}],
        "loss_reasons": [],
    }

    schema = parse.schema(facts, "primer.amocrm.ru", lists)

    assert (schema.timezone, schema.has_filters) == ("Asia/Omsk", False)
    assert [(p.id, p.is_main, [s.is_incoming for s in p.stages]) for p in schema.pipelines] == [
        (8001, True, [True, False])
    ]
    assert (schema.users[0].is_active, schema.users[0].is_admin) == (False, False)
    assert schema.lead_fields[0].enums == ()
