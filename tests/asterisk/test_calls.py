"""Real calls on a real Asterisk, through all our processes, as amoCRM has them afterwards."""

import time

import pytest

from sandbox.calls import listening
from tests.asterisk.rig import script

pytestmark = pytest.mark.xdist_group("asterisk")  # one exchange serves them all

DIRECT, GROUP, QUEUE, MENU, ROUTE = (f"7495000010{n}" for n in range(1, 6))
TALKED, NOT_REACHED, BUSY = 4, 6, 7


@pytest.fixture
def client(company):
    return company.fresh()


def test_an_answered_call_is_in_the_card_with_a_recording_that_plays(company, people, client):
    began = time.monotonic()
    people.phone("101", script.answers(after=300))
    people.client(client, DIRECT, seconds=2.5)
    people.finish()
    took = time.monotonic() - began

    note = company.logged(client)

    assert (note["note_type"], note["params"]["call_status"]) == ("call_in", TALKED)
    assert note["responsible_user_id"] == company.user("101")
    assert 1 <= note["params"]["duration"] <= took
    assert len(company.leads(client)) == 1
    assert not company.tasks(client)
    assert listening.links([note]) == {note["params"]["link"]: ""}


def test_a_missed_call_becomes_a_task(company, people, client):
    people.phone("101", script.rings())
    people.client(client, DIRECT, script.gives_up(after=2500))
    people.finish()

    note = company.logged(client)

    assert (note["note_type"], note["params"]["call_status"]) == ("call_in", NOT_REACHED)
    assert company.missed_task(client)
    assert not note["params"].get("link")


@pytest.mark.parametrize("answer", ["486 Busy Here", "603 Decline"])
def test_a_call_that_was_busy_or_declined_is_missed(company, people, client, answer):
    people.phone("101", script.refuses(answer, after=500 if "603" in answer else 0))
    people.client(client, DIRECT, script.is_refused())
    people.finish()

    assert company.logged(client)["params"]["call_status"] == NOT_REACHED
    assert company.missed_task(client)


def test_a_call_to_a_phone_that_is_off_is_missed(company, people, client):
    people.client(client, DIRECT, script.is_refused())
    people.finish()

    assert company.logged(client)["params"]["call_status"] == NOT_REACHED
    assert company.missed_task(client)


@pytest.mark.parametrize("line", [GROUP, QUEUE], ids=["group", "queue"])
def test_of_several_phones_the_call_is_of_whoever_answered(company, people, client, line):
    people.phone("101", script.rings())
    people.phone("102", script.answers(after=700))
    people.client(client, line, seconds=1.5)
    people.finish()

    note = company.logged(client)

    assert note["params"]["call_status"] == TALKED
    assert note["responsible_user_id"] == company.user("102")
    assert company.contact(client)["responsible_user_id"] == company.user("102")


def test_a_menu_that_answers_is_nobody(company, people, client):
    people.client(client, MENU, seconds=1.5)
    people.finish()

    assert company.logged(client)["params"]["call_status"] == NOT_REACHED
    assert company.missed_task(client)


def test_a_menu_that_leads_to_a_person_is_a_talk_with_that_person(company, people, client):
    people.phone("101", script.answers(after=300))
    people.client(client, MENU, script.presses("1"), seconds=2.0)
    people.finish()

    note = company.logged(client)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))


def test_after_a_blind_transfer_the_client_belongs_to_who_talked_last(company, people, client):
    people.phone("101", script.transfers("102", after=300), seconds=1.0)
    people.phone("102", script.answers(after=400))
    people.client(client, DIRECT, script.listens())
    _ends_after_talking_with(people, "102")
    people.finish()

    note = company.logged(client)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("102"))
    assert company.contact(client)["responsible_user_id"] == company.user("102")


def test_after_an_attended_transfer_the_client_belongs_to_who_talked_last(company, people, client):
    people.phone("101", script.answers(after=200))
    people.phone("102", script.answers(after=300))
    people.client(client, DIRECT, script.listens())
    people.pbx.until_bridged()
    channel = people.pbx.channel("101")
    time.sleep(1.0)
    moved = people.pbx.act(Action="Atxfer", Channel=channel, Exten="102", Context="from-phones")
    people.pbx.until_answered("102")
    time.sleep(1.0)
    people.pbx.act(Action="Hangup", Channel=channel, Cause="16")
    _ends_after_talking_with(people, "102")
    people.finish()

    note = company.logged(client)

    assert moved["Response"] == "Success"
    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("102"))


def test_a_click_rings_us_and_then_the_client(company, people, client):
    people.phone("101", script.answers(after=300))
    people.phone("city", script.answers_and_ends(after=300), seconds=1.5)
    company.click("101", client)
    people.finish()

    note = company.logged(client)

    assert (note["note_type"], note["params"]["call_status"]) == ("call_out", TALKED)
    assert note["responsible_user_id"] == company.user("101")


def test_a_click_on_a_busy_client_is_a_busy_call(company, people, client):
    people.phone("102", script.answers(after=300))
    people.phone("city", script.refuses("486 Busy Here"))
    company.click("102", client)
    people.finish()

    assert company.logged(client)["params"]["call_status"] == BUSY


def test_a_click_whose_phone_nobody_takes_never_reaches_the_client(company, people, client):
    people.phone("103", script.rings())
    company.click("103", client)
    people.finish()
    company.rest()

    assert company.notes(client) == []


def test_a_known_client_is_put_through_to_the_one_responsible(company, people, client):
    _becomes_a_client_of(company, people, client, "102")
    people.phone("102", script.answers(after=300))
    people.client(client, ROUTE, seconds=1.0)
    people.finish()

    company.until(lambda: len(company.notes(client)) == 2, 90, "the second call is logged")
    assert company.notes(client)[-1]["responsible_user_id"] == company.user("102")


def test_while_we_are_silent_the_exchange_decides_by_itself(company, people, client):
    company.ask_at("http://127.0.0.1:9/silence")
    try:
        people.phone("103", script.answers(after=300))
        people.client(client, ROUTE, seconds=1.0)
        people.finish()
    finally:
        company.ask_at(company.door)

    note = company.logged(client)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("103"))


def test_two_of_us_on_the_phone_are_nobodys_business(company, people):
    before = len(company.crm()["notes"])
    people.phone("102", script.answers(after=200))
    people.call("101", "102", script.talks(), seconds=1.0)
    people.finish()
    company.rest()

    assert len(company.crm()["notes"]) == before


def _ends_after_talking_with(people, phone):
    """The client puts down, a moment after it is with whoever it was handed over to."""
    people.pbx.until_answered(phone)
    people.pbx.until_gone("101")
    time.sleep(1.5)
    people.pbx.act(Action="Hangup", Channel=people.pbx.channel("city"), Cause="16")


def _becomes_a_client_of(company, people, number, phone):
    people.phone(phone, script.answers(after=200))
    people.call("city", GROUP if phone == "102" else DIRECT, script.talks(), seconds=1.0, shows=number)
    people.finish()
    company.logged(number)
