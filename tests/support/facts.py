"""Facts for the core by one word each, around one usual booking; and a small CRM that obeys decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.rules import configuration_document
from backend.core.rules.configuration import USUAL_FIELDS, BookingRules, FieldName
from backend.core.salon import Booking, Client, Phase, ServiceLine, StaffMember
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, AddTask, CreateLead, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TVERSKAYA = 41001
RECORD = 770001
KEY = f"yclients:{TVERSKAYA}:{RECORD}"
MARIA = Client("yclients:41001:5001", "Мария", "+79990000001")
EPILATION, COSMETOLOGY, OTHER = 8001, 8002, 8003
NEW, BOOKED, CONFIRMED, TO_BE_MOVED, COMPLAINT, WON, LOST = 8100, 8101, 8102, 8105, 8109, 142, 143
LEAD = 20000001
FIELD_IDS = {name: 9000 + number for number, name in enumerate(FieldName)}
SALON, DIRECTION = FIELD_IDS[FieldName.SALON], FIELD_IDS[FieldName.DIRECTION]

_DOCUMENT = yaml.safe_load((Path(__file__).parent / "stand.yaml").read_text(encoding="utf-8"))
CONFIGURATION = configuration_document.parse(_DOCUMENT, {"YC_TOKEN": "token"}).configuration
RULES = BookingRules(CONFIGURATION, {name: FIELD_IDS[name] for name in USUAL_FIELDS})


def rules(**options):
    """The rules of the test stand with other options."""
    return replace(
        RULES, configuration=replace(CONFIGURATION, options=replace(CONFIGURATION.options, **options))
    )


def line(category=501, price=2500, service=90001, title="Лазер: подмышки", **more):
    return ServiceLine(service, title, Kopecks(price * 100), category_id=category, **more)


def booking(phase=Phase.WAITING, *lines, **changes):
    usual = Booking(
        "yclients", TVERSKAYA, RECORD, phase, NOW + timedelta(days=2), NOW, NOW, MARIA, lines or (line(),),
        StaffMember(81, "Вера"),
    )  # fmt: skip
    return replace(usual, **changes)


def lead(stage=NEW, pipeline=EPILATION, **changes):
    usual = Lead(
        LEAD, pipeline, stage, Kopecks(0), "Заявка", 7000002, (40000001,), created_at=NOW - timedelta(days=1)
    )
    return replace(usual, **changes)


def link(lead_id=LEAD, **changes):
    return replace(Link(KEY, lead_id, direction="epilation"), **changes)


def facts(about=None, **more):
    return BookingFacts(about or booking(), NOW, **more)


class SmallCrm:
    """One booking's lead and link; `carry_out` does what amoCRM and our store do with a decision."""

    def __init__(self, before):
        self.facts = before
        self.notes = []
        self.tasks = []

    def carry_out(self, decision):
        for command in decision.commands:
            match command:
                case CreateLead():
                    self._create(command)
                case UpdateLead():
                    self._update(command)
                case AddNote():
                    self.notes.append(command.text)
                case AddTask():
                    self.tasks.append(command.text)
            self._remember(command.remembers)
        if self.facts.link:
            self._remember(decision.remembers)
        self.facts = replace(self.facts, seen=decision.version)

    def see(self, newer):
        """The salon tells of another state of the booking."""
        self.facts = replace(self.facts, booking=newer)

    def _create(self, command):
        made = Lead(
            99000001, command.pipeline_id, command.stage_id, command.price, command.name,
            command.responsible_id, (40000001,), fields=_texts(command.fields), created_at=self.facts.now,
        )  # fmt: skip
        self.facts = replace(
            self.facts,
            lead=made,
            contact=self.facts.contact or Contact(40000001),
            link=Link(
                command.key,
                made.id,
                direction=command.direction,
                stage_id=command.stage_id,
                stage_at=self.facts.now,
            ),
        )

    def _update(self, command):
        target = next(
            (c.lead for c in self.facts.candidates if c.lead.id == command.lead_id), self.facts.lead
        )
        values = {
            "name": command.name, "price": command.price, "stage_id": command.stage_id,
            "pipeline_id": command.pipeline_id,
        }  # fmt: skip
        written = {field.field_id for field in command.fields}
        kept = tuple(pair for pair in target.fields if pair[0] not in written)
        changed = {name: value for name, value in values.items() if value is not None}
        made = self.facts.link
        if command.attaches:
            made = Link(command.key, target.id, direction=command.attaches, opened_by_us=False)
        if command.redirects:
            made = replace(made, direction=command.redirects)
        if command.stage_id:
            made = replace(made, stage_id=command.stage_id, stage_at=self.facts.now)
        after = replace(target, **changed, fields=(*kept, *_texts(command.fields)))
        self.facts = replace(self.facts, lead=after, link=made)

    def _remember(self, remembered):
        known = {**self.facts.link.applied, **dict(remembered)}
        self.facts = replace(self.facts, link=replace(self.facts.link, applied=known))


def _texts(fields):
    pairs = ((field.field_id, field.value) for field in fields)
    shown = ((i, value if isinstance(value, tuple) else (value,)) for i, value in pairs if value is not None)
    return tuple((i, str(text)) for i, texts in shown for text in texts)


def written(command):
    """Field values of a command by name."""
    names = {field_id: name for name, field_id in FIELD_IDS.items()}
    return {names[field.field_id]: field.value for field in command.fields}


def known(about, stage=BOOKED, **more):
    """Facts about a booking whose lead we made, as it was when everything was written."""
    before = booking(Phase.WAITING, changed_at=NOW - timedelta(hours=1))
    crm = SmallCrm(facts(before))
    crm.carry_out(decide(crm.facts, RULES))
    made = replace(crm.facts.lead, stage_id=stage)
    return replace(crm.facts, booking=about, lead=made, **more)
