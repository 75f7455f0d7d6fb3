"""What breaks in the middle of a real call: the exchange, the line to it, our own process. No call is lost,
none is logged twice.
"""

import pytest

from tests.asterisk.rig import script

DIRECT, GROUP = "74950000101", "74950000102"
TALKED = 4
PATIENCE = 90  # seconds until a broken connection is known, mended, and the tables have told the rest


@pytest.fixture
def client(company):
    return company.fresh()


@pytest.fixture
def talking(people, client):
    """A client talks with 101, for so many seconds; both hear each other already."""

    def begin(seconds):
        people.phone("101", script.answers(after=200))
        people.client(client, DIRECT, seconds=seconds)
        people.pbx.until_bridged()

    return begin


def test_our_process_is_killed_in_the_middle_of_a_call(company, people, client, talking):
    talking(seconds=6.0)
    killed = company.kill_listener()
    people.finish()

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert 4 <= note["params"]["duration"] <= 7
    assert company.listener() != [killed]
    assert len(company.calls(client)) == 1


def test_the_exchange_is_restarted_in_the_middle_of_a_call(company, people, client, talking):
    talking(seconds=20.0)
    people.pbx.restart()
    people.hang_up()
    company.ask_at(company.door)

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert len(company.calls(client)) == 1
    assert _is_heard_again(company, people)


def test_the_exchange_stands_still_in_the_middle_of_a_call(company, people, client, talking):
    talking(seconds=45.0)
    people.pbx.freeze()
    try:
        company.until(lambda: company.state()["trouble"], 40, "the silence is noticed")
    finally:
        people.pbx.thaw()
    people.pbx.act(Action="Hangup", Channel=people.pbx.channel("101"), Cause="16")
    people.hang_up()

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert len(company.calls(client)) == 1
    assert _is_heard_again(company, people)


def _is_heard_again(company, people):
    """Another call, after everything is mended. Others take part in it: the phones of the broken one may be
    told for half a minute yet, again and again, that it is over.
    """
    other = company.fresh()
    people.until_quiet()
    company.firm.wait_until_connected()
    people.phone("102", script.answers(after=200))
    people.client(other, GROUP, seconds=1.0, trunk="mobile")
    people.finish()
    return company.logged(other)["params"]["call_status"] == TALKED
