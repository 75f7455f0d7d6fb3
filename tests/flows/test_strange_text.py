"""Texts and shapes that no database and no parser likes: answered, kept, and nobody else suffers."""

import json

import pytest

from backend.integrations.amocrm import parse
from backend.store import events, mirror
from tests.support.stand import EPILATION, LASER_ARMPITS, TVERSKAYA

HOOK = b'{"company_id": 41001, "resource": "%s", "resource_id": 5, "status": "update", "data": {}}'


@pytest.mark.parametrize("name", [b"a\\ud83d", b"a\\u0000b"])
def test_hook_with_a_name_that_no_database_takes_is_answered_and_kept(stand, post_hook, name):
    assert post_hook(HOOK % name) == 200

    kept = events.page(stand.account.id, events.Filters(kind="yclients.unreadable"))
    assert [event.status for event in kept] == ["rejected"]


def test_record_whose_data_is_a_list_is_rejected_alone(stand, post_hook):
    record = stand.book(LASER_ARMPITS)
    odd = {"company_id": TVERSKAYA, "resource": "record", "resource_id": 5, "status": "update"}

    assert post_hook({**odd, "data": [{"id": 5}]}) == 200
    stand.settle()

    rejected = events.of_subject(stand.account.id, f"yclients:{TVERSKAYA}:5")
    assert [event.status for event in rejected] == ["rejected"]
    assert stand.lead_of(record)


@pytest.mark.parametrize("name", ['"a\\ud83d"', '"a\\u0000b"'])
def test_lead_with_a_name_that_no_database_takes_is_known_all_the_same(stand, name):
    row = {
        "id": 5, "pipeline_id": EPILATION, "status_id": 8100, "name": json.loads(name),
        "updated_at": 1_800_000_000,
    }  # fmt: skip

    mirror.save_leads(stand.account.id, [parse.lead(row)])

    saved = mirror.leads_by_ids(stand.account.id, [5])[5].name
    assert saved.startswith("a")
    assert "\0" not in saved


def test_hook_with_a_huge_number_in_brackets_is_answered_and_kept(stand):
    body = b"a[" + b"9" * 5000 + b"]=1&account[id]=30000001"

    answer = stand.app.test_client().post(f"/hooks/amocrm/{stand.account.hook_secret}", data=body)

    assert answer.status_code == 200
    kept = events.page(stand.account.id, events.Filters(kind="amocrm.changes"))
    assert [event.status for event in kept] == ["rejected"]
