"""The journal: filters, pages, and what it points at."""

import re

import pytest

from backend.store import connections, events
from tests.admin.conftest import HOME
from tests.admin.reading import stored, text_of
from tests.support.stand import CLEANING, TVERSKAYA, WAITING_LIST


def test_the_journal_tells_how_each_event_ended(stand, owner, booked):
    page = text_of(owner.get(f"{HOME}/events"))

    assert f"Запись № {booked['id']}" in page
    assert "Открытой сделки этого клиента по направлению «Эпиляция» в салоне «Тверская» не нашлось" in page
    assert "изменение в amoCRM" not in page


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
    assert "every 7s" in first
    assert "every 7s" not in second


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
