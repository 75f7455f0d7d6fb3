"""Ours beside the other writer's: an intent compared with what a lead really became (§12.4).

What counts is whether there is a lead, where it stands, its budget, its responsible, and the fields that the
other writer fills too. One comparison has one class, the gravest of its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from backend.core.reasons import Reason
from backend.core.sync.links import NEXT
from backend.core.takeover.intents import Action, Intent, State

TOLERANCE = 100  # kopecks


class Diff(StrEnum):
    """The classes of §12.4, the gravest first."""

    OURS_MISSED = "ours_missed"
    OURS_EXTRA = "ours_extra"
    EXPLAINED = "explained"
    GET8_DUPLICATE = "get8_duplicate"
    GET8_MISSED = "get8_missed"
    HUMAN = "human"
    EQUAL_LATER = "equal_later"
    EQUAL = "equal"


ORDER = tuple(Diff)
ALIKE = (Diff.EQUAL, Diff.EQUAL_LATER)
TO_DECIDE = (Diff.OURS_EXTRA, Diff.EXPLAINED)  # what a person approves or rejects, rule by rule

# Bookings that our settings leave out although nobody asked for it.
UNSET = (Reason.NO_DIRECTION, Reason.NO_ROUTE, Reason.BRANCH_UNMAPPED)
LEFT_ALONE = (  # our rules looked at the stage and kept it, each for a reason of its own
    Reason.STAGE_KEPT, Reason.STAGE_LOCKED, Reason.LEAD_CLOSED, Reason.STAYS_CLOSED, Reason.WON_EARLY,
    Reason.WAITS_FOR_PAYMENT, Reason.WAITS_FOR_START, Reason.HISTORY, Reason.LEAD_LOST,
)  # fmt: skip


class Author(StrEnum):
    """Who changed the lead last."""

    WRITER = "writer"
    PERSON = "person"
    ROBOT = "robot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that differs; `done` is false while the other writer may still come to it. `ours` and
    `theirs` are plain values, None where there is nothing.
    """

    diff: Diff
    rule: str
    what: str
    ours: object = None
    theirs: object = None
    done: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """`theirs` is the booking's lead now (None: it has none), `before` the same as it was last looked at
    (None: never); `is_new`: the lead was made for this booking. `target` is the stage that our rules name
    for the booking's phase, `sums` what its budget may rightly be. `doubles` are other leads made for it;
    `sides` the stages of the leads of `intent.sides`. `is_usual`: the other writer acts on such bookings as
    a rule. `authors`: who set which property, where the CRM was asked.
    """

    intent: Intent
    theirs: State | None = None
    before: State | None = None
    is_new: bool = False
    author: Author = Author.UNKNOWN
    pipelines: frozenset[int] = frozenset()
    target: int | None = None
    sums: tuple[int, ...] = ()
    doubles: tuple[int, ...] = ()
    sides: tuple[int | None, ...] = ()
    is_usual: bool = False
    authors: Mapping[str, Author] = field(default_factory=dict)

    def author_of(self, what: str) -> Author:
        """Who set this property, where that is known; else who changed the lead last."""
        return self.authors.get(what, self.author)

    def is_by_others(self, what: str) -> bool:
        return self.author_of(what) in (Author.PERSON, Author.ROBOT)


def who(user_id: int | None, writers: Collection[int]) -> Author:
    """Only somebody who is known not to be the other writer counts as a person."""
    if user_id is None or not writers:
        return Author.UNKNOWN
    if user_id in writers:
        return Author.WRITER
    return Author.PERSON if user_id else Author.ROBOT


def compare(case: Case) -> tuple[Part, ...]:
    """What differs, the gravest first; nothing when all is alike."""
    if case.intent.action in (Action.OPEN, Action.ATTACH):  # what was there before is none of its own
        case = replace(case, before=None)
    if case.theirs is None:
        found = _without_lead(case)
    elif case.intent.action is Action.CHANGE or case.before is not None:
        found = [*_properties(case, case.theirs), *_unasked(case, case.theirs)]
    else:
        found = _first(case, case.theirs)
    found += [Part(Diff.EXPLAINED, _share(share), "lead", share) for share in case.intent.shares]
    found += _sides(case)
    if case.doubles:
        found.append(Part(Diff.GET8_DUPLICATE, "double", "lead", None, list(case.doubles)))
    return tuple(sorted(found, key=lambda part: ORDER.index(part.diff)))


def classify(parts: Collection[Part], *, is_first: bool) -> Diff:
    """`is_first`: this was the first look, so that what is alike was alike in time."""
    if parts:
        return min((part.diff for part in parts), key=ORDER.index)
    return Diff.EQUAL if is_first else Diff.EQUAL_LATER


def is_doubtful(parts: Collection[Part]) -> bool:
    """Whether it matters who set what: not all that stands there need be the last author's."""
    return any(part.done and part.what != "lead" for part in parts)


def may_change(parts: Collection[Part]) -> bool:
    """Whether another look is worth it: the other writer may still come to what it has not done."""
    return any(not part.done for part in parts)


