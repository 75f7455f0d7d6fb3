"""The matrix of salons and directions, filled by cells, rows and columns."""

import pytest

from backend.core.salon import Phase
from backend.flows.rules import configuration
from backend.store import accounts, db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import (
    ANNA,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    OLGA,
    OTHER,
    PETR,
    STAGES,
    TVERSKAYA,
    UNMAPPED,
    URAL,
    URAL_LASER,
)

MATRIX = f"{HOME}/routes"
SPARE = 8004


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def fill(stand, owner):
    def press(**fields):
        base = configuration.number(stand.account.id)
        return owner.post(MATRIX, **{"pipeline": "keep", "responsible": "keep", "base": base, **fields})

    return press


def cell(company, direction):
    return f"{company}/{direction}"


def routes_of(rules, company):
    return {r.direction: r.pipeline_id for r in rules().routes if r.branch_id == company}


def test_a_person_alone_makes_no_route(fill, rules):
    before = rules()

    answer = fill(cell=cell(TVERSKAYA, "epilation"), pipeline="remove")
    alone = fill(cell=cell(TVERSKAYA, "epilation"), responsible=str(PETR))

    assert (answer.status_code, alone.status_code) == (303, 422)
    assert "сначала выберите воронку" in alone.text
    assert len(rules().routes) == len(before.routes) - 1


def test_the_matrix_tells_pipelines_people_and_what_lacks(owner, stand):
    db.run(
        "INSERT INTO branch_categories (branch_id, category_id, title, is_gone) "
        "SELECT id, 609, 'Маникюр', false FROM branches WHERE company_id = %s",
        (URAL,),
    )

    page = text_of(owner.get(MATRIX))

    assert "Нет маршрута: 1 клетка" in page
    assert "Урал Эпиляция Пётр услуг нет нет маршрута" in page
    assert "Прочее Анна (от салона)" in page


def test_all_is_said_to_be_well(owner):
    assert "Маршруты есть для всех записей" in text_of(owner.get(MATRIX))


def test_a_new_route_takes_the_stages_of_its_pipeline_and_bookings_follow(stand, fill, rules):
    answer = fill(cell=cell(URAL, "other"), pipeline=OTHER, responsible=OLGA)

    route = rules().route(URAL, "other")
    assert (answer.status_code, answer.location) == (303, MATRIX)
    assert (route.pipeline_id, route.responsible_id) == (OTHER, OLGA)
    assert route.stages == rules().route(TVERSKAYA, "other").stages


def test_a_whole_column_at_once(fill, rules):
    fill(column="cosmetology", pipeline=COSMETOLOGY)

    assert routes_of(rules, URAL) == {"epilation": EPILATION, "cosmetology": COSMETOLOGY}
    assert rules().route(TVERSKAYA, "cosmetology").responsible_id == OLGA


def test_a_whole_row_gets_one_responsible_and_no_new_routes(fill, rules):
    fill(row=str(TVERSKAYA), responsible=PETR)

    assert {r.responsible_id for r in rules().routes if r.branch_id == TVERSKAYA} == {PETR}
    assert routes_of(rules, URAL) == {"epilation": EPILATION}


def test_the_salons_responsible_again(fill, rules):
    fill(cell=cell(TVERSKAYA, "epilation"), responsible="salon")

    assert rules().route(TVERSKAYA, "epilation").responsible_id is None


def test_routes_are_removed_and_bookings_wait(stand, fill, rules):
    fill(row=str(URAL), pipeline="remove")
    record = stand.book(URAL_LASER, company=URAL, staff=83)
    stand.settle()

    assert routes_of(rules, URAL) == {}
    assert stand.reason(record) == "no_route"


def test_bookings_that_waited_become_deals_when_their_route_appears(stand, fill, rules):
    fill(cell=cell(TVERSKAYA, "other"), pipeline="remove")
    record = stand.book(UNMAPPED)
    stand.settle()
    assert stand.leads_of(record) == []

    fill(cell=cell(TVERSKAYA, "other"), pipeline=COSMETOLOGY)
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == COSMETOLOGY


def test_nothing_ticked_is_said(fill):
    answer = fill(pipeline=OTHER)

    assert answer.status_code == 422
    assert 'id="pipeline-problem">Отметьте хотя бы одну клетку' in answer.text


def test_a_pipeline_that_is_not_there_is_said_beside_the_choice(fill, rules):
    before = rules()

    answer = fill(cell=cell(URAL, "other"), pipeline=SPARE)

    assert answer.status_code == 422
    assert 'id="pipeline-problem">В аккаунте нет воронки 8004' in answer.text
    assert f'value="{cell(URAL, "other")}" checked' in answer.text
    assert rules() == before


