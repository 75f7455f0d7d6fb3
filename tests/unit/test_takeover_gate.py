"""The gate: computed from what was compared and said, never believed."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.takeover import gate
from backend.core.takeover.gate import Group, Lack, Said, Word
from backend.core.takeover.shadow import Diff

BEGUN = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def group(diff=Diff.EXPLAINED, rule="category", version=1, count=3, after=DAY):
    return Group(diff, rule, version, count, BEGUN + after)


def said(word=Word.APPROVED, diff=Diff.EXPLAINED, rule="category", version=1, **more):
    return Said(diff, rule, word, version, **more)


def judged(groups=(), words=(), days=7, records=20):
    begins = gate.since(BEGUN, groups, words)
    return gate.judge(begins, BEGUN + days * DAY, records, groups, words)


@pytest.mark.parametrize(
    ("days", "records", "reasons"),
    [
        (7, 1, ()), (0, 300, ()), (6, 299, (Lack.TOO_FEW,)), (9, 0, (Lack.NOTHING_COMPARED,)),
        (-1, 5, (Lack.TOO_FEW,)),
    ],
)  # fmt: skip
def test_a_week_or_three_hundred(days, records, reasons):
    found = judged(days=days, records=records)

    assert (found.is_open, found.reasons, found.days) == (not reasons, reasons, max(0, days))


def test_nothing_has_begun():
    assert gate.Gate().reasons == (Lack.NOT_BEGUN,)
    assert not gate.Gate().is_open


@pytest.mark.parametrize("diff", [Diff.EXPLAINED, Diff.OURS_EXTRA])
def test_what_has_to_be_decided_holds_it_shut(diff):
    groups = [group(diff), group(diff, "price", count=2)]

    assert judged(groups).undecided == 5
    assert judged(groups).reasons == (Lack.UNDECIDED,)
    assert judged(groups, [said(diff=diff)]).undecided == 2
    assert judged(groups, [said(diff=diff), said(diff=diff, rule="price")]).is_open


@pytest.mark.parametrize("diff", [Diff.GET8_MISSED, Diff.GET8_DUPLICATE, Diff.HUMAN])
def test_what_others_did_holds_nothing(diff):
    assert judged([group(diff)]).is_open


def test_what_we_missed_begins_the_proof_anew():
    groups = [group(Diff.OURS_MISSED, after=3 * DAY)]

    found = judged(groups, days=7)

    assert (found.days, found.reasons, found.since) == (4, (Lack.TOO_FEW,), BEGUN + 3 * DAY)
    assert judged(groups, days=10).is_open


def test_what_we_missed_since_then_holds_it_shut():
    found = gate.judge(BEGUN, BEGUN + 9 * DAY, 5, [group(Diff.OURS_MISSED, count=2)], [])

    assert (found.reasons, found.missed) == ((Lack.OURS_MISSED,), 2)


def test_rejected_rule_waits_for_other_rules():
    found = judged([group()], [said(Word.REJECTED)])

    assert (found.reasons, found.rejected, found.undecided) == ((Lack.REJECTED,), 3, 0)


def test_changed_rules_begin_the_proof_anew_and_forget_what_was_rejected():
    words = [said(Word.REJECTED, changed_at=BEGUN + 2 * DAY)]

    assert judged([group(after=2 * DAY)], words).days == 5
    assert judged([group(after=2 * DAY)], words, days=9).is_open


def test_rejected_difference_that_comes_again_is_a_new_question():
    words = [said(Word.REJECTED, changed_at=BEGUN + 2 * DAY)]

    assert judged([group(version=2, after=3 * DAY)], words, days=9).reasons == (Lack.UNDECIDED,)


def test_word_about_the_salon_goes_before_the_word_about_all():
    words = [said(Word.REJECTED), said(Word.APPROVED, company_id=41001)]

    assert gate.word(Diff.EXPLAINED, "category", words).company_id == 41001
    assert gate.word(Diff.EXPLAINED, "price", words) is None
    assert judged([group()], words).is_open
