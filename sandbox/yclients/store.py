"""Everything the emulator remembers, with the indexes that keep long lists quick."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from itertools import count

from sandbox.yclients.models import Abonement, Client, Company, Payment, Record, Sold, User

FOREVER = 1 << 62


class ChangeLog:
    """Record ids by moment of change. An old entry is left in place and skipped when read."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int]] = []

    def add(self, at: int, record_id: int) -> None:
        if not self._entries or self._entries[-1] <= (at, record_id):
            self._entries.append((at, record_id))
        else:
            insort(self._entries, (at, record_id))

    def between(self, after: int, before: int) -> Iterator[tuple[int, int]]:
        first = bisect_left(self._entries, (after, 0))
        last = bisect_right(self._entries, (before, FOREVER))
        yield from self._entries[first:last]

    def compact(self, records: dict[int, Record]) -> None:
        if len(self._entries) > 3 * len(records) + 100:
            self._entries = [entry for entry in self._entries if records[entry[1]].changed_at == entry[0]]


class Store:
    def __init__(self) -> None:
        self.companies: dict[int, Company] = {}
        self.groups: dict[int, str] = {}
        self.users: dict[str, User] = {}
        self.partners: dict[str, str] = {}
        self.records: dict[int, Record] = {}
        self.clients: dict[int, Client] = {}
        self.payments: dict[int, Payment] = {}
        self.sales: dict[int, Sold] = {}
        self.abonements: dict[int, Abonement] = {}
        self.visits: dict[int, list[int]] = defaultdict(list)
        self.by_company: dict[int, dict[int, Record]] = defaultdict(dict)
        self.clients_of: dict[int, dict[int, Client]] = defaultdict(dict)
        self.by_phone: dict[tuple[int, str], int] = {}
        self.changes: dict[int, ChangeLog] = defaultdict(ChangeLog)
        self._ids = {
            "record": count(770000001),
            "visit": count(440000001),
            "client": count(66000001),
            "document": count(330000001),
            "payment": count(6024243),
            "sale": count(96082477),
            "abonement": count(659878),
            "user": count(3000001),
            "other": count(1),
        }

    def next_id(self, kind: str) -> int:
        return next(self._ids[kind])

    def put_record(self, record: Record) -> None:
        self.records[record.id] = record
        self.by_company[record.company_id][record.id] = record
        self.visits[record.visit_id].append(record.id)
        if record.client_id:
            self.clients[record.client_id].record_ids.append(record.id)
        self._log(record)

    def touch(self, record: Record, at: int) -> None:
        """Every write moves last_change_date, and it never goes back."""
        record.changed_at = max(record.changed_at, at)
        self._log(record)

    def _log(self, record: Record) -> None:
        company_id = record.company_id
        self.companies[company_id].version += 1
        log = self.changes[company_id]
        log.add(record.changed_at, record.id)
        log.compact(self.by_company[company_id])

    def put_client(self, client: Client) -> None:
        self.clients[client.id] = client
        self.clients_of[client.company_id][client.id] = client
        if client.phone:
            self.by_phone.setdefault((client.company_id, client.phone), client.id)

    def set_phone(self, client: Client, phone: str) -> None:
        key = (client.company_id, client.phone)
        if self.by_phone.get(key) == client.id:
            del self.by_phone[key]
        client.phone = phone
        if phone:
            self.by_phone.setdefault((client.company_id, phone), client.id)

    def client_by_phone(self, company_id: int, phone: str) -> Client | None:
        client_id = self.by_phone.get((company_id, phone)) if phone else None
        return self.clients[client_id] if client_id else None

    def give_record(self, record: Record, client_id: int) -> None:
        """The record now belongs to this client card; 0 means nobody."""
        if record.client_id == client_id:
            return
        if record.client_id:
            self.clients[record.client_id].record_ids.remove(record.id)
        record.client_id = client_id
        if client_id:
            self.clients[client_id].record_ids.append(record.id)
