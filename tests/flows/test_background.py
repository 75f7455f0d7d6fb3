"""Patient work: the full pass goes slice by slice, a look at the salons is one account's own job."""

from backend.flows.road import reconcile
from backend.flows.sync import mirror
from backend.store import lanes
from backend.store import mirror as index
from tests.support.stand import DOMAIN, EPILATION, LASER_ARMPITS


def test_full_pass_goes_on_from_the_last_saved_page(stand, monkeypatch):
    monkeypatch.setattr("backend.integrations.amocrm.client.PAGE", 10)
    for number in range(35):
        stand.open_lead(EPILATION, 8100, (f"Клиент {number}", f"+7999000{number:04d}"))
    for name in (mirror.CONTACTS, mirror.LEADS):
        index.save_mark(stand.account.id, name, index.SyncMark())
    client = stand.ctx.amo(stand.account.id)

    slices = 1
    while not mirror.build(stand.account.id, client, most_pages=2):
        slices += 1

    assert slices > 2
    assert mirror.is_complete(stand.account.id)
    assert len(index.leads_by_ids(stand.account.id, [lead["id"] for lead in stand.leads()])) == 35


def test_periodic_round_gives_each_account_a_look_of_its_own(stand):
    stand.world.yclients.hooks(loss=1.0)
    record = stand.book(LASER_ARMPITS)
    stand.world.clock.advance(60)

    assert reconcile.ring_all(stand.ctx) == 1
    assert reconcile.run(stand.ctx, stand.rung.popleft()) == 1
    stand.work()
    assert stand.lead_of(record)["pipeline_id"] == EPILATION


def test_look_that_is_under_way_is_not_doubled(stand):
    lane = lanes.lane_id(stand.account.id, reconcile.LANE)
    lanes.take(lane, "another worker", 60)
    stand.world.amocrm.journal_clear()

    assert reconcile.run(stand.ctx, lane) == 0
    assert stand.world.amocrm.journal(DOMAIN) == []
