"""POST /hooks/…: who is let in, what is kept, and what a sender is told."""

import json
from io import BytesIO

import pytest

from backend.store import accounts, alarms, db, events
from backend.store.inbound import Filters
from backend.web import guard
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL


def stored(stand, **filters):
    return events.page(stand.account.id, Filters(**filters))


def record_hook(company=TVERSKAYA, record=555):
    data = {
        "id": record, "company_id": company, "services": [], "attendance": 0, "deleted": False,
        "date": "2026-11-25 12:00:00", "datetime": "2026-11-25T12:00:00+03:00",
        "last_change_date": "2026-11-21T12:00:00+0300", "create_date": "2026-11-21T12:00:00+0300",
        "staff": {"id": 81, "name": "Вера"}, "client": None,
    }  # fmt: skip
    body = {
        "company_id": company,
        "resource": "record",
        "resource_id": record,
        "status": "create",
        "data": data,
    }
    return json.dumps(body).encode()


def test_a_hook_is_stored_before_it_is_answered(stand, client, hook_path):
    answer = client.post(hook_path, data=record_hook())

    assert answer.status_code == 200
    (event,) = stored(stand, subjects=(f"yclients:{TVERSKAYA}:555",))
    assert (event.kind, event.status) == ("yclients.record", "received")


def test_a_repeated_hook_is_answered_the_same_and_stored_once(stand, client, hook_path):
    answers = [client.post(hook_path, data=record_hook()).status_code for _ in range(4)]

    assert answers == [200] * 4
    assert len(stored(stand, subjects=(f"yclients:{TVERSKAYA}:555",))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/yclients/forged",
        "/hooks/yclients/" + "x" * 2000,
        "/hooks/unheard-of/forged",
        "/hooks/amocrm/forged",
        "/hooks/yclients/",
    ],
)
def test_a_forged_secret_finds_nothing(stand, client, path):
    before = len(stored(stand))

    answer = client.post(path, data=record_hook())

    assert answer.status_code == 404
    assert len(stored(stand)) == before


def test_a_secret_of_one_source_opens_no_other(client, hook_path):
    secret = hook_path.rpartition("/")[2]

    assert client.post(f"/hooks/amocrm/{secret}", data=b"").status_code == 404
    assert client.post(f"/hooks/asterisk/{secret}", data=b"").status_code == 404


def test_a_body_above_a_mebibyte_is_refused(stand, client, hook_path):
    before = len(stored(stand))

    answer = client.post(hook_path, data=b"x" * (guard.MEBIBYTE + 1))

    assert answer.status_code == 413
    assert len(stored(stand)) == before


def test_a_large_body_without_an_announced_length_is_refused_too(stand, hook_path):
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    stream = BytesIO(b"x" * (guard.MEBIBYTE + 1))

    answer = stand.app.test_client().post(hook_path, input_stream=stream, environ_overrides=environ)

    assert answer.status_code == 413


def test_another_salons_company_is_refused_with_an_alarm(stand, client, hook_path):
    answer = client.post(hook_path, data=record_hook(company=99999))

    assert answer.status_code == 403
    assert stored(stand, subjects=("yclients:99999:555",)) == []
    (alarm,) = [
        alarm for alarm in alarms.open_alarms(stand.account.id) if alarm.code == "hooks.foreign_branch"
    ]
    assert alarm.scope_key == str(TVERSKAYA)


def test_a_neighbours_secret_does_not_open_a_neighbour(stand, client, hook_path):
    assert client.post(hook_path, data=record_hook(company=URAL)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b'{"company_id": 41001, "resource": "rec',
        b"\xff\xfe not utf-8",
        b"",
        b"[]",
        b'"text"',
        b'{"company_id": 41001, "resource": "weather", "resource_id": 1, "status": "create", "data": {}}',
    ],
)
def test_what_we_cannot_use_is_stored_and_answered_200(stand, client, hook_path, body):
    """Row H5: a 4xx would make the vendor switch the hook off."""
    before = len(stored(stand))

    answer = client.post(hook_path, data=body)

    assert answer.status_code == 200
    assert len(stored(stand)) == before + 1


def test_an_unreadable_body_is_shown_as_rejected(stand, client, hook_path):
    client.post(hook_path, data=b'{"oops')

    (event,) = stored(stand, status="rejected")
    assert (event.kind, event.error) == ("yclients.unreadable", "hooks.unreadable")


def test_a_removed_account_takes_nothing_and_provokes_no_retries(stand, client, hook_path):
    accounts.remove(stand.account.id, stand.now())
    before = len(stored(stand))

    answer = client.post(hook_path, data=record_hook())

    assert (answer.status_code, len(stored(stand))) == (200, before)


def test_a_hook_answers_without_cookies_and_pages(client, hook_path):
    answer = client.post(hook_path, data=record_hook())

    assert "Set-Cookie" not in answer.headers
    assert answer.data == b"ok"


def test_only_posts_are_hooks(client, hook_path):
    assert client.get(hook_path).status_code == 405


def test_a_failed_store_is_not_answered_200(stand, hook_path, monkeypatch):
    """The sender must come again: what is not durable was not received."""

    def broken(*_, **__):
        raise RuntimeError("disk is full")

    monkeypatch.setattr(db, "run", broken)
    stand.app.testing = False

    assert stand.app.test_client().post(hook_path, data=record_hook()).status_code == 500


def test_no_log_line_holds_a_secret(stand, client, hook_path, caplog):
    for name in ("backend", "admin", "mostik"):
        caplog.set_level("DEBUG", logger=name)
    secret = hook_path.rpartition("/")[2]

    client.post(hook_path, data=record_hook(company=99999))
    client.post(hook_path, data=b"x" * (guard.MEBIBYTE + 1))
    client.post(f"/hooks/yclients/{secret}-forged", data=b"{}")

    assert secret not in caplog.text


def test_a_hook_of_the_crm_freshens_our_index(stand):
    """Through the real subscription: a person opens a lead, amoCRM tells us."""
    lead = stand.open_lead(8001, 8100)
    stand.work()

    assert [event.kind for event in stored(stand, kind="amocrm.changes")] != []
    assert lead["id"] > 0


def test_another_accounts_hook_is_refused(stand, client):
    path = f"/hooks/amocrm/{stand.account.hook_secret}"

    answer = client.post(path, data={"account[id]": "1", "leads[delete][0][id]": "5"})

    assert answer.status_code == 403


def test_a_booking_becomes_a_lead_through_the_door(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["price"] == 2500
