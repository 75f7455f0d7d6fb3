"""Account webhooks of amoCRM: the bracket form, gaps in it, and what it says of leads and contacts."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidInput
from backend.core.sync.confirming import StageMove
from backend.integrations.amocrm import hooks
from sandbox.amocrm.hooks import bracket_form

PAYLOADS = Path(__file__).parent.parent / "payloads" / "amocrm"


def read(name):
    return hooks.read((PAYLOADS / name).read_bytes())


def test_latest_picture_of_a_lead_wins():
    hook = read("hook_leads.form")

    [lead] = hook.leads
    assert (hook.account_id, lead.id, lead.stage_id, lead.price) == (30000101, 20000101, 8102, 555000)
    assert lead.name == "Ольга & голени=50%"
    assert lead.updated_at == datetime.fromtimestamp(1802000100, UTC)
    assert hook.deleted_lead_ids == (20000077, 20000078)


def test_moves_are_told_apart_from_other_changes():
    rows = {"id": "7", "status_id": "8102", "pipeline_id": "8001", "updated_at": "1802000100", "price": "0"}
    body = {"account": {"id": "30000101"}, "leads": {"status": [rows], "update": [{**rows, "id": "8"}]}}

    hook = hooks.read(urlencode(bracket_form(body)).encode())

    assert hook.moves == (StageMove(7, 8001, 8102, datetime.fromtimestamp(1802000100, UTC)),)
    assert {lead.id for lead in hook.leads} == {7, 8}


def test_sparse_fields_and_bare_dates_are_read():
    body = (PAYLOADS / "hook_leads.form").read_bytes()
    only_update = b"&".join(pair for pair in body.split(b"&") if b"status%5D%5B0" not in pair)

    [lead] = hooks.read(only_update).leads

    assert lead.fields == (
        (9001, "yclients:41001:770000101"),
        (9006, "1802600100"),
        (9005, "Голени"),
        (9005, "Маска"),
    )
    assert (lead.tags, lead.contact_ids, lead.price) == (("запись",), (), 500000)


def test_companies_travel_among_contacts_and_are_left_out():
    hook = read("hook_contacts.form")

    [contact] = hook.contacts
    assert (contact.id, contact.name, contact.phones) == (40000101, "Ольга 🌸", ("+7 (900) 000-01-01",))
    assert contact.lead_ids == (20000101, 20000099)
    assert hook.deleted_contact_ids == (40000055,)


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("a=1", {"a": "1"}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a[0]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[7][id]=1&a[2][id]=2", {"a": [{"id": "2"}, {"id": "1"}]}),
        ("a[10]=c&a[9]=b", {"a": ["b", "c"]}),
        ("a[]=x&a[]=y", {"a": ["x", "y"]}),
        ("a%5B0%5D=x", {"a": ["x"]}),
        ("a=", {"a": ""}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a=2&a[b]=1", {"a": {"b": "1"}}),
        ("имя[0]=Юля", {"имя": ["Юля"]}),
        ("", {}),
        ("&&&", {}),
        ("a[b=1", {"a": "1"}),
    ],
)
def test_bracket_form(form, data):
    assert hooks.form(form.encode()) == data


def test_percent_and_plus_are_decoded_once():
    assert hooks.form(f"a={quote('50% + 1')}&b=x+y".encode()) == {"a": "50% + 1", "b": "x y"}


names = st.text("abcdefgh_", min_size=1, max_size=6)
leaves = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
trees = st.dictionaries(
    names,
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
)


@given(trees)
def test_what_the_emulator_writes_is_read_back(tree):
    body = "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in bracket_form(tree))

    assert hooks.form(body.encode()) == tree


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"leads[add][0][id]=1",
        b"account[id]=x",
        b"account=1",
        b"account[id]=1&leads[add][0][id]=1",
        b"account[id]=1&leads[add][0][id]=x&leads[add][0][pipeline_id]=1&leads[add][0][status_id]=1",
        b"\xff\xfe",
    ],
)
def test_nonsense_is_invalid_input(body):
    with pytest.raises(InvalidInput):
        hooks.read(body)


@pytest.mark.parametrize(
    "body",
    [
        b"account[id]=1",
        b"account[id]=1&leads=x",
        b"account[id]=1&leads[add]=x",
        b"account[id]=1&task[update][0][id]=5",
        b"account[id]=1&leads[note][0][note][id]=5",
    ],
)
def test_what_is_not_about_leads_or_contacts_says_nothing(body):
    assert hooks.read(body) == hooks.AmoHook(1)


def test_bottomless_key_is_ignored():
    assert hooks.form(b"a" + b"[b]" * 10_000 + b"=1&c=2") == {"c": "2"}


@given(st.binary(max_size=300))
def test_no_bytes_break_the_form(noise):
    assert isinstance(hooks.form(noise), dict)
