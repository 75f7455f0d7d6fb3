"""Calls to the accounts of an installation, and the judge of what became of them in the CRM.

Each client lives one story of several calls. Which task is made and when hangs on the order in which killed
workers come to the calls, but how a story ends does not.
"""

import dataclasses
import random
from collections import Counter, defaultdict
from datetime import timedelta

from backend.core.telephony.hearing import fold
from backend.core.telephony.hearing.fold import Change
from backend.core.telephony.rules import Line, Person, TelephonyRules
from backend.flows.rules import configuration, configuration_edit
from backend.flows.telephony.hearing import live
from backend.store import accounts
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx
from tests.crash.world import ANNA, OLGA
from tests.support import make

TALK = ("101", 5, 60)
RULES = TelephonyRules(
    is_on=True, people=(Person(ANNA, "101"), Person(OLGA, "102")), lines=(Line(make.TRUNK, title="Москва"),),
    first_responsible_id=ANNA, pipeline_id=8001, stage_id=8100,
)  # fmt: skip

# Way and talks of each call; leads and open tasks that there are in the end; is the number a company's?
STORIES = (
    ((("in", [TALK]),), 1, 0, False),
    ((("in", []), ("in", [])), 1, 1, False),
    ((("in", []), ("in", []), ("in", [TALK])), 1, 0, False),
    ((("in", []), ("out", [TALK])), 1, 0, False),
    ((("out", []), ("out", [TALK])), 0, 0, False),
    ((("in", []), ("in", [TALK])), 1, 0, True),
    ((("out", [TALK]), ("in", [])), 1, 1, True),
    ((("out", []), ("out", [TALK])), 0, 0, True),
)


@dataclasses.dataclass(frozen=True)
class Story:
    domain: str
    phone: str
    calls: tuple
    leads: int
    open_tasks: int
    company_id: int | None = None


class Switchboard:
    """`next()` ends one more call; `stories` are what the judge expects."""

    def __init__(self, world, clients, seed, **exchange):
        """`exchange`: where it really is, when somebody is to listen to it."""
        self.world = world
        self.exchange = {"host": "127.0.0.1", "secret": "not-a-secret", **exchange}
        self.random = random.Random(seed)
        self.lines = {domain: self._connect(domain) for _, domain in world.pairs}
        self.stories, self.calls = [], []
        for number in range(clients):
            self._plan(number)
        self.calls.sort(key=lambda pair: pair[1].began_at)
        self.left = list(reversed(self.calls))

    def _connect(self, domain):
        account = accounts.by_domain(domain)
        pbx = pbxes.save(Pbx(account.id, "office", login="crm", **self.exchange))
        base = configuration.number(account.id)
        result = configuration_edit.edit(
            self.world.ctx, account, base, ("telephony",),
            lambda before: dataclasses.replace(before, telephony=RULES), "тест",
        )  # fmt: skip
        assert result.number, result.problems
        return pbx

    def _plan(self, number):
        domain = self.world.pairs[number % len(self.world.pairs)][1]
        parts, leads, tasks, is_company = STORIES[self.random.randrange(len(STORIES))]
        phone, pbx = f"7999{number:07}", self.lines[domain]
        company_id = a_company(self.world.crm, domain, phone) if is_company else None
        began = self.world.ctx.now() - timedelta(minutes=self.random.randrange(600, 1200))
        calls = tuple(
            make.call(way, talks=talks, client=phone, pbx_id=pbx.id, at=began + timedelta(minutes=20 * n))
            for n, (way, talks) in enumerate(parts)
        )
        self.stories.append(Story(domain, phone, calls, leads, tasks, company_id))
        self.calls += [(domain, call) for call in calls]

    @property
    def is_over(self):
        return not self.left

    def next(self):
        domain, call = self.left.pop()
        live.store_changes(self.world.ctx, self.lines[domain], RULES, [Change(fold.ENDED, call)])


def a_company(crm, domain, phone):
    return crm("ui/company", domain=domain, user_id=ANNA, name="Ромашка", phones=[f"+{phone}"])["id"]


def judge(crm, stories):
    """Problems in words: what the CRM has twice, has not, or has wrong."""
    problems = []
    states = {domain: crm.read("state", domain=domain) for domain in {story.domain for story in stories}}
    for story in stories:
        problems += _problems(story, _Account(states[story.domain]))
    for domain, state in states.items():
        known = {call.uniq for story in stories if story.domain == domain for call in story.calls}
        strange = [n["params"].get("uniq") for n in state["notes"] if n["params"].get("uniq") not in known]
        problems += [f"stray note {uniq} in {domain}" for uniq in strange]
    return problems


class _Account:
    def __init__(self, state):
        self.leads, self.tasks, self.contacts = state["leads"], state["tasks"], defaultdict(list)
        self.notes = Counter(note["params"].get("uniq") for note in state["notes"])
        for contact in state["contacts"]:
            for row in contact["custom_fields_values"] or ():
                for value in row["values"]:
                    digits = "".join(sign for sign in value["value"] if sign.isdigit())
                    self.contacts[digits].append(contact["id"])


def _problems(story, account):
    for call in story.calls:
        if account.notes[call.uniq] != 1:
            yield f"call {call.uniq} of {story.phone} stands {account.notes[call.uniq]} times"
    contacts = account.contacts[story.phone]
    if len(contacts) != (0 if story.company_id else 1):
        yield f"{len(contacts)} contacts of {story.phone}"
        return
    kind, client = ("companies", story.company_id) if story.company_id else ("contacts", contacts[0])
    leads = [one for one in account.leads if any(of["id"] == client for of in one["_embedded"][kind])]
    if len(leads) != story.leads:
        yield f"{len(leads)} leads of {story.phone} and not {story.leads}"
    places = {client, *(lead["id"] for lead in leads)}
    tasks = [task for task in account.tasks if task["entity_id"] in places]
    still_open = [task for task in tasks if not task["is_completed"]]
    if len(still_open) != story.open_tasks:
        yield f"{len(still_open)} open tasks of {story.phone} and not {story.open_tasks}"
    twice = [text for text, n in Counter(task["text"] for task in tasks).items() if n > 1]
    if twice:
        yield f"tasks twice of {story.phone}: {twice}"
