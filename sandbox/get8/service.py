"""GET8 at work: events come in, wait their time, and become deals."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests

from sandbox.get8 import marks
from sandbox.get8.crm import Crm, Trouble
from sandbox.get8.deals import Deal, Seen, deal_of, differing, digits, field_rows, seen_in
from sandbox.get8.salons import Salons
from sandbox.get8.settings import Layout, Links, Options, Plain, Setup, Style

Key = tuple[int, int]
"""Salon and record."""
TRIES = 5
PAUSE = 30.0
AMOCRM_EVENTS = ["status_lead", "update_lead"]
WIDGET = "get8_yclients"


class Get8:
    def __init__(
        self,
        setup: Setup,
        session: requests.Session,
        now: Callable[[], float],
        options: Options | None = None,
        seed: int = 1,
    ) -> None:
        self.setup = setup
        self.now = now
        self.seed = seed
        self.options = options or Options()
        self.layout = Layout.by_seed(seed)
        self.crm = Crm(setup, session, now)
        self.salons = Salons(setup, session)
        self.is_on: dict[int, bool] = {}
        self.links: dict[Key, int] = {}
        self.seen: dict[Key, Seen] = {}
        self.journal: list[Plain] = []
        self._off_since: dict[int, float] = {}
        self._queue: list[tuple[float, int, Plain]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._is_working = False

    # Life: installed, connected, switched

    def installed(self, code: str) -> None:
        """The account let it in: it takes its tokens, makes its fields and subscribes to changes."""
        self.crm.exchange(code)
        self.layout.ids.update(self.crm.fields(self.layout.wanted(self.options.style)))
        self.crm.subscribe(AMOCRM_EVENTS)
        self.crm.call("POST", f"widgets/{WIDGET}", {"salons": str(len(self.setup.salons))})

    def connect(self, company_id: int) -> None:
        self.salons.connect(company_id)
        self.is_on[company_id] = True

    def disconnect(self, company_id: int) -> None:
        """Its address leaves the salon's list; what it has heard it still does."""
        self.salons.disconnect(company_id)

    def switch(self, company_id: int, is_on: bool) -> None:
        """The switch of one salon in its own settings; older versions have none."""
        if not self.options.has_switch:
            raise ValueError("this version of GET8 has no switch for a salon")
        was_on = self.is_on.get(company_id, False)
        self.is_on[company_id] = is_on
        if was_on and not is_on:
            self._off_since[company_id] = self.now()
        if is_on and not was_on and self.options.catches_up:
            self._catch_up(company_id)

    def _catch_up(self, company_id: int) -> None:
        since = datetime.fromtimestamp(self._off_since.get(company_id, self.now()), UTC)
        for record in self.salons.changed_since(company_id, since.isoformat(timespec="seconds")):
            self._push(company_id, int(record["id"]), record, 0.0)

    def knows(self, company_id: int, record: Plain, lead_id: int) -> None:
        """Its own database, as an installation of years would have filled it."""
        key = (company_id, int(record["id"]))
        self.links[key] = lead_id
        self.seen[key] = seen_in(record)

    # What it hears

    def hear(self, company_id: int, event: Plain) -> None:
        """One event of a salon's journal; some are lost in a way that depends on the seed alone."""
        if event.get("resource") != "record" or not self.is_on.get(company_id):
            return
        record = event.get("data") or {}
        record_id = int(event["resource_id"])
        chance = self._dice("event", record_id, record.get("last_change_date"), event.get("status"))
        if chance.random() < self.options.loss:
            self._note("lost", company_id, record_id)
            return
        self._push(company_id, record_id, record, chance.uniform(*self.options.lag))

    def hear_amocrm(self, form: dict[str, str]) -> None:
        """A deal was moved: where the reverse direction is on, the record follows."""
        if not self.options.reverse or "leads[status][0][id]" not in form:
            return
        lead_id = int(form["leads[status][0][id]"])
        stage = int(form["leads[status][0][status_id]"])
        pipeline = int(form["leads[status][0][pipeline_id]"])
        key = next((key for key, known in self.links.items() if known == lead_id), None)
        stages = self.setup.stages.get(pipeline)
        if key is None or stages is None or not self.is_on.get(key[0]):
            return
        attendance = stages.attendance_of(stage)
        if attendance is not None:
            self._put({"key": key, "attendance": attendance, "tries": 0}, self.options.lag[0])

    def _push(self, company_id: int, record_id: int, record: Plain, lag: float) -> None:
        self._put({"key": (company_id, record_id), "record": record, "tries": 0}, lag)

    def _put(self, job: Plain, lag: float) -> None:
        with self._lock:
            heapq.heappush(self._queue, (self.now() + lag, next(self._order), job))

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def is_busy(self) -> bool:
        """Something is under way, or due: time that passes now would make it late."""
        with self._lock:
            return self._is_working or bool(self._queue and self._queue[0][0] <= self.now())

    # What it does

    def work(self) -> int:
        """Everything that is due; returns how much that was."""
        done = 0
        while (job := self._due()) is not None:
            done += 1
            try:
                self._do(job)
            except Trouble as trouble:
                self._again(job, str(trouble))
            finally:
                self._is_working = False
        return done

    def _due(self) -> Plain | None:
        with self._lock:
            if self._queue and self._queue[0][0] <= self.now():
                self._is_working = True
                return heapq.heappop(self._queue)[2]
        return None

    def _again(self, job: Plain, why: str) -> None:
        company_id, record_id = job["key"]
        self._note("failed", company_id, record_id, why=why)
        job["tries"] += 1
        if job["tries"] < TRIES:
            self._put(job, PAUSE)

    def _do(self, job: Plain) -> None:
        company_id, record_id = job["key"]
        record = self.salons.record(company_id, record_id) or job.get("record")
        if not record:
            return
        if "attendance" in job:
            if int(record["attendance"]) != job["attendance"]:
                self.salons.attend(record, job["attendance"])
                self._note("attended", company_id, record_id, attendance=job["attendance"])
            return
        self._follow(company_id, record)

    def _follow(self, company_id: int, record: Plain) -> None:
        key = (company_id, int(record["id"]))
        lead = self._lead_of(key, record)
        if lead is not None:
            self._update(key, record, lead)
        elif key not in self.links or self.options.links is Links.MARKS:
            self._create(key, record)

    def _lead_of(self, key: Key, record: Plain) -> Plain | None:
        if self.options.links is Links.PRIVATE or self.options.style is Style.NONE:
            lead_id = self.links.get(key)
        else:
            lead_id = marks.find(self.crm, self.options.style, self.layout, record, _phone(record))
        return self.crm.lead(lead_id) if lead_id is not None else None

    def _wanted(self, key: Key, record: Plain, pipeline: int | None = None) -> Deal | None:
        salon = self.setup.salon(key[0])
        if salon is None:
            return None
        if pipeline is None:
            lines = record["services"]
            category = self.salons.category_of(key[0], int(lines[0]["id"])) if lines else 0
            pipeline = salon.pipeline_of(category)
        stages = self.setup.stages.get(pipeline)
        if stages is None:
            return None
        return deal_of(record, salon, stages, self.layout, pipeline)

    def _create(self, key: Key, record: Plain) -> None:
        phone = _phone(record)
        wanted = self._wanted(key, record)
        if not phone or bool(record["deleted"]) or wanted is None:
            return
        contacts = self.crm.contacts(phone)
        free = self._free_lead(contacts, wanted.pipeline) if self.options.attaches else None
        if free is not None:
            self.crm.change(int(free["id"]), {"tags_to_add": [{"name": tag} for tag in wanted.tags]})
            self._keep(key, record, int(free["id"]), "attached")
            self._say(int(free["id"]), record)
            self._write(int(free["id"]), free, wanted, with_stage=True)
            return
        contact_id = self.crm.contact(str(record["client"].get("name") or ""), phone)
        first = self.setup.stages[wanted.pipeline].waiting
        copies = 2 if self._dice("copy", key).random() < self.options.duplicate else 1
        made = [self.crm.create(wanted.as_new(contact_id, first)) for _ in range(copies)]
        for lead_id in made:
            self._say(lead_id, record)
        self._keep(key, record, made[0], "created", copies=made[1:])

    def _free_lead(self, contacts: list[Plain], pipeline: int) -> Plain | None:
        """An open deal of the person that waits for a booking: the newest one without a mark."""
        taken = set(self.links.values())
        for lead in self.crm.leads_of(contacts):
            is_here = lead["pipeline_id"] == pipeline and lead["status_id"] in self.setup.attachable
            if is_here and lead["id"] not in taken and not marks.is_marked(lead, self.layout):
                return lead
        return None

    def _say(self, lead_id: int, record: Plain) -> None:
        note = marks.note_text(self.options.style, record)
        if note:
            self.crm.write(lead_id, note)

    def _keep(self, key: Key, record: Plain, lead_id: int, what: str, **more: Any) -> None:
        self.links[key] = lead_id
        self.seen[key] = seen_in(record)
        self._note(what, *key, lead_id=lead_id, **more)

    def _update(self, key: Key, record: Plain, lead: Plain) -> None:
        """The stage follows the attendance alone: a card that a person moved stays where it is."""
        before, now = self.seen.get(key), seen_in(record)
        wanted = self._wanted(key, record, lead["pipeline_id"])
        if wanted is None or before == now:
            return
        moved = before is None or (before.attendance, before.is_deleted) != (now.attendance, now.is_deleted)
        self.links[key], self.seen[key] = int(lead["id"]), now
        if self._write(int(lead["id"]), lead, wanted, with_stage=moved):
            self._note("updated", *key, lead_id=lead["id"])

    def _write(self, lead_id: int, lead: Plain, wanted: Deal, with_stage: bool) -> bool:
        changes: Plain = {}
        fields = differing(wanted.fields, lead)
        if fields:
            changes["custom_fields_values"] = field_rows(fields)
        if wanted.price != lead["price"]:
            changes["price"] = wanted.price
        if with_stage and wanted.stage != lead["status_id"]:
            changes |= {"status_id": wanted.stage, "pipeline_id": wanted.pipeline}
        if changes:
            self.crm.change(lead_id, changes)
        return bool(changes)

    # Small things

    def _dice(self, *about: object) -> random.Random:
        return random.Random(f"{self.seed} {about}")  # noqa: S311 - repeatable

    def _note(self, what: str, company_id: int, record_id: int, **more: Any) -> None:
        row = {"at": self.now(), "what": what, "company_id": company_id, "record_id": record_id, **more}
        self.journal.append(row)


def _phone(record: Plain) -> str:
    return digits((record.get("client") or {}).get("phone"))
