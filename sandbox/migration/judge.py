"""The judge: compares what the emulators hold and what their logs say with the history's key and with the
staff's book. It knows nothing of how the product matches or decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.get8 import network
from sandbox.get8.marks import IN_URL
from sandbox.get8.past import Answer, Truth
from sandbox.get8.settings import Layout, Plain, Style
from sandbox.migration.deeds import Live

Key = tuple[int, int]
OURS = "MOSTIK_KEY"
YEAR = 365 * 86_400
CARDS = ("/leads", "/contacts", "/tasks")
UNTOUCHED = ("name", "price", "pipeline_id", "status_id", "responsible_user_id", "updated_at", "updated_by")


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    about: str
    text: str


@dataclass(slots=True)
class Verdict:
    """`adopted` and `review` are counts of what the product said; the rest must be nought."""

    adopted: int = 0
    review: int = 0
    findings: list[Finding] = field(default_factory=list)
    switch_s: float = 0.0
    switch_work_s: float = 0.0
    rollback_s: float = 0.0

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)

    def add(self, kind: str, about: object, text: str) -> None:
        self.findings.append(Finding(kind, str(about), text))

    @property
    def is_good(self) -> bool:
        in_time = self.switch_s <= 300 and self.switch_work_s <= 20 and self.rollback_s <= 60
        return not self.findings and in_time and self.adopted > 0

    def line(self) -> str:
        counts = " ".join(
            f"{kind}={self.count(kind)}" for kind in ("missed", "wrong", "duplicates", "automations_fired")
        )
        times = f"switch_s={self.switch_s:.0f} switch_work_s={self.switch_work_s:.1f}"
        told = f"adopted={self.adopted} review={self.review} {counts} {times}"
        return f"migration: {told} rollback_s={self.rollback_s:.0f}"


# What belongs together


@dataclass(frozen=True, slots=True)
class Told:
    """What the product says of the history: record → deal, and what it shows to people."""

    adopted: Mapping[Key, int]
    listed: frozenset[tuple[Key, int]]


def judge_pairs(verdict: Verdict, truth: Truth, told: Told, now: float, style: Style) -> None:
    """What was linked without anybody's word must be right; what was not must at least be shown."""
    adopted, shown = told.adopted, told.listed
    verdict.adopted, verdict.review = len(adopted), len(shown)
    for answer in truth.answers:
        key = (answer.company_id, answer.record_id)
        got = adopted.get(key)
        if got is not None and got != answer.lead_id:
            verdict.add("wrong", key, f"к записи привязана сделка {got}, её сделка {answer.lead_id}")
        is_shown = answer.lead_id is None or (key, answer.lead_id) in shown
        if got is None and not is_shown and _must_be_found(answer, now, style):
            verdict.add("missed", key, f"пара со сделкой {answer.lead_id} не найдена ({answer.kind})")
    known = {(answer.company_id, answer.record_id) for answer in truth.answers}
    for key in adopted.keys() - known:
        verdict.add("wrong", key, "такой записи в истории нет")


def _must_be_found(answer: Answer, now: float, style: Style) -> bool:
    """Old closed deals are taken by a certain mark alone; a changed phone leaves nothing else to go by."""
    is_certain = style in {Style.FIELD, Style.URL}
    is_old = answer.closed_at is not None and answer.closed_at < now - YEAR
    return is_certain or (not is_old and answer.kind != "new_phone")


# What became of the deals


def leads_of(layout: Layout, leads: Iterable[Plain]) -> dict[Key, list[int]]:
    """Deals by record, by every mark that stands on a card: ours and those of GET8."""
    found: dict[Key, list[int]] = defaultdict(list)
    for lead in leads:
        for key in _keys_on(layout, lead):
            found[key].append(int(lead["id"]))
    return found


def _keys_on(layout: Layout, lead: Plain) -> set[Key]:
    keys: set[Key] = set()
    for row in lead["custom_fields_values"] or ():
        value = str(row["values"][0]["value"])
        if row["field_code"] == OURS:
            _service, company, record = value.split(":")
            keys.add((int(company), int(record)))
        elif row["field_id"] == layout.ids.get("url") and (named := IN_URL.search(value)):
            keys.add((int(named[1]), int(named[2])))
    return keys


