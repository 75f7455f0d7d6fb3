"""The preparation of a big account goes on slice by slice, without a pause between the slices."""

from functools import partial

from backend.flows.accounts import accounts as account_flow
from backend.flows.sync import mirror
from backend.store import events
from backend.store import mirror as index
from tests.support.stand import ANNA, DOMAIN

PEOPLE = 600  # three pages


def test_preparation_that_is_not_ready_goes_on_at_once(stand, monkeypatch):
    stand.world.amocrm.hooks(loss=1.0)
    for number in range(PEOPLE):
        stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Клиент", phones=[f"+7901{number:07d}"])
    index.save_mark(stand.account.id, mirror.CONTACTS, index.SyncMark(None, 1, is_complete=False))
    monkeypatch.setattr(mirror, "build", partial(mirror.build, most_pages=2))

    account_flow.order_missing_preparations(stand.ctx)
    stand.work()

    newest = max(events.of_subject(stand.account.id, account_flow.PREPARATION), key=lambda event: event.id)
    assert newest.status == "done"
    assert index.mark(stand.account.id, mirror.CONTACTS).total >= PEOPLE
