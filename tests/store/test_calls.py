"""Calls: one row each, completed and never doubled, joined when two turn out to be one, counted in groups."""

from datetime import timedelta

from backend.core.telephony.call import Outcome, Stage, Way
from backend.store.telephony import call_figures, calls
from backend.store.telephony.calls import CallFilters, Seen
from tests.store.conftest import NOW
from tests.support.telling import BEGAN, at, ended, running

CLIENT = "+79990001122"


def test_a_call_comes_back_as_it_was(account):
    call = ended(
        talks=[("101", 1, 4)], recordings=("a", "b"), variables={"CRM_TRUNK": "msk"}, request_id="5b"
    )
    row = calls.save(account.id, call, now=NOW, client_key=CLIENT, user_id=7, line="Тверская")

    assert calls.by_id(account.id, row.id).call == call
    assert (row.state, row.client_key, row.user_id, row.line) == ("ended", CLIENT, 7, "Тверская")
    assert (row.wait_ms, row.talk_ms, row.answered_at) == (1000, 3000, at(1))
    assert calls.by_id(account.id + 1, row.id) is None
    assert calls.by_request(account.id, "5b").id == row.id
    assert calls.by_request(account.id, "") is None


def test_an_open_call_becomes_the_ended_one_in_the_same_row(account):
    first = calls.save(account.id, running(), now=NOW)
    assert [row.id for row in calls.open_calls(1)] == [first.id]

    last = calls.save(account.id, ended(), now=NOW)
    assert (last.id, last.state, last.stage) == (first.id, "ended", "ended")
    assert calls.open_calls(1) == []


def test_what_has_ended_does_not_open_again_and_keeps_what_was_done_with_it(account):
    calls.save(account.id, ended(talks=[("101", 1, 4)]), now=NOW)
    calls.note_crm(account.id, "1:100.1", calls.HANDLED, {"lead_id": 5}, NOW)

    calls.save(account.id, running(), now=NOW)
    assert calls.by_uniq(account.id, "1:100.1").talk_ms == 3000

    calls.save(account.id, ended(talks=[("101", 1, 5)]), now=NOW)
    row = calls.by_uniq(account.id, "1:100.1")
    assert (row.state, row.crm, row.talk_ms) == ("handled", {"lead_id": 5}, 4000)

    calls.reopen(account.id, row.uniq, NOW)
    row = calls.by_uniq(account.id, "1:100.1")
    assert (row.state, row.crm) == ("ended", {"lead_id": 5})


def test_an_open_call_is_not_handled_before_it_ends(account):
    calls.save(account.id, running(), now=NOW)
    calls.note_crm(account.id, "1:100.1", calls.HANDLED, {"contact_id": 5}, NOW)

    row = calls.by_uniq(account.id, "1:100.1")
    assert (row.state, row.crm) == ("open", {"contact_id": 5})


def test_two_calls_that_meet_leave_one_row(account):
    calls.save(account.id, running("1:100.1"), now=NOW)
    calls.save(account.id, running("1:200.7"), now=NOW)
    calls.save(account.id, running("1:100.1", linked=frozenset({"100.1", "200.7"})), now=NOW)

    assert [row.uniq for row in calls.open_calls(1)] == ["1:100.1"]


def test_a_call_is_known_by_any_of_its_ids(account):
    calls.save(account.id, ended("1:200.7"), now=NOW)
    told = ended("1:100.1", linked=frozenset({"100.1", "200.7"}))

    assert calls.known_as(account.id, told).uniq == "1:200.7"
    assert calls.known_as(account.id, ended("2:200.7")) is None


def test_portions_and_filters(account):
    calls.save_many(
        account.id,
        [
            Seen(ended("1:1.1", talks=[("101", 1, 4)]), CLIENT, 7),
            Seen(ended("1:1.2", began_at=at(3600), lost_after_transfer=True), CLIENT, 8),
            Seen(ended("2:1.3", way=Way.OUT, trunk="spb", client="79990003344"), "+79990003344", 7),
            Seen(running("1:1.4"), CLIENT),
        ],
        NOW,
    )

    def found(before=None, limit=50, **filters):
        return [row.uniq for row in calls.portion(account.id, CallFilters(**filters), before, limit)]

    assert found() == ["1:1.4", "2:1.3", "1:1.2", "1:1.1"]
    newest = calls.portion(account.id, CallFilters(), limit=2)
    assert found(newest[-1].id) == ["1:1.2", "1:1.1"]
    assert found(way="out") == found(trunk="spb") == found(pbx_id=2) == found(text="3344") == ["2:1.3"]
    assert found(outcome="answered") == ["1:1.1"]
    assert found(outcome="lost") == ["1:1.2"]
    assert found(state="open") == ["1:1.4"]
    assert found(user_id=7) == ["2:1.3", "1:1.1"]
    assert found(since=at(1)) == ["1:1.2"]
    assert found(until=at(1), state="ended") == ["2:1.3", "1:1.1"]
    assert [row.uniq for row in calls.of_client(account.id, CLIENT, 2)] == ["1:1.2", "1:1.4"]
    assert calls.of_client(account.id, "") == []
    first = calls.of_period(account.id, CallFilters(), limit=3)
    assert [row.uniq for row in first] == ["1:1.1", "1:1.2", "2:1.3"]
    assert [row.uniq for row in calls.of_period(account.id, CallFilters(), first[-1].id)] == ["1:1.4"]


