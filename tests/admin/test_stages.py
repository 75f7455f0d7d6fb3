"""The stage map of each pipeline."""

import pytest

from backend.core.salon import Phase
from backend.flows.rules import configuration, schemas
from backend.store import accounts
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import DOMAIN, EPILATION, LASER_ARMPITS, TVERSKAYA, URAL

SCREEN = f"{HOME}/stages"
GROUP = f"{TVERSKAYA}/epilation"
USUAL = {
    "stage-waiting": 8101, "stage-confirmed": 8102, "stage-arrived": 142, "stage-no_show": 8105,
    "stage-cancelled": 143, "attachable": [8100, 8101, 8105],
    "rank-8100": "10", "rank-8101": "20", "rank-8102": "30", "rank-8105": "15", "rank-8109": "",
}  # fmt: skip


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def save(stand, owner):
    def press(**changes):
        base = configuration.number(stand.account.id)
        return owner.post(SCREEN, **{"base": base, "group": GROUP, **USUAL, **changes})

    return press


def test_a_pipeline_is_drawn_with_its_stages_and_the_phases_under_them(owner):
    page = text_of(owner.get(SCREEN))

    assert "Тверская — Эпиляция; Урал — Эпиляция" in page
    assert "Перенос визита Не пришёл" in page
    assert "Успешно реализовано Пришёл" in page


def test_colours_are_those_of_amocrm(stand, owner):
    colour = schemas.load(stand.account.id).stage(EPILATION, 8101).color

    assert colour
    assert f'fill="{colour}"' in owner.get(SCREEN).text


def test_routes_of_one_pipeline_change_together(save, rules):
    answer = save(**{"stage-no_show": 8109})

    assert (answer.status_code, answer.location) == (303, SCREEN)
    assert rules().route(TVERSKAYA, "epilation").stages[Phase.NO_SHOW] == 8109
    assert rules().route(URAL, "epilation").stages[Phase.NO_SHOW] == 8109
    assert rules().route(TVERSKAYA, "cosmetology").stages[Phase.NO_SHOW] == 8205


def test_the_new_stage_is_where_deals_go(stand, save):
    save(**{"stage-waiting": 8100, "stage-confirmed": ""})
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == 8100


def test_a_phase_may_move_nothing(save, rules):
    save(**{"stage-confirmed": ""})

    assert Phase.CONFIRMED not in rules().route(URAL, "epilation").stages


def test_saved_unchanged_it_is_no_version(stand, save):
    before = configuration.number(stand.account.id)

    assert save().status_code == 303
    assert configuration.number(stand.account.id) == before


def test_a_booking_begins_somewhere(save, rules):
    before = rules()

    answer = save(**{"stage-waiting": ""})

    assert answer.status_code == 422
    assert "Выберите этап: с него начинается сделка новой записи" in answer.text
    assert rules() == before


@pytest.mark.parametrize(("stage", "said"), [(142, "с него нельзя начинать"), (99, "нет этапа 99")])
def test_a_forged_stage_is_said_beside_its_phase(save, stage, said):
    answer = save(**{"stage-waiting": stage})

    assert answer.status_code == 422
    assert said in answer.text.split('id="map-1-waiting-problem"')[1][:200]


def test_a_rank_is_a_number(save):
    answer = save(**{"rank-8100": "много"})

    assert answer.status_code == 422
    assert 'id="map-1-rank-8100-problem"' in answer.text
    assert 'value="много"' in answer.text
    assert answer.text.count("<details open>") == 1


def test_closed_deals_are_never_continued(save):
    answer = save(attachable=[8100, 142])

    assert answer.status_code == 422
    assert "к таким сделкам не привязываем" in answer.text


def test_a_salon_that_differs_has_a_map_of_its_own(stand, owner, rules):
    text = configuration.export_yaml(stand.account.id)
    head, tail = text.rsplit("no_show: 8105", 1)
    stand.configure(f"{head}no_show: 8109{tail}")

    page = text_of(owner.get(SCREEN))

    assert page.count("этапы настроены по-разному") == 2
    assert "Сохранить для всех маршрутов воронки" in page


def test_one_map_for_all_routes_again(stand, owner, save, rules):
    text = configuration.export_yaml(stand.account.id)
    head, tail = text.rsplit("no_show: 8105", 1)
    stand.configure(f"{head}no_show: 8109{tail}")

    save(all="1")

    assert rules().route(URAL, "epilation").stages == rules().route(TVERSKAYA, "epilation").stages
    assert "по-разному" not in text_of(owner.get(SCREEN))


def test_a_proposal_by_names_is_only_a_form(owner, save, rules):
    save(**{"stage-no_show": "", "stage-waiting": 8100})
    before = rules()

    page = owner.get(f"{SCREEN}?suggest={GROUP}")

    assert "Этапы подставлены по названиям" in page.text
    assert "Перенос визита Не пришёл" in text_of(page)
    assert rules() == before


def test_a_stage_that_is_gone_is_said_where_it_was_chosen(stand, owner):
    text = accounts.by_domain(DOMAIN).schema.replace('"id": 8105,', '"id": 8106,')
    accounts.save_schema(stand.account.id, text)

    page = owner.get(SCREEN).text

    assert "нет этапа 8105" in page.split('id="map-1-no_show-problem"')[1][:200]
    assert "№ 8105" in page


def test_a_map_of_nothing_is_not_found(save):
    assert save(group="1/2").status_code == 404


def test_a_viewer_sees_and_cannot(viewer, rules):
    assert "Сохранить" not in text_of(viewer.get(SCREEN))
    assert viewer.post(SCREEN, group=GROUP).status_code == 403


def test_without_routes_there_is_nothing_to_map(stand, owner):
    owner.post(f"{HOME}/routes", row=[str(TVERSKAYA), str(URAL)], pipeline="remove", responsible="keep",
               base=configuration.number(stand.account.id))  # fmt: skip

    assert "Сначала выберите воронки" in owner.get(SCREEN).text
