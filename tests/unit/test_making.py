"""Who is responsible for a new lead: the first of those who are wanted that still works there."""

from dataclasses import replace

import pytest

from backend.core.rules.configuration import Master
from backend.core.rules.options import ResponsibleBy
from backend.core.salon import StaffMember
from backend.core.sync import making
from tests.support.facts import CONFIGURATION, RULES, booking, rules

MASTERS, AUTHORS, ROUTES, SALONS = 7000011, 7000012, 7000001, 7000001
AUTHOR = 51
ROUTE = CONFIGURATION.routes[0]


def chosen_by(by, about, route=ROUTE, **branch):
    known = rules(responsible_by=by)
    first = replace(CONFIGURATION.branches[0], **branch)
    branches = (first, *CONFIGURATION.branches[1:])
    return making.whose(
        about, route, replace(known, configuration=replace(known.configuration, branches=branches))
    )


def test_the_masters_user_is_responsible_where_the_account_wants_that():
    assert chosen_by(ResponsibleBy.MASTER, booking(), staff={81: Master(MASTERS)}) == MASTERS


@pytest.mark.parametrize("staff", [{}, {81: Master(None)}])
def test_a_master_without_a_user_leaves_it_to_the_route(staff):
    assert chosen_by(ResponsibleBy.MASTER, booking(), staff=staff) == ROUTES


def test_another_master_is_not_asked():
    other = booking(staff=StaffMember(82, "Инна"))

    assert chosen_by(ResponsibleBy.MASTER, other, staff={81: Master(MASTERS)}) == ROUTES


def test_the_author_of_the_booking_is_responsible_where_the_account_wants_that():
    about = booking(author_id=AUTHOR)

    assert chosen_by(ResponsibleBy.AUTHOR, about, authors={AUTHOR: AUTHORS}) == AUTHORS


def test_an_unknown_author_leaves_it_to_the_route():
    assert chosen_by(ResponsibleBy.AUTHOR, booking(author_id=AUTHOR)) == ROUTES


def test_without_a_route_of_a_person_the_salons_one_is_responsible():
    route = replace(ROUTE, responsible_id=None)

    assert making.whose(booking(), route, RULES) == SALONS


def test_whoever_left_amocrm_is_passed_over():
    nobody = replace(RULES, users=frozenset({MASTERS}))

    assert making.whose(booking(), ROUTE, nobody) == 0


def test_a_salon_that_nobody_knows_gives_the_routes_person():
    assert making.whose(booking(branch_id=999), ROUTE, RULES) == ROUTES
