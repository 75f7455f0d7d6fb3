"""Would a click work: a real Asterisk says so itself, to the account with the least rights."""

import pytest

from backend.core.telephony.after.asking import Questions
from backend.integrations.asterisk import dialplan
from backend.integrations.asterisk.wire import Address
from tests.asterisk.rig.configuration import LOGIN, SECRET

pytestmark = pytest.mark.xdist_group("asterisk")  # one exchange serves them all

NUMBER = "79990001122"


def look(exchange, places=(), channels=()):
    place = exchange.place
    address = Address(
        place.own_address, place.ami_tls, LOGIN, SECRET, tls=True, ca=place.certificate.read_text()
    )
    return [tuple(one.values()) for one in dialplan.look(address, Questions(tuple(places), tuple(channels)))]


def test_3b_what_we_ship_takes_a_click(exchange):
    assert (
        look(exchange, [("from-crm", NUMBER), ("from-crm", f"+{NUMBER}")], ["PJSIP/101", "PJSIP/102"]) == []
    )


@pytest.mark.parametrize(
    ("places", "channels", "wrong"),
    [
        ([("from-internal", NUMBER)], [], ("pbx.context_unknown", "from-internal")),
        ([("from-crm", "4420")], [], ("pbx.number_refused", "from-crm", "4420")),
        ([("from-crm", NUMBER)], ["PJSIP/999"], ("pbx.phone_unknown", "PJSIP/999")),
        ([("from-crm", NUMBER)], ["SIP/101"], ("pbx.phone_unknown", "SIP/101")),
    ],
)
def test_3b_what_is_wrong_is_said_by_name(exchange, places, channels, wrong):
    assert look(exchange, places, channels) == [wrong]
