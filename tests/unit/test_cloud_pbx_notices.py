"""Notices of a cloud PBX: whose they are, and what each tells."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from backend.core.errors import InvalidInput
from backend.core.telephony.call import Way
from backend.core.telephony.hearing.cloud import Tells
from backend.integrations.cloud_pbx import notices

WHOLE = {
    "event_id": "e-12", "event": "call.ended", "call_id": "c-7", "at": "2026-01-12T12:00:05.120+03:00",
    "direction": "in", "client": "79990001122", "number": "74951000005", "extension": "101",
    "request_id": "r-1", "result": "answered", "ended_by": "client", "recording": "https://cloud.test/r.wav",
}  # fmt: skip


def read(**changes):
    return notices.read(json.dumps({**WHOLE, **changes}).encode())


def test_whole_notice():
    told = read()
    assert (told.id, told.tells, told.call_id) == ("e-12", Tells.ENDED, "c-7")
    assert told.at == datetime(2026, 1, 12, 9, 0, 5, 120_000, UTC)
    assert (told.way, told.client) == (Way.IN, "79990001122")
    assert (told.number, told.phone) == ("74951000005", "101")
    assert (told.request_id, told.result, told.ended_by) == ("r-1", "answered", "client")
    assert told.recording == "https://cloud.test/r.wav"


def test_what_is_not_said_is_empty():
    told = notices.read(json.dumps({name: WHOLE[name] for name in ("event_id", "event", "call_id", "at")}))
    assert (told.way, told.client, told.phone, told.recording) == (Way.UNKNOWN, "", "", "")
    assert read(extension=None).phone == ""


@pytest.mark.parametrize("hidden", ["anonymous", "Anonymous", "hidden", ""])
def test_hidden_caller_has_no_number(hidden):
    assert read(client=hidden).client == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "call.sneezed"}, {"event": None}, {"event": ["call.ended"]}, {"event_id": ""},
        {"event_id": 12}, {"call_id": ""}, {"call_id": "x" * 201}, {"at": "yesterday"}, {"at": None},
        {"at": "2026-01-12T12:00:05"}, {"client": 79990001122}, {"client": "7\r\n9"},
        {"extension": "1" * 201},
        {"recording": "x" * 2001}, {"direction": ["in"]},
    ],
)  # fmt: skip
def test_what_is_no_notice(changes):
    with pytest.raises(InvalidInput, match=r"cloud_pbx\.malformed"):
        read(**changes)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"text"', b"[" * 5000])
def test_what_is_no_json_object(body):
    with pytest.raises(InvalidInput, match=r"cloud_pbx\.malformed"):
        notices.read(body)


def test_signature_is_of_the_body_and_of_the_key():
    body = b'{"event": "call.started"}'
    signature = "sha256=" + hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert notices.is_signed(body, "key", signature)
    assert not notices.is_signed(body + b" ", "key", signature)
    assert not notices.is_signed(body, "other", signature)
    assert not notices.is_signed(body, "key", signature.upper())
    empty = "sha256=" + hmac.new(b"", body, hashlib.sha256).hexdigest()
    assert not notices.is_signed(body, "", empty)
