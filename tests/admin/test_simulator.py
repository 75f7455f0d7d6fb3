"""«Посмотреть, что изменится»: a form before it is saved, over the bookings of the last days."""

import re

import pytest

from backend.core.rules.options import AfterNoShow
from backend.flows.rules import configuration
from backend.flows.works import long_work
from backend.store import audit, db, long_works
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.test_settings import AS_THEY_ARE, SETTINGS
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    LASER_ARMPITS,
    STAGES,
    TVERSKAYA,
)  # fmt: skip

MOVE = f"{HOME}/directions/move"
TO_COSMETOLOGY = {"base": "1", "card": f"{TVERSKAYA}:501", "to": "cosmetology"}


@pytest.fixture
def lived(stand):
    """Three bookings: two of epilation, one of cosmetology; each has a lead."""
    first = stand.book(LASER_ARMPITS)
    second = stand.book(LASER_ARMPITS, client=("Елена", "+79990000002"))
    third = stand.book(CLEANING, client=("Ольга", "+79990000003"))
    stand.settle()
    stand.mark(second, 1)
    stand.settle()
    return first, second, third


def stored():
    """Everything that a look must leave alone."""
    tables = dict.fromkeys(("inbound_events", "outbox_commands", "links", "bookings", "alarms"), "id")
    tables |= {"crm_leads": "lead_id", "config_versions": "id", "audit_entries": "id"}
    return {table: db.rows(f"SELECT * FROM {table} ORDER BY {by}") for table, by in tables.items()}


def looked(browser, address, **fields):
    """The page of the draft that a form led to."""
    answer = browser.post(address, preview="1", **fields)
    assert answer.status_code == 303, text_of(answer)
    assert "/drafts/" in answer.location
    return answer.location


def test_a_form_is_looked_at_and_nothing_is_saved(stand, owner, lived):
    before, asked = stored(), (stand.counts(), len(stand.world.yclients.journal()))

    page = text_of(owner.get(looked(owner, MOVE, **TO_COSMETOLOGY)))

    assert "По-другому пройдут 2 записи из 3" in page
    assert "У 2 из них сделки уже есть" in page
    assert stored() == before
    assert (stand.counts(), len(stand.world.yclients.journal())) == asked


def test_where_bookings_go_now_and_then_is_told_with_their_money(stand, owner, lived):
    page = text_of(owner.get(looked(owner, MOVE, **TO_COSMETOLOGY)))

    assert "Новая сделка Эпиляция Эпиляция, Записан Анна" in page
    assert "Новая сделка Косметология Косметология, Записан Ольга" in page
    assert "1 запись 2 500 ₽" in page
    assert "Косметология 0 сделок 0 ₽ 2 сделки 5 000 ₽" in page


def test_the_bookings_behind_a_number_are_shown_one_by_one(stand, owner, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)

    page = text_of(owner.get(f"{address}?kind=0"))

    numbers = re.findall(r"Запись № (\d+)", page)
    assert len(numbers) == 1
    assert int(numbers[0]) in {record["id"] for record in lived[:2]}


def test_any_booking_is_found_and_held_against_both_rules(stand, owner, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)

    page = text_of(owner.get(address, query_string={"q": "Ольга"}))

    assert f"Запись № {lived[2]['id']}" in page
    assert "так же" in page


def test_what_was_looked_at_is_saved_from_its_page(stand, owner, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)

    answer = owner.post(f"{address}/save")

    assert answer.status_code == 303
    assert answer.location.endswith(f"{HOME}/directions")
    assert configuration.number(stand.account.id) == 2
    saved = configuration.current(stand.account.id).direction("cosmetology")
    assert saved.categories[TVERSKAYA] == {501, 503}
    assert audit.page(stand.account.id)[0].action == "configuration.saved"


def test_what_the_page_promised_is_what_happens_then(stand, owner, lived):
    page = text_of(owner.get(looked(owner, MOVE, **TO_COSMETOLOGY)))
    owner.post(MOVE, **TO_COSMETOLOGY)

    again = stand.book(LASER_ARMPITS, client=("Вера", "+79990000009"))
    stand.settle()

    assert "Новая сделка Косметология Косметология, Записан Ольга" in page
    lead = stand.lead_of(again)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, STAGES[COSMETOLOGY] + 1)


def test_the_form_comes_back_as_it_was_filled_in(stand, owner, lived):
    typed = {**AS_THEY_ARE, "after_no_show": "strict", "settle_create": "45"}
    page = owner.get(looked(owner, SETTINGS, **typed)).text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    assert fields["settle_create"] == "45"

    form = owner.post(SETTINGS, **{**typed, "again": "1"})

    assert 'value="45"' in form.text
    assert configuration.number(stand.account.id) == 1


def test_a_form_that_would_not_be_saved_is_not_looked_at(stand, owner, lived):
    answer = owner.post(SETTINGS, **{**AS_THEY_ARE, "timezone": "Mars/Olympus"}, preview="1")

    assert answer.status_code == 422
    assert db.rows("SELECT count(*) FROM rule_drafts") == [(0,)]


def test_a_form_without_changes_is_said_to_be_so(stand, owner, lived):
    answer = owner.post(SETTINGS, **{**AS_THEY_ARE, "cancelled_loss_reason": "501"}, preview="1")

    assert answer.status_code == 303
    assert "/drafts/" not in answer.location
    assert db.rows("SELECT count(*) FROM rule_drafts") == [(0,)]


