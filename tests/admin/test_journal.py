"""The journal: filters, pages, and what it points at."""

import re
from datetime import timedelta

import pytest

from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration_edit
from backend.flows.works import long_work
from backend.store import audit, connections, events, lanes, long_works
from tests.admin.conftest import HOME
from tests.admin.reading import stored, text_of
from tests.support.stand import CLEANING, MOSCOW, TVERSKAYA, WAITING_LIST


def test_the_journal_tells_how_each_event_ended(stand, owner, booked):
    page = text_of(owner.get(f"{HOME}/events"))

    assert f"Запись № {booked['id']}" in page
    assert "Открытой сделки этого клиента по направлению «Эпиляция» в салоне «Тверская» не нашлось" in page
    assert "изменение в amoCRM" not in page


def test_what_was_only_observed_is_marked_and_what_was_done_is_not(stand, owner, booked):
    configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.OBSERVE, "тест")
    watched = stand.book(CLEANING, client=("Елена", "+79990000002"))
    stand.settle()

    def rows(record):
        return owner.get(f"{HOME}/events?text={record['id']}").text.split("<tbody>")[1]

    assert "наблюдение" in rows(watched)
    assert "наблюдение" not in rows(booked)


def test_the_journal_can_show_everything(owner, booked):
    assert "изменение в amoCRM" in text_of(owner.get(f"{HOME}/events?what=all"))


def test_the_journal_is_searched_and_filtered(stand, owner, booked):
    other = stand.book(CLEANING, client=("Елена", "+79990000002"), staff=WAITING_LIST)
    stand.settle()

    found = text_of(owner.get(f"{HOME}/events?text={other['id']}"))
    nothing = text_of(owner.get(f"{HOME}/events?status=failed"))

    assert f"Запись № {other['id']}" in found
    assert f"Запись № {booked['id']}" not in found
    assert "Ничего не нашлось" in nothing


@pytest.mark.parametrize(
    "query", ["status=unheard-of", "branch=999", "before=x", "before=²", "lead=' OR 1=1", "what=x"]
)
def test_a_strange_filter_is_no_error(owner, query):
    assert owner.get(f"{HOME}/events?{query}").status_code == 200


def test_the_journal_has_pages(stand, owner):
    for number in range(60):
        events.record(
            stand.now(), account_id=stand.account.id, branch_id=None, lane="bookings",
            source="test", subject=f"yclients:41001:{9000 + number}",
             kind="yclients.record", dedup_key=str(number), body="{}",
            settle_seconds=0, status="rejected",
        )  # fmt: skip

    first = owner.get(f"{HOME}/events").text
    earlier = re.search(r'href="([^"]+before=[^"]+)"', first).group(1).replace("&amp;", "&")
    second = owner.get(earlier).text

    assert "№ 9059" in first
    assert "№ 9009" not in first
    assert "№ 9009" in second
    assert "№ 9010" not in second
    assert "data-live" in first
    assert "data-live" not in second


def test_an_unreadable_message_is_pointed_at(stand, owner):
    secret = connections.get(stand.account.id, TVERSKAYA).hook_secret
    owner.client.post(f"/hooks/yclients/{secret}", data=b'{"oops <script>alert(1)</script>')

    page = text_of(owner.get(f"{HOME}/events"))
    rejected = text_of(owner.get(f"{HOME}/events?what=all&status=rejected"))
    story = owner.get(f"{HOME}/events/{stored(stand, status='rejected')[0].id}").text

    assert "отклонено — 1" in page
    assert "Сообщение не удалось прочитать" in rejected
    assert "<script>alert" not in story
    assert "&lt;script&gt;alert" in story


def test_a_day_and_a_lead_narrow_the_journal(stand, owner, booked):
    lead, today = stand.lead_of(booked)["id"], stand.now().astimezone(MOSCOW).date()

    def found(**query):
        return f"Запись № {booked['id']}" in text_of(owner.get(f"{HOME}/events", query_string=query))

    assert found(lead=lead)
    assert not found(lead=lead + 1)
    assert found(day=today.isoformat())
    assert not found(day=(today - timedelta(days=1)).isoformat())
    assert found(day="someday")


@pytest.mark.parametrize("spelling", ["мар", "Мария", "+7 999 000-00-01"])
def test_a_clients_name_or_phone_finds_their_bookings(stand, owner, booked, spelling):
    stand.book(CLEANING, client=("Елена", "+79990000002"))
    stand.settle()

    page = text_of(owner.get(f"{HOME}/events", query_string={"text": spelling}))

    assert f"Запись № {booked['id']}" in page
    assert page.count("Запись №") == 1


def test_chosen_rows_are_handled_again(stand, owner, booked):
    event = stand.events(booked)[0]

    answer = owner.post(f"{HOME}/events/replay", event=event.id)
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    stand.settle()

    assert answer.location == f"{HOME}/works"
    assert "Заново обработано 1 событие" in text_of(owner.get(f"{HOME}/works"))
    assert stand.events(booked)[0].source == "replay"
    assert audit.page(stand.account.id)[0].action == "work.started"


def test_everything_found_is_handled_again_after_a_confirmation(stand, owner, booked):
    stand.book(CLEANING, client=("Елена", "+79990000002"))
    stand.settle()

    asked = text_of(owner.get(f"{HOME}/events/replay?text={booked['id']}"))
    owner.post(f"{HOME}/events/replay", all="1", text=booked["id"])
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))

    assert f"Номер записи, имя или телефон клиента {booked['id']}" in asked
    replayed = [event.subject for event in stored(stand) if event.source == "replay"]
    assert replayed == [f"yclients:41001:{booked['id']}"]


def test_nothing_chosen_is_said_to_be_so(stand, owner, booked):
    answer = owner.post(f"{HOME}/events/replay")

    assert answer.location == f"{HOME}/events"
    assert "Отметьте хотя бы одно событие" in owner.get(answer.location).text
    assert long_works.page(stand.account.id) == []


def test_a_viewer_chooses_nothing(stand, viewer, booked):
    assert 'type="checkbox"' not in viewer.get(f"{HOME}/events").text
    assert viewer.post(f"{HOME}/events/replay", all="1").status_code == 403
