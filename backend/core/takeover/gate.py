"""May a salon be switched over? Computed from what was compared and from what people said of it, and from
nothing else (§12.4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.takeover.shadow import TO_DECIDE, Diff

DAYS, RECORDS = 7, 300
EVERYWHERE = 0  # in place of a salon: the word holds for all of them


class Word(StrEnum):
    """What a person said of a rule's differences. A comment decides nothing."""

    APPROVED = "approved"
    REJECTED = "rejected"
    COMMENT = "comment"


class Lack(StrEnum):
    """Why the gate is shut."""

    NOT_BEGUN = "not_begun"
    NOTHING_COMPARED = "nothing_compared"
    TOO_FEW = "too_few"
    OURS_MISSED = "ours_missed"
    UNDECIDED = "undecided"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Group:
    """Differences of one class and rule that were found under one version of the configuration."""

    diff: Diff
    rule: str
    version: int
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """The newest word about a rule. `version` was in force then; `changed_at` is when the next one was
    written.
    """

    diff: Diff
    rule: str
    word: Word
    version: int
    company_id: int = EVERYWHERE
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """`since` is when the proof began, or began anew; `records` were compared since then."""

    is_open: bool = False
    days: int = 0
    records: int = 0
    undecided: int = 0
    reasons: tuple[Lack, ...] = (Lack.NOT_BEGUN,)
    since: datetime | None = None
    missed: int = 0
    rejected: int = 0


def since(begun_at: datetime, groups: Sequence[Group], words: Collection[Said]) -> datetime:
    """Anything that we missed, and any change of the rules that a person asked for, begins the proof anew."""
    missed = [group.last_at for group in groups if group.diff is Diff.OURS_MISSED]
    changed = [said.changed_at for said in words if said.word is Word.REJECTED and said.changed_at]
    return max([begun_at, *missed, *changed])


def judge(
    begins: datetime, compared_to: datetime, records: int, groups: Sequence[Group], words: Collection[Said]
) -> Gate:
    """`begins` as `since` says; `records` and `groups` are what was compared from then up to
    `compared_to`; what was missed at the very beginning is what the proof began anew for.
    """
    days = max(0, (compared_to - begins) // timedelta(days=1))
    missed = sum(g.count for g in groups if g.diff is Diff.OURS_MISSED and g.last_at > begins)
    undecided = sum(g.count for g in groups if _stands(g, words) is None)
    rejected = sum(g.count for g in groups if _stands(g, words) is Word.REJECTED)
    lacks = (
        (records == 0, Lack.NOTHING_COMPARED),
        (0 < records < RECORDS and days < DAYS, Lack.TOO_FEW),
        (missed > 0, Lack.OURS_MISSED),
        (undecided > 0, Lack.UNDECIDED),
        (rejected > 0, Lack.REJECTED),
    )
    reasons = tuple(lack for applies, lack in lacks if applies)
    return Gate(not reasons, days, records, undecided, reasons, begins, missed, rejected)


def word(diff: Diff, rule: str, words: Collection[Said]) -> Said | None:
    """What was said of a rule: of this salon before what was said of all."""
    found = [one for one in words if (one.diff, one.rule) == (diff, rule)]
    return min(found, key=lambda one: one.company_id == EVERYWHERE, default=None)


def _stands(group: Group, words: Collection[Said]) -> Word | None:
    """Approved when nobody has to decide. What was rejected blocks until the rules are changed, then it is
    history; when it comes again after that, it is a new question.
    """
    if group.diff not in TO_DECIDE:
        return Word.APPROVED
    said = word(group.diff, group.rule, words)
    if said is None:
        return None
    if said.word is Word.APPROVED or said.changed_at is None:
        return said.word
    return Word.APPROVED if group.version <= said.version else None
