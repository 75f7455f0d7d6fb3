"""The board of categories, the list of directions, and what is proposed by words alone."""

from dataclasses import replace

import pytest

from backend.core.mapping import mapping, mapping_words
from backend.core.mapping.mapping import Listed, Offered
from backend.core.rules.configuration import Branch, Configuration, Direction, Master, Route
from backend.core.salon import Phase

HAIR = Direction("hair", "Волосы", 1, categories={1: frozenset({10}), 2: frozenset({20})})
NAILS = Direction("nails", "Ногти", 2, services={1: frozenset({500})})
REST = Direction("rest", "Прочее", 100, is_default=True)
ROUTE = Route(1, "hair", 800, {Phase.WAITING: 81})
RULES = Configuration(
    branches=(Branch(1, "Центр"), Branch(2, "Север")), directions=(HAIR, NAILS, REST), routes=(ROUTE,)
)


def offered(company, category, title, **more):
    return Offered(company, category, title, **{"services": 3, **more})


# The board


def test_equal_titles_of_several_salons_are_one_card():
    board = mapping.board(
        [offered(1, 11, "Брови "), offered(2, 21, "БРОВИ"), offered(2, 22, "Ресницы")], RULES
    )

    assert [(c.title, c.value, c.services) for c in board.unmapped.cards] == [
        ("Брови", "1:11,2:21", 6),
        ("Ресницы", "2:22", 3),
    ]


def test_a_card_sums_up_its_salons():
    board = mapping.board([offered(1, 11, "Брови", apart=1), offered(2, 21, "брови", apart=2)], RULES)

    assert (board.unmapped.cards[0].companies, board.unmapped.cards[0].apart) == ((1, 2), 3)


def test_one_title_in_two_directions_is_two_cards():
    rules = mapping.moved(RULES, [(2, 20)], "nails")

    board = mapping.board([offered(1, 10, "Стрижки"), offered(2, 20, "Стрижки")], rules)

    values = {column.direction.key: [card.value for card in column.cards] for column in board.columns}
    assert values == {"hair": ["1:10"], "nails": ["2:20"], "rest": []}


def test_columns_stand_by_importance():
    rules = replace(RULES, directions=(REST, NAILS, HAIR))

    assert [column.direction.key for column in mapping.board([], rules).columns] == ["hair", "nails", "rest"]


def test_a_category_whose_services_all_stand_apart_asks_for_nothing():
    board = mapping.board([offered(1, 11, "Брови", apart=3), offered(1, 12, "Ресницы", apart=2)], RULES)

    assert [card.title for card in board.left] == ["Ресницы"]


def test_an_empty_category_still_asks():
    assert len(mapping.board([offered(1, 11, "Брови", services=0)], RULES).left) == 1


def test_services_without_a_category_cannot_be_moved_as_one():
    board = mapping.board([offered(1, mapping.NO_CATEGORY, "")], RULES)

    assert board.unmapped.cards[0].is_loose
    assert mapping.moved(RULES, [(1, mapping.NO_CATEGORY)], "hair") == RULES


def test_vanished_categories_come_last_and_say_so():
    board = mapping.board([offered(1, 11, "Брови", is_gone=True), offered(1, 12, "Ресницы")], RULES)

    assert [(card.title, card.is_gone) for card in board.unmapped.cards] == [
        ("Ресницы", False),
        ("Брови", True),
    ]


def test_moving_takes_a_category_off_its_old_direction():
    rules = mapping.moved(RULES, [(1, 10), (1, 11)], "nails")

    assert rules.direction("hair").categories == {2: frozenset({20})}
    assert rules.direction("nails").categories == {1: frozenset({10, 11})}


def test_moving_to_nothing_unsorts():
    rules = mapping.moved(RULES, [(1, 10), (2, 20)], "")

    assert rules.direction("hair").categories == {}


def test_a_service_gets_a_direction_of_its_own_and_goes_back():
    rules = mapping.served_apart(RULES, {(1, 500): "", (1, 501): "hair", (2, 502): "hair"})

    assert rules.direction("nails").services == {}
    assert rules.direction("hair").services == {1: frozenset({501}), 2: frozenset({502})}
    assert mapping.owner_of_service(rules, (1, 501)) == "hair"
    assert mapping.owner_of_service(rules, (1, 500)) == ""


