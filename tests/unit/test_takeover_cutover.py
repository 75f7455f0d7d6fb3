"""The switch of a salon: what follows what, where a failure leads, what becomes of a list of addresses."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.crm import Lead
from backend.core.money import ZERO
from backend.core.takeover import cutover
from backend.core.takeover.cutover import Check, State

T0 = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
OURS, THEIRS, BOT = "https://we.test/h/1", "https://them.test/hook", "https://bot.test/in"


def test_the_way_is_one_line_to_the_end():
    state, seen = State.QUEUED, [State.QUEUED]
    while state not in cutover.OVER:
        state = cutover.FORWARD[state]
        seen.append(state)

    assert tuple(seen) == cutover.WAY
    assert cutover.FORWARD[State.GOING_BACK] is State.FAILED_BACK
    assert [cutover.place(state) for state in seen] == list(range(10))
    assert cutover.place(State.ROLLING_BACK) == 9


@pytest.mark.parametrize(
    ("state", "has_written", "after"),
    [
        (State.QUEUED, False, State.FAILED_BACK),
        (State.PREFLIGHT, False, State.FAILED_BACK),
        (State.ANNOUNCED, False, State.GOING_BACK),
        (State.DRAINING, False, State.GOING_BACK),
        (State.CATCHING_UP, False, State.GOING_BACK),
        (State.CATCHING_UP, True, State.ROLLING_BACK),
        (State.VERIFYING, True, State.ROLLING_BACK),
    ],
)
def test_only_what_was_written_makes_a_rollback_of_a_failure(state, has_written, after):
    assert cutover.after_failure(state, has_written=has_written) is after


def test_a_person_may_call_it_off_until_the_salon_is_ours():
    assert [state for state in State if cutover.may_cancel(state)] == [
        State.QUEUED, State.PREFLIGHT, State.ANNOUNCED, State.STOPPING, State.DRAINING,
    ]  # fmt: skip


def test_the_configuration_is_frozen_from_the_announcement_to_the_watch():
    assert State.ANNOUNCED in cutover.FROZEN
    assert State.VERIFYING in cutover.FROZEN
    assert State.GOING_BACK in cutover.FROZEN
    assert cutover.FROZEN.isdisjoint({State.QUEUED, State.PREFLIGHT, State.WATCHING, State.DONE})


def test_silence_counts_from_the_last_sound():
    late = T0 + timedelta(seconds=90)

    assert cutover.silent_at(T0, None) == T0 + timedelta(minutes=3)
    assert cutover.silent_at(T0, T0 - timedelta(hours=1)) == T0 + timedelta(minutes=3)
    assert cutover.silent_at(T0, late) == late + timedelta(minutes=3)
    assert not cutover.is_hopeless(T0, T0 + timedelta(minutes=20))
    assert cutover.is_hopeless(T0, T0 + timedelta(minutes=20, seconds=1))


def test_it_listens_every_few_seconds_and_once_more_at_the_end():
    silent = T0 + timedelta(minutes=3)
    heard = T0 + timedelta(seconds=60)

    assert cutover.listens_now(T0, None, silent)
    assert not cutover.listens_now(heard + timedelta(seconds=4), heard, silent)
    assert cutover.listens_now(heard + timedelta(seconds=5), heard, silent)
    assert cutover.listens_now(silent, silent - timedelta(seconds=1), silent)


@pytest.mark.parametrize(
    ("author", "seconds", "writers", "is_kept"),
    [
        (7, 1, {8}, True),
        (7, 0, {8}, False),
        (8, 1, {8}, False),
        (0, 1, {8}, False),
        (None, 1, {8}, False),
        (7, 1, set(), False),
        (7, None, {8}, False),
    ],
)
def test_what_a_person_left_after_the_booking_changed_stays(author, seconds, writers, is_kept):
    at = None if seconds is None else T0 + timedelta(seconds=seconds)
    lead = Lead(1, 8001, 8101, ZERO, updated_at=at, updated_by=author)

    assert cutover.is_left_by_person(lead, T0, writers) is is_kept


def test_the_catch_up_ends_with_the_last_booking_or_with_its_time():
    assert cutover.caught_up(T0, T0, 0)
    assert not cutover.caught_up(T0, T0 + timedelta(minutes=9), 2)
    assert cutover.caught_up(T0, T0 + timedelta(minutes=11), 2)


def test_nights_are_quiet():
    assert [hour for hour in range(24) if cutover.is_quiet_hour(hour)] == [*range(9), 21, 22, 23]


def test_a_red_hint_does_not_hold_a_salon_back():
    assert cutover.is_ready([Check("a", True), Check("b", False, is_needed=False)])
    assert not cutover.is_ready([Check("a", True), Check("b", False)])


def test_a_stranger_that_hears_the_account_too_is_the_one():
    urls = [OURS, THEIRS, BOT]
    strangers = cutover.strangers(urls, OURS)

    assert strangers == (THEIRS, BOT)
    assert cutover.suspects(strangers, ["https://THEM.test/amo", "https://we.test/amo"], OURS) == (THEIRS,)
    assert cutover.suspects(strangers, ["https://we.test/amo"], OURS) == ()
    assert cutover.suspects((THEIRS,), [], OURS) == (THEIRS,)


def test_the_list_loses_what_is_removed_and_never_ours():
    assert cutover.without([THEIRS, BOT, OURS], {THEIRS}, OURS) == [BOT, OURS]
    assert cutover.without([THEIRS, BOT], {THEIRS}, OURS) == [BOT, OURS]


def test_a_list_nobody_touched_is_put_back_as_it_was():
    before, written = [THEIRS, BOT, OURS], [BOT, OURS]

    assert cutover.restored(written, written, before, [THEIRS]) == before
    assert cutover.restored([OURS, BOT], written, before, [THEIRS]) == [OURS, BOT, THEIRS]
    assert cutover.restored([OURS, THEIRS], written, before, [THEIRS]) == [OURS, THEIRS]