def record_marks(layout: Layout, leads: Iterable[Plain]) -> dict[int, list[int]]:
    """Deals by the number in GET8's own field."""
    found: dict[int, list[int]] = defaultdict(list)
    for lead in leads:
        for row in lead["custom_fields_values"] or ():
            if row["field_id"] == layout.ids.get("record") and str(row["values"][0]["value"]).isdigit():
                found[int(row["values"][0]["value"])].append(int(lead["id"]))
    return found


def judge_deals(
    verdict: Verdict, staff: Mapping[Key, Live], owners: Mapping[Key, list[int]], leads: Mapping[int, Plain]
) -> None:
    """Every booking that staff worked with has one deal, in the right stage and with the right budget."""
    for key, live in staff.items():
        mine = owners.get(key, [])
        if len(mine) > 1:
            verdict.add("duplicates", key, f"сделок {len(mine)}: {mine}")
        if not mine:
            if not (live.born_here and live.is_deleted):
                verdict.add("wrong", key, "у записи нет сделки")
            continue
        lead = leads[mine[0]]
        if lead["status_id"] != live.stage:
            verdict.add("wrong", key, f"этап {lead['status_id']}, должен быть {live.stage}: {_story(live)}")
        if lead["price"] != live.price and not live.is_deleted:
            verdict.add("wrong", key, f"бюджет {lead['price']}, должен быть {live.price}: {_story(live)}")


def judge_marks(
    verdict: Verdict,
    layout: Layout,
    born: Iterable[Key],
    owners: Mapping[Key, list[int]],
    leads: Mapping[int, Plain],
) -> None:
    """Deals that the product made carry GET8's own mark, or GET8 would not know them when it comes back."""
    marks = {layout.ids[part] for part in ("record", "url") if part in layout.ids}
    for key in born:
        for lead_id in owners.get(key, ()):
            held = {row["field_id"] for row in leads[lead_id]["custom_fields_values"] or ()}
            if marks - held:
                verdict.add("wrong", key, f"в сделке {lead_id} не заполнено поле GET8")


def _story(live: Live) -> str:
    return ", ".join(what for _at, what in live.deeds)


def judge_untouched(
    verdict: Verdict, before: Mapping[int, Plain], after: Mapping[int, Plain], touched: set[int]
) -> None:
    """Deals of bookings that nobody worked with are as they were, to the second."""
    for lead_id, lead in before.items():
        if lead_id in touched:
            continue
        now = after.get(lead_id)
        names = [name for name in UNTOUCHED if now is None or now[name] != lead[name]]
        if now is not None and now["custom_fields_values"] != lead["custom_fields_values"]:
            names.append("поля")
        if names:
            verdict.add("wrong", lead_id, f"сделку никто не должен был трогать: {', '.join(names)}")


def judge_robot(verdict: Verdict, leads: Iterable[Plain], won: Counter[int], robot: str) -> None:
    """The account's automation acted once for every visit that came true, and not once more."""
    made = Counter(
        lead["_embedded"]["contacts"][0]["id"]
        for lead in leads
        if lead["created_by"] == 0 and lead["name"] == robot and lead["_embedded"]["contacts"]
    )
    for contact_id in made | won:
        extra = made[contact_id] - won[contact_id]
        if extra > 0:
            verdict.add("automations_fired", contact_id, f"робот создал лишних сделок: {extra}")


# Who wrote


def writes_of(journal: Iterable[Plain], client_id: str) -> list[Plain]:
    """Requests of one integration that changed cards."""
    return [
        row
        for row in journal
        if row["author"] == client_id
        and row["method"] != "GET"
        and 200 <= row["status"] < 300
        and row["path"].startswith(tuple(f"/api/v4{word}" for word in CARDS))
        and not row["path"].endswith(("/custom_fields", "/tags"))
    ]


def judge_writers(
    verdict: Verdict,
    rows: Iterable[Plain],
    salon_of: Mapping[int, int],
    times: Mapping[int, list[tuple[float, float]]],
) -> None:
    """The product wrote about a salon only while that salon was its own."""
    for row in rows:
        for lead_id in row["ids"]:
            company_id = salon_of.get(lead_id)
            if company_id is None or "/leads" not in row["path"]:
                continue
            if not any(begin <= row["at"] <= end for begin, end in times.get(company_id, ())):
                title = network.TITLES[company_id]
                verdict.add("wrong", lead_id, f"запись в сделку салона «{title}», пока он не наш")
