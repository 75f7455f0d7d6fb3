"""A step of the digital pipeline: whatever comes in, it names leads of an account or nothing."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.integrations.amocrm.pipeline import MOST, Step, read

jsonish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
known = st.fixed_dictionaries(
    {},
    optional={
        "account_id": jsonish,
        "subdomain": jsonish,
        "event": jsonish,
        "leads": jsonish,
        "account": jsonish,
    },
)


def step(**changes):
    data = {"id": 900001, "element_type": 2, "status_id": 8101, "pipeline_id": 8001}
    return {"event": {"type": 15, "data": data}, "subdomain": "sandbox", "account_id": 30000001, **changes}


def test_the_widgets_own_step():
    assert read(json.dumps(step()).encode()) == Step(30000001, "sandbox", (900001,))


def test_numbers_may_come_as_texts():
    body = {
        "account_id": "30000001",
        "subdomain": "sandbox",
        "event[data][id]": "900001",
        "event[data][element_type]": "2",
    }

    assert read(urlencode(body).encode()) == Step(30000001, "sandbox", (900001,))


@pytest.mark.parametrize("happened", ["status", "mail_in", "call_in", "chat", "site_visit"])
def test_the_plain_webhook_step(happened):
    body = {
        f"leads[{happened}][0][id]": 1, f"leads[{happened}][1][id]": 2, f"leads[{happened}][2][id]": 1,
        "account[id]": 30000001, "account[subdomain]": "sandbox",
    }  # fmt: skip

    assert read(urlencode(body).encode()) == Step(30000001, "sandbox", (1, 2))


def test_no_more_leads_than_a_step_may_name():
    rows = [{"id": n} for n in range(1, 1000)]

    found = read(json.dumps({"account_id": 1, "leads": {"status": rows}}).encode())

    assert len(found.lead_ids) == MOST


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"[1]", b"{", b"\xff", b"account_id=1", b"event[data][id]=1", b"[" * 100_000],
)
def test_what_names_nothing(body):
    assert read(body) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body):
    assert read(body) is None or isinstance(read(body), Step)


@given(known)
def test_any_shape_is_read(body):
    found = read(json.dumps(body).encode())

    assert found is None or all(0 <= lead_id < 10**18 for lead_id in found.lead_ids)
