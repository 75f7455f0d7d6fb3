"""What breaks in the middle of a real call: the exchange, the line to it, our own process. No call is lost,
none is logged twice.
"""

import contextlib
import time

import pytest

from tests.asterisk.rig import script

pytestmark = pytest.mark.xdist_group("asterisk")  # one exchange serves them all

DIRECT, GROUP = "74950000101", "74950000102"
TALKED = 4
FOR_EVER = 600.0  # no phone may end the call while something is broken, however slow the machine
PATIENCE = 180  # seconds until a broken connection is known, mended, and the tables have told the rest


@pytest.fixture
def client(company):
    return company.fresh()


@pytest.fixture
def talking(people, client):
    """A client talks with 101, for so many seconds or until somebody ends it; both hear each other."""

    def begin(seconds=FOR_EVER):
        people.phone("101", script.answers(after=200))
        people.client(client, DIRECT, seconds=seconds)
        people.pbx.until_bridged()

    return begin


@contextlib.contextmanager
def stands_still(pbx):
    pbx.freeze()
    try:
        yield
    finally:
        pbx.thaw()


def test_our_process_is_killed_in_the_middle_of_a_call(company, people, client, talking):
    began = time.monotonic()
    talking(seconds=6.0)
    killed = company.kill_listener()
    people.finish()
    took = time.monotonic() - began

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert 4 <= note["params"]["duration"] <= took
    assert company.listener() != [killed]
    assert len(company.calls(client)) == 1


def test_the_exchange_is_restarted_in_the_middle_of_a_call(company, people, client, talking):
    talking()
    people.pbx.restart()
    people.hang_up()
    company.ask_at(company.door)

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert len(company.calls(client)) == 1
    assert _is_heard_again(company, people)


def test_the_exchange_stands_still_in_the_middle_of_a_call(company, people, client, talking):
    talking()
    with stands_still(people.pbx):
        company.until(lambda: company.state()["trouble"], PATIENCE, "the silence is noticed")
    people.pbx.act(Action="Hangup", Channel=people.pbx.channel("101"), Cause="16")
    people.hang_up()

    note = company.logged(client, PATIENCE)

    assert (note["params"]["call_status"], note["responsible_user_id"]) == (TALKED, company.user("101"))
    assert len(company.calls(client)) == 1
    assert _is_heard_again(company, people)


def test_an_exchange_that_stands_still_is_not_given_a_click(company, people, client):
    with stands_still(people.pbx):
        company.click("103", client)
        company.until(lambda: company.state()["trouble"], PATIENCE, "the silence is noticed")
        people.phone("103", script.answers(after=300), is_expected=False)
        city = people.phone("city", script.answers(after=100), is_expected=False)
    company.firm.wait_until_connected()

    assert _stays_quiet(people)
    assert city.is_waiting


def test_a_click_that_the_exchange_dials_when_it_goes_on_is_hung_up(company, people, client):
    """It lay in its hands while it stood still, and everybody was told that it had come to nothing. The
    operator's phone may ring for a moment; the client's does not.
    """
    with people.pbx.hand() as give, stands_still(people.pbx):
        token = company.click("102", client)["call"].removeprefix("dial:")
        company.until(lambda: company.state()["trouble"], PATIENCE, "the silence is noticed")
        people.phone("102", script.answers(after=50_000), is_expected=False)
        city = people.phone("city", script.answers(after=100), is_expected=False)
        give(
            Action="Originate", ActionID=token, Channel="PJSIP/102", ChannelId=f"crm-{token}",
            Context="from-crm", Exten=client, Priority="1", Timeout="60000", Async="true",
            Variable=f"__CRM_CALL_ID={token}",
        )  # fmt: skip
        give.args[0].close()  # as we do when it keeps silent
    company.until(lambda: company.asked(token), 25, "the call has begun all the same")

    company.until(lambda: not people.pbx.channels(), 20, "it was hung up before anybody took it")
    assert _stays_quiet(people)
    assert city.is_waiting
    (call,) = company.asked(token)
    assert (call["way"], call["client"], call["talks"]) == ("internal", "", [])
    assert company.notes(client) == []


def _stays_quiet(people, seconds=3):
    """No phone rings, and none begins to."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if people.pbx.channels():
            return False
        time.sleep(0.1)
    return True


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
