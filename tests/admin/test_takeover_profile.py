"""The profile screen of a move: what was measured, what a person says of it, the draft part by part."""

import re

import pytest

from backend.core.rules.configuration import FieldName, Mode
from backend.core.salon import Phase
from backend.core.takeover.recognition import Kind, What
from backend.flows.rules import configuration, schemas
from backend.flows.takeover.profile import profiling, recognition
from backend.flows.works import long_work
from backend.store import audit, connections, lanes, long_works, takeover_pulls
from sandbox.amocrm.state import add_field
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import traces
from tests.support.stand import COSMETOLOGY, DOMAIN, EPILATION, TVERSKAYA, URAL
from tests.support.traces import AD_FIELD, OLGA, RECORD_FIELD, ROBOT, SERVICES_FIELD, STAFF_FIELD

PROFILE = f"{HOME}/takeover/profile"
OBSERVED = """
account: {timezone: Europe/Moscow}
branches:
  - {company_id: 41001, title: Тверская, user_token: env:YC_TOKEN, mode: observe}
  - {company_id: 41002, title: Урал, user_token: env:YC_TOKEN, timezone: Asia/Yekaterinburg, mode: observe}
directions:
  - {key: other, title: Прочее, default: true}
"""
FIELDS = {
    RECORD_FIELD: ("Номер в журнале", "text"), STAFF_FIELD: ("Кто принимает", "text"),
    traces.DATE_FIELD: ("Когда ждём", "text"), SERVICES_FIELD: ("Что делаем", "textarea"),
    traces.STATUS_FIELD: ("Состояние", "text"), AD_FIELD: ("Откуда узнали", "text"),
    traces.URL_FIELD: ("Ссылка", "url"),
}  # fmt: skip
PARTS = ("directions", "stages", "routes", "fields")


@pytest.fixture
def observed(stand):
    """Two salons that GET8 has served, read and not yet measured."""
    for field_id, (name, kind) in FIELDS.items():
        add_field(stand.world.amocrm.find(DOMAIN), "leads", {"id": field_id, "name": name, "type": kind})
    stand.configure(OBSERVED)
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))
    return stand


def measure(stand, browser, style="field", count=400):
    traces.keep(stand.account.id, traces.generated(style, count))
    assert browser.post(PROFILE).status_code == 303
    while long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE)):
        pass
    stand.rung.clear()
    return browser.get(PROFILE)


def written(stand):
    """Everything that was asked of amoCRM and changes something."""
    return {what: n for what, n in stand.counts().items() if what.startswith(("POST", "PATCH", "DELETE"))}


def rules(stand):
    return configuration.current(stand.account.id)


def ticked(page, name="take"):
    """What a browser would send of the boxes as they stand."""
    boxes = [part.split(">")[0] for part in page.split(f'name="{name}" value="')[1:]]
    return [box.split('"')[0] for box in boxes if " checked" in box]


def form_of(page, part):
    return page.split(f'action="{PROFILE}/draft/{part}"')[1].split("</form>")[0]


def accept(stand, browser, part):
    page = form_of(browser.get(PROFILE).text, part)
    base = configuration.number(stand.account.id)
    return browser.post(f"{PROFILE}/draft/{part}", base=base, take=ticked(page))


def selected(page):
    """The recognition form as it stands: field of the form → what is chosen."""
    found = {}
    for part in page.split('<select name="')[1:]:
        select = part.split("</select>")[0]
        found[select.split('"')[0]] = select.split(" selected")[0].rsplit('value="', 1)[1].split('"')[0]
    return found


def test_before_anything_was_read_the_way_to_the_reading_is_shown(owner):
    page = owner.get(PROFILE)

    assert "Сначала чтение" in text_of(page)
    assert f"{HOME}/takeover/discovery" in page.text
    assert owner.post(PROFILE).status_code == 303
    assert "Сначала прочитайте amoCRM и журналы салонов." in text_of(owner.get(PROFILE))
    assert "Что происходит с записью" not in page.text


def test_while_it_is_measured_there_is_a_bar_and_no_second_work(observed, owner):
    traces.keep(observed.account.id, traces.generated("field", 60))
    owner.post(PROFILE)

    page = owner.get(PROFILE)
    assert "<progress" in page.text
    owner.post(PROFILE)
    assert len([one for one in long_works.page(observed.account.id) if one.kind == profiling.KIND]) == 1
    assert 'id="profile"' in owner.fragment(PROFILE).text


def test_places_are_told_in_words_with_share_and_count(observed, owner):
    page = text_of(measure(observed, owner))

    assert "Номер в журнале Поле сделки" in page
    assert "номер записи" in page
    assert re.search(r"100 % из 3\d\d", page)
    assert "Тег «Салон 41001»" in page
    assert "на сделках салона «Тверская»" in page
    assert "пока только измерено" in page


