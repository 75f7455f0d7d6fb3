"""Answers of amoCRM that the emulator never gives, and what our client makes of them."""

import json
from datetime import timedelta

import pytest

from backend.core.errors import NeedsHuman, TryLater
from backend.integrations.amocrm.client import AmoClient, Refused
from tests.contract import our_clients
from tests.contract.our_clients import DOMAIN


def answering(status, content_type, body):
    def app(_environ, start_response):
        start_response(status, [("Content-Type", content_type)])
        return [body]

    return AmoClient(
        our_clients.line(app, "amocrm"), f"https://crm.example.test/{DOMAIN}", lambda _stale: "t"
    )


PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("status", "content_type", "body", "error", "code"),
    [
        ("402 Payment Required", PROBLEM, b'{"status": 402}', NeedsHuman, "amocrm.unpaid"),
        ("403 Forbidden", PROBLEM, b'{"status": 403}', NeedsHuman, "amocrm.forbidden"),
        ("403 Forbidden", "text/html", b"<h1>403 Forbidden</h1>", NeedsHuman, "amocrm.blocked"),
        ("302 Found", "text/html", b"", TryLater, "amocrm.failing"),
        ("200 OK", "text/html", b"<h1>We are being repaired</h1>", TryLater, "amocrm.failing"),
        ("422 Unprocessable", PROBLEM, b'{"detail": "Limit 250 per page"}', Refused, "amocrm.refused"),
        ("400 Bad Request", PROBLEM, b'{"validation-errors": null}', Refused, "amocrm.refused"),
    ],
)
def test_rare_answers_are_named_too(status, content_type, body, error, code):
    with pytest.raises(error) as caught:
        answering(status, content_type, body).write("POST", "leads", [{}])

    assert caught.value.code == code


def test_pause_named_by_the_vendor_is_kept():
    client = answering("429 Too Many Requests", PROBLEM, b'{"retry_after": 300}')

    with pytest.raises(TryLater) as caught:
        client.account()

    assert caught.value.after == timedelta(minutes=5)


def test_list_that_cannot_be_narrowed_is_not_read_to_its_end():
    asked = []

    def app(environ, start_response):
        asked.append(environ["QUERY_STRING"])
        rows = [{"id": 9, "entity_id": 1, "params": {"text": "чужое"}}]
        body = {"_embedded": {"notes": rows}, "_links": {"next": {"href": "…"}}}
        start_response("200 OK", [("Content-Type", "application/hal+json")])
        return [json.dumps(body).encode()]

    client = AmoClient(
        our_clients.line(app, "amocrm"), f"https://crm.example.test/{DOMAIN}", lambda _stale: "t"
    )

    assert client.notes_of([5]) == ()
    assert len(asked) == 20
