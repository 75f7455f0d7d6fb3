"""Bodies of YCLIENTS' hooks → envelopes: single, array, repeated, broken, forged."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.salon import Phase
from backend.integrations.yclients import hooks

PAYLOADS = Path(__file__).parent.parent / "payloads" / "yclients"


def body(name):
    return (PAYLOADS / name).read_bytes()


def test_record_hook_is_about_its_booking():
    [envelope] = hooks.read(body("hook_update.json"))

    assert (envelope.kind, envelope.subject) == ("yclients.record", "yclients:41001:770000101")
    assert (envelope.company_id, envelope.resource, envelope.resource_id) == (41001, "record", 770000101)
    assert (envelope.status, envelope.is_readable) == ("update", True)
    assert hooks.record_of(envelope.body)["services"][1]["cost"] == Decimal("1499.9")


def test_phase_decides_how_long_to_wait_and_is_read_early():
    phases = [
        hooks.read(body(name))[0].phase
        for name in ("hook_update.json", "hook_delete.json", "hook_payment.json")
    ]

    assert phases == [Phase.CONFIRMED, Phase.CANCELLED, None]


def test_array_gives_an_envelope_for_each_event():
    envelopes = hooks.read(body("hook_array.json"))

    assert [(one.kind, one.subject) for one in envelopes] == [
        ("yclients.record", "yclients:41001:770000101"),
        ("yclients.client", "yclients:41001:client:66000101"),
        ("yclients.schedule", "yclients:41001:schedule:550101"),
    ]
    assert len({one.dedup_key for one in envelopes}) == 3


def test_event_is_the_same_alone_and_in_an_array():
    [alone] = hooks.read(body("hook_update.json"))

    assert hooks.read(body("hook_array.json"))[0] == alone


def test_spacing_and_order_of_keys_do_not_make_another_event():
    event = json.loads(body("hook_update.json"))
    again = json.dumps(dict(reversed(event.items())), ensure_ascii=True, indent=3).encode()

    assert hooks.read(again) == hooks.read(body("hook_update.json"))


def test_another_content_is_another_event():
    event = json.loads(body("hook_update.json"))
    event["data"]["comment"] = "иначе"

    assert (
        hooks.read(json.dumps(event).encode())[0].dedup_key
        != hooks.read(body("hook_update.json"))[0].dedup_key
    )


def test_record_and_client_of_one_number_are_different_subjects():
    def subject(resource):
        event = {"company_id": 1, "resource": resource, "resource_id": 5, "status": "update", "data": {}}
        return hooks.read(json.dumps(event).encode())[0].subject

    assert subject("record") != subject("client")


def test_record_that_was_asked_for_has_the_envelope_of_its_hook():
    record = json.loads(body("record.json"), parse_float=Decimal)

    assert hooks.told(41001, record).subject == "yclients:41001:770000101"
    assert hooks.told(41001, record).kind == "yclients.record"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"42",
        b'"text"',
        b"[]",
        b"[[1]]",
        b"{}",
        b'{"company_id": 1, "resource": "record"}',
        b'{"company_id": "x", "resource": "record", "resource_id": 1, "data": {}}',
        b'{"company_id": 1, "resource": "record", "resource_id": NaN, "data": {}}',
        b'{"company_id": 1, "resource": "record", "resource_id": "1e99999999", "data": {}}',
        b'{"company_id": 1, "resource": "unheard_of", "resource_id": 1, "status": "create", "data": {}}',
        b'{"company_id": 1, "resource": "record", "resource_id": 1, "status": "create", "data": "none"}',
        b"[" * 100_000,
        b'{"name": "\x00"}',
    ],
)
def test_what_cannot_be_read_is_kept_and_marked(broken):
    [envelope] = hooks.read(broken)

    assert (envelope.kind, envelope.is_readable) == ("yclients.unreadable", False)
    assert "\0" not in envelope.body
    envelope.body.encode()


def test_unknown_resource_still_tells_whose_it_is():
    [envelope] = hooks.read(b'{"company_id": 7, "resource": "unheard_of", "resource_id": 1, "data": {}}')

    assert (envelope.company_id, envelope.resource, envelope.is_readable) == (7, "unheard_of", False)


def test_half_a_surrogate_pair_can_be_stored():
    event = {"company_id": 1, "resource": "record", "resource_id": 1, "data": {"comment": "\ud83d"}}

    [envelope] = hooks.read(json.dumps(event).encode())

    assert hooks.record_of(envelope.body)["comment"] == "?"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_door(noise):
    for envelope in hooks.read(noise):
        envelope.body.encode()
        assert len(envelope.dedup_key) == 64


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["company_id", "resource", "resource_id", "data", "status"]), inner
            )
        ),
        max_leaves=10,
    )
)
def test_no_json_breaks_the_door(data):
    assert all(envelope.kind.startswith("yclients.") for envelope in hooks.read(json.dumps(data).encode()))
