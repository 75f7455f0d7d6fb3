"""Several bookings of one visit as one: two masters at the same time, where the account wants one lead for
them (booking-sync-scenarios.md §5.5). How their contents become one: merging.py.

Whose lead it is does not depend on which of them is decided: the visit is divided into groups, each under the
booking that leads it, and every booking finds itself in the same group from its own side. Two bookings that
have leads of their own are never put together: money that stands somewhere stays there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend.core.rules.configuration import BookingRules, Mode
from backend.core.rules.options import Without
from backend.core.salon import Phase
from backend.core.sync import matching, merging, sharing, skipping
from backend.core.sync.commands import CreateLead, Decision, UpdateLead
from backend.core.sync.facts import BookingFacts, Sibling
from backend.core.sync.links import Role
from backend.core.sync.said import zone

Group = list[Sibling]  # the one that leads it first


def whole(facts: BookingFacts, rules: BookingRules) -> BookingFacts:
    """The facts as they are for the visit, under the booking that leads it; unchanged for a single one. A
    booking that went with another one's lead and belongs to it no longer has no lead.
    """
    group = _group(facts, rules)
    head = group[0]
    if len(group) == 1 and _has_own(head):
        return facts
    led = replace(facts, link=None, lead=None)
    if _has_own(head):
        led = replace(
            facts, link=head.link, lead=head.lead, satellites=head.satellites, nexts=head.nexts, keyed=None
        )
    if len(group) == 1:
        return led
    merged = merging.one(head, group)
    return replace(led, booking=replace(merged, client=merged.client or facts.booking.client))


def joined(facts: BookingFacts, merged: BookingFacts, decision: Decision, rules: BookingRules) -> Decision:
    """The decision about the visit as one about this booking: what is remembered belongs to the leader, and
    this booking goes with its lead. Whom it parts from is decided again.
    """
    made = any(_gives_lead(one, merged.booking.key) for one in decision.commands)
    decision = _parted(facts, decision, rules, is_led=made or merged.link is not None)
    leader = merged.booking.key
    if leader == facts.booking.key:
        return decision
    lead_id = merged.link.lead_id if merged.link else _attached_lead(decision)
    wakes = (*decision.wakes, facts.booking.key) if made and lead_id is None else decision.wakes
    return replace(decision, subject=facts.booking.key, leader=leader, joins=lead_id, wakes=wakes)


def _parted(facts: BookingFacts, decision: Decision, rules: BookingRules, *, is_led: bool) -> Decision:
    """Bookings that have one lead and are together no longer. Where nothing is written nobody parts."""
    branch, link = rules.configuration.branch(facts.booking.branch_id), facts.link
    if link is None or branch is None or branch.mode is not Mode.ACTIVE:
        return decision
    group = {one.booking.key for one in _group(facts, rules)}
    wakes = tuple(
        one.booking.key
        for one in facts.visit
        if one.link and one.link.lead_id == link.lead_id and one.booking.key not in group
        if Role.ADDITIONAL in (link.role, one.link.role) and link.role is not one.link.role
    )
    is_left = link.role is Role.ADDITIONAL and not is_led and not decision.wait
    return replace(decision, wakes=(*decision.wakes, *wakes), leaves=is_left)


def _gives_lead(command: object, key: str) -> bool:
    if not isinstance(command, CreateLead | UpdateLead) or command.key != key or command.share:
        return False
    return isinstance(command, CreateLead) or command.attaches is not None


def _attached_lead(decision: Decision) -> int | None:
    attached = (one for one in decision.commands if isinstance(one, UpdateLead) and one.attaches)
    return next((one.lead_id for one in attached if not one.share), None)


def _group(facts: BookingFacts, rules: BookingRules) -> Group:
    """Those that this booking is together with, itself among them."""
    booking = facts.booking
    own = Sibling(
        booking, facts.link, matching.person_mark(booking), facts.lead, facts.satellites, facts.nexts
    )
    if not rules.configuration.options.group_by_visit:
        return [own]
    return next(group for group in _groups([own, *facts.visit], rules) if own in group)


def _groups(members: Iterable[Sibling], rules: BookingRules) -> list[Group]:
    """Bookings with leads of their own lead a group each; the others go with the one they went with, else
    with the first that fits, else the first of them leads.
    """
    found: list[Group] = []
    for one in sorted(members, key=_turn):
        fitting = [group for group in found if _is_together(group[0], one, rules)]
        before = [group for group in fitting if one.link and _is_lead_of(group[0], one)]
        chosen = next(iter((*before, *fitting)), None)
        if chosen is None or _has_own(one):
            found.append([one])
        else:
            chosen.append(one)
    return found


def _turn(one: Sibling) -> tuple[bool, bool, bool, int]:
    is_main = one.link is not None and one.link.role is Role.MAIN
    is_over = one.booking.phase is Phase.CANCELLED
    return not is_main, not _has_own(one), is_over, one.booking.record_id


def _has_own(one: Sibling) -> bool:
    return one.link is not None and one.link.role is not Role.ADDITIONAL


def _is_lead_of(head: Sibling, one: Sibling) -> bool:
    return head.link is not None and one.link is not None and head.link.lead_id == one.link.lead_id


def _is_together(head: Sibling, one: Sibling, rules: BookingRules) -> bool:
    """One visit of one person on one day, in one direction; what gets no lead at all stays out of it."""
    mine, theirs = head.booking, one.booking
    where = zone(mine, rules)
    return (
        mine.visit_id != 0
        and (mine.source, mine.branch_id, mine.visit_id) == (theirs.source, theirs.branch_id, theirs.visit_id)
        and mine.starts_at.astimezone(where).date() == theirs.starts_at.astimezone(where).date()
        and _is_same_person(head, one)
        and not (_is_left_out(head, rules) or _is_left_out(one, rules))
        and _is_same_direction(head, one, rules)
    )


def _is_same_person(head: Sibling, one: Sibling) -> bool:
    """By the phone or by the client card. Of an old booking only a mark may be left."""
    if head.booking.client is None or one.booking.client is None:
        return head.person == one.person
    mine, theirs = matching.person_keys(head.booking), matching.person_keys(one.booking)
    return mine == theirs or bool({*mine} & {*theirs})


def _is_left_out(one: Sibling, rules: BookingRules) -> bool:
    """What would get no lead alone adds nothing to another's (§4.2). One that has its lead keeps it."""
    booking, configuration = one.booking, rules.configuration
    branch = configuration.branch(booking.branch_id)
    if _has_own(one) or branch is None:
        return False
    is_empty = not booking.lines and configuration.options.without_services is Without.SKIP
    return skipping.excluded(booking, branch, configuration.options) is not None or (
        is_empty and one.link is None
    )


def _is_same_direction(head: Sibling, one: Sibling, rules: BookingRules) -> bool:
    """A booking without services goes with any."""
    if not head.booking.lines or not one.booking.lines:
        return True
    return _direction(head, rules) == _direction(one, rules)


def _direction(one: Sibling, rules: BookingRules) -> str:
    booking = one.booking
    main = sharing.shares(booking, rules.configuration, fixed=one.link.direction if one.link else "").main
    return main.key if main else ""
