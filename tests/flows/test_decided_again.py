"""A new version of the configuration reaches every booking, also those in somebody's hands at that moment."""

from functools import partial

from backend.flows.rules import requeue
from backend.flows.rules.configuration_import import import_yaml
from backend.flows.sync import bookings
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, UNMAPPED

ACTIVE = CONFIGURATION.read_text(encoding="utf-8")
OBSERVED = ACTIVE.replace("mode: active, responsible_id: 7000001", "mode: observe, responsible_id: 7000001")
UNROUTED = ACTIVE.replace("title: Прочее, default: true", "title: Прочее")
PEOPLE = [("Мария", "+79990000001"), ("Иван", "+79990000002"), ("Ольга", "+79990000003")]


def test_booking_decided_by_the_version_before_is_decided_again_by_the_new_one(stand, monkeypatch):
    stand.configure(UNROUTED)
    decide, newer = bookings.decide, iter([ACTIVE])

    def overtaken(facts, rules):
        for text in newer:
            import_yaml(stand.ctx, stand.account, text, "тест", env={"YC_TOKEN": "salon-token"})
        return decide(facts, rules)

    monkeypatch.setattr(bookings, "decide", overtaken)
    record = stand.book(UNMAPPED)
    stand.settle()

    assert [event.source for event in stand.events(record)].count(requeue.SOURCE) == 1
    assert stand.lead_of(record)


def test_more_bookings_than_fit_one_statement_go_again_after_a_new_version(stand, monkeypatch):
    stand.configure(OBSERVED)
    records = [stand.book(LASER_ARMPITS, client=person, at=f"+{day}") for day, person in enumerate(PEOPLE, 2)]
    stand.settle()
    assert not stand.leads()

    monkeypatch.setattr(requeue.bulk, "chunks", partial(requeue.bulk.chunks, size=1))
    stand.configure(ACTIVE)
    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1, 1, 1]