def alike(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Values of a field: in any order, numbers as numbers."""
    return ours == theirs or sorted(map(_plain, ours)) == sorted(map(_plain, theirs))


def _plain(text: str) -> str:
    stripped = " ".join(text.split())
    try:
        number = Decimal(stripped.replace(",", "."))
    except InvalidOperation:
        return stripped.casefold()
    return format(number.normalize(), "f") if number.is_finite() else stripped


# A booking that has no lead of theirs


def _without_lead(case: Case) -> list[Part]:
    if case.intent.action is Action.NOTHING:
        return []
    diff = Diff.GET8_MISSED if case.is_usual else Diff.OURS_EXTRA
    rule = "new_lead" if case.intent.action is not Action.CHANGE else "lead_gone"
    return [Part(diff, rule, "lead", case.intent.direction or None, None, done=False)]


# A lead seen for the first time


def _first(case: Case, theirs: State) -> list[Part]:
    intent = case.intent
    if intent.action is Action.NOTHING:
        return [_skipped(case, theirs)]
    is_same = intent.wanted.lead_id == theirs.lead_id if intent.action is Action.ATTACH else case.is_new
    found = _properties(case, theirs)
    if is_same or any(part.what == "pipeline_id" for part in found):
        return found
    return [Part(Diff.EXPLAINED, "linking", "lead", intent.wanted.lead_id, theirs.lead_id), *found]


def _skipped(case: Case, theirs: State) -> Part:
    reason = case.intent.reason
    if case.author is Author.PERSON:
        return Part(Diff.HUMAN, f"skipped:{reason}", "lead", None, theirs.lead_id)
    is_meant = bool(reason) and reason not in map(str, UNSET)
    diff = Diff.EXPLAINED if is_meant else Diff.OURS_MISSED
    return Part(diff, f"skipped:{reason or 'unknown'}", "lead", None, theirs.lead_id)


# What both sides wrote


def _properties(case: Case, theirs: State) -> list[Part]:
    wanted, before = case.intent.wanted, case.before
    found = []
    if wanted.pipeline_id not in (None, theirs.pipeline_id):
        rule = "category" if theirs.pipeline_id in case.pipelines else "pipeline"
        was = before.pipeline_id if before else None
        found.append(
            _part(case, rule, "pipeline_id", wanted.pipeline_id, theirs.pipeline_id, was, is_move=True)
        )
    elif wanted.stage_id not in (None, theirs.stage_id):
        was = before.stage_id if before else None
        rule = f"stage:{case.intent.phase}"
        found.append(_part(case, rule, "stage_id", wanted.stage_id, theirs.stage_id, was, is_move=True))
    if wanted.price is not None and not _is_sum(theirs.price, (wanted.price,)):
        was = before.price if before else None
        found.append(_part(case, "price", "price", wanted.price, theirs.price, was))
    if wanted.responsible_id not in (None, theirs.responsible_id):
        was = before.responsible_id if before else None
        found.append(
            _part(case, "responsible", "responsible_id", wanted.responsible_id, theirs.responsible_id, was)
        )
    for field_id, ours in wanted.fields.items():
        there = theirs.fields.get(field_id, ())
        if not alike(ours, there):
            had = before.fields.get(field_id, ()) if before else None
            what = f"field:{field_id}"
            found.append(_part(case, what, what, _shown(ours), _shown(there), _shown(had)))
    return found


def _part(  # noqa: PLR0913 - both sides of one property, and what was there
    case: Case, rule: str, what: str, ours: object, theirs: object, was: object, *, is_move: bool = False
) -> Part:
    if case.before is not None and theirs == was:  # they have not touched it
        usual = Diff.GET8_MISSED if case.is_usual else Diff.OURS_EXTRA if is_move else Diff.EXPLAINED
        return Part(usual, rule, what, ours, theirs, done=False)
    # Who makes a lead chooses its pipeline, and not who edited it last.
    is_placed = what == "pipeline_id" and case.is_new and what not in case.authors
    if case.is_by_others(what) and not is_placed:
        return Part(Diff.HUMAN, rule, what, ours, theirs)
    return Part(Diff.EXPLAINED, rule, what, ours, theirs)


def _shown(values: tuple[str, ...] | None) -> str | None:
    return "\n".join(values) if values is not None else None


def _is_sum(price: int | None, sums: Collection[int]) -> bool:
    return price is not None and any(abs(price - one) <= TOLERANCE for one in sums)


# What they did and we did not


def _unasked(case: Case, theirs: State) -> list[Part]:
    """Properties that changed since the last look without any intent of ours, and are not what our rules
    would have them be.
    """
    wanted, before = case.intent.wanted, case.before
    if before is None:
        return []
    found = []
    if wanted.stage_id is None and theirs.pipeline_id != before.pipeline_id:
        found.append(_alone(case, "pipeline", "pipeline_id", before.pipeline_id, theirs.pipeline_id))
    elif wanted.stage_id is None and theirs.stage_id not in (before.stage_id, case.target):
        rule = f"stage:{case.intent.phase}"
        found.append(_alone(case, rule, "stage_id", before.stage_id, theirs.stage_id))
    if wanted.price is None and theirs.price != before.price and not _is_sum(theirs.price, case.sums):
        found.append(_alone(case, "price", "price", before.price, theirs.price))
    if wanted.responsible_id is None and theirs.responsible_id != before.responsible_id:
        found.append(
            _alone(case, "responsible", "responsible_id", before.responsible_id, theirs.responsible_id)
        )
    return found


def _alone(case: Case, rule: str, what: str, ours: object, theirs: object) -> Part:
    if case.is_by_others(what):
        return Part(Diff.HUMAN, rule, what, ours, theirs)
    if what == "stage_id" and case.intent.reason in map(str, LEFT_ALONE):
        return Part(Diff.EXPLAINED, f"kept:{case.intent.reason}", what, ours, theirs)
    return Part(Diff.OURS_MISSED, rule, what, ours, theirs)


# Leads beside the main one


def _share(share: str) -> str:
    return "next_visit" if share == NEXT else "split"


def _sides(case: Case) -> list[Part]:
    pairs = zip(case.intent.sides, case.sides, strict=True)
    return [
        Part(Diff.OURS_EXTRA, "other_lead", "stage_id", side.stage_id, stage, done=False)
        for side, stage in pairs
        if side.stage_id != stage
    ]