def test_who_writes_and_where_news_go(observed, owner):
    facts = {
        "widgets": [{"code": "link8", "is_active": True}, {"code": "off", "is_active": False}],
        "events": [{"author": ROBOT, "event": one, "count": 6} for one in ("lead_added", "tag")],
        "webhooks": [{"url": "https://hub.widget.example/amo", "is_on": True, "author": ROBOT}],
        "salons": {str(TVERSKAYA): {"hooks": ["https://hub.widget.example/yc",
                                              f"{observed.at.public}/hooks/yclients/secret"]}},
    }  # fmt: skip
    takeover_pulls.save_surroundings(observed.account.id, facts, observed.now())

    page = measure(observed, owner)

    assert ticked(page.text, "writer") == [str(ROBOT)]
    text = text_of(page)
    assert "GET8 пишет от имени пользователя «Пётр»: на нём 100 % сделок" in text
    assert "Уведомления получает на hub.widget.example." in text
    assert text.count("hub.widget.example") == 3
    assert "Включённые виджеты: link8." in text
    assert re.search(r"Пётр 3\d\d 100 % 100 % 3\d\d 12 0", text)
    assert "hooks/yclients/secret" not in page.text


def test_habits_are_drawn_in_the_crms_own_colours(observed, owner):
    page = measure(observed, owner)

    text = text_of(page)
    assert "Пришёл" in text
    assert "Успешно реализовано" in text
    assert 'fill="#CCFF66" fill-opacity="1.0"' in page.text
    assert "до 5 минут" in text
    assert "ни одной" in text
    assert "style=" not in page.text


def test_measuring_changes_neither_rules_nor_the_crm(observed, owner):
    before, asked = configuration.number(observed.account.id), observed.counts()

    measure(observed, owner)

    assert configuration.number(observed.account.id) == before
    assert observed.counts() == asked


def test_a_person_says_which_field_holds_the_number(observed, owner):
    page = measure(observed, owner, "none", 200).text
    form = {**selected(page), f"what:leads:{AD_FIELD}": "record_id"}

    owner.post(f"{PROFILE}/recognition", **form, writer=ticked(page, "writer"), tag=ticked(page, "tag"))

    known = recognition.load(observed.account.id)
    place = known.holding(What.RECORD_ID)[0]
    assert (place.kind, place.field_id, place.share) == (Kind.FIELD, AD_FIELD, 0.0)
    assert known.is_confirmed
    assert known.writer_ids == {ROBOT}
    shown = text_of(owner.get(PROFILE))
    assert "подтверждено человеком" in shown
    assert "Подтвердил(а) irina" in shown
    assert "сказано человеком" in shown


def test_confirmed_as_it_stands_nothing_changes_but_the_word(observed, owner):
    page = measure(observed, owner, "url").text
    before = recognition.load(observed.account.id)

    owner.post(
        f"{PROFILE}/recognition", **selected(page), writer=ticked(page, "writer"), tag=ticked(page, "tag")
    )

    after = recognition.load(observed.account.id)
    assert set(after.places) == set(before.places)
    assert after.writer_ids == before.writer_ids
    assert after.is_confirmed


def test_a_place_may_be_taken_away_and_the_measured_comes_back(observed, owner):
    page = measure(observed, owner).text
    form = {**selected(page), f"what:leads:{STAFF_FIELD}": "nothing"}
    owner.post(f"{PROFILE}/recognition", **form, tag=[])

    known = recognition.load(observed.account.id)
    assert not known.holding(What.STAFF)
    assert known.holding(What.RECORD_ID)
    assert not [one for one in known.places if one.kind is Kind.TAG]
    assert known.writer_ids == frozenset()
    entry = next(one for one in audit.page(observed.account.id) if one.action == "takeover.recognised")
    assert entry.before["Кто принимает"] == "мастер"
    assert "Кто принимает" not in entry.after

    owner.post(f"{PROFILE}/measured")

    assert recognition.load(observed.account.id) == recognition.measured(observed.account.id)


def test_a_made_up_word_changes_nothing(observed, owner):
    page = measure(observed, owner).text
    before = recognition.load(observed.account.id)
    form = {**selected(page), f"what:leads:{STAFF_FIELD}": "<b>", f"what:leads:{RECORD_FIELD}": ""}

    owner.post(f"{PROFILE}/recognition", **form, writer="junk", tag=ticked(page, "tag"))

    assert set(recognition.load(observed.account.id).places) == set(before.places)


