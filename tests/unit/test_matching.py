"""Which direction a booking belongs to, and which open lead of the person it continues."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.rules.options import AfterNoShow, MovedBetweenSalons
from backend.core.salon import Client, Phase
from backend.core.sync import matching, sharing
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate, Place
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    COSMETOLOGY,
    DIRECTION,
    NEW,
    NOW,
    RULES,
    SALON,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
    booking,
    lead,
    line,
    rules,
)

LASER, LEGS = line(501, 2500), line(501, 4500, 90002, "Лазер: голени")
CLEANING = line(503, 4000, 90021, "Чистка лица")
NAILS = line(509, 1800, 90031, "Маникюр")
OURS = ((SALON, "Тверская"), (DIRECTION, "Эпиляция"))
HERE, URALS = "yclients:41001:660001", "yclients:41002:660001"


def directions(*lines, fixed="", configuration=CONFIGURATION):
    found = sharing.shares(replace(booking(), lines=lines), configuration, fixed)
    return [(direction.key, money // 100) for direction, money in found.directions]


# --- services → directions ---


@pytest.mark.parametrize(
    ("main", "own"), [("", ["Чистка лица", "Лазер: голени"]), ("epilation", ["Чистка лица"])]
)
def test_auxiliary_lines_are_shown_where_their_money_is(main, own):
    options = replace(CONFIGURATION.options, auxiliary={TVERSKAYA: frozenset({90002})})
    about = replace(booking(), lines=(LASER, LEGS, CLEANING))
    part = sharing.part(about, replace(equal_priorities(), options=options), "cosmetology", main)

    assert [one.title for one in part.lines] == own


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([LASER], [("epilation", 2500)], id="one category"),
        pytest.param([LASER, LEGS], [("epilation", 7000)], id="B11 two services of one direction"),
        pytest.param(
            [CLEANING, LASER], [("epilation", 2500), ("cosmetology", 4000)], id="B1 priority before money"
        ),
        pytest.param(
            [NAILS, CLEANING], [("cosmetology", 4000), ("other", 1800)], id="B9 unmapped is the default"
        ),
        pytest.param([], [("other", 0)], id="no services: A14"),
    ],
)
def test_directions_of_a_booking_main_first(lines, expected):
    assert directions(*lines) == expected


def equal_priorities():
    equal = tuple(replace(d, priority=1) for d in CONFIGURATION.directions)
    return replace(CONFIGURATION, directions=equal)


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        pytest.param([LASER, CLEANING], "cosmetology", id="more money"),
        pytest.param([LASER, line(503, 2500)], "epilation", id="equal money, first line"),
        pytest.param([line(503, 2500), LASER], "cosmetology", id="equal money, first line of the other"),
    ],
)
def test_main_direction_among_equal_priorities(lines, first):
    assert directions(*lines, configuration=equal_priorities())[0][0] == first


def test_B15_a_fixed_main_direction_stays_while_it_is_present():
    assert directions(LASER, CLEANING, fixed="cosmetology")[0][0] == "cosmetology"


def test_a_fixed_direction_that_disappeared_is_forgotten():
    assert directions(LASER, fixed="cosmetology")[0][0] == "epilation"


def test_B17_a_services_own_direction_beats_its_category():
    combo = tuple(
        replace(d, services={TVERSKAYA: frozenset({90001})}) if d.key == "cosmetology" else d
        for d in CONFIGURATION.directions
    )

    found = directions(LASER, configuration=replace(CONFIGURATION, directions=combo))

    assert found == [("cosmetology", 2500)]


def test_a_category_of_another_salon_means_nothing_here():
    assert directions(line(601)) == [("other", 2500)]


def test_unmapped_categories_are_named_once():
    found = sharing.shares(replace(booking(), lines=(NAILS, NAILS, line(None), LASER)), CONFIGURATION)

    assert found.unmapped == (509, 0)
    assert found.titles == ("Эпиляция", "Прочее")


def test_without_a_default_an_unmapped_category_has_no_direction():
    strict = tuple(replace(d, is_default=False) for d in CONFIGURATION.directions)

    found = sharing.shares(replace(booking(), lines=(NAILS,)), replace(CONFIGURATION, directions=strict))

    assert (found.main, found.titles, found.unmapped) == (None, (), (509,))


# --- which lead ---


def best(*candidates, rules_=RULES, about=None):
    about = about or booking()
    shares = sharing.shares(about, CONFIGURATION)
    place = Place(
        CONFIGURATION.branch(TVERSKAYA), shares.main, CONFIGURATION.route(TVERSKAYA, "epilation"), shares
    )
    return matching.best(about, place, candidates, rules_, NOW)


def holder(key=HERE):
    return Link(key, 20000001, direction="epilation")


@pytest.mark.parametrize(
    ("stage", "fields", "rank"),
    [
        pytest.param(TO_BE_MOVED, OURS, 1, id="to be moved, same direction and salon"),
        pytest.param(NEW, OURS, 2, id="same direction and salon"),
        pytest.param(NEW, OURS[1:], 3, id="same direction, no salon"),
        pytest.param(NEW, OURS[:1], 4, id="same salon, no direction"),
        pytest.param(NEW, (), 5, id="an advertisement"),
        pytest.param(NEW, (*OURS[:1], (DIRECTION, "")), 4, id="an empty value says nothing"),
        pytest.param(NEW, ((DIRECTION, "Косметология"), (DIRECTION, "Эпиляция")), 3, id="one of several"),
    ],
)
def test_rank_of_a_free_lead(stage, fields, rank):
    assert best(Candidate(lead(stage, fields=fields))).rank == rank


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lead(WON), id="closed"),
        pytest.param(lead(is_deleted=True), id="deleted"),
        pytest.param(lead(COMPLAINT), id="A8 not attachable"),
        pytest.param(lead(8200, COSMETOLOGY), id="another pipeline"),
        pytest.param(lead(tags=("не привязывать",)), id="A9 marked"),
        pytest.param(lead(fields=((DIRECTION, "Косметология"),)), id="A4 another direction"),
        pytest.param(lead(fields=((SALON, "Урал"),)), id="A5 another salon"),
    ],
)
def test_leads_that_are_not_candidates(other):
    assert best(Candidate(other)) is None


def test_a_lead_of_a_common_pipeline_is_a_candidate():
    shared = rules(common_pipelines=frozenset({8999}))

    assert best(Candidate(lead(NEW, 8999)), rules_=shared).rank == 5


def test_nobody_means_a_new_lead():
    assert best() is None


def test_the_better_rank_wins_over_the_newer_lead():
    ours = lead(id=1, fields=OURS, created_at=NOW - timedelta(days=90))

    assert best(Candidate(lead(id=2, created_at=NOW)), Candidate(ours)).candidate.lead.id == 1


def test_A6_of_equal_leads_the_newest_is_taken_and_it_is_called_ambiguous():
    older, newer = lead(id=2, created_at=NOW - timedelta(days=2)), lead(id=1, created_at=NOW)

    found = best(Candidate(older), Candidate(newer), Candidate(lead(id=3, created_at=None)))

    assert (found.candidate.lead.id, found.is_ambiguous) == (1, True)


def test_of_leads_of_one_moment_the_last_made_is_taken():
    assert best(Candidate(lead(id=5)), Candidate(lead(id=7))).candidate.lead.id == 7


@pytest.mark.parametrize(
    ("candidate", "is_free"),
    [
        pytest.param(
            Candidate(lead(BOOKED), holder(), Phase.WAITING, NOW), False, id="A7 an active booking drives it"
        ),
        pytest.param(
            Candidate(lead(BOOKED), holder("yclients:41001:770001"), Phase.WAITING, NOW), True, id="ours"
        ),
        pytest.param(Candidate(lead(TO_BE_MOVED), holder(), Phase.NO_SHOW, NOW), True, id="missed"),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), Phase.CANCELLED, NOW), True, id="cancelled, to be moved"
        ),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), Phase.CONFIRMED, NOW),
            False,
            id="moved by hand, still booked",
        ),
        pytest.param(
            Candidate(lead(BOOKED), holder(), Phase.NO_SHOW, NOW), False, id="missed, but a person moved it"
        ),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), None, None), False, id="of a booking nobody knows"
        ),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), Phase.NO_SHOW, None), True, id="missed, nobody knows when"
        ),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), Phase.NO_SHOW, NOW - timedelta(days=60)),
            True,
            id="60 days ago",
        ),
        pytest.param(
            Candidate(lead(TO_BE_MOVED), holder(), Phase.NO_SHOW, NOW - timedelta(days=61)),
            False,
            id="61 days ago",
        ),
    ],
)
def test_a_lead_that_another_booking_held(candidate, is_free):
    assert (best(candidate) is not None) == is_free


def test_in_strict_mode_a_missed_booking_keeps_its_lead():
    missed = Candidate(lead(TO_BE_MOVED), holder(), Phase.NO_SHOW, NOW)

    assert best(missed, rules_=rules(after_no_show=AfterNoShow.STRICT)) is None


@pytest.mark.parametrize(
    ("holder_", "rank"),
    [
        pytest.param(holder(), 1, id="the booking's own lead"),
        pytest.param(replace(holder(), role=Role.SATELLITE, share="epilation"), None, id="a satellite"),
    ],
)
def test_D7_the_lead_of_a_booking_that_was_just_deleted_is_free_for_the_one_entered_instead(holder_, rank):
    left = Candidate(lead(BOOKED, fields=OURS), holder_, Phase.CANCELLED, NOW, is_leaving=True)

    found = best(left)

    assert (found.rank if found else None) == rank


@pytest.mark.parametrize(
    ("how", "key", "is_leaving", "is_taken"),
    [
        pytest.param(MovedBetweenSalons.FOLLOW, URALS, True, True, id="the account wants that"),
        pytest.param(MovedBetweenSalons.SEPARATE, URALS, True, False, id="each salon has its own lead"),
        pytest.param(MovedBetweenSalons.FOLLOW, URALS, False, False, id="the other booking is still there"),
        pytest.param(
            MovedBetweenSalons.FOLLOW, HERE, True, False, id="of this salon, yet the lead names another"
        ),
    ],
)
def test_D3_the_lead_follows_a_booking_that_moved_to_this_salon(how, key, is_leaving, is_taken):
    named = lead(BOOKED, fields=((SALON, "Урал"), (DIRECTION, "Эпиляция")))
    elsewhere = Candidate(named, holder(key), Phase.CANCELLED, NOW, is_leaving=is_leaving)

    found = best(elsewhere, rules_=rules(moved_between_salons=how))

    assert (found is not None) == is_taken


# --- whose ---


@pytest.mark.parametrize(
    ("client", "keys"),
    [
        pytest.param(
            Client("yclients:41001:7", "Мария", "8 999 000-00-01"),
            ("+79990000001", "yclients:41001:7"),
            id="both",
        ),
        pytest.param(Client("yclients:41001:7", "Мария", "нет"), ("yclients:41001:7",), id="only a card"),
        pytest.param(Client("", "Мария", "+79990000001"), ("+79990000001",), id="only a phone"),
        pytest.param(None, (), id="nobody"),
    ],
)
def test_what_a_person_is_found_by(client, keys):
    assert matching.person_keys(booking(client=client)) == keys


def test_E12_of_two_contacts_the_one_with_open_leads_is_taken():
    old, new = Contact(1), Contact(2)

    assert matching.pick_contact((old, new), {1: (lead(),)}) == old


def test_E12_of_two_contacts_without_leads_the_newest_is_taken():
    assert matching.pick_contact((Contact(1), Contact(2)), {}) == Contact(2)


def test_a_deleted_contact_is_nobody():
    assert matching.pick_contact((Contact(1, is_deleted=True),), {}) is None