def test_B14_services_that_were_shown_help_or_help_no_more_and_others_stay_as_they_were():
    options = replace(RULES.options, auxiliary={1: frozenset({500, 501}), 2: frozenset({502})})

    rules = mapping.helped_by(
        replace(RULES, options=options), shown=[(1, 500), (1, 503), (2, 502)], helping=[(1, 503)]
    )

    assert rules.options.auxiliary == {1: frozenset({501, 503})}
    assert rules.directions == RULES.directions


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("1:2,3:4", ((1, 2), (3, 4))),
        ("", ()),
        ("1:x,-1:2,5:6", ((5, 6),)),
        ("1:2:3", ()),
        ("9" * 19 + ":1", ()),
    ],
)
def test_a_card_named_by_a_form(value, found):
    assert mapping.pairs(value) == found


# Directions


def test_a_new_direction_has_a_lasting_key_and_stands_before_the_one_for_the_rest():
    rules, key = mapping.added(RULES, "Лазерная эпиляция")

    assert key == "lazernaya-epilyatsiya"
    assert [d.key for d in mapping.in_order(rules)] == ["hair", "nails", key, "rest"]


def test_adding_a_known_title_makes_nothing():
    assert mapping.added(RULES, " ногти ") == (RULES, "nails")


@pytest.mark.parametrize(
    ("title", "taken", "key"),
    [
        ("Щётки & Ёлки", [], "schetki-elki"),
        ("Hair", ["hair", "hair-2"], "hair-3"),
        ("!!!", [], "direction"),
        ("я" * 90, [], "ya" * 20),
    ],
)
def test_keys_from_titles(title, taken, key):
    assert mapping.new_key(title, taken) == key


def test_renaming_alone_keeps_priorities():
    lines = [Listed("hair", "Стрижки"), Listed("nails", "Ногти"), Listed("rest", "Прочее")]

    rules = mapping.arranged(RULES, lines, "rest")

    assert [(d.title, d.priority) for d in rules.directions] == [
        ("Стрижки", 1),
        ("Ногти", 2),
        ("Прочее", 100),
    ]


def test_a_new_order_is_a_new_importance_and_the_document_keeps_its_places():
    lines = mapping.swapped([Listed("hair", "Волосы"), Listed("nails", "Ногти")], "nails", -1)

    rules = mapping.arranged(RULES, lines, "nails")

    assert [d.key for d in rules.directions] == ["hair", "nails", "rest"]
    assert [d.key for d in mapping.in_order(rules)] == ["nails", "hair", "rest"]
    assert rules.default_direction.key == "nails"


def test_titles_that_people_take_for_one_are_told():
    titles = {"a": "Волосы", "b": "волосы ", "c": "", "d": "", "e": "Ногти"}

    assert mapping.repeated_titles(titles) == ["b"]


def test_a_line_at_the_end_stays_there():
    lines = [Listed("hair", "Волосы"), Listed("nails", "Ногти")]

    assert mapping.swapped(lines, "hair", -1) == tuple(lines)
    assert mapping.swapped(lines, "nobody", 1) == tuple(lines)


def test_removing_takes_the_routes_along():
    rules = mapping.removed(RULES, "hair")

    assert rules.direction("hair") is None
    assert rules.routes == ()


# Proposals


def proposed(*titles, rules=RULES):
    board = mapping.board([offered(1, 100 + n, title) for n, title in enumerate(titles)], rules)
    return {one.card.title: one.key or one.title for one in mapping_words.proposals(board)}


def test_a_master_of_a_direction_that_is_removed_keeps_only_the_person():
    staff = {81: Master(7000001, "hair"), 82: Master(None, "hair"), 83: Master(None, "nails")}
    salon, *others = RULES.branches

    rules = mapping.removed(replace(RULES, branches=(replace(salon, staff=staff), *others)), "hair")

    assert rules.branches[0].staff == {81: Master(7000001), 83: Master(None, "nails")}


def test_a_title_goes_where_its_words_are_known():
    assert proposed("Окрашивание", "Маникюр классический") == {
        "Окрашивание": "hair",
        "Маникюр классический": "nails",
    }


def test_like_titles_become_one_new_direction():
    found = proposed("Татуаж", "Татуаж губ", "Солярий", "Массаж лица", rules=Configuration())

    assert found == {
        "Татуаж": "Татуаж",
        "Татуаж губ": "Татуаж",
        "Солярий": "Солярий",
        "Массаж лица": "Массаж",
    }


def test_the_direction_for_the_rest_is_never_proposed():
    assert proposed("Прочее разное") == {"Прочее разное": "Прочее разное"}


def test_a_proposal_does_not_depend_on_the_order_of_cards():
    titles = ["Татуаж губ", "Солярий", "Татуаж", "Губы"]

    assert proposed(*titles, rules=Configuration()) == proposed(*reversed(titles), rules=Configuration())
