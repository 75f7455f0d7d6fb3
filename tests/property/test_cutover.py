"""Staff, GET8 and the switch in whatever order: one writer at a time, one lead for each booking."""

from itertools import count

import pytest
import redis
from hypothesis import given, note
from hypothesis import strategies as st

from backend.core.errors import InvalidInput, NeedsHuman
from backend.core.takeover.cutover import LET_GO, State
from backend.flows.takeover.switching import catch_up, cutover
from tests.property.histories import usual
from tests.support import moving
from tests.support.get8 import CLIENT as GET8_APP
from tests.support.get8 import Get8Stand
from tests.support.stand import CLEANING, CLIENT, LASER_ARMPITS, LASER_LEGS, TVERSKAYA

NUMBERS = count()
SERVICES = (LASER_ARMPITS, LASER_LEGS, CLEANING)
BOOKINGS = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("book"), st.integers(0, 2)),
    st.tuples(st.just("mark"), BOOKINGS, st.sampled_from((0, 2))),
    st.tuples(st.just("edit"), BOOKINGS, st.sampled_from(SERVICES)),
    st.tuples(st.just("delete"), BOOKINGS),
    st.tuples(st.just("manager"), BOOKINGS),
    st.tuples(st.just("tick"), st.sampled_from((3, 29, 61, 170, 301))),
    st.tuples(st.just("go")),
    st.tuples(st.just("go")),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("fail")),
)


class Life:
    """A salon in which two bookings are known and the button has been pressed."""

    def __init__(self, stage, lag):
        with redis.Redis.from_url(stage.redis_url) as memory:
            memory.flushall()
        self.stand = Get8Stand(
            f"sqlite:///{stage.folder / f'{next(NUMBERS)}.db'}", stage.redis_url, lag=(lag, lag)
        )
        self.records, self.deleted = [], set()
        self.patch = pytest.MonkeyPatch()
        self.book(0)
        self.book(1)
        self.stand.settle()
        moving.prepare(self.stand)
        self.counted = self.written()
        moving.begin(self.stand)

    def written(self):
        """How many cards each of the two has changed."""
        rows = [row for row in self.stand.writes() if "custom_fields" not in row["path"]]
        cards = [row for row in rows if "leads" in row["path"] or "contacts" in row["path"]]
        return {who: sum(row["author"] == who for row in cards) for who in (CLIENT, GET8_APP)}

    # What people do

    def book(self, kind):
        number = len(self.records)
        client = (f"Клиент {number}", f"+7999000{number:04}")
        at = self.stand.wall(f"+{20 + number}")
        self.records.append(self.stand.book(SERVICES[kind], client=client, at=at))

    def known(self, number):
        alive = [record for record in self.records if record["id"] not in self.deleted]
        return alive[number % len(alive)] if alive else None

    def mark(self, number, attendance):
        if record := self.known(number):
            self.stand.mark(record, attendance)

    def edit(self, number, service):
        if record := self.known(number):
            self.stand.edit(record, services=[{"id": service}])

    def delete(self, number):
        if record := self.known(number):
            self.deleted.add(record["id"])
            self.stand.delete(record)

    def manager(self, number):
        record = self.known(number)
        if record and (found := self.of(record)):
            self.stand.edit_lead(found[0], name=f"Заметка {number}")

    # What the machines do

    def tick(self, seconds):
        self.stand.world.clock.advance(seconds)
        self.stand.work()

    def go(self):
        moving.works(self.stand)

    def cancel(self):
        try:
            cutover.cancel(self.stand.ctx, self.stand.account.id, TVERSKAYA)
        except InvalidInput:
            return

    def fail(self):
        """The catch-up will not begin for this switch."""

        def refused(*_args, **_more):
            raise NeedsHuman("yclients.unauthorized")

        self.patch.setattr(catch_up, "ask", refused)

    def do(self, step):
        before = moving.writer(self.stand)
        getattr(self, step[0])(*step[1:])
        self.look(step, before)

    def look(self, step, before):
        now, after = self.written(), moving.writer(self.stand)
        ours, theirs = (now[who] - self.counted[who] for who in (CLIENT, GET8_APP))
        assert not ours or "ours" in (before, after), (step, before, after)
        assert not theirs or before != "ours", (step, before, after)
        self.counted = now

    # The end

    def finish(self):
        for _ in range(60):
            self.do(("go",))
            if moving.now(self.stand).state in LET_GO:
                break
            self.do(("tick", 61))
        else:
            raise AssertionError(moving.now(self.stand))
        for record in self.records:  # whoever did not hear of a change hears of this one
            if record["id"] not in self.deleted:
                self.stand.edit(record, comment="до встречи")
        for _ in range(6):
            self.do(("tick", 90))

    def of(self, record):
        """Leads of this booking's person, who has no other booking."""
        phone = str(record["client"]["phone"])[-10:]
        people = {
            contact["id"]
            for contact in self.stand.contacts()
            if phone in {number[-10:] for number in self.stand.phones(contact)}
        }
        return [
            lead
            for lead in self.stand.leads()
            if people.intersection(contact["id"] for contact in lead["_embedded"]["contacts"])
        ]

    def close(self):
        self.patch.undo()
        self.stand.close()


@usual(15)
@given(steps=st.lists(STEPS, min_size=3, max_size=12), lag=st.sampled_from((2.0, 50.0)))
def test_one_writer_at_a_time_and_one_lead_for_each_booking(stage, steps, lag):
    life = Life(stage, lag)
    try:
        for step in steps:
            life.do(step)
        life.finish()
        ended, writer = moving.now(life.stand).state, moving.writer(life.stand)
        note(f"ended {ended} {writer}")

        is_ours = ended in (State.WATCHING, State.DONE)
        assert is_ours == (writer == "ours")
        for record in life.records:
            leads = life.of(record)
            if record["id"] in life.deleted:
                assert len(leads) <= 1, record["id"]
                continue
            assert len(leads) == 1, (record["id"], [lead["id"] for lead in leads])
            assert bool(life.stand.value(leads[0], "MOSTIK_KEY")) == is_ours, record["id"]
    finally:
        life.close()
