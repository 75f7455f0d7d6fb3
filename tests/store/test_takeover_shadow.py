"""The rows of the comparison with another widget, on both engines."""

from datetime import timedelta

import pytest

from backend.core.takeover.gate import EVERYWHERE, Group, Word
from backend.core.takeover.shadow import Diff
from backend.store import configs, takeover_diffs, takeover_shadows, takeover_verdicts
from backend.store.takeover_diffs import Asked, RuleCount
from backend.store.takeover_verdicts import About
from tests.store.conftest import COMPANY, NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OTHER = 41002


def key(n):
    return f"yclients:{COMPANY}:{n}"


@pytest.fixture
def save(account):
    def _save(n, diff="equal", parts=(), *, at=NOW, **more):
        row = {
            "account_id": account.id, "company_id": COMPANY, "key": key(n), "decided_at": at,
            "compared_at": at, "looked_at": at, "next_look_at": None, "version": 1, "action": "open",
            "trait": "open:epilation", "diff": diff, "reason": "created", "lead_id": 5,
            "theirs": {"stage_id": 8101}, "intent": {"doubles": []}, "lag_seconds": None, "acted": True,
        }  # fmt: skip
        named = [{"diff": diff, "rule": rule, "what": "price", "ours": 1, "theirs": None} for rule in parts]
        takeover_diffs.save({**row, **more}, named)

    return _save


def test_second_look_takes_the_place_of_the_first_and_its_parts(account, save):
    save(1, "ours_extra", ["new_lead", "price"], next_look_at=NOW + MINUTE)
    save(1, "equal_later", looked_at=NOW + DAY, compared_at=NOW + DAY, version=9)

    row = takeover_diffs.newest(account.id, [key(1), key(2)])[key(1)]
    assert (row.diff, row.compared_at, row.looked_at, row.version) == ("equal_later", NOW, NOW + DAY, 1)
    assert takeover_diffs.parts([row.id]) == {}
    assert row.theirs == {"stage_id": 8101}


def test_newest_of_several_decisions(account, save):
    save(1, "equal", at=NOW)
    save(1, "human", at=NOW + DAY)
    save(2, "explained", at=NOW)

    found = takeover_diffs.newest(account.id, [key(1), key(2)])

    assert {name: row.diff for name, row in found.items()} == {key(1): "human", key(2): "explained"}


def test_what_is_due_for_another_look(account, save):
    save(1, next_look_at=NOW + MINUTE)
    save(2, next_look_at=NOW + DAY)
    save(3)

    due = takeover_diffs.due(account.id, NOW + MINUTE, 10)
    takeover_diffs.give_up([row.id for row in due])

    assert [row.key for row in due] == [key(1)]
    assert takeover_diffs.due(account.id, NOW + MINUTE, 10) == []


def test_habits_are_counted_by_trait(account, save):
    for n in range(3):
        save(n)
    save(4, acted=False)
    save(5, trait="edit", acted=False)
    save(6, at=NOW - 30 * DAY)

    found = takeover_diffs.habits(account.id, COMPANY, NOW - DAY)

    assert found == {"open:epilation": (3, 1), "edit": (0, 1)}


def test_counts_rules_and_days(account, save):
    save(1)
    save(2, "explained", ["category", "price"])
    save(3, "explained", ["category"], at=NOW + DAY)
    save(4, "human", ["price"], at=NOW + DAY, company_id=OTHER)
    asked = Asked(account.id)

    day = (NOW - NOW.replace(year=1970, month=1, day=1, hour=0)).days

    assert takeover_diffs.counts(asked) == {"equal": 1, "explained": 2, "human": 1}
    assert takeover_diffs.counts(Asked(account.id, COMPANY, since=NOW + MINUTE)) == {"explained": 1}
    assert takeover_diffs.rules(asked) == [
        RuleCount("explained", "category", 2, NOW + DAY), RuleCount("explained", "price", 1, NOW),
        RuleCount("human", "price", 1, NOW + DAY),
    ]  # fmt: skip
    assert takeover_diffs.trend(asked, timedelta(0)) == {
        (day, "equal"): 1, (day, "explained"): 1, (day + 1, "explained"): 1, (day + 1, "human"): 1,
    }  # fmt: skip
    assert (day + 1, "equal") in takeover_diffs.trend(asked, timedelta(hours=15))


