"""1b, the call card: who sees it while it rings, what it says, when it goes away."""

from backend.core.telephony.call import Stage
from tests.support.card_stand import ANYBODY, MARIA, cards, stand
from tests.support.cards import live as going
from tests.support.stand import OLGA, PETR

__all__ = ["cards", "stand"]


def test_1b_while_it_rings_the_one_who_is_rung_sees_who_calls(stand, cards):
    lead = stand.client()
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")

    card = tab.until("ringing")
    assert (card["number"], card["name"], card["line"]) == (MARIA, "Мария", "Москва")
    assert (card["lead_id"], card["lead_name"]) == (lead["id"], "Эпиляция")
    assert "users" not in card


def test_1b_the_card_changes_at_the_answer_and_goes_away_for_the_others(stand, cards):
    olga, petr = cards.open(stand.seat(OLGA)), cards.open(stand.seat(PETR))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102", "103"]), "102")
    stand.happens("ringing", going(call, rings=["102", "103"]), "103")

    stand.happens("talking", going(call, Stage.TALKING, rings=["102", "103"], talks=["103"]), "103")

    assert petr.until("talking")["call"] == call.uniq
    assert olga.until("gone")["call"] == call.uniq

    stand.happens("ended", call)
    assert petr.until("ended")["call"] == call.uniq


def test_1b_a_phone_that_stops_ringing_loses_its_card_while_the_call_goes_on(stand, cards):
    olga = cards.open(stand.seat(OLGA))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")
    olga.until("ringing")

    stand.happens("gone", going(call, rings=[]), "102")

    assert olga.until("gone")["call"] == call.uniq


def test_1b_who_opens_amocrm_while_it_rings_sees_the_card_at_once(stand, cards):
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")

    shown = cards.open(stand.seat(OLGA)).until("sync")["cards"]
    assert [card["call"] for card in shown] == [call.uniq]

    stand.happens("ended", call)
    assert cards.open(stand.seat(OLGA)).until("sync")["cards"] == []


def test_1b_with_the_rule_off_nothing_is_shown(stand, cards):
    stand.rules(card=False)
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    stand.happens("ringing", going(stand.call(), rings=["102"]), "102")

    assert tab.is_quiet()


def test_1b_switched_off_in_the_middle_of_a_call_its_card_still_goes_away(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")
    tab.until("ringing")

    stand.rules(card=False)
    stand.happens("talking", going(call, Stage.TALKING, rings=["102"], talks=["102"]), "102")

    assert tab.until("gone")["call"] == call.uniq
    assert cards.open(stand.seat(OLGA)).until("sync")["cards"] == []


def test_1b_a_call_between_colleagues_has_no_card(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    stand.happens("ringing", going(stand.call("internal"), rings=["102"]), "102")

    assert tab.is_quiet()


def test_1b_amocrms_own_notice_comes_as_well_and_only_when_wanted(stand):
    stand.happens("ringing", going(stand.call(), rings=["102"]), "102")
    stand.settle()
    assert [popup["users"] for popup in stand.crm()["popups"]] == [[OLGA]]

    stand.rules(notice=False)
    stand.happens("ringing", going(stand.call(), rings=["103"]), "103")
    stand.settle()
    assert len(stand.crm()["popups"]) == 1


def test_1b_while_the_caller_waits_in_incoming_the_card_has_no_lead_yet(stand, cards):
    stand.rules(incoming=True)
    stand.called(talks=[], rings=["102"], client=ANYBODY)
    tab = cards.open(stand.seat(OLGA))

    stand.happens("ringing", going(stand.call(client=ANYBODY), rings=["102"]), "102")

    card = tab.until("ringing")
    assert (card["number"], card["lead_id"]) == (ANYBODY, None)
    assert stand.incoming()
