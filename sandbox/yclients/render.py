"""Objects as the API shows them, with the looseness of types that real answers have."""

from datetime import datetime, timedelta

from sandbox.yclients.models import (
    ARRIVED,
    NO_SHOW,
    Client,
    Company,
    JsonObject,
    Line,
    Payment,
    Record,
    Sold,
    Staff,
    User,
)
from sandbox.yclients.store import Store
from sandbox.yclients.values import Dice, naive, number, stamp

AVATAR = "https://yclients.com/images/no-master-sm.png"
SEXES = ("Неизвестен", "Мужской", "Женский")
IMPORTANCES = ("Без класса важности", "Бронза", "Серебро", "Золото")

SAME_FOR_ALL: JsonObject = {
    "sms_before": 0,
    "sms_now": 0,
    "sms_now_text": "",
    "email_now": 0,
    "review_requested": 0,
    "payment_status": 0,
    "sms_remain_hours": 0,
    "email_remain_hours": 0,
    "bookform_id": 0,
    "record_from": "",
    "is_mobile": 0,
    "is_sale_bill_printed": False,
    "consumables": [],
}


class Render:
    """Bound to the store and to the switches; `user` cuts what restricted rights hide."""

    def __init__(self, store: Store, switches: JsonObject, salt: int) -> None:
        self.store = store
        self.switches = switches
        self.salt = salt

    def dice(self, *key: object) -> Dice:
        return Dice(self.switches["loose"], self.salt, *key)

    def phone(self, phone: str, user: User | None, dice: Dice) -> str | int:
        if not phone or self.switches["phones_hidden"] or (user is not None and user.restricted):
            return ""
        shown: str | int = dice.pick("+" + phone, int(phone), phone)
        return shown

    def offset_datetime(self, company: Company, starts: datetime) -> str:
        aware = starts.replace(tzinfo=company.zone)
        if not self.switches["wrong_offset"]:
            return aware.isoformat()
        offset = (aware.utcoffset() or timedelta()) + timedelta(hours=1)
        return f"{starts.isoformat()}+{offset.seconds // 3600:02d}:00"

    def record(self, record: Record, user: User | None = None, with_money: bool = False) -> JsonObject:
        company = self.store.companies[record.company_id]
        zone = company.zone
        dice = self.dice("record", record.id, record.changed_at)
        flag = dice.pick(bool, int)
        shown: JsonObject = {
            "id": record.id,
            "company_id": record.company_id,
            "staff_id": record.staff_id,
            "services": [self.line(line) for line in record.lines],
            "goods_transactions": [self.sold(sold) for sold in record.goods],
            "staff": self.staff_short(company, record.staff_id, dice),
            "client": self.record_client(record, user, dice),
            "comer": record.comer,
            "clients_count": record.clients_count,
            "date": naive(record.starts),
            "datetime": self.offset_datetime(company, record.starts),
            "create_date": stamp(record.created_at, zone),
            "comment": record.comment,
            "online": record.online,
            "visit_attendance": record.visit_attendance,
            "attendance": record.attendance,
            "confirmed": 1,
            "seance_length": record.seance_length,
            "length": record.seance_length,
            "notified": dice.pick(0, False),
            "master_request": dice.pick(0, False),
            "api_id": record.api_id,
            "from_url": record.from_url,
            "visit_id": dice.pick(str(record.visit_id), record.visit_id),
            "created_user_id": record.created_user_id,
            "deleted": flag(record.deleted),
            "paid_full": int(0 < record.due <= record.paid),
            "prepaid": flag(record.prepaid),
            "prepaid_confirmed": flag(record.prepaid_confirmed),
            "last_change_date": stamp(record.changed_at, zone),
            "custom_color": record.custom_color,
            "custom_font_color": "#ffffff" if record.custom_color else "",
            "record_labels": record.labels,
            "activity_id": record.activity_id,
            "custom_fields": record.custom_fields or dice.pick([], {}),
            "documents": [self.document(record)],
            **SAME_FOR_ALL,
        }
        if with_money:
            shown["finance_transactions"] = self._money(record, company, user)
        return shown

    def _money(self, record: Record, company: Company, user: User | None) -> list[JsonObject]:
        if self.switches["money_hidden"] or (user is not None and user.restricted):
            return []
        return [self.record_payment(payment, company) for payment in record.payments if not payment.deleted]

    def line(self, line: Line) -> JsonObject:
        return {
            "id": line.id,
            "title": line.title,
            "cost": number(line.cost),
            "cost_to_pay": number(line.cost),
            "manual_cost": number(line.first_cost),
            "cost_per_unit": number(line.first_cost / (line.amount or 1)),
            "discount": number(line.discount),
            "first_cost": number(line.first_cost),
            "amount": line.amount,
        }

    def sold(self, sold: Sold) -> JsonObject:
        """Goods of a record: the amount is negative, because they left the storage."""
        return {
            "id": sold.id,
            "title": sold.title,
            "good_id": sold.good_id,
            "amount": -sold.amount,
            "cost_per_unit": number(sold.cost / (sold.amount or 1)),
            "first_cost": number(sold.cost),
            "discount": 0,
            "cost": number(sold.cost),
            "cost_to_pay": number(sold.cost),
            "loyalty_abonement_id": sold.abonement_id,
            "loyalty_certificate_id": sold.certificate_id,
        }

    def staff_short(self, company: Company, staff_id: int, dice: Dice) -> JsonObject:
        member = company.staff.get(staff_id) or Staff(staff_id, "")
        return {
            "id": member.id,
            "api_id": None,
            "name": member.name,
            "specialization": member.specialization,
            "position": member.position or dice.pick([], {}),
            "avatar": AVATAR,
            "avatar_big": AVATAR,
            "rating": 0,
            "votes_count": 0,
        }

    def record_client(self, record: Record, user: User | None, dice: Dice) -> JsonObject | None:
        if not record.client_id:
            return None
        client = self.store.clients[record.client_id]
        visits = [self.store.records[record_id] for record_id in client.record_ids]
        success = sum(visit.attendance == ARRIVED and not visit.deleted for visit in visits)
        return {
            "id": client.id,
            "name": client.name,
            "surname": client.surname,
            "patronymic": client.patronymic,
            "display_name": " ".join(filter(None, (client.name, client.surname))),
            "comment": client.comment,
            "phone": self.phone(client.phone, user, dice),
            "card": client.card,
            "email": "" if user is not None and user.restricted else client.email,
            "success_visits_count": success,
            "fail_visits_count": sum(visit.attendance == NO_SHOW and not visit.deleted for visit in visits),
            "discount": number(client.discount),
            "is_new": success == 0,
            "custom_fields": client.custom_fields or dice.pick([], {}),
        }

    def document(self, record: Record) -> JsonObject:
        return {
            "id": record.document_id,
            "type_id": 7,
            "storage_id": 0,
            "user_id": record.created_user_id,
            "company_id": record.company_id,
            "number": record.document_id % 100000,
            "comment": "",
            "date_created": naive(record.starts),
            "category_id": 0,
            "visit_id": record.visit_id,
            "record_id": record.id,
            "type_title": "Визит",
            "is_sale_bill_printed": False,
        }

    def record_payment(self, payment: Payment, company: Company) -> JsonObject:
        return {
            "id": payment.id,
            "document_id": payment.document_id,
            "date": naive(datetime.fromtimestamp(payment.at, company.zone).replace(tzinfo=None)),
            "type_id": 5,
            "expense_id": 5,
            "account_id": 90459,
            "amount": number(payment.amount),
            "client_id": payment.client_id,
            "master_id": 0,
            "supplier_id": 0,
            "comment": payment.comment,
            "item_id": payment.item_id,
            "target_type_id": 1,
            "record_id": payment.record_id,
            "goods_transaction_id": 0,
            "expense": {"id": 5, "title": "Оказание услуг"},
            "account": {"id": 90459, "title": "Основная касса"},
            "client": self.payer(payment),
            "master": [],
            "supplier": [],
        }

    def payer(self, payment: Payment) -> JsonObject | list[JsonObject]:
        client = self.store.clients.get(payment.client_id)
        return {"id": client.id, "name": client.name, "phone": client.phone} if client else []

    def client(self, client: Client, user: User | None = None) -> JsonObject:
        dice = self.dice("client", client.id, client.changed_at)
        company = self.store.companies[client.company_id]
        visits = [self.store.records[record_id] for record_id in client.record_ids]
        paid = sum(visit.paid for visit in visits)
        return {
            "id": client.id,
            "name": client.name,
            "surname": client.surname,
            "patronymic": client.patronymic,
            "phone": self.phone(client.phone, user, dice),
            "email": "" if user is not None and user.restricted else client.email,
            "categories": client.categories,
            "sex_id": client.sex_id,
            "sex": SEXES[client.sex_id],
            "discount": number(client.discount),
            "importance_id": client.importance_id,
            "importance": IMPORTANCES[client.importance_id],
            "card": client.card,
            "birth_date": client.birth_date,
            "comment": client.comment,
            "sms_check": client.sms_check,
            "sms_not": client.sms_not,
            "spent": number(client.spent + sum(v.cost for v in visits if v.attendance == ARRIVED)),
            "paid": number(paid),
            "balance": number(client.balance),
            "visits": sum(visit.attendance == ARRIVED for visit in visits),
            "last_change_date": stamp(client.changed_at, company.zone),
            "custom_fields": client.custom_fields or dice.pick([], {}),
        }