def test_a_person_who_left_is_said_in_the_cell(fill, rules):
    answer = fill(cell=cell(URAL, "epilation"), responsible=999)

    assert answer.status_code == 422
    assert f'id="{cell(URAL, "epilation")}-problem">В аккаунте нет пользователя 999' in answer.text


def test_a_route_that_broke_says_so_in_its_cell(stand, owner):
    text = accounts.by_domain(DOMAIN).schema.replace(f'"id": {COSMETOLOGY}, "name"', '"id": 1, "name"')
    accounts.save_schema(stand.account.id, text)

    page = owner.get(MATRIX).text

    assert f'id="{cell(TVERSKAYA, "cosmetology")}-problem">В аккаунте нет воронки {COSMETOLOGY}' in page


def test_strange_cells_are_no_cells(fill, rules):
    before = rules()

    assert fill(cell=["x/y", "41001", "41001/nobody", f"{'9' * 30}/other"], pipeline=OTHER).status_code == 422
    assert rules() == before


def test_before_amocrm_was_read_there_is_nothing_to_choose(stand, owner, fill):
    db.run("UPDATE accounts SET schema = NULL")

    assert "amoCRM ещё не прочитана" in owner.get(MATRIX).text
    assert fill(cell=cell(URAL, "other"), pipeline=OTHER).status_code == 422


def test_pipelines_are_read_anew(stand, owner):
    owner.post(f"{HOME}/reread/crm", screen="routes")

    assert "прочитано только что" in text_of(owner.get(MATRIX))


def test_a_viewer_sees_and_cannot(viewer, rules):
    before = rules()
    page = viewer.get(MATRIX)

    assert "Анна" in page.text
    assert 'name="cell"' not in page.text
    assert viewer.post(MATRIX, cell=cell(URAL, "other"), pipeline=OTHER).status_code == 403
    assert rules() == before


def test_who_saved_meanwhile_is_said(stand, owner, fill):
    base = configuration.number(stand.account.id)
    fill(cell=cell(URAL, "epilation"), responsible=ANNA)

    answer = fill(cell=cell(URAL, "other"), pipeline=OTHER, base=base)

    assert answer.status_code == 422
    assert "irina сохранил версию 2" in answer.text
    assert f'<option value="{OTHER}" selected>' in answer.text


def test_a_phase_of_the_copied_map_is_the_same(fill, rules):
    fill(cell=cell(URAL, "cosmetology"), pipeline=COSMETOLOGY)

    assert rules().route(URAL, "cosmetology").stages[Phase.NO_SHOW] == 8205


def test_tags_and_the_place_of_the_next_lead_are_set_for_the_ticked_cells(stand, owner):
    cell = f"{TVERSKAYA}/epilation"

    answer = owner.post(
        f"{HOME}/routes", base="1", cell=cell, pipeline="keep", responsible="keep", change_tags="1",
        tags=" запись, салон ,запись,", trigger=f"{EPILATION}:{STAGES[EPILATION]}",
    )  # fmt: skip

    assert answer.status_code == 303
    route = configuration.current(stand.account.id).route(TVERSKAYA, "epilation")
    assert route.tags == ("запись", "салон")
    assert (route.trigger_pipeline_id, route.trigger_stage_id) == (EPILATION, STAGES[EPILATION])
    page = owner.get(f"{HOME}/routes").text
    assert "запись, салон" in page
    assert "следующий визит: Эпиляция" in page
    trail = text_of(owner.get(f"{HOME}/audit"))
    assert "теги новой сделки запись, салон" in trail
    assert "этап сделки от автоматизации Новая заявка" in trail


def test_what_is_not_changed_of_a_route_stays_and_what_is_emptied_goes(stand, owner):
    cell, place = f"{TVERSKAYA}/epilation", f"{EPILATION}:"
    owner.post(f"{HOME}/routes", base="1", cell=cell, change_tags="1", tags="запись", trigger=place)

    owner.post(f"{HOME}/routes", base="2", cell=cell, pipeline="keep", responsible=str(OLGA), trigger="keep")
    kept = configuration.current(stand.account.id).route(TVERSKAYA, "epilation")
    owner.post(f"{HOME}/routes", base="3", cell=cell, change_tags="1", tags="", trigger="nowhere")
    emptied = configuration.current(stand.account.id).route(TVERSKAYA, "epilation")

    assert (kept.tags, kept.trigger_pipeline_id, kept.trigger_stage_id) == (("запись",), EPILATION, None)
    assert (emptied.tags, emptied.trigger_pipeline_id) == ((), None)


def test_a_stage_that_is_gone_is_told_beside_its_field(stand, owner):
    cell = f"{TVERSKAYA}/epilation"

    answer = owner.post(f"{HOME}/routes", base="1", cell=cell, pipeline="keep", trigger=f"{EPILATION}:999")

    assert answer.status_code == 422
    assert 'id="trigger-problem"' in answer.text
