"""The profile of another integration, measured over what it left in the store, in each of its styles."""

import gc
import time
import tracemalloc

import pytest

from backend.core import phones
from backend.core.takeover import values
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.profile import profiling, recognition
from backend.flows.works import long_work
from backend.store import db, lanes, long_works
from tests.support import traces
from tests.support.traces import (
    AD_FIELD,
    CARD_FIELD,
    DATE_FIELD,
    RECORD_FIELD,
    ROBOT,
    SERVICES_FIELD,
    STAFF_FIELD,
    STATUS_FIELD,
    URL_FIELD,
)


@pytest.fixture
def profiled(stand):
    def measure(style, count=600, **more):
        trace = traces.generated(style, count, **more)
        traces.keep(stand.account.id, trace)
        profiling.start(stand.ctx, stand.account.id, "тест")
        run(stand)
        assert long_works.newest(stand.account.id, profiling.KIND).state == "done"
        return trace, profiling.measured(stand.account.id), recognition.load(stand.account.id)

    return measure


def run(stand):
    while long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE)):
        pass


def forget():
    for cached in (values.folded, values.spellings, values.pieces, values.moments, phones.normalized):
        cached.cache_clear()
    gc.collect()


def places(known):
    return {(one.kind, one.field_id, one.what) for one in known.places}


def test_a_number_alone_in_a_field_and_everything_beside_it(profiled):
    _, _, known = profiled("field")

    assert {
        (Kind.FIELD, RECORD_FIELD, What.RECORD_ID),
        (Kind.FIELD, STAFF_FIELD, What.STAFF),
        (Kind.FIELD, SERVICES_FIELD, What.SERVICE_TITLES),
        (Kind.FIELD, STATUS_FIELD, What.STATUS),
        (Kind.FIELD, CARD_FIELD, What.CLIENT_ID),
    } <= places(known)
    assert AD_FIELD not in {one.field_id for one in known.places}
    assert known.holding(What.CLIENT_ID, entity="contacts")
    assert known.writer_ids == {ROBOT}
    assert not known.is_confirmed


def test_a_number_inside_an_address_with_its_template(profiled):
    _, _, known = profiled("url")

    place = known.holding(What.RECORD_ID)[0]
    assert (place.kind, place.field_id) == (Kind.URL, URL_FIELD)
    assert place.pattern == (
        "https://yclients.com/timetable/{company_id}#main_date={date}&open_modal_by_record_id={record_id}"
    )


def test_a_number_in_a_note_with_the_words_around_it(profiled):
    _, found, known = profiled("note")

    assert [(one.kind, one.pattern) for one in known.holding(What.RECORD_ID)] == [
        (Kind.NOTE, "Запись YCLIENTS №{record_id} от {date}")
    ]
    assert found.traces.notes[ROBOT] > 500


def test_without_any_mark_the_tags_and_the_writer_are_still_seen(profiled):
    trace, found, known = profiled("none")

    assert not known.holding(What.RECORD_ID)
    tags = {(one.pattern, one.what, one.company_id) for one in known.places if one.kind is Kind.TAG}
    assert tags == {
        ("YCLIENTS", What.MARK, None), ("Салон 41001", What.SALON, 41001),
        ("Салон 41002", What.SALON, 41002), ("онлайн", What.ONLINE, None),
    }  # fmt: skip
    assert known.writer_ids == {ROBOT}
    counts = found.behaviour.leads_of_booking
    made = {key: sum(1 for one in trace.truth.values() if one == key) for key in trace.truth.values()}
    assert sum(row["2"] for row in counts.values()) == sum(1 for count in made.values() if count == 2)
    assert sum(row["0"] for row in counts.values()) == len(trace.records) - len(made)


def test_a_constant_shift_of_dates_is_told(profiled):
    """Written on Moscow's clock for every salon, five minutes late: the salons have two zones."""
    _, _, known = profiled("field", shift=5)

    assert [(one.field_id, one.what, one.shift) for one in known.holding(What.DATE_UTC)] == [
        (DATE_FIELD, What.DATE_UTC, 185)
    ]


def test_the_tables_say_what_becomes_of_a_booking(profiled):
    trace, found, _ = profiled("field")

    assert found.behaviour.learned.looked == len(trace.records)
    arrived = found.behaviour.attendance[("arrived",)]
    assert set(arrived) == {142}
    assert set(found.behaviour.salons) == {(41001,), (41002,)}
    assert set(found.behaviour.learned.categories[(41001, 501)]) == {8001}
    assert set(found.behaviour.learned.people[(41002, 8002)]) == {traces.OLGA}
    lags = found.behaviour.lags[()]
    assert lags["minute"] + lags["five"] == lags.total()
    assert found.behaviour.bookings_of_lead[()] == {"1": len(trace.truth)}


def test_a_word_of_a_person_outlives_the_next_measuring(profiled, stand):
    _, _, known = profiled("field")
    said = Place(Kind.FIELD, AD_FIELD, What.RECORD_ID)
    recognition.correct(stand.ctx, stand.account.id, [said], "Анна", writer_ids={5})

    profiling.start(stand.ctx, stand.account.id, "тест")
    run(stand)

    now = recognition.load(stand.account.id)
    assert now.places == (said,)
    assert now.writer_ids == {5}
    assert now.is_confirmed
    assert recognition.take_back(stand.ctx, stand.account.id, "Анна") == known


def test_the_looked_up_values_go_when_it_is_over(profiled):
    profiled("field", count=60)

    assert db.rows("SELECT count(*) FROM takeover_values") == [(0,)]


def test_cut_after_any_slice_it_goes_on_and_ends_the_same(profiled, stand, monkeypatch):
    trace, whole, known = profiled("note", count=150)
    monkeypatch.setattr(profiling, "PORTION", 40)
    monkeypatch.setattr(long_work, "SLICE_SECONDS", 0)  # each run is one slice, as if it were cut after it

    profiling.start(stand.ctx, stand.account.id, "тест")
    run(stand)

    again = profiling.measured(stand.account.id)
    assert recognition.load(stand.account.id) == known
    assert again.behaviour.leads_of_booking == whole.behaviour.leads_of_booking
    assert again.looked == whole.looked
    assert whole.looked["notes"] == len(trace.notes)


def test_a_quarter_of_a_network_is_measured_in_half_a_minute(profiled, stand):
    """The whole, 20,000 bookings, may take two minutes of our own work."""
    traces.keep(stand.account.id, traces.generated("field", 5_000))
    began = time.process_time()

    profiling.start(stand.ctx, stand.account.id, "тест")
    run(stand)

    assert time.process_time() - began < 30
    assert recognition.load(stand.account.id).holding(What.RECORD_ID)[0].count > 4_700


@pytest.mark.long
def test_memory_does_not_grow_with_the_salon(stand, monkeypatch):
    """What is held at a time: caches, which have a limit, and rows that wait for the collector do not
    count.
    """
    monkeypatch.setattr(profiling, "PORTION", 100)
    monkeypatch.setattr(long_work, "SLICE_SECONDS", 0)
    peaks = []
    for count in (200, 400, 1_200):  # the first fills what is kept for all that follows
        traces.keep(stand.account.id, traces.generated("field", count))
        tracemalloc.start()
        profiling.start(stand.ctx, stand.account.id, "тест")
        while long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE)):
            forget()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[2] < 2 * peaks[1]  # of three times as many bookings
