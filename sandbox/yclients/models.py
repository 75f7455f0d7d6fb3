"""What a salon consists of: companies, catalogue, people, records and money, as plain objects."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

JsonObject = dict[str, Any]

WAITING, ARRIVED, CONFIRMED, NO_SHOW = 0, 1, 2, -1
ATTENDANCES = (NO_SHOW, WAITING, ARRIVED, CONFIRMED)


@dataclass(slots=True)
class Category:
    id: int
    title: str
    weight: int = 0
    salon_service_id: int = 0


@dataclass(slots=True)
class Service:
    id: int
    category_id: int
    title: str
    price: int | float = 0
    duration: int = 3600
    weight: int = 0
    is_multi: bool = False
    staff_ids: tuple[int, ...] = ()


@dataclass(slots=True)
class Staff:
    id: int
    name: str
    specialization: str = ""
    position: JsonObject | None = None
    fired: int = 0
    hidden: int = 0
    status: int = 0


@dataclass(slots=True)
class HookSettings:
    """One list of addresses per salon; flags are common to all of them, as in the real service."""

    urls: list[str] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)
    active: int = 1
    self_sending: int = 0
    owner: str | None = None


@dataclass(slots=True)
class Company:
    id: int
    title: str
    timezone_name: str = "Europe/Moscow"
    group_id: int = 0
    license_ok: bool = True
    license_ends: str = ""  # dd.mm.yyyy; without it far ahead, or long ago
    city: str = "Москва"
    categories: dict[int, Category] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    staff: dict[int, Staff] = field(default_factory=dict)
    hooks: HookSettings = field(default_factory=HookSettings)
    application: JsonObject = field(default_factory=dict)
    version: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone_name)


@dataclass(slots=True)
class Client:
    id: int
    company_id: int
    name: str = ""
    surname: str = ""
    patronymic: str = ""
    phone: str = ""
    email: str = ""
    card: str = ""
    comment: str = ""
    discount: int | float = 0
    sex_id: int = 0
    importance_id: int = 0
    birth_date: str = ""
    sms_not: int = 0
    sms_check: int = 0
    spent: float = 0
    balance: float = 0
    categories: list[JsonObject] = field(default_factory=list)
    custom_fields: JsonObject = field(default_factory=dict)
    changed_at: int = 0
    deleted: bool = False
    record_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """One service of a record. Sums are line totals: the quantity is already inside them."""

    id: int
    title: str
    first_cost: float
    discount: float = 0
    cost: float = 0
    amount: int = 1


@dataclass(slots=True)
class Payment:
    id: int
    company_id: int
    record_id: int
    visit_id: int
    client_id: int
    amount: float
    at: int
    document_id: int
    item_id: int = 0
    deleted: bool = False
    comment: str = ""


@dataclass(slots=True)
class Sold:
    """Goods sold with a visit or at the desk; an abonement and a certificate are goods as well."""

    id: int
    company_id: int
    title: str
    amount: int
    cost: float
    good_id: int
    at: int
    record_id: int = 0
    visit_id: int = 0
    client_id: int = 0
    document_id: int = 0
    abonement_id: int = 0
    certificate_id: int = 0


@dataclass(slots=True)
class Withdrawal:
    """Paid without money: by an abonement, a certificate, bonuses or the personal account."""

    id: int
    record_id: int
    visit_id: int
    kind: str
    amount: float
    item_id: int = 0
    card_id: int = 0
    deleted: bool = False


@dataclass(slots=True)
class Abonement:
    id: int
    company_id: int
    client_id: int
    number: str
    title: str
    category_id: int
    category_title: str
    count: int
    left: int
    created_at: int
    days: int = 365


@dataclass(slots=True)
class Record:
    id: int
    company_id: int
    staff_id: int
    starts: datetime
    created_at: int
    changed_at: int
    visit_id: int
    document_id: int
    client_id: int = 0
    lines: list[Line] = field(default_factory=list)
    attendance: int = WAITING
    visit_attendance: int = WAITING
    seance_length: int = 3600
    comment: str = ""
    online: bool = False
    deleted: bool = False
    prepaid: bool = False
    prepaid_confirmed: bool = False
    api_id: str = ""
    activity_id: int = 0
    clients_count: int = 1
    created_user_id: int = 0
    custom_color: str = ""
    labels: list[JsonObject] = field(default_factory=list)
    custom_fields: JsonObject = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    goods: list[Sold] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    comer: JsonObject | None = None
    from_url: str = ""

    @property
    def cost(self) -> float:
        return sum(line.cost for line in self.lines)

    @property
    def due(self) -> float:
        return self.cost + sum(sold.cost for sold in self.goods)

    @property
    def paid(self) -> float:
        money = sum(payment.amount for payment in self.payments if not payment.deleted)
        return money + sum(taken.amount for taken in self.withdrawals if not taken.deleted)


@dataclass(slots=True)
class User:
    """A person or a marketplace application with a token; `restricted` means the rights are cut, `denied` are
    single rights of the booking form that were taken away.
    """

    token: str
    id: int
    login: str = ""
    password: str = ""
    name: str = ""
    companies: tuple[int, ...] = ()
    restricted: bool = False
    last_days_count: int = 30
    denied: tuple[str, ...] = ()

    def may(self, right: str) -> bool:
        """A right of the booking form (`record_form.…`); cut rights allow nothing but looking."""
        return not self.restricted and right not in self.denied
