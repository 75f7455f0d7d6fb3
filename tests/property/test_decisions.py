"""What holds for every booking and every state of the CRM, not only for those that somebody thought of."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from backend import texts
from backend.core.crm import CLOSED_STAGES
from backend.core.rules.configuration import Mode
from backend.core.rules.options import AfterNoShow
from backend.core.salon import Phase
from backend.core.sync import journal, redirecting
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, CreateLead, UpdateLead
from backend.core.sync.links import Role
from tests.support import strategies
from tests.support.facts import CONFIGURATION, DIRECTION, FIELD_IDS, RULES, SALON, SmallCrm

USUAL = settings(max_examples=60, deadline=None)
THOROUGH = settings(max_examples=120, deadline=None)


@st.composite
def some_rules(draw):
    """The stand's configuration with parts missing, salons switched off and fields gone."""
    options = replace(CONFIGURATION.options, after_no_show=draw(st.sampled_from(AfterNoShow)))
    configuration = replace(
        CONFIGURATION,
        options=options,
        branches=tuple(
            replace(b, mode=draw(strategies.mostly(Mode.ACTIVE, Mode.OBSERVE, Mode.OFF)))
            for b in _some(draw, CONFIGURATION.branches)
        ),
        directions=_some(draw, CONFIGURATION.directions),
        routes=_some(draw, CONFIGURATION.routes),
    )
    return replace(
        RULES, configuration=configuration, field_ids={n: FIELD_IDS[n] for n in _some(draw, FIELD_IDS)}
    )


def _some(draw, items):
    return tuple(item for item in items if draw(st.integers(0, 9)) < 9)


@THOROUGH
@given(strategies.facts(), some_rules())
def test_every_booking_gets_a_decision_with_a_reason_in_words(facts, rules):
    decision = decide(facts, rules)

    assert decision.subject == facts.booking.key
    assert decision.version is not None
    assert texts.has(f"reason.{decision.reason}", "ru")
    assert texts.has(f"reason.{decision.reason}", "en")


@THOROUGH
@given(strategies.facts(), some_rules())
def test_a_decision_that_was_carried_out_asks_for_nothing_more(facts, rules):
    crm = SmallCrm(facts)
    crm.carry_out(decide(facts, rules))

    again = decide(crm.facts, rules)

    assert again.commands == ()


@USUAL
@given(strategies.facts(), some_rules())
def test_a_booking_of_one_direction_has_at_most_one_lead(facts, rules):
    commands = decide(facts, rules).commands

    made = [c for c in commands if isinstance(c, CreateLead) and c.key == facts.booking.key and not c.share]
    changed = {
        c.lead_id
        for c in commands
        if isinstance(c, UpdateLead) and c.key == facts.booking.key and not c.share
    }

    assert len(made) + len(changed) <= 1


@USUAL
@given(strategies.facts(), some_rules())
def test_a_lead_of_the_booking_is_never_created_again_while_it_is_there(facts, rules):
    """A lead of its history is another booking's by now."""
    commands = decide(facts, rules).commands

    creates = [c for c in commands if isinstance(c, CreateLead)]
    leads_it = facts.link is not None and facts.link.role is Role.MAIN

    assert not (creates and leads_it and facts.lead and not facts.lead.is_deleted)


@USUAL
@given(strategies.facts(), some_rules())
def test_a_lead_that_a_person_closed_stays_closed(facts, rules):
    moved = [c for c in decide(facts, rules).commands if isinstance(c, UpdateLead) and c.stage_id]

    closed_by_a_person = (
        facts.link is not None
        and facts.lead is not None
        and facts.lead.stage_id in CLOSED_STAGES
        and facts.link.stage_id != facts.lead.stage_id
        and not facts.lead.is_deleted
    )

    assert not (moved and closed_by_a_person)


@USUAL
@given(strategies.facts(), some_rules())
def test_an_edit_without_a_change_of_attendance_never_moves_a_linked_lead(facts, rules):
    """But for a booking whose direction is gone: its lead goes to the new one (§4.6)."""
    commands = decide(facts, rules).commands

    moves = [c for c in commands if isinstance(c, UpdateLead) and c.stage_id and c.attaches is None]

    same_phase = facts.link is not None and facts.link.applied.get("phase") == facts.booking.phase
    if same_phase and not redirecting.is_needed(facts.booking, facts.link, rules.configuration):
        assert not moves


@USUAL
@given(strategies.facts(), some_rules())
def test_a_lead_that_is_closed_gone_or_marked_is_never_taken(facts, rules):
    taken = {c.lead_id for c in decide(facts, rules).commands if isinstance(c, UpdateLead) and c.attaches}

    refused = {
        candidate.lead.id
        for candidate in facts.candidates
        if candidate.lead.is_closed
        or candidate.lead.is_deleted
        or rules.configuration.options.do_not_attach_tag in candidate.lead.tags
    }

    assert not taken & refused


@USUAL
@given(strategies.facts())
def test_a_lead_of_another_direction_or_salon_is_never_taken(facts):
    attaching = [c for c in decide(facts, RULES).commands if isinstance(c, UpdateLead) and c.attaches]

    salon = CONFIGURATION.branch(facts.booking.branch_id)
    found = {candidate.lead.id: candidate.lead for candidate in facts.candidates}
    for command in attaching:
        lead, title = found[command.lead_id], CONFIGURATION.direction(command.attaches).title
        assert not lead.values(SALON) or salon.title in lead.values(SALON)
        assert not lead.values(DIRECTION) or title in lead.values(DIRECTION)


@USUAL
@given(strategies.facts(), some_rules())
def test_the_budget_of_a_lead_is_the_money_of_its_booking(facts, rules):
    commands = decide(facts, rules).commands

    budgets = {c.price for c in commands if isinstance(c, CreateLead | UpdateLead)} - {None}

    assert budgets <= {facts.booking.price}


@USUAL
@given(strategies.facts(), some_rules())
def test_a_cancelled_booking_never_makes_or_takes_a_lead(facts, rules):
    cancelled = replace(facts, booking=replace(facts.booking, phase=Phase.CANCELLED))

    commands = decide(cancelled, rules).commands

    assert not [c for c in commands if isinstance(c, CreateLead)]
    assert not [c for c in commands if isinstance(c, UpdateLead) and c.attaches]


@USUAL
@given(strategies.facts(), some_rules())
def test_notes_always_say_something(facts, rules):
    notes = [c for c in decide(facts, rules).commands if isinstance(c, AddNote)]

    assert all(note.text.strip() for note in notes)


@USUAL
@given(strategies.facts(), some_rules())
def test_a_decision_can_be_written_down_without_the_clients_phone(facts, rules):
    written = json.dumps(journal.decision(decide(facts, rules), facts), ensure_ascii=False)

    phone = facts.booking.client.phone if facts.booking.client else ""

    assert len(phone) < 7 or phone not in written


@THOROUGH
@given(strategies.commands)
def test_a_command_read_back_from_the_journal_is_the_same(command):
    written = json.loads(json.dumps(journal.command(command)))

    assert journal.command_from(written) == command