def test_figures_are_counted_in_groups(account):
    calls.save_many(
        account.id,
        [
            Seen(ended("1:1.1", talks=[("101", 2, 5)]), CLIENT, 7, "Тверская"),
            Seen(ended("1:1.2", talks=[("102", 4, 5)], lost_after_transfer=True), CLIENT, 8, "Тверская"),
            Seen(ended("1:1.3", began_at=at(13 * 3600)), CLIENT, 7),
            Seen(ended("1:1.4", way=Way.OUT, talks=[("101", 5, 9)]), CLIENT, 7),
            Seen(ended("1:1.5", way=Way.OUT, outcome=Outcome.BUSY), CLIENT),
            Seen(ended("1:1.6", way=Way.INTERNAL, outcome=Outcome.INTERNAL)),
            Seen(running("1:1.7", stage=Stage.TALKING)),
        ],
        NOW,
    )
    period = (account.id, BEGAN, BEGAN + timedelta(days=1))

    (whole,) = call_figures.figures(*period)
    assert (whole.incoming, whole.answered, whole.missed, whole.lost) == (3, 2, 1, 1)
    assert (whole.outgoing, whole.reached) == (2, 1)
    assert (whole.mean_wait, whole.mean_talk) == (timedelta(seconds=3), timedelta(milliseconds=2666))

    by_user = {one.key: one for one in call_figures.figures(*period, by="user")}
    assert {key: (one.incoming, one.missed, one.outgoing) for key, one in by_user.items()} == {
        0: (0, 0, 1), 7: (2, 1, 1), 8: (1, 0, 0),
    }  # fmt: skip
    assert [(one.key, one.incoming) for one in call_figures.figures(*period, by="line")] == [
        ("msk", 1), ("Тверская", 2),
    ]  # fmt: skip
    moscow = timedelta(hours=3)
    hours = call_figures.figures(*period, by="hour", offset=moscow)
    assert [(one.key, one.incoming) for one in hours] == [(1, 1), (12, 2)]
    days = call_figures.figures(*period, by="day", offset=moscow)
    assert [one.incoming for one in days] == [2, 1]
    assert days[1].key - days[0].key == 1
    assert call_figures.figures(*period, pbx_id=2) == []


def test_whose_client_nobody_has_talked_with_since(account):
    talked = {"talks": [("101", 1, 4)], "began_at": at(60)}
    calls.save_many(
        account.id,
        [
            Seen(ended("1:1.1"), CLIENT),
            Seen(ended("1:1.2", began_at=at(100)), CLIENT),
            Seen(ended("1:1.3", way=Way.OUT, **talked), CLIENT),
            Seen(ended("1:1.4", client=""), ""),
        ],
        NOW,
    )
    missed = CallFilters(way="in", outcome="missed")
    waiting = CallFilters(way="in", outcome="missed", is_unanswered=True)

    assert [row.uniq for row in calls.portion(account.id, waiting)] == ["1:1.2"]
    assert (calls.count(account.id, waiting), calls.count(account.id, missed)) == (1, 3)


def test_clicks_that_nobody_took_up_are_no_internal_calls(account):
    click = {"way": Way.INTERNAL, "client": "", "trunk": "", "outcome": Outcome.UNREACHED}
    calls.save_many(
        account.id,
        [
            Seen(ended("1:1.1", request_id="click-1", **click), user_id=7),
            Seen(ended("1:1.2", **{**click, "client": "102"}), user_id=7),
            Seen(running("1:1.3", way=Way.INTERNAL, client="102"), user_id=7),
            Seen(ended("1:1.4", request_id="click-2", way=Way.OUT), CLIENT, 7),
        ],
        NOW,
    )

    def found(**filters):
        return [row.uniq for row in calls.portion(account.id, CallFilters(**filters))]

    assert found(is_untaken=True) == ["1:1.1"]
    assert found(way="internal", is_untaken=False) == ["1:1.3", "1:1.2"]
    assert [row.is_untaken for row in calls.portion(account.id, CallFilters())] == [False, False, False, True]
    (whole,) = call_figures.figures(account.id, BEGAN, BEGAN + timedelta(days=1))
    assert (whole.untaken, whole.incoming, whole.outgoing) == (1, 0, 1)
