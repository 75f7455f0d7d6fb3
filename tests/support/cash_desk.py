"""The salon's cash desk: what is paid, sold and taken back, and a visit that is over."""

import pytest

from tests.support.stand import TVERSKAYA

DAY = 86_400


@pytest.fixture
def desk(stand):
    """What staff does at the cash desk, by the record."""
    ui = stand.world.yclients

    class Desk:
        def pay(self, record, amount):
            ui.ui_pay(TVERSKAYA, record["id"], amount)

        def refund(self, record):
            ui.ui_refund(TVERSKAYA, record["id"])

        def sell(self, record, title, cost, amount=1):
            ui.ui_sell(TVERSKAYA, record["id"], title, cost, amount)

        def withdraw(self, record, kind, amount):
            ui.ui_withdraw(TVERSKAYA, record["id"], kind, amount)

        def sell_abonement(self, record, price, count):
            card = record["client"]["id"]
            ui.ui_sell_abonement(TVERSKAYA, card, "Эпиляция 10", price, 501, count)

    return Desk()


def past(stand, record):
    """The visit took place and was marked: the lead is won."""
    stand.pass_time(2 * DAY)
    stand.mark(record, 1)
    stand.settle()
    assert stand.lead_of(record)["status_id"] == 142
