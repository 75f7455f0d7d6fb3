"""What is edited beside the board: services apart from their category, the list of directions."""

import pytest

from backend.flows.rules import configuration
from backend.store import db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import CLEANING, LASER_ARMPITS, TVERSKAYA, UNMAPPED, URAL

BOARD = f"{HOME}/directions"
MANICURE, EPILATION_CARD = f"{TVERSKAYA}:509", f"{TVERSKAYA}:501,{URAL}:601"


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def base(stand):
    return lambda: configuration.number(stand.account.id)


# Services apart


def test_services_of_a_card_are_listed_once_per_title(owner):
    page = text_of(owner.get(f"{BOARD}/services?card={EPILATION_CARD}"))

    assert "Лазер: подмышки Тверская, Урал" in page
    assert "Категория относится к направлению «Эпиляция»" in page


def test_a_service_gets_a_direction_of_its_own(owner, base, rules):
    of = f"{TVERSKAYA}:{LASER_ARMPITS},{URAL}:90101"

    answer = owner.post(
        f"{BOARD}/services", card=EPILATION_CARD, of=of, base=base(), **{f"to:{of}": "cosmetology"}
    )

    assert answer.status_code == 303
    assert rules().direction("cosmetology").services == {TVERSKAYA: {LASER_ARMPITS}, URAL: {90101}}
    assert "2 отдельно" in text_of(owner.get(BOARD))
    assert (
        '<option value="cosmetology" selected>' in owner.get(f"{BOARD}/services?card={EPILATION_CARD}").text
    )


def test_salons_that_differ_are_left_alone_unless_somebody_chooses(owner, base, rules):
    one, both = f"{TVERSKAYA}:{LASER_ARMPITS}", f"{TVERSKAYA}:{LASER_ARMPITS},{URAL}:90101"
    owner.post(f"{BOARD}/services", card=EPILATION_CARD, of=one, base=base(), **{f"to:{one}": "cosmetology"})
    assert "по-разному в салонах" in owner.get(f"{BOARD}/services?card={EPILATION_CARD}").text

    owner.post(f"{BOARD}/services", card=EPILATION_CARD, of=both, base=base(), **{f"to:{both}": "mixed"})

    assert rules().direction("cosmetology").services == {TVERSKAYA: {LASER_ARMPITS}}


def test_a_category_settled_by_its_services_is_not_counted(owner, base):
    of = f"{TVERSKAYA}:{UNMAPPED}"

    owner.post(f"{BOARD}/services", card=MANICURE, of=of, base=base(), **{f"to:{of}": "cosmetology"})

    assert "Все категории разобраны" in text_of(owner.get(BOARD))


def test_services_without_a_category_can_only_be_mapped_by_themselves(owner, stand):
    db.run("UPDATE branch_services SET category_id = NULL WHERE service_id = %s", (CLEANING,))

    page = owner.get(BOARD).text

    assert "Без категории" in page
    assert f'value="{TVERSKAYA}:0"' not in page
    assert "Чистка лица" in owner.get(f"{BOARD}/services?card={TVERSKAYA}:0").text


@pytest.mark.parametrize("card", ["", "1:2", "nonsense", "41001:503:1"])
def test_a_card_that_is_none_has_no_page(owner, card):
    assert owner.get(f"{BOARD}/services?card={card}").status_code == 404


# The list of directions

KEYS = ["epilation", "cosmetology", "other"]
TITLES = {"title-epilation": "Эпиляция", "title-cosmetology": "Косметология", "title-other": "Прочее"}


@pytest.fixture
def arrange(owner, base):
    def press(**changes):
        fields = {**TITLES, "default": "other", **changes}
        return owner.post(f"{BOARD}/list", key=KEYS, base=base(), **fields)

    return press


def test_renaming_keeps_the_key(arrange, rules):
    arrange(**{"title-epilation": "Лазер"})

    assert rules().direction("epilation").title == "Лазер"


def test_one_place_up_is_more_important(arrange, rules):
    arrange(step="cosmetology:up")

    assert {d.key: d.priority for d in rules().directions} == {"cosmetology": 1, "epilation": 2, "other": 3}


