"""A booking without a lead: skipped, early, continuing an open lead of the person, or opening a new one."""

from __future__ import annotations

from dataclasses import replace

from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Mode
from backend.core.salon import Phase, branch_of
from backend.core.sync import leads, matching, remarks, satellites, sharing, skipping, stages, tasks, wording
from backend.core.sync.commands import AddNote, Command, CreateLead, Decision, Remembered, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Role
from backend.core.sync.making import before, card, closed, new_contact, noted, nothing, whose
from backend.core.sync.matching import Candidate, Match, Place


def decide(facts: BookingFacts, rules: BookingRules, after: str = "") -> Decision:
    """`after` says what the note begins with when another lead of the booking was there before."""
    booking, configuration = facts.booking, rules.configuration
    branch = configuration.branch(booking.branch_id)
    if branch is None or branch.mode is Mode.OFF:
        return nothing(booking, Reason.BRANCH_UNMAPPED)
    skipped = skipping.reason(facts, branch, rules)
    if skipped:
        return nothing(booking, skipped)
    shares = sharing.shares(booking, configuration)
    notices = tuple(("category_unmapped", f"{booking.branch_id}:{category}") for category in shares.unmapped)
    if shares.main is None:
        return replace(nothing(booking, Reason.NO_DIRECTION), notices=notices)
    route = configuration.route(booking.branch_id, shares.main.key)
    if route is None or route.entry_stage is None:
        names = (("branch", branch.title), ("direction", shares.main.title))
        return replace(nothing(booking, Reason.NO_ROUTE), details=names, notices=notices)
    place = Place(branch, shares.main, route, shares)
    considered = matching.considered(booking, place, facts.candidates, rules, facts.now)
    return replace(_placed(facts, place, rules, after), notices=notices, considered=considered)


def _placed(facts: BookingFacts, place: Place, rules: BookingRules, after: str) -> Decision:
    booking = facts.booking
    if skipping.waits_its_turn(facts, place, rules):
        return nothing(booking, Reason.WAITS_ITS_TURN)
    match = _recognised(facts) or matching.best(
        booking, place, facts.candidates, rules, facts.now, facts.wanted
    )
    if match:
        return _attach(facts, match, place, rules)
    for wait, reason in (
        (skipping.waits_for_next_lead(facts, place, rules), Reason.WAITS_FOR_NEXT_LEAD),
        (skipping.waits_for_a_person(facts, rules), Reason.WAITS_FOR_INCOMING),
    ):
        if wait:
            return replace(nothing(booking, reason), wait=wait)
    return _create(facts, place, rules, after)


def _recognised(facts: BookingFacts) -> Match | None:
    """Our own lead whose link was lost (a restored copy of the database): nothing may be made a second
    time.
    """
    return Match(Candidate(facts.keyed), rank=0) if facts.keyed else None


def _create(facts: BookingFacts, place: Place, rules: BookingRules, after: str) -> Decision:
    booking, route, direction = facts.booking, place.route, place.direction
    secondary = satellites.plan(facts, None, place.direction.key, place.shares, rules)
    stage = route.stages.get(_phase(facts, rules)) or route.stages[Phase.WAITING]
    responsible = whose(booking, route, rules)
    content = leads.content(booking, place.shares, rules, facts=facts, taken=secondary.taken)
    name = wording.lead_name(booking, place.shares, rules)
    lead = CreateLead(
        booking.key, direction.key, name, route.pipeline_id, stage, responsible,
        content.price if content.price is not None else Kopecks(0),
        contact=facts.contact.id if facts.contact else new_contact(booking, responsible),
        fields=tuple(content.fields.values()), tags=route.tags,
        remembers=(*leads.remembered(content), ("name", name), *_first(facts, place, secondary, rules)),
    )  # fmt: skip
    details = (("direction", direction.title), ("branch", place.branch.title))
    note = card(
        booking, None, rules, after=after or _moved_here(facts, place, rules) or _waited(facts, rules)
    )
    wakes = (booking.key,) if secondary.is_later else ()
    asked = tasks.wanted(tasks.Case(booking, rules, facts.now, responsible_id=responsible))
    commands = (lead, note, *secondary.commands, *asked, *_rebooked(facts, place, rules))
    return Decision(booking.key, Reason.CREATED, commands, details=details, wakes=wakes)