def test_options_alone_change_no_booking_that_they_do_not_concern(stand, owner, lived):
    page = text_of(owner.get(looked(owner, SETTINGS, **{**AS_THEY_ARE, "settle_create": "45"})))

    assert "Все 3 записи пройдут так же, как сейчас" in page


def test_what_somebody_saved_elsewhere_meanwhile_stays(stand, owner, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)
    owner.post(SETTINGS, **{**AS_THEY_ARE, "after_no_show": "strict"})

    owner.post(f"{address}/save")

    saved = configuration.current(stand.account.id)
    assert saved.options.after_no_show is AfterNoShow.STRICT
    assert 501 in saved.direction("cosmetology").categories[TVERSKAYA]


def test_what_somebody_saved_in_the_same_place_is_not_written_over(stand, owner, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)
    owner.post(MOVE, base="1", card=f"{TVERSKAYA}:509", to="epilation")

    answer = owner.post(f"{address}/save")

    assert answer.status_code == 422
    assert "irina" in text_of(answer)
    assert 501 in configuration.current(stand.account.id).direction("epilation").categories[TVERSKAYA]


def test_two_versions_are_compared_on_bookings_and_cannot_be_saved_by_it(stand, owner, lived):
    owner.post(MOVE, **TO_COSMETOLOGY)
    address = owner.post(f"{HOME}/rules/simulate", version="2", before="1").location

    page = owner.get(address)

    assert "По-другому пройдут 2 записи из 3" in text_of(page)
    assert f"{address}/save" not in page.text
    assert owner.post(f"{address}/save").status_code == 404


def test_an_older_version_is_looked_at_before_it_is_brought_back(stand, owner, lived):
    owner.post(MOVE, **TO_COSMETOLOGY)
    address = owner.post(f"{HOME}/rules/simulate", version="1", before="2", restore="1").location

    assert "По-другому пройдут 2 записи из 3" in text_of(owner.get(address))
    assert owner.post(f"{address}/save").status_code == 303
    assert 501 in configuration.current(stand.account.id).direction("epilation").categories[TVERSKAYA]
    assert audit.page(stand.account.id)[0].action == "configuration.restored"


def test_many_bookings_are_looked_at_as_long_work_with_a_bar(stand, owner, lived, monkeypatch):
    monkeypatch.setattr("backend.flows.simulation.simulation.AT_ONCE", 2)
    address = looked(owner, MOVE, **TO_COSMETOLOGY)
    waiting = owner.get(address)

    lane = stand.rung.pop()
    long_work.run(stand.ctx, lane)

    assert "<progress" in waiting.text
    assert 'data-live="2"' in waiting.text
    assert "По-другому пройдут 2 записи из 3" in text_of(owner.fragment(address))
    assert long_works.page(stand.account.id)[0].state == "done"


def test_a_look_that_was_stopped_says_so_and_begins_anew(stand, owner, lived, monkeypatch):
    monkeypatch.setattr("backend.flows.simulation.simulation.AT_ONCE", 2)
    address = looked(owner, MOVE, **TO_COSMETOLOGY)
    work = long_works.open_works(stand.account.id)[0]
    owner.post(f"{HOME}/works/{work.id}/cancel")
    stopped = text_of(owner.get(address))
    monkeypatch.undo()

    owner.post(f"{address}/look", days="7")

    assert "Просмотр остановлен" in stopped
    assert "По-другому пройдут 2 записи из 3" in text_of(owner.get(address))


def test_bookings_whose_messages_are_gone_are_counted_honestly(stand, owner, lived):
    db.run("DELETE FROM outbox_commands")
    db.run("DELETE FROM inbound_events")

    page = text_of(owner.get(looked(owner, MOVE, **TO_COSMETOLOGY)))

    assert "О 2 записях сообщения уже не хранятся" in page


def test_a_viewer_reads_a_draft_and_saves_none(stand, owner, viewer, lived):
    address = looked(owner, MOVE, **TO_COSMETOLOGY)

    assert viewer.get(address).status_code == 200
    assert f"{address}/save" not in viewer.get(address).text
    assert viewer.post(f"{address}/save").status_code == 403


@pytest.mark.parametrize("query", ["kind=99", "kind=x", "from=-1", "from=999999", "q=%25", "q=<b>"])
def test_a_strange_question_is_no_error(owner, lived, query):
    assert owner.get(f"{looked(owner, MOVE, **TO_COSMETOLOGY)}?{query}").status_code == 200


def test_a_draft_of_another_account_does_not_exist(owner, lived):
    assert owner.get(f"{HOME}/drafts/999").status_code == 404


def test_a_file_is_tried_on_bookings_before_it_is_saved(stand, owner, lived):
    text = configuration.export_yaml(stand.account.id).replace("[501]", "[]").replace("[503]", "[501, 503]")
    address = owner.post(f"{HOME}/rules/import", text=text, deed="preview", base="1").location

    assert "По-другому пройдут 2 записи из 3" in text_of(owner.get(address))
    assert configuration.number(stand.account.id) == 1
    assert owner.post(f"{address}/save").status_code == 303
    assert audit.page(stand.account.id)[0].action == "configuration.imported"


def test_a_file_with_keys_is_tried_but_not_kept(stand, owner, lived):
    text = configuration.export_yaml(stand.account.id).replace("kept", "secret-of-a-salon", 1)
    text = text.replace("[501]", "[]").replace("[503]", "[501, 503]")
    address = owner.post(f"{HOME}/rules/import", text=text, deed="preview", base="1").location

    assert f"{address}/save" not in owner.get(address).text
    assert "secret-of-a-salon" not in str(db.rows("SELECT * FROM rule_drafts"))