def test_a_draft_accepted_part_by_part_repeats_what_get8_does_and_writes_nothing(observed, owner):
    measure(observed, owner)
    asked = written(observed)

    for part in PARTS:
        left = accept(observed, owner, part)
        assert left.status_code == 303 or not ticked(form_of(owner.get(PROFILE).text, part)), part

    now = rules(observed)
    assert {branch.company_id: branch.mode for branch in now.branches} == {
        TVERSKAYA: Mode.OBSERVE, URAL: Mode.OBSERVE,
    }  # fmt: skip
    epilation = next(route for route in now.routes if route.pipeline_id == EPILATION)
    assert (epilation.stages[Phase.WAITING], epilation.stages[Phase.NO_SHOW]) == (8101, 8105)
    routes = [one for one in now.routes if one.branch_id == URAL and one.pipeline_id == COSMETOLOGY]
    assert [route.responsible_id for route in routes] == [OLGA]
    assert now.fields[FieldName.RECORD_ID] == RECORD_FIELD
    assert now.fields[FieldName.MASTER] == STAFF_FIELD
    assert now.fields[FieldName.SERVICES] == SERVICES_FIELD
    assert written(observed) == asked
    assert "принято" in text_of(owner.get(PROFILE))


def test_a_part_tells_in_words_what_it_would_change(observed, owner):
    text = text_of(measure(observed, owner))

    assert "Изменятся 3 значения Поле «Номер записи YCLIENTS» своё поле Номер в журнале" in text
    assert "Маршрут «Тверская · epilyatsiya»: воронка Эпиляция" in text
    assert "Ответственные Кто отвечает за сделки салона в воронке. Тверская Косметология Анна" in text
    assert "Сначала примите направления" in text
    assert "Весь черновик текстом branches: - company_id: 41001" in text
    assert "mode: active" not in text


def test_nothing_ticked_and_a_part_that_is_not_there(observed, owner):
    measure(observed, owner)
    before = configuration.number(observed.account.id)

    nothing = owner.post(f"{PROFILE}/draft/fields", base=before)
    assert nothing.status_code == 422
    assert "Отметьте хотя бы одну строку." in text_of(nothing)
    assert owner.post(f"{PROFILE}/draft/everything", base=before).status_code == 404
    assert configuration.number(observed.account.id) == before


def test_the_second_of_two_people_looks_again(observed, owner):
    measure(observed, owner)
    base = configuration.number(observed.account.id)
    taken = ticked(form_of(owner.get(PROFILE).text, "fields"))
    accept(observed, owner, "fields")

    late = owner.post(f"{PROFILE}/draft/fields", base=base, take=f"field:{FieldName.MASTER}")

    assert f"field:{FieldName.MASTER}" in taken
    assert late.status_code == 422  # there is nothing left of it to accept


def test_a_viewer_looks_and_changes_nothing(observed, owner, viewer):
    measure(observed, owner)
    before = recognition.load(observed.account.id)

    page = viewer.get(PROFILE)
    assert page.status_code == 200
    assert "Принять</button>" not in page.text
    assert "<select" not in page.text
    assert viewer.post(f"{PROFILE}/recognition").status_code == 403
    assert viewer.post(f"{PROFILE}/draft/fields").status_code == 403
    assert recognition.load(observed.account.id) == before


def test_an_unconnected_salon_is_only_observed_once_it_is_accepted(observed, owner):
    """A salon that was switched off is looked at, never written for."""
    off = OBSERVED.replace("Asia/Yekaterinburg, mode: observe", "Asia/Yekaterinburg, mode: off")
    observed.configure(off)
    measure(observed, owner)
    assert connections.get(observed.account.id, URAL).mode == "off"

    accept(observed, owner, "branches")

    assert rules(observed).branch(URAL).mode is Mode.OBSERVE


def test_a_part_may_be_looked_at_on_bookings_before_it_is_accepted(observed, owner):
    measure(observed, owner)
    before = configuration.number(observed.account.id)
    page = form_of(owner.get(PROFILE).text, "fields")

    looked = owner.post(f"{PROFILE}/draft/fields", base=before, take=ticked(page), preview="1")

    assert looked.status_code == 303
    assert "/drafts/" in looked.location
    draft = owner.get(looked.location)
    assert "Номер в журнале" in text_of(draft)
    back = owner.post(f"{PROFILE}/draft/fields", base=before, take=f"field:{FieldName.MASTER}", again="1")
    assert "Черновик настроек" in text_of(back)
    assert ticked(form_of(back.text, "fields")) == [f"field:{FieldName.MASTER}"]
    assert configuration.number(observed.account.id) == before
