"""Whatever a call was and whatever the rules say: a decision is made, and carried out it asks for nothing."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.crm import Contact, Lead
from backend.core.telephony.after import commands as c
from backend.core.telephony.after.deciding import decide
from backend.core.telephony.after.facts import CallFacts, Hooked, OpenTask, Written
from backend.core.telephony.call import Outcome, Stage, Way
from backend.core.telephony.rules import (
    Entity,
    FieldRule,
    Line,
    LogAs,
    Missed,
    MissedTo,
    Person,
    TelephonyRules,
)
from tests.support import make
from tests.support.decided import carried_out

USERS = st.sampled_from([1, 2, 3, 9])
MAYBE_USER = st.none() | USERS
PHONES = st.sampled_from(["101", "102", "103", "999"])
MOMENTS = st.sampled_from([make.MONDAY + timedelta(minutes=m) for m in (-60, 0, 1, 60)])
PIPELINES = st.none() | st.sampled_from([8001, 8002, 9999])
TEMPLATES = st.sampled_from(["{линия}", "{клиент} {разговор}", "{x}", "просто", "{запись разговора}"])

lines = st.builds(
    Line, st.sampled_from(["msk", "spb"]), did=st.sampled_from(["", make.DID]),
    title=st.sampled_from(["", "А"]),
    pipeline_id=PIPELINES, stage_id=st.none() | st.just(8100), default_user_id=MAYBE_USER,
    missed_user_id=MAYBE_USER, incoming=st.none() | st.booleans(),
    fields=st.dictionaries(st.sampled_from([9100, 9101]), TEMPLATES, max_size=2),
)  # fmt: skip
missed = st.builds(
    Missed, is_on=st.booleans(), counts_lost=st.booleans(), hidden=st.booleans(), closes=st.booleans(),
    to=st.lists(st.sampled_from(MissedTo), unique=True).map(tuple),
)  # fmt: skip
rules = st.builds(
    TelephonyRules, is_on=st.booleans() | st.just(value=True),
    people=st.just((Person(1, "101"), Person(2, "102"), Person(3, "103"))),
    lines=st.lists(lines, max_size=2).map(tuple), first_responsible_id=MAYBE_USER, pipeline_id=PIPELINES,
    contact_in=st.booleans(), contact_out=st.booleans(), lead_in=st.booleans(), lead_out=st.booleans(),
    incoming=st.booleans(), log=st.sampled_from(LogAs), missed=missed,
    white=st.just(()) | st.just(("101", "102")), black=st.just(()) | st.just(("103",)),
    fields=st.lists(
        st.builds(
            FieldRule, st.sampled_from(Entity), st.sampled_from([9100, 9200]), TEMPLATES, st.booleans()
        ),
        max_size=3,
    ).map(tuple),
)  # fmt: skip

calls = st.builds(
    lambda way, rings, talks, outcome, more: replace(
        make.call(
            way, rings=[(phone, 0, 10) for phone in rings], talks=[(phone, 10, 40) for phone in talks], **more
        ),
        **({"outcome": outcome} if outcome and not talks else {}),
    ),
    st.sampled_from(Way), st.lists(PHONES, max_size=3), st.lists(PHONES, max_size=2),
    st.none() | st.sampled_from(Outcome),
    st.fixed_dictionaries(
        {"lost_after_transfer": st.booleans(), "stage": st.sampled_from([Stage.ENDED] * 5 + [Stage.TALKING])}
    ),
)  # fmt: skip
leads = st.builds(
    Lead, st.sampled_from([600, 601]), st.just(8001), st.just(8101), st.just(0),
    responsible_id=st.integers(0, 3),
    created_at=st.none() | MOMENTS, created_by=st.sampled_from([0, 1, 2]),
    fields=st.just(()) | st.just(((9100, "было"),)),
)  # fmt: skip
contacts = st.builds(
    Contact, st.just(500), st.sampled_from(["", "Мария"]), created_at=st.none() | MOMENTS,
    created_by=st.sampled_from([None, 0, 1, 2]), responsible_id=MAYBE_USER,
    fields=st.none() | st.just(()) | st.just(((9200, "было"),)),
)  # fmt: skip
hooked = st.just(Hooked()) | st.builds(
    Hooked, skip=st.sampled_from(["", "h"]), number=st.sampled_from(["", "+79995556677"]),
    responsible_id=MAYBE_USER, pipeline_id=PIPELINES, task=st.none() | st.booleans(), task_text=TEMPLATES,
)  # fmt: skip
written = st.just(Written()) | st.builds(
    Written, is_refused=st.booleans(), is_logged=st.booleans(), incoming=st.sampled_from(["", "u0"]),
    contact_id=st.none() | st.just(500), lead_id=st.none() | st.just(600), task_id=st.none() | st.just(7),
    notes=st.frozensets(st.sampled_from([(Entity.CONTACT, 500), (Entity.LEAD, 600)])),
)  # fmt: skip


@st.composite
def facts(draw):
    contact = draw(st.none() | contacts)
    known = draw(st.lists(leads, max_size=2, unique_by=lambda lead: lead.id)) if contact else []
    call = draw(calls)
    return CallFacts(
        call, call.ended_at or make.MONDAY, draw(st.sampled_from(["", "+79990001122", "+79990001122"])),
        contact=contact, open_leads=tuple(known), incoming_lead=draw(st.none() | st.just(700)),
        last_talker_id=draw(MAYBE_USER), talked_since=draw(st.none() | MOMENTS),
        open_task=draw(st.none() | st.builds(OpenTask, st.just(7), st.just("1:0"), MOMENTS)),
        users=draw(st.just({}) | st.just({1: "Анна", 2: "Ольга"})),
        entry_stages=draw(st.just({}) | st.just({8001: 8100, 8002: 8200})),
        main_pipeline_id=draw(st.none() | st.just(8002)),
        links=draw(st.just(()) | st.just(("u1", "u2"))), hooked=draw(hooked), written=draw(written),
    )  # fmt: skip


@given(facts(), rules)
def test_a_decision_carried_out_asks_for_nothing_more(known, wanted):
    found = decide(known, wanted)

    assert decide(carried_out(known, found), wanted).commands == ()


@given(facts(), rules)
def test_a_call_is_told_once_and_makes_one_of_each(known, wanted):
    commands = decide(known, wanted).commands

    assert sum(isinstance(one, c.MakeContact | c.MakeLead | c.MakeIncoming) for one in commands) <= 1
    assert sum(isinstance(one, c.LogCall | c.MakeIncoming) for one in commands) <= 1
    assert sum(isinstance(one, c.NoteCall) and one.counts for one in commands) <= 1
    assert not (
        any(isinstance(one, c.LogCall) for one in commands)
        and any(isinstance(one, c.NoteCall) for one in commands)
    )
    assert sum(isinstance(one, c.AddMissedTask | c.CloseMissedTask) for one in commands) <= 1


@given(facts(), rules)
def test_nothing_is_given_to_who_does_not_work(known, wanted):
    for command in decide(known, wanted).commands:
        user = getattr(command, "responsible_id", None) or getattr(command, "user_id", None)
        assert not user or known.works(user)