def test_pages_by_class_rule_and_salon(account, save):
    save(1)
    save(2, "explained", ["category"])
    save(3, "ours_missed", ["price"])
    save(4, "human", ["price"], company_id=OTHER)

    def shown(**asked):
        return [int(row.key.rsplit(":", 1)[1]) for row in takeover_diffs.page(Asked(account.id, **asked))]

    last = takeover_diffs.page(Asked(account.id), limit=1)[0]
    assert shown() == [4, 3, 2, 1]
    assert shown(diff="explained") == [2]
    assert shown(rule="price") == [4, 3]
    assert shown(rule="price", diff="human") == [4]
    assert shown(company_id=COMPANY, is_differing=True) == [3, 2]
    assert [row.key for row in takeover_diffs.page(Asked(account.id), last.id, 1)] == [key(3)]


def test_lags_are_the_usual_and_the_slowest(account, save):
    assert takeover_diffs.lags(Asked(account.id)) is None

    for n, seconds in enumerate((5, 60, 7, None)):
        save(n, lag_seconds=seconds)

    assert takeover_diffs.lags(Asked(account.id)) == (7, 60)


def test_gate_reads_bookings_and_groups(account, save):
    save(1, "explained", ["category"])
    save(1, "explained", ["category"], at=NOW + DAY)
    save(2, "ours_missed", ["price"], at=NOW + DAY, version=2)
    save(3, at=NOW - DAY)

    assert takeover_diffs.compared(account.id, COMPANY, NOW) == 2
    assert sorted(takeover_diffs.groups(account.id, COMPANY, NOW), key=lambda group: group.rule) == [
        Group(Diff.EXPLAINED, "category", 1, 2, NOW + DAY),
        Group(Diff.OURS_MISSED, "price", 2, 1, NOW + DAY),
    ]


def test_newest_word_counts_and_remarks_decide_nothing(account):
    about = About(EVERYWHERE, Diff.EXPLAINED, "category")
    for word in (Word.APPROVED, Word.REJECTED, Word.COMMENT):
        takeover_verdicts.say(account.id, about, word, "раз", author="ирина", version=0, now=NOW)
    here = About(COMPANY, Diff.EXPLAINED, "category")
    takeover_verdicts.say(account.id, here, Word.APPROVED, "", author="ирина", version=0, now=NOW)
    configs.save(account.id, {}, "ирина", "", NOW + DAY, 0)

    words = {said.company_id: said for said in takeover_verdicts.words(account.id)}

    assert (words[EVERYWHERE].word, words[EVERYWHERE].changed_at) == (Word.REJECTED, NOW + DAY)
    assert words[COMPANY].word is Word.APPROVED
    assert [said.company_id for said in takeover_verdicts.words(account.id, OTHER)] == [EVERYWHERE]
    assert len(takeover_verdicts.all_of(account.id)) == 4


def test_first_salon_sets_the_marks_and_the_next_leaves_them(account):
    takeover_shadows.begin(account.id, COMPANY, NOW, "ирина", settle_seconds=600, way="hooks")
    takeover_shadows.save_mark(account.id, takeover_shadows.BOOKINGS, (NOW + MINUTE, 7))
    takeover_shadows.begin(account.id, OTHER, NOW + DAY, "ирина", settle_seconds=600, way="polling")

    assert takeover_shadows.mark(account.id, takeover_shadows.BOOKINGS) == (NOW + MINUTE, 7)
    assert takeover_shadows.mark(account.id, takeover_shadows.LEADS) == (NOW, 0)
    assert takeover_shadows.accounts() == [account.id]

    for company in (COMPANY, OTHER):
        takeover_shadows.end(account.id, company, NOW + DAY)
    assert takeover_shadows.accounts() == []
    assert takeover_shadows.of(account.id, OTHER).ended_at == NOW + DAY

    takeover_shadows.begin(account.id, OTHER, NOW + 2 * DAY, "ирина", settle_seconds=60, way="hooks")
    assert takeover_shadows.mark(account.id, takeover_shadows.BOOKINGS) == (NOW + 2 * DAY, 0)
    assert takeover_shadows.working(account.id)[OTHER].settle_seconds == 60
