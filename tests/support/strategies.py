"""Hypothesis strategies for bookings, leads, links and commands: anything that could stand in the facts."""

from datetime import timedelta

from hypothesis import strategies as st

from backend.core.booking import BookingFacts
from backend.core.commands import AddNote, AddTask, CreateLead, FieldValue, NewContact, UpdateLead
from backend.core.crm import Contact, Lead
from backend.core.links import Link, Role
from backend.core.matching import Candidate
from backend.core.money import Kopecks
from backend.core.salon import Booking, Client, Phase, ServiceLine, StaffMember
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
    NEW,
    NOW,
    OTHER,
    RECORD,
    SALON,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ids = st.integers(1, 2**40)
kopecks = st.integers(0, 10**9).map(Kopecks)
moments = st.integers(-90 * 86400, 90 * 86400).map(lambda seconds: NOW + timedelta(seconds=seconds))
phases = st.sampled_from(Phase)
branches = st.sampled_from([TVERSKAYA, 41002, 49999])
stages = st.sampled_from([NEW, BOOKED, CONFIRMED, TO_BE_MOVED, COMPLAINT, WON, LOST, 8201, 8301, 9999])
pipelines = st.sampled_from([EPILATION, COSMETOLOGY, OTHER, 8999])
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
    ServiceLine, ids, texts, kopecks, st.integers(1, 5), kopecks, st.sampled_from([501, 503, 509, 601, None])
)
bookings = st.builds(
    Booking, st.just("yclients"), branches, st.just(RECORD), phases, moments, moments, moments,
    st.none() | clients,
    st.lists(lines, max_size=4).map(tuple), st.builds(StaffMember, st.sampled_from([0, 81, 91]), texts),
    texts,
)  # fmt: skip

field_texts = st.one_of(
    st.tuples(st.just(SALON), st.sampled_from(["Тверская", "Урал", ""])),
    st.tuples(st.just(DIRECTION), st.sampled_from(["Эпиляция", "Косметология", ""])),
    st.tuples(ids, texts),
)
tags = st.lists(st.sampled_from(["не привязывать", "не двигать", "VIP"]), max_size=2).map(tuple)


def leads(lead_ids=ids):
    return st.builds(
        Lead, lead_ids, pipelines, stages, kopecks, texts, ids, st.just((40000001,)), tags,
        st.lists(field_texts, max_size=4).map(tuple), st.none() | moments, st.none() | moments, ids,
        st.booleans(),
    )  # fmt: skip


def applied():
    usual = st.dictionaries(remembered_names, texts, max_size=6)
    moment_texts = st.fixed_dictionaries({}, optional={"noted_start": moments.map(lambda at: at.isoformat())})
    phase_texts = st.fixed_dictionaries({}, optional={"phase": phases.map(str)})
    parts = st.tuples(usual, moment_texts, phase_texts)
    return parts.map(lambda p: {**{k: v for k, v in p[0].items() if k != "noted_start"}, **p[1], **p[2]})


links = st.builds(
    Link, st.just(KEY), st.just(LEAD), st.sampled_from(Role),
    st.sampled_from(["epilation", "cosmetology", "other", "", "gone"]), st.none() | ids, st.none() | moments,
    applied(), st.none() | stages, st.none() | moments, st.booleans(),
)  # fmt: skip
holders = st.builds(Link, st.just("yclients:41001:660001"), ids, direction=st.just("epilation"))
candidates = st.builds(Candidate, leads(), st.none() | holders, st.none() | phases, st.none() | moments)


@st.composite
def facts(draw):
    """A booking with whatever may be known about it; a linked lead is there, or it is gone."""
    link = draw(st.none() | links)
    lead = draw(st.none() | leads(st.just(LEAD))) if link else None
    contact = draw(st.none() | st.just(Contact(40000001, "Мария")))
    found = tuple(draw(st.lists(candidates, max_size=3, unique_by=lambda c: c.lead.id))) if contact else ()
    return BookingFacts(draw(bookings), NOW, draw(st.none() | moments), link, lead, contact, found)


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
