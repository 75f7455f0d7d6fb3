"""What another integration does with bookings, who it is, which tags it sets; and the profile of it all."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.salon import Phase
from backend.core.takeover import behaviour, profile, tags, values, writer
from backend.core.takeover.behaviour import Behaviour
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import Kind, What
from backend.core.takeover.tags import Tags
from backend.core.takeover.writer import Traces
from tests.support.facts import BOOKED, EPILATION, NOW, RECORD, TVERSKAYA, WON, booking, lead
from tests.support.observed import ANNA, OLGA, ROBOT, URAL, made, record

# Pairs


def test_a_lead_belongs_to_the_booking_entered_nearest_to_it():
    early, late = record(0), record(1, created_at=NOW + timedelta(hours=5))

    assert behaviour.mate(made(timedelta(hours=4)), [early, late]) is late
    assert behaviour.mate(made(timedelta(days=3)), [early, late]) is None
    assert behaviour.mate(made(), []) is None
    assert behaviour.mate(replace(made(), created_at=None), [early]) is None
    assert behaviour.mate(replace(made(), is_deleted=True), [early]) is None


def test_a_number_on_the_lead_says_more_than_the_time():
    first, second = record(0), record(1)
    leads = [made(number=1), made(timedelta(days=20), number=2), made(number=3)]

    found = behaviour.pairs([first, second], leads, {1: [RECORD + 1], 2: [RECORD + 1], 3: [999]})

    assert {key: [one.id for one in own] for key, own in found.items()} == {second.key: [1, 2]}


def test_what_becomes_of_a_person_is_counted_in_every_table():
    online = record(0, phase=Phase.ARRIVED, is_online=True)
    twice = record(1, created_at=NOW + timedelta(days=10))
    none = record(2, created_at=NOW + timedelta(days=90))
    leads = [
        made(stage=WON, tags=("YCLIENTS", "онлайн"), number=1),
        made(timedelta(days=10, minutes=10), number=2),
        made(timedelta(days=10, minutes=20), number=3),
    ]
    found = Behaviour()

    found.person([online, twice, none], leads, {})

    assert found.salons == {(TVERSKAYA,): Counter({EPILATION: 2})}
    assert found.attendance == {("arrived",): Counter({WON: 1}), ("waiting",): Counter({BOOKED: 1})}
    assert found.lags == {(): Counter({"minute": 1, "quarter": 1})}
    assert found.leads_of_booking == {(TVERSKAYA,): Counter({"1": 1, "2": 1, "0": 1})}
    assert found.bookings_of_lead == {(): Counter({"1": 3})}
    assert found.tags[("online",)] == Counter({"": 1, "YCLIENTS": 1, "онлайн": 1})
    assert (found.learned.looked, found.learned.matched) == (3, 2)
    assert behaviour.restored(behaviour.written(found)) == found
    assert behaviour.restored({}) == Behaviour()


def test_one_lead_for_several_bookings_is_seen():
    found = Behaviour()

    found.person([record(0), record(1)], [made(number=1)], {1: [RECORD, RECORD + 1]})

    assert found.bookings_of_lead == {(): Counter({"2": 1})}


@pytest.mark.parametrize(
    ("after", "name", "is_quick"),
    [
        (timedelta(minutes=-5), "before", False),
        (timedelta(seconds=-30), "minute", True),
        (timedelta(minutes=4), "five", True),
        (timedelta(minutes=50), "hour", False),
        (timedelta(hours=20), "day", False),
        (timedelta(days=40), "later", False),
    ],
)
def test_lags_have_names(after, name, is_quick):
    assert behaviour.lag_name(booking(), made(after)) == name
    assert behaviour.is_quick(booking(), made(after)) == is_quick


def test_a_lead_without_a_time_was_there_before():
    timeless = replace(made(), created_at=None)

    assert behaviour.lag_name(booking(), timeless) == "before"
    assert not behaviour.is_quick(booking(), timeless)
    assert behaviour.pairs([booking()], [timeless], {timeless.id: [RECORD]}) == {booking().key: [timeless]}


def test_rows_are_shown_as_shares_the_fullest_first():
    table = {("a",): Counter({1: 1}), ("b",): Counter({1: 1, 2: 3})}

    rows = behaviour.shown(table)

    assert [(row.key, row.total, [(c.column, c.percent) for c in row.cells]) for row in rows] == [
        (("b",), 4, [(2, 75), (1, 25)]), (("a",), 1, [(1, 100)]),
    ]  # fmt: skip


# Tags


def tagged(count, names, salon=TVERSKAYA, *, is_online=False):
    return [(lead(tags=names), booking(branch_id=salon, is_online=is_online))] * count


def tag_places(*groups):
    found = Tags()
    for group in groups:
        for kept, one in group:
            found.add(kept, one)
    assert tags.restored(tags.written(found)) == found
    return {place.pattern: place for place in tags.places(found)}


def test_tags_of_everything_of_a_salon_and_of_online_bookings():
    found = tag_places(
        tagged(60, ("YC", "Тверская", "сайт"), is_online=True),
        tagged(60, ("YC", "Урал", "сайт"), URAL, is_online=True),
        tagged(60, ("YC", "Урал"), URAL),
        tagged(20, ("VIP",)),
        tagged(3, ("редкий",)),
    )

    assert {name: (one.what, one.company_id) for name, one in found.items()} == {
        "Урал": (What.SALON, URAL), "сайт": (What.ONLINE, None),
    }  # fmt: skip


def test_a_tag_on_everything_is_a_mark_and_one_here_and_there_is_nothing():
    found = tag_places(tagged(60, ("YC", "акция")), tagged(60, ("YC",)), tagged(60, ("YC", "акция"), URAL))

    assert {name: (one.what, one.share) for name, one in found.items()} == {"YC": (What.MARK, 1.0)}


def test_too_many_tags_are_not_counted(monkeypatch):
    monkeypatch.setattr(tags, "MOST", 1)

    assert tag_places(tagged(60, ("YC",))) == {}


# Who writes


def test_a_writer_makes_leads_minutes_after_their_bookings():
    found = Traces()
    for number in range(40):
        found.lead(ROBOT, ROBOT if number else None, is_quick=True)
    for number in range(60):
        found.lead(ANNA, ANNA, is_quick=number < 30)
    found.lead(OLGA, None, is_quick=True)
    found.notes[ROBOT] = 7

    robot, anna, olga = writer.writers(found)

    assert (robot.user_id, robot.leads, robot.changes, robot.notes, robot.is_writer) == (
        ROBOT,
        40,
        39,
        7,
        True,
    )
    assert (round(robot.share, 2), robot.purity) == (0.56, 1.0)
    assert (anna.purity, anna.is_writer) == (0.5, True)
    assert not olga.is_writer
    assert writer.identified(found) == {ROBOT, ANNA}
    assert writer.restored(writer.written(found)) == found
    assert writer.writers(Traces()) == ()


def heard(crm=(), salons=None):
    return writer.listeners(crm, salons or {}, "https://ours.example")


def test_addresses_that_are_told_of_changes():
    found = heard(
        [("https://user:x@Hub.example:8443/a?b", ROBOT), ("strange", 0)],
        {2: ["https://ours.example/hooks"], 1: []},
    )

    assert [(one.host, one.company_id, one.author_id, one.is_ours) for one in found] == [
        ("hub.example", None, ROBOT, False), ("strange", None, 0, False), ("ours.example", 2, 0, True),
    ]  # fmt: skip


def test_whose_address_it_probably_is():
    both = heard([("https://a.example/x", 0), ("https://b.example/x", ANNA)], {1: ["https://a.example/y"]})
    mine = heard([("https://ours.example/x", ROBOT)], {1: ["https://a.example/y"]})
    two = heard([("https://a.example/x", 0)], {1: ["https://b.example/y"]})

    assert writer.likely(both, ()) == ("a.example",)
    assert writer.likely(both, {ANNA}) == ("a.example", "b.example")
    assert writer.likely(mine, {ROBOT}) == ("a.example",)
    assert writer.likely(two, {ROBOT}) == ()
    assert writer.likely((), ()) == ()


# The whole


WHATS = {str(RECORD): frozenset({"record_id"})}


def measured():
    found = Profile()
    found.begin(record(1, created_at=NOW + timedelta(days=1)))
    found.begin(booking())
    found.begin(record(2, created_at=NOW + timedelta(days=2)))
    own = values.own([booking()], {}, {})
    for number in range(60):
        kept = made(number=number, tags=("YC",), fields=((9, str(RECORD)), (8, "")))
        found.lead(kept, [booking()], own, WHATS)
        found.contact(Contact(number, fields=((7, "5001"), (6, ""))), own, {"5001": frozenset({"client_id"})})
        found.note(f"Запись {RECORD}", ROBOT, own, WHATS)
        found.behaviour.person([booking()], [kept], {})
    found.note("Перезвонить", ANNA, None, {})
    found.contact(Contact(99), None, {})
    found.lead(made(timedelta(days=9), created_by=ANNA), [], None, {})
    return found


def test_what_is_sure_becomes_the_recognition():
    found = measured()
    known = profile.recognised(found)

    assert {(one.kind, one.entity, one.what) for one in known.places} == {
        (Kind.FIELD, "leads", What.RECORD_ID), (Kind.FIELD, "contacts", What.CLIENT_ID),
        (Kind.NOTE, "leads", What.RECORD_ID), (Kind.TAG, "leads", What.MARK),
    }  # fmt: skip
    assert known.writer_ids == {ROBOT}
    assert found.traces.notes == {ROBOT: 60}
    assert found.looked == {"records": 3, "leads": 61, "contacts": 61, "notes": 61}


def test_what_is_older_than_the_first_booking_is_not_covered():
    found = measured()

    assert found.since == NOW
    assert found.is_covered(NOW)
    assert not found.is_covered(NOW - timedelta(days=1))
    assert not found.is_covered(None)
    assert not Profile().is_covered(NOW)


def test_a_profile_is_written_and_read_again():
    assert profile.restored(profile.written(measured())) == measured()
    assert profile.restored({}) == Profile()
    assert profile.restored(profile.written(Profile())) == Profile()
