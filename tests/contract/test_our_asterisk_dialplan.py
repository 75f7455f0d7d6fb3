"""Would a click work: asked of the emulated manager port with the least rights."""

import pytest

from backend.core.errors import TryLater
from backend.core.telephony.after.asking import Questions
from backend.integrations.asterisk import dialplan
from backend.integrations.asterisk.wire import Address
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account

NUMBER = "79990001122"


@pytest.fixture
def asterisk():
    with Asterisk() as opened:
        yield opened


def look(opened, places=(), channels=()):
    address = Address("127.0.0.1", opened.port, Account().name, Account().secret, tls=False)
    return [tuple(one.values()) for one in dialplan.look(address, Questions(tuple(places), tuple(channels)))]


def test_everything_is_there(asterisk):
    assert look(asterisk, [("from-crm", NUMBER), ("from-internal", f"+{NUMBER}")], ["PJSIP/101"]) == []


def test_each_thing_that_is_wrong_is_named(asterisk):
    places = [("nowhere", NUMBER), ("from-crm", "99")]

    assert look(asterisk, places, ["PJSIP/999", "SIP/101"]) == [
        ("pbx.context_unknown", "nowhere"), ("pbx.number_refused", "from-crm", "99"),
        ("pbx.phone_unknown", "PJSIP/999"), ("pbx.phone_unknown", "SIP/101"),
    ]  # fmt: skip


def test_without_the_right_to_ask_nothing_else_is_said():
    poor = Account(write=frozenset({"call", "originate"}))
    with Asterisk(accounts=[poor]) as opened:
        found = look(opened, [("from-crm", NUMBER)])

    assert found == [("pbx.right_missing", "write = reporting")]


def test_nothing_to_ask_asks_nobody(asterisk):
    assert look(asterisk) == []
    assert asterisk.asked == []


def test_nobody_answers():
    with pytest.raises(TryLater):
        dialplan.look(Address("127.0.0.1", 9, "crm", "x", tls=False), Questions((("from-crm", NUMBER),), ()))
