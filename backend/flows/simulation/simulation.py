"""The bookings of the last days under the rules in force and under a draft, portion by portion.

The facts of a booking are gathered once and decided upon by both. They come from our store alone, as in
flows/sync/preview.py, and are those of today: leads that people have closed since do not come back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from backend.core.rules import configuration_document
from backend.core.rules.configuration import BookingRules, Configuration, FieldName
from backend.core.simulation import outcomes, tally
from backend.core.simulation.narrowing import Narrowing, silent
from backend.core.simulation.outcomes import Outcome
from backend.core.simulation.tally import Seen, Tally
from backend.core.sync import journal
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Role
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import facts, told
from backend.store import drafts, in_force, past_bookings
from backend.store.drafts import DraftRow
from backend.store.past_bookings import Past

PORTION = 1_000  # bookings whose facts are gathered together
AT_A_TIME = 3  # portions between two lines of the bar
AT_ONCE = 1_500  # bookings that a page may wait for


@dataclass(frozen=True)
class Pair:
    """The two sets of rules that are held against each other."""

    old: BookingRules
    new: BookingRules

    @cached_property
    def narrowing(self) -> Narrowing:
        return Narrowing(self.old.configuration, self.new.configuration)

    @cached_property
    def silent(self) -> tuple[BookingRules, BookingRules]:
        return silent(self.old), silent(self.new)


@dataclass(frozen=True, slots=True)
class Example:
    """One booking in full: its facts and where it ends under both."""

    facts: BookingFacts
    old: Outcome
    new: Outcome


def pair(account_id: int, draft: DraftRow) -> Pair:
    """A draft is held against the version it was made to be compared with; 0 stands for no rules at all."""
    new = configuration_document.parse(draft.document).configuration
    old = configuration.version(account_id, draft.compared) if draft.compared else Configuration()
    return Pair(_rules(account_id, old), _rules(account_id, new))


def _rules(account_id: int, rules: Configuration) -> BookingRules:
    """With the fields and time zones that the account has today."""
    now = in_force.newest(account_id)
    branches = tuple(
        replace(one, timezone=one.timezone or now.timezones.get(one.company_id)) for one in rules.branches
    )
    ids = {FieldName(name): field_id for name, field_id in now.field_ids.items()}
    return BookingRules(replace(rules, branches=branches), ids)


def count(ctx: Context, account_id: int, draft: DraftRow) -> int:
    return past_bookings.count(account_id, ctx.now() - timedelta(days=draft.days))


def go_on(ctx: Context, draft: DraftRow, portions: int = 1) -> tuple[int, bool]:
    """Some portions more; returns how many bookings were looked at so far and whether that was all. What was
    found is written down, so that whoever goes on begins behind it.
    """
    account_id, kept = draft.account_id, draft.result or {}
    found, place = tally.read(kept), kept.get("place")
    both, since = pair(account_id, draft), ctx.now() - timedelta(days=draft.days)
    is_done = draft.is_done
    for _ in range(portions):
        if is_done:
            break
        after = (int(place[0]), int(place[1])) if place else None
        rows = past_bookings.portion(account_id, since, after, PORTION)
        keys = _touched(account_id, rows, both)
        seen = look(ctx, account_id, keys, both)
        for one in seen:
            found.add(one)
        found.untouched += len(rows) - len(keys)
        found.unread += len(keys) - len(seen)
        place = [rows[-1].starts_at, rows[-1].id] if rows else place
        is_done = len(rows) < PORTION
    drafts.keep_result(draft.id, {**tally.written(found), "place": place}, is_done=is_done)
    return found.all, is_done


def _touched(account_id: int, rows: Sequence[Past], both: Pair) -> list[str]:
    """Those that the difference of the rules may matter to, by what was last kept of them. One whose kept
    state does not say enough is looked at in full.
    """
    known: list[tuple[str, dict[str, Any]]] = []
    left: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        kept = json.loads(row.snapshot)
        is_whole = all(line.get("id") for line in kept["services"])
        (known if is_whole else left).append((row.key, kept))
    bookings = facts.with_categories(account_id, [journal.booking_from(kept) for _, kept in known])
    touched = [one.key for one in bookings if not both.narrowing.is_untouched(one)]
    return [*touched, *(key for key, _ in left)]


def look(ctx: Context, account_id: int, keys: Sequence[str], both: Pair) -> list[Seen]:
    return [_seen(known, both) for known in _facts(ctx, account_id, keys, both.old)]


def examples(ctx: Context, account_id: int, keys: Sequence[str], both: Pair) -> list[Example]:
    """In the order of the keys; those whose messages are gone meanwhile are left out."""
    return [Example(known, *_ends(known, both)) for known in _facts(ctx, account_id, keys, both.old)]


def found(draft: DraftRow) -> Tally:
    return tally.read(draft.result or {})


def _facts(ctx: Context, account_id: int, keys: Sequence[str], rules: BookingRules) -> list[BookingFacts]:
    bookings = told.many(account_id, keys)
    return facts.gather(account_id, bookings, ctx.now(), rules)


def _seen(known: BookingFacts, both: Pair) -> Seen:
    link, booking = known.link, known.booking
    old, new = _ends(known, both)
    is_linked = link is not None and link.role is Role.MAIN
    is_rewritten = is_linked and outcomes.writes(known, both.old) != outcomes.writes(known, both.new)
    return Seen(booking.key, booking.price, old, new, is_linked, is_rewritten)


def _ends(known: BookingFacts, both: Pair) -> tuple[Outcome, Outcome]:
    now, then = both.silent
    old = outcomes.anew(known, now)
    is_same = both.narrowing.ends_the_same(known.booking)
    return old, old if is_same else outcomes.anew(known, then)
