"""Whatever two years on GET8 were like: what is adopted without asking is right, and one to one always."""

import random
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import phones
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.takeover import assignment, pairing
from backend.core.takeover.pairing import State
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from backend.core.takeover.sides import Deal, Named, Reader, Said, Visit, When
from backend.flows.takeover.pairs import matching
from backend.integrations.amocrm import parse as crm
from backend.integrations.yclients import parse as salons
from sandbox.get8 import network
from sandbox.get8.settings import Style
from tests.support.facts import NOW
from tests.support.lived import NOW as TODAY
from tests.support.lived import filled

ADDRESS = "https://yclients.com/timetable/{company_id}#main_date={number}-{number}-{number}&open_modal_by_record_id={record_id}"
MARKS = {"visit": (What.DATE, "unix"), "services": (What.SERVICE_TITLES, ""), "salon": (What.SALON, ""),
         "record": (What.RECORD_ID, "")}  # fmt: skip


def recognition(known):
    ids = known.layout.ids
    places = [Place(Kind.FIELD, ids[part], *mark) for part, mark in MARKS.items() if part in ids]
    if "url" in ids:
        places.append(Place(Kind.URL, ids["url"], What.RECORD_ID, ADDRESS))
    places.append(Place(Kind.NOTE, 0, What.RECORD_ID, "Запись YCLIENTS №{record_id} от"))
    return Recognition(frozenset({network.ROBOT_USER}), tuple(places))


def sides(known):
    """Both sides as the flow reads them, without a store."""
    reader = Reader(recognition(known), {title: company for company, title in network.TITLES.items()})
    place = matching.Place(1, {company: ZoneInfo(zone) for company, zone in network.ZONES.items()}, reader)
    visits = [
        matching.visit_of(salons.booking(row, network.ZONES[row["company_id"]]), place)
        for row in known.records
    ]
    contacts = {row["id"]: crm.contact(row) for row in known.crm["contacts"]}
    notes = {}
    for row in known.crm["notes"]:
        notes.setdefault(row["entity_id"], []).append(Said(row["created_by"], row["params"]["text"]))
    deals = []
    for row in known.crm["leads"]:
        lead = crm.lead(row)
        numbers = [phones.key(text) for i in lead.contact_ids for text in contacts[i].phones]
        deals.append(reader.deal(lead, filter(None, numbers), notes.get(lead.id, ())))
    return visits, deals


def assigned(visits, deals, now):
    known = pairing.index(visits)
    found = pairing.candidates(known, deals, now, pairing.homes(known, deals))
    return assignment.assign(found, matching.solve)


def is_one_to_one(pairs):
    accepted = [pair for pair in pairs if pair.state is State.ACCEPTED]
    keys, leads = Counter(pair.key for pair in accepted), Counter(pair.lead_id for pair in accepted)
    return max(keys.values(), default=1) == 1 and max(leads.values(), default=1) == 1


@pytest.mark.parametrize("style", list(Style))
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(1, 10_000))
def test_all_that_is_adopted_without_asking_is_right(style, seed):
    known = filled(style, 250, seed)

    pairs = assigned(*sides(known), TODAY)

    wrong = [p for p in pairs if p.state is State.ACCEPTED and known.truth[p.key][0] != p.lead_id]
    assert wrong == []
    assert is_one_to_one(pairs)


@pytest.mark.parametrize("style", list(Style))
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(1, 10_000))
def test_nearly_every_true_pair_is_adopted_or_shown(style, seed):
    known = filled(style, 400, seed)

    pairs = {(pair.key, pair.lead_id) for pair in assigned(*sides(known), TODAY)}

    true = {(key, lead) for key, (lead, _, _) in known.truth.items() if lead is not None}
    assert len(true & pairs) >= 0.99 * len(true)


PEOPLE = ["", "+79990000001", "+79990000002"]


@st.composite
def crowded(draw):
    """Few people, few minutes, few numbers: everything clashes with everything."""
    dice = random.Random(draw(st.integers(0, 10**6)))
    hours = [NOW + timedelta(hours=n) for n in range(3)]
    visits = [
        Visit(
            f"yclients:{company}:{n}", company, n, dice.choice([0, 60]), dice.choice(PEOPLE), at,
            at.replace(tzinfo=None), NOW - timedelta(days=3, seconds=dice.randrange(400)),
            dice.choice(list(Phase)), Kopecks(100 * dice.randrange(3)), ("Лазер",),
        )
        for n in range(1, draw(st.integers(2, 9)))
        for company, at in [(dice.choice([41001, 41002]), dice.choice(hours))]
    ]  # fmt: skip
    deals = [
        Deal(
            100 + n, 8001, dice.random() < 0.3, NOW - timedelta(days=3, seconds=dice.randrange(-400, 400)),
            dice.random() < 0.7, frozenset(filter(None, [dice.choice(PEOPLE)])), frozenset({Kopecks(100)}),
            named=tuple(Named(dice.randrange(1, 9)) for _ in range(dice.choice([0, 0, 1, 2]))),
            visits=tuple(dice.sample([60], dice.randrange(2))),
            mentioned=tuple(Named(dice.randrange(1, 9)) for _ in range(dice.choice([0, 0, 1]))),
            when=When(frozenset(dice.sample(hours, dice.randrange(2)))),
            activity=(dice.randrange(3), True, NOW),
        )
        for n in range(draw(st.integers(1, 9)))
    ]  # fmt: skip
    return visits, deals


@settings(max_examples=300, deadline=None)
@given(crowded())
def test_one_to_one_whatever_clashes(world):
    pairs = assigned(*world, NOW)

    best = [pair for pair in pairs if pair.is_best]
    assert is_one_to_one(pairs)
    assert max(Counter(pair.key for pair in best).values(), default=1) == 1
    assert max(Counter(pair.lead_id for pair in best).values(), default=1) == 1
    assert len({(pair.key, pair.lead_id) for pair in pairs}) == len(pairs)


@settings(max_examples=200, deadline=None)
@given(crowded(), st.randoms())
def test_the_order_of_the_rows_decides_nothing(world, dice):
    visits, deals = world
    shuffled = [dice.sample(side, len(side)) for side in (visits, deals)]

    sure = {
        (p.key, p.lead_id, p.state) for p in assigned(visits, deals, NOW) if p.state is not State.PROPOSED
    }

    assert sure == {
        (p.key, p.lead_id, p.state) for p in assigned(*shuffled, NOW) if p.state is not State.PROPOSED
    }


@settings(max_examples=200, deadline=None)
@given(crowded())
def test_a_lead_that_is_listed_as_a_duplicate_is_nobodys(world):
    pairs = assigned(*world, NOW)
    doubles = {pair.lead_id for pair in pairs if pair.state is State.DUPLICATE}

    assert not doubles & {pair.lead_id for pair in pairs if pair.state is not State.DUPLICATE}
