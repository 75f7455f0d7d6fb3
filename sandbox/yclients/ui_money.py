"""What staff does at the cash desk of the YCLIENTS interface: refunds, goods, abonements, closing a card."""

from sandbox.yclients.models import JsonObject
from sandbox.yclients.till import Till
from sandbox.yclients.ui import StaffActions


class MoneyActions(StaffActions):
    """Mixed into `Yclients`, after the actions at the journal."""

    till: Till

    def ui_refund(self, company_id: int, record_id: int, payment_id: int | None = None) -> JsonObject:
        """One payment of a record is given back, or the last one."""
        with self.lock:
            company, record = self._company(company_id), self._record(company_id, record_id)
            alive = [payment for payment in record.payments if not payment.deleted]
            wanted = next((p for p in reversed(alive) if payment_id in (None, p.id)), None)
            if wanted is None:
                raise ValueError("there is no such payment")
            self.desk.refund(company, wanted, None)
            return self.render.record(record)

    def ui_sell(
        self, company_id: int, record_id: int, title: str, cost: float, amount: int = 1
    ) -> JsonObject:
        with self.lock:
            record = self._record(company_id, record_id)
            self.till.sell(self._company(company_id), record, record.client_id, title, cost, amount)
            return self.render.record(record)

    def ui_take_back(self, company_id: int, record_id: int) -> JsonObject:
        """The goods sold last with this record are returned."""
        with self.lock:
            record = self._record(company_id, record_id)
            self.till.take_back(self._company(company_id), record.goods[-1])
            return self.render.record(record)

    def ui_withdraw(self, company_id: int, record_id: int, kind: str, amount: float) -> JsonObject:
        """Pay by `abonement`, `certificate`, `bonus` or `deposit`."""
        with self.lock:
            record = self._record(company_id, record_id)
            self.till.withdraw(self._company(company_id), record, kind, amount, None)
            return self.render.record(record)

    def ui_sell_abonement(  # noqa: PLR0913 - what an abonement consists of
        self,
        company_id: int,
        client_id: int,
        title: str,
        price: float,
        category_id: int,
        count: int,
        days: int = 365,
    ) -> JsonObject:
        with self.lock:
            company, client = self._company(company_id), self.store.clients[int(client_id)]
            sold = self.till.sell_abonement(company, client, title, price, category_id, count, days)
            return {"id": sold.id, "number": sold.number}

    def ui_delete_client(self, company_id: int, client_id: int) -> None:
        """The card is deleted; bookings keep naming it."""
        with self.lock:
            company, client = self._company(company_id), self.store.clients[int(client_id)]
            with self.desk.act(company, None):
                client.deleted = True
                self.desk.note_client(company, client, "delete")
                self.store.set_phone(client, "")
