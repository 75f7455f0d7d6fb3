"""Sales and payments without money: goods, abonements, certificates, bonuses. Every deed tells the hooks."""

from typing import TYPE_CHECKING

from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.models import Abonement, Client, Company, JsonObject, Record, Sold, User, Withdrawal
from sandbox.yclients.values import number, stamp

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

KINDS = {
    "abonement": (9, "Списание с абонемента"),
    "certificate": (8, "Списание с сертификата"),
    "bonus": (3, "Списание бонусов"),
    "deposit": (11, "Списание с личного счета"),
}  # 8 and 11 stand in the documentation's samples, the other two only the titles can tell


class Till:
    def __init__(self, yclients: "Yclients") -> None:
        self.yclients = yclients

    def sell(  # noqa: PLR0913 - what a sale consists of
        self,
        company: Company,
        record: Record | None,
        client_id: int,
        title: str,
        cost: float,
        amount: int = 1,
        abonement_id: int = 0,
    ) -> Sold:
        """Goods with a visit, or at the desk without one."""
        desk, store = self.yclients.desk, self.yclients.store
        with desk.act(company, None):
            sold = Sold(
                id=store.next_id("sale"),
                company_id=company.id,
                title=title,
                amount=amount,
                cost=float(cost),
                good_id=4853000 + len(store.sales),
                at=desk.now(),
                record_id=record.id if record else 0,
                visit_id=record.visit_id if record else 0,
                client_id=client_id,
                document_id=record.document_id if record else store.next_id("document"),
                abonement_id=abonement_id,
            )
            store.sales[sold.id] = sold
            if record is not None:
                record.goods.append(sold)
                store.touch(record, desk.now())
            desk.note(company, "goods_operations_sale", sold.id, "create", self.shown(company, sold))
            if record is not None:
                desk.note_record(company, record, "update")
        return sold

    def take_back(self, company: Company, sold: Sold) -> None:
        """Goods returned: the sale is deleted, and the visit no longer has them."""
        desk, store = self.yclients.desk, self.yclients.store
        del store.sales[sold.id]
        with desk.act(company, None):
            desk.note(company, "goods_operations_sale", sold.id, "delete", self.shown(company, sold))
            record = store.records.get(sold.record_id)
            if record is not None:
                record.goods.remove(sold)
                store.touch(record, desk.now())
                desk.note_record(company, record, "update")

    def withdraw(
        self, company: Company, record: Record, kind: str, amount: float, author: User | None
    ) -> Withdrawal:
        desk, store = self.yclients.desk, self.yclients.store
        if kind not in KINDS:
            raise ApiError(404, NOT_FOUND)
        with desk.act(company, author):
            taken = Withdrawal(
                id=store.next_id("payment"),
                record_id=record.id,
                visit_id=record.visit_id,
                kind=kind,
                amount=float(amount),
                item_id=record.lines[0].id if record.lines else 0,
            )
            record.withdrawals.append(taken)
            if kind == "abonement":
                self._use_abonement(record, taken)
            store.touch(record, desk.now())
            desk.note_record(company, record, "update")
        return taken

    def _use_abonement(self, record: Record, taken: Withdrawal) -> None:
        mine = (a for a in self.yclients.store.abonements.values() if a.client_id == record.client_id)
        usable = next((abonement for abonement in mine if abonement.left > 0), None)
        if usable is not None:
            usable.left -= 1
            taken.card_id = usable.id

    def sell_abonement(  # noqa: PLR0913 - what an abonement consists of
        self,
        company: Company,
        client: Client,
        title: str,
        price: float,
        category_id: int,
        count: int,
        days: int,
    ) -> Abonement:
        store = self.yclients.store
        number_ = store.next_id("abonement")
        category = company.categories.get(category_id)
        sold = Abonement(
            number_,
            company.id,
            client.id,
            str(788000 + number_ % 1000),
            title,
            category_id,
            category.title if category else "",
            count,
            count,
            self.yclients.desk.now(),
            days,
        )
        store.abonements[sold.id] = sold
        self.sell(company, None, client.id, title, price, abonement_id=sold.id)
        return sold

    def shown(self, company: Company, sold: Sold) -> JsonObject:
        client = self.yclients.store.clients.get(sold.client_id)
        payer = {"id": client.id, "name": client.name, "phone": client.phone} if client else []
        return {
            "id": sold.id,
            "document_id": sold.document_id,
            "type_id": 1,
            "type": "Продажа товара",
            "good": {"id": sold.good_id, "title": sold.title},
            "storage": {"id": 91548, "title": "Товары"},
            "unit": {"id": 216761, "title": "шт."},
            "amount": -sold.amount,
            "create_date": stamp(sold.at, company.zone),
            "cost_per_unit": number(sold.cost / (sold.amount or 1)),
            "cost": number(sold.cost),
            "discount": 0,
            "master": [],
            "supplier": [],
            "record_id": sold.record_id,
            "service": [],
            "client": payer,
            "loyalty_abonement_id": sold.abonement_id,
            "loyalty_certificate_id": sold.certificate_id,
        }
