"""Hypothesis strategies for bookings, leads, links and commands: anything that could stand in the facts."""

from datetime import timedelta

from hypothesis import strategies as st

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Booking, Client, Phase, ServiceLine, StaffMember
from backend.core.sync.commands import AddNote, AddTask, CreateLead, FieldValue, NewContact, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIRMED,
    COSMETOLOGY,
    DIRECTION,
    EPILATION,
    FIELD_IDS,
    KEY,
    LEAD,
    LOST,
    MARIA,
    NEW,
    NOW,
    OTHER,
    RECORD,
    SALON,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
)


def mostly(usual, *others):
    """The usual value four times out of five: with many rare parts the rules would have nothing to do."""
    return st.integers(0, 4).flatmap(lambda n: st.sampled_from(others) if n == 4 else st.just(usual))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ids = st.integers(1, 2**40)
kopecks = st.integers(0, 10**9).map(Kopecks)
moments = st.integers(-2 * 86400, 90 * 86400).map(lambda seconds: NOW + timedelta(seconds=seconds))
phases = st.sampled_from([Phase.WAITING, *Phase])
branches = mostly(TVERSKAYA, 41002, 49999)
stages = st.sampled_from([NEW, BOOKED, CONFIRMED, TO_BE_MOVED, COMPLAINT, WON, LOST, 8201, 8301, 9999])
pipelines = mostly(EPILATION, COSMETOLOGY, OTHER, 8999)
remembered_names = st.sampled_from(
    [
        "phase",
        "name",
        "price",
        "noted_start",
        "noted_comment",
        "told_closed",
        *(f"field:{i}" for i in FIELD_IDS.values()),
    ]
)

clients = st.builds(
    Client,
    st.just("yclients:41001:5001"),
    texts,
    st.sampled_from(["", "+79990000001", "8 999 000-00-01", "?"]),
    texts,
)
lines = st.builds(
    ServiceLine, ids, texts, kopecks, st.integers(1, 5), kopecks, mostly(501, 503, 509, 601, None)
)
some_lines = st.integers(0, 4).flatmap(lambda n: st.lists(lines, min_size=n > 0, max_size=n).map(tuple))
bookings = st.builds(
    Booking, st.just("yclients"), branches, st.just(RECORD), phases, moments, moments, moments,
    mostly(MARIA, None) | clients,
    some_lines, st.builds(StaffMember, mostly(81, 0, 91), texts),
    texts,
)  # fmt: skip

field_texts = st.one_of(
    st.tuples(st.just(SALON), st.sampled_from(["Тверская", "Урал", ""])),
    st.tuples(st.just(DIRECTION), st.sampled_from(["Эпиляция", "Косметология", ""])),
    st.tuples(st.just(1), texts),
)
tags = mostly((), ("не привязывать",), ("VIP", "не двигать"))


def leads(lead_ids=ids, stage_ids=stages):
    return st.builds(
        Lead, lead_ids, pipelines, stage_ids, kopecks, texts, ids, st.just((40000001,)), tags,
        st.lists(field_texts, max_size=4).map(tuple), st.none() | moments, st.none() | moments, ids,
        mostly(False, True),
    )  # fmt: skip


def applied():
    usual = st.dictionaries(remembered_names, texts, max_size=6)
    moment_texts = st.fixed_dictionaries({}, optional={"noted_start": moments.map(lambda at: at.isoformat())})
    phase_texts = st.fixed_dictionaries({}, optional={"phase": phases.map(str)})
    parts = st.tuples(usual, moment_texts, phase_texts)
    return parts.map(lambda p: {**{k: v for k, v in p[0].items() if k != "noted_start"}, **p[1], **p[2]})


links = st.builds(
    Link, st.just(KEY), st.just(LEAD), mostly(Role.MAIN, Role.HISTORY),
    mostly("epilation", "cosmetology", "other", "", "gone"), st.none() | ids, st.none() | moments,
    applied(), st.none() | stages, st.none() | moments, st.booleans(),
)  # fmt: skip
holders = st.builds(Link, st.just("yclients:41001:660001"), ids, direction=st.just("epilation"))
open_leads = leads(stage_ids=st.sampled_from([NEW, BOOKED, TO_BE_MOVED])) | leads()
candidates = st.builds(Candidate, open_leads, st.none() | holders, st.none() | phases, st.none() | moments)
contacts = st.sampled_from([Contact(40000001, "Мария"), None])


@st.composite
def facts_of_known(draw):
    """A booking with whatever may be known about it; a linked lead is there, or it is gone."""
    link = draw(links)
    lead = draw(mostly(leads(st.just(LEAD)), st.none()).flatmap(lambda found: found))
    return BookingFacts(draw(bookings), NOW, draw(mostly(None, NOW)), link, lead, draw(contacts))


@st.composite
def facts_of_new(draw):
    """A booking without a lead, and the open leads that its person may have."""
    contact = draw(contacts)
    found = draw(st.lists(candidates, max_size=3, unique_by=lambda c: c.lead.id)) if contact else ()
    return BookingFacts(draw(bookings), NOW, draw(mostly(None, NOW)), None, None, contact, tuple(found))


def facts():
    return facts_of_new() | facts_of_known()


field_values = st.builds(
    FieldValue, ids, st.none() | texts | st.integers(0, 2**40) | st.lists(texts, max_size=3).map(tuple)
)
pairs = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
many_texts = st.lists(texts, max_size=3).map(tuple)
many_fields = st.lists(field_values, max_size=4).map(tuple)
new_contacts = st.builds(NewContact, many_texts, texts, texts, texts, many_texts, ids)
commands = st.one_of(
    st.builds(
        CreateLead, texts, texts, texts, ids, ids, ids, kopecks, ids | new_contacts, many_fields,
        many_texts, pairs,
    ),
    st.builds(
        UpdateLead, texts, ids, st.none() | texts, st.none() | kopecks, st.none() | ids, st.none() | ids,
        st.none() | ids, many_fields, st.none() | texts, st.none() | texts, pairs,
    ),
    st.builds(AddNote, texts, st.none() | ids, texts, pairs),
    st.builds(AddTask, texts, st.none() | ids, texts, moments, ids, pairs),
)  # fmt: skip
