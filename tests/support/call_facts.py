"""What is known of a call that has ended, and what a decision about it asks for."""

from dataclasses import replace
from datetime import timedelta

from backend.core.crm import Contact, Lead
from backend.core.telephony.after.deciding import CallFacts, Written
from backend.core.telephony.after.facts import OpenTask
from backend.core.telephony.rules import Line, LogAs, Person, TelephonyRules
from tests.support import make

ANNA, OLGA, PETR, GONE = 1, 2, 3, 4
USERS = {ANNA: "Анна", OLGA: "Ольга", PETR: "Пётр"}
PEOPLE = (Person(ANNA, "101"), Person(OLGA, "102"), Person(PETR, "103"), Person(GONE, "104"))
LINE = Line(make.TRUNK, title="Москва")
RULES = TelephonyRules(is_on=True, people=PEOPLE, lines=(LINE,), pipeline_id=8001, stage_id=8100)
NUMBER = "+79990001122"
LONG_AGO = make.MONDAY - timedelta(days=30)
MARIA = Contact(500, "Мария", (NUMBER,), fields=(), created_at=LONG_AGO, responsible_id=PETR)
LEAD = Lead(600, 8001, 8101, 0, responsible_id=PETR, created_at=LONG_AGO)
STAGES = {8001: 8100, 8002: 8200}


def facts(call=None, number=NUMBER, **more):
    call = call or make.call(talks=[("101", 5, 65)])
    known = {"users": USERS, "entry_stages": STAGES, "main_pipeline_id": 8002}
    return CallFacts(call, call.ended_at or make.MONDAY, number, **{**known, **more})


def rules(**changes):
    return replace(RULES, **changes)


def line(**changes):
    return rules(lines=(replace(LINE, **changes),))


def asked(found, kind):
    return [one for one in found.commands if isinstance(one, kind)]


def one(found, kind):
    (command,) = asked(found, kind)
    return command


def said(found, rule):
    return [why.chosen for why in found.why if why.rule == rule]


def kinds(found):
    return [type(command) for command in found.commands]


def made_meanwhile(**changes):
    during = make.MONDAY + timedelta(seconds=20)
    return replace(MARIA, **{"created_at": during, "created_by": ANNA, "responsible_id": ANNA, **changes})


TRANSFERRED = make.call(talks=[("101", 5, 30), ("102", 31, 60)])
NOTES = rules(log=LogAs.NOTES)
REFUSED = Written(is_refused=True)
MISSED = make.call(rings=[("102", 0, 10), ("101", 10, 20)])
TASK = OpenTask(7, "1:0", LONG_AGO)
