"""When a salon may be compared with GET8, and when the gate opens for us to write in its place."""

import pytest

from backend.core.errors import InvalidInput
from backend.core.takeover.gate import EVERYWHERE, Lack, Word
from backend.core.takeover.shadow import Diff
from backend.core.takeover.undo import NOTHING
from backend.flows.road import reconcile
from backend.flows.rules import configuration
from backend.flows.takeover.beside import gate, shadow
from backend.store import lanes, rollbacks, takeover_diffs, takeover_shadows, takeover_verdicts, writers
from backend.store.takeover_verdicts import About
from backend.store.writers import WriterName
from tests.support import shadow as shown
from tests.support.get8 import configuration as document
from tests.support.shadow import DAY, stand
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL, WAITING_LIST

__all__ = ["stand"]

# A salon enters and leaves


def test_shadow_adds_our_address_and_leaves_the_others(get8):
    ours = [url for url in get8.urls() if "mostik" in url]
    get8.world.yclients.hooks_url(TVERSKAYA, [url for url in get8.urls() if url not in ours])

    way = shadow.begin(get8.ctx, get8.account, TVERSKAYA, "ирина")

    assert way == "hooks"
    assert ours[0] in get8.urls()
    assert any("get8" in url for url in get8.urls())
    assert writers.of_salon(get8.account.id, TVERSKAYA).writer == "get8"


def test_salon_that_we_write_for_cannot_enter(get8):
    get8.configure(document("active"))

    with pytest.raises(InvalidInput, match="we_write"):
        shadow.begin(get8.ctx, get8.account, TVERSKAYA, "ирина")


@pytest.mark.parametrize(("company", "code"), [(4, "not_connected"), (URAL, "switched_off")])
def test_salon_that_cannot_be_seen_cannot_enter(get8, company, code):
    get8.configure(document().replace("title: Урал, user_token: env:YC_TOKEN, mode: observe",
                                      "title: Урал, user_token: env:YC_TOKEN, mode: off"))  # fmt: skip

    with pytest.raises(InvalidInput, match=code):
        shadow.begin(get8.ctx, get8.account, company, "ирина")


def test_salon_that_changes_hands_is_left_alone_and_one_that_is_ours_has_left(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, comment="Позвонить")
    lost = shown.newest(stand, record)

    writers.move(stand.account.id, TVERSKAYA, WriterName.GET8, WriterName.DRAINING, stand.now())
    assert shown.compared(stand) == 0
    is_working = takeover_shadows.of(stand.account.id, TVERSKAYA).ended_at is None
    writers.move(stand.account.id, TVERSKAYA, WriterName.DRAINING, WriterName.OURS, stand.now())
    stand.configure(document("active"))
    assert shown.compared(stand) == 0

    assert is_working
    assert takeover_shadows.of(stand.account.id, TVERSKAYA).ended_at is not None
    assert [row.id for row in shown.diffs(stand, record)] == [lost.id]


def test_lane_is_rung_only_while_a_salon_is_compared(stand):
    lane = lanes.lane_id(stand.account.id, shadow.LANE)
    stand.rung.clear()
    assert (shadow.ring_all(stand.ctx), list(stand.rung)) == (1, [lane])

    stand.book(LASER_ARMPITS)
    for _ in range(10):
        stand.pass_time(90)
    assert shadow.run(stand.ctx, lane) == 1

    shadow.end(stand.ctx, stand.account.id, TVERSKAYA)
    assert shadow.ring_all(stand.ctx) == 0
    assert shadow.run(stand.ctx, lane) == 0


def test_journal_is_asked_each_minute_where_nobody_tells(stand):
    takeover_shadows.set_way(stand.account.id, TVERSKAYA, shadow.POLLING)
    stand.rung.clear()

    shadow.ring_all(stand.ctx)

    assert lanes.lane_id(stand.account.id, reconcile.LANE) in stand.rung
    stand.rung.clear()


# The gate


def opened(stand):
    return gate.of(stand.account.id, TVERSKAYA)


def say(stand, diff, name, word=Word.APPROVED):
    takeover_verdicts.say(
        stand.account.id, About(EVERYWHERE, Diff(diff), name), word, "", author="ирина",
        version=configuration.number(stand.account.id), now=stand.now(),
    )  # fmt: skip


def test_gate_is_shut_until_a_week_is_over(stand):
    assert gate.of(stand.account.id, URAL).reasons == (Lack.NOT_BEGUN,)
    assert opened(stand).reasons == (Lack.NOTHING_COMPARED,)

    stand.book(LASER_ARMPITS)
    shown.compared(stand)
    early = opened(stand)
    shown.compared(stand, 7 * DAY)

    assert (early.is_open, early.reasons, early.records) == (False, (Lack.TOO_FEW,), 1)
    assert opened(stand).is_open


def test_a_salon_that_came_back_proves_itself_anew(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand, 7 * DAY)
    shown.compared(stand)
    assert opened(stand).is_open

    returned_at = stand.now()
    rollbacks.begin(stand.account.id, TVERSKAYA, "анна", NOTHING, "hooks", None, returned_at)

    assert (opened(stand).is_open, opened(stand).since) == (False, returned_at)
    assert opened(stand).reasons == (Lack.NOTHING_COMPARED,)


def test_time_counts_only_as_far_as_was_compared(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand)

    stand.pass_time(9 * DAY)

    assert opened(stand).days == 0


def test_undecided_rule_holds_the_gate_until_somebody_approves_it(stand):
    stand.book(LASER_ARMPITS, staff=WAITING_LIST)
    shown.compared(stand)
    shown.compared(stand, 7 * DAY)
    before = opened(stand)

    say(stand, "explained", "skipped:excluded_staff")

    assert (before.reasons, before.undecided) == ((Lack.UNDECIDED,), 1)
    assert opened(stand).is_open


def test_rejected_rule_holds_the_gate_until_the_rules_change_and_then_the_time_begins_anew(stand):
    stand.book(LASER_ARMPITS, staff=WAITING_LIST)
    shown.compared(stand)
    shown.compared(stand, 7 * DAY)
    say(stand, "explained", "skipped:excluded_staff", Word.REJECTED)
    rejected = opened(stand)

    stand.configure(document().replace(", excluded_staff: [91]", ""))
    changed = opened(stand)

    assert rejected.reasons == (Lack.REJECTED,)
    assert (changed.reasons, changed.days) == ((Lack.NOTHING_COMPARED,), 0)


def test_marks_move_on_over_salons_that_are_not_compared(stand):
    shown.compared(stand)
    before = takeover_shadows.mark(stand.account.id, takeover_shadows.BOOKINGS)
    stand.book(90101, company=URAL, staff=83)
    shown.compared(stand)

    assert takeover_shadows.mark(stand.account.id, takeover_shadows.BOOKINGS) > before
    assert takeover_diffs.compared(stand.account.id, TVERSKAYA, before[0]) == 0