def test_without_a_default_the_rest_is_skipped(arrange, rules, owner):
    arrange(default="")

    assert rules().default_direction is None
    assert "не становятся сделками" in text_of(owner.get(BOARD))


def test_a_direction_is_added(arrange, rules):
    arrange(added="Брови и ресницы")

    assert rules().direction("brovi-i-resnitsy").title == "Брови и ресницы"


def test_adding_a_known_one_is_said_beside_it(arrange):
    assert 'id="added-problem">Такое направление уже есть' in arrange(added="ЭПИЛЯЦИЯ").text


def test_a_title_twice_is_said_beside_it(arrange, rules):
    answer = arrange(**{"title-epilation": "косметология"})

    assert answer.status_code == 422
    assert 'id="title-cosmetology-problem">Такое направление уже есть' in answer.text
    assert 'value="косметология"' in answer.text
    assert rules().direction("epilation").title == "Эпиляция"


def test_an_empty_title_is_said_beside_it(arrange):
    assert 'id="title-other-problem">Заполните' in arrange(**{"title-other": " "}).text


def test_nothing_changed_saves_no_version(arrange, base):
    before = base()

    assert arrange().status_code == 303
    assert base() == before


def test_removing_a_direction_with_routes_asks_first(owner, base, rules):
    answer = owner.post(f"{BOARD}/remove", key="epilation", base=base())

    assert answer.status_code == 422
    assert "По направлению «Эпиляция» настроено 2 маршрута" in answer.text
    assert rules().direction("epilation")


def test_removing_it_together_with_its_routes(owner, base, rules):
    owner.post(f"{BOARD}/remove", key="epilation", base=base(), with_routes="1")

    assert rules().direction("epilation") is None
    assert [route.direction for route in rules().routes] == ["cosmetology", "other"]
    assert "Не разобрано 2 категории" not in text_of(owner.get(BOARD))
    assert "Не разобраны 2 категории" in text_of(owner.get(BOARD))


def test_removing_one_without_routes_asks_nothing(owner, base, rules, arrange):
    arrange(added="Лишнее")

    assert owner.post(f"{BOARD}/remove", key="lishnee", base=base()).status_code == 303
    assert rules().direction("lishnee") is None


def test_a_direction_learns_when_the_next_visit_is_due_and_forgets_it(stand, owner):
    fields = {"key": "epilation", "title-epilation": "Эпиляция", "default": "other"}

    owner.post(f"{HOME}/directions/list", base="1", **fields, **{"next-epilation": "28"})
    known = configuration.current(stand.account.id).direction("epilation").next_visit_days
    owner.post(f"{HOME}/directions/list", base="2", **fields, **{"next-epilation": ""})

    assert known == 28
    assert configuration.current(stand.account.id).direction("epilation").next_visit_days is None
    assert "дней до следующего визита 28" in text_of(owner.get(f"{HOME}/audit"))


def test_a_strange_number_of_days_is_told_beside_its_field(stand, owner):
    fields = {"key": "epilation", "title-epilation": "Эпиляция", "next-epilation": "month"}

    answer = owner.post(f"{HOME}/directions/list", base="1", **fields)

    assert answer.status_code == 422
    assert 'id="next-epilation-problem"' in answer.text


def test_an_auxiliary_service_is_marked_and_decides_no_direction_any_more(stand, owner):
    services = f"{HOME}/directions/services"
    of = f"{TVERSKAYA}:{LASER_ARMPITS}"

    owner.post(services, base="1", card=f"{TVERSKAYA}:501", of=of, helping=of)

    assert configuration.current(stand.account.id).options.auxiliary == {TVERSKAYA: {LASER_ARMPITS}}
    page = owner.get(services, query_string={"card": f"{TVERSKAYA}:501"}).text
    assert f'name="helping" value="{of}" checked' in page
    record = stand.book(LASER_ARMPITS, CLEANING)
    stand.settle()
    assert stand.value(stand.lead_of(record), "MOSTIK_DIRECTION") == ["Косметология"]
