"""The Stand with a telephone exchange: calls end, are worked on, and amoCRM is looked at."""

import dataclasses
from datetime import timedelta

from backend.core.telephony.call import Call, Ring, Stage
from backend.core.telephony.hearing import fold
from backend.core.telephony.hearing.fold import Change
from backend.core.telephony.rules import Line, Person, TelephonyRules
from backend.flows.rules import configuration, configuration_edit
from backend.flows.telephony.hearing import live
from backend.store import accounts, events
from backend.store.telephony import calls, pbxes
from backend.store.telephony.pbxes import Pbx
from tests.support import make
from tests.support.stand import ANNA, DOMAIN, EPILATION, OLGA, PETR, STAGES, Stand

__all__ = ["CallStand", "make"]

FIRST_STAGE = STAGES[EPILATION]
PEOPLE = (Person(ANNA, "101"), Person(OLGA, "102"), Person(PETR, "103"))
LINES = (Line(make.TRUNK, title="Москва"), Line("spb", title="Петербург"))
RULES = TelephonyRules(
    is_on=True, people=PEOPLE, lines=LINES, first_responsible_id=ANNA, pipeline_id=EPILATION,
    stage_id=FIRST_STAGE,
)  # fmt: skip


class CallStand(Stand):
    """Anna has phone 101, Olga 102, Pyotr 103; the trunks are «msk» and «spb»; telephony is on."""

    def _install(self):
        account = super()._install()
        self.pbx = pbxes.save(
            Pbx(
                id=0, account_id=account.id, code="office", title="Офис", kind="asterisk", host="127.0.0.1",
                port=5038, tls=False, login="crm", secret="not-a-secret", options={}, is_on=True,
            )
        )  # fmt: skip
        return account

    def configure(self, text):
        number = super().configure(text)
        self.rules()
        return number

    # Rules

    def rules(self, **changes):
        """Telephony as given above with these changes, as one more version of the configuration."""
        wanted = dataclasses.replace(RULES, **changes)
        self.save_rules(wanted)
        return wanted

    def save_rules(self, wanted):
        base = configuration.number(self.account.id)
        result = configuration_edit.edit(
            self.ctx, self.account, base, ("telephony",),
            lambda before: dataclasses.replace(before, telephony=wanted), "тест",
        )  # fmt: skip
        assert not result.problems, result.problems
        self.account = accounts.by_domain(DOMAIN)

    # Calls

    def call(self, way="in", **more) -> Call:
        """A call that has just ended: time has passed meanwhile. See make.call; with `at` no time passes."""
        made = make.call(way, pbx_id=self.pbx.id, **{"at": self.now(), **more})
        if "at" not in more:
            self.world.clock.advance((made.ended_at - made.began_at).total_seconds())
        return made

    def store(self, *ended):
        """Calls have ended: rows and events as the listener writes them, nothing is worked on yet."""
        self._tell([Change(fold.ENDED, call) for call in ended])

    def finish(self, *ended):
        """These calls have ended; what follows from that is done. Returns the row of the last one."""
        self.store(*ended)
        self.work()
        return self.row(ended[-1])

    def called(self, way="in", **more):
        """`call` and `finish` in one."""
        return self.finish(self.call(way, **more))

    def ring(self, call, *phones):
        """The call rings at these phones; nothing is worked on yet."""
        began = self.now()
        ringing = dataclasses.replace(
            call, stage=Stage.RINGING, ended_at=None, outcome=None, miss=None, talks=(),
            rings=tuple(Ring(phone, began) for phone in phones),
        )  # fmt: skip
        self._tell([Change(fold.RINGING, ringing, phone) for phone in phones])
        return ringing

    def row(self, call):
        return calls.by_uniq(self.account.id, call.uniq)

    def call_events(self, call):
        return events.of_subject(self.account.id, f"call:{call.uniq}")

    def _tell(self, changes):
        rules = configuration.current(self.account.id).telephony
        live.store_changes(self.ctx, self.pbx, rules, changes)

    # What there is to see in amoCRM

    def logged(self):
        """Calls in cards, oldest first: notes of type call_in and call_out."""
        return [note for note in self.crm()["notes"] if note["note_type"] in ("call_in", "call_out")]

    def tasks(self, is_completed=False):
        return [task for task in self.crm()["tasks"] if task["is_completed"] == is_completed]

    def incoming(self):
        """«Неразобранное»."""
        return self.crm()["unsorted"]

    def contact_of(self, number=make.CLIENT):
        """The one contact with this number, None when there is none."""
        found = [c for c in self.contacts() if any(number[-10:] in _digits(p) for p in self.phones(c))]
        assert len(found) < 2, f"{len(found)} contacts for one number"
        return found[0] if found else None

    def leads_with(self, contact):
        return [
            lead
            for lead in self.leads()
            if any(one["id"] == contact["id"] for one in lead["_embedded"]["contacts"])
        ]

    def wait_minutes(self, minutes):
        self.pass_time(timedelta(minutes=minutes).total_seconds())


def _digits(text):
    return "".join(character for character in text if character.isdigit())