def _rebooked(facts: BookingFacts, place: Place, rules: BookingRules) -> list[Command]:
    """Leads of missed visits that the new booking does not continue: strictly, or after too long (§8)."""
    found: list[Command] = []
    for one in facts.candidates:
        holder, lead = one.holder, one.lead
        if holder is None or holder.direction != place.direction.key or holder.role is not Role.MAIN:
            continue
        is_here = branch_of(holder.key) == facts.booking.branch_id
        is_missed = lead.stage_id == place.route.stages.get(Phase.NO_SHOW)
        is_ours = lead.stage_id == holder.stage_id and not matching.is_kept(facts.booking, lead, rules)
        is_ours = is_ours and lead.id not in facts.worked_on
        if is_here and is_missed and is_ours and one.holder_phase in (Phase.NO_SHOW, Phase.CANCELLED):
            note = AddNote(holder.key, lead.id, remarks.rebooked_anew())
            found += [note, closed(holder.key, lead, rules, frees_key=False)]
    return found


def _moved_here(facts: BookingFacts, place: Place, rules: BookingRules) -> str:
    """Deleted in another salon a moment ago (row D3)."""
    for one in facts.candidates:
        branch = rules.configuration.branch(branch_of(one.holder.key)) if one.holder else None
        if one.is_leaving and branch and one.holder and one.holder.direction == place.direction.key:
            return remarks.moved_from(branch.title, one.lead.id)
    return ""


def _waited(facts: BookingFacts, rules: BookingRules) -> str:
    lead_id = skipping.incoming(facts, rules)
    return remarks.incoming_left(lead_id) if lead_id else ""


def _phase(facts: BookingFacts, rules: BookingRules) -> Phase:
    return stages.counted(facts.booking, rules, facts.now)


def _first(facts: BookingFacts, place: Place, secondary: satellites.Plan, rules: BookingRules) -> Remembered:
    shares = place.shares
    if secondary.is_later:  # the other directions are looked for when the contact is there
        shares = replace(shares, directions=shares.directions[:1])
    passed = tasks.passed_over(facts.booking, rules, facts.now)
    return (("phase", str(_phase(facts, rules))), *satellites.directions(shares), *passed)


def _attach(facts: BookingFacts, match: Match, place: Place, rules: BookingRules) -> Decision:
    """Continue an open lead of the person: fill it, lift its stage, leave its responsible alone, and its
    name too unless it is still the one that we gave it for the booking before.
    """
    booking, lead, holder = facts.booking, match.candidate.lead, match.candidate.holder
    secondary = satellites.plan(facts, lead.id, place.direction.key, place.shares, rules)
    is_ours = holder is not None and bool(lead.name) and holder.applied.get("name") == lead.name
    name = wording.lead_name(booking, place.shares, rules) if is_ours else None
    move = stages.on_attach(_phase(facts, rules), lead, place.route)
    named = (("name", name),) if name else ()
    content = leads.content(booking, place.shares, rules, facts=facts, taken=secondary.taken)
    demoted = holder.slot if holder and holder.key != booking.key else None
    update = UpdateLead(
        booking.key, lead.id, name=name, price=content.price,
        stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=stages.loss_reason(move.stage_id, rules),
        fields=tuple(content.fields.values()), attaches=place.direction.key, demotes=demoted,
        remembers=(
            *leads.remembered(content), *named, *_first(facts, place, secondary, rules), *before(lead)
        ),
        tags=tuple(tag for tag in place.route.tags if tag not in lead.tags),
        accepts=lead.stage_id in rules.incoming_stages,
    )  # fmt: skip
    details = (("rank", str(match.rank)), ("lead", str(lead.id)))
    asked = tasks.wanted(tasks.Case(booking, rules, facts.now, None, lead, lead.id, lead.responsible_id))
    commands = (update, _attached_note(facts, match, rules), *secondary.commands, *asked)
    return Decision(booking.key, _attached_reason(match, demoted), commands, details=details)


def _attached_reason(match: Match, demoted: str | None) -> Reason:
    if demoted:
        return Reason.CONTINUED
    return Reason.ATTACHED_AMBIGUOUS if match.is_ambiguous else Reason.ATTACHED


def _attached_note(facts: BookingFacts, match: Match, rules: BookingRules) -> AddNote:
    """Deleted and entered again at another time is a move, told in one note (row D7)."""
    booking, one = facts.booking, match.candidate
    if one.is_leaving and one.holder_starts_at:
        text = wording.moved_note(one.holder_starts_at.isoformat(), booking, rules)
        return AddNote(booking.key, one.lead.id, text, noted(booking))
    return card(booking, one.lead.id, rules, is_attached=True)
