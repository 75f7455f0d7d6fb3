"""What a browser and a server bring when our application is installed or removed in YCLIENTS."""

import json

import pytest

from backend.core.errors import InvalidInput
from backend.integrations.yclients import installs

# The vector of the reference, yclients.md §22.2.
TOKEN = "testpartnertoken0001"
USER_DATA = (
    "eyJpZCI6IDMwMDAwMDEsICJuYW1lIjogIlx1MDQxMFx1MDQzZFx1MDQzZFx1MDQzMCBcdTA0MjJcdTA0MzVcdTA0NDFcdTA0NDJcdTA0M2Vc"
    "dTA0MzJcdTA0MzAiLCAicGhvbmUiOiAiNzAwMDAwMDAwMDEiLCAiZW1haWwiOiAib3duZXJAZXhhbXBsZS50ZXN0IiwgImlzX2FwcHJvdmVk"
    "IjogdHJ1ZSwgImF2YXRhciI6ICIiLCAic2Fsb25fbmFtZSI6ICJcdTA0MjFcdTA0MzBcdTA0M2JcdTA0M2VcdTA0M2QgXHUwNDIyXHUwNDM1"
    "XHUwNDQxXHUwNDQyIn0="
)
SIGN = "92f2663775955eb5d15c61d9b6c663ad14080b21fa20c0753aad95ea57079c34"
SIGN_OF_TEXT = "a60282cfecaa6726074ce112adce1fb5429de9a81eaa2ea90a25d8e9d2a0092b"


@pytest.mark.parametrize("sign", [SIGN, SIGN.upper()])
def test_the_signature_is_over_the_decoded_bytes(sign):
    assert installs.person(USER_DATA, sign, TOKEN) == "Анна Тестова"


@pytest.mark.parametrize("sign", [SIGN_OF_TEXT, "", "подпись", SIGN[:-1]])
def test_another_signature_is_refused(sign):
    with pytest.raises(InvalidInput, match=r"yclients\.install_unsigned"):
        installs.person(USER_DATA, sign, TOKEN)


def test_another_partner_cannot_sign_for_us():
    with pytest.raises(InvalidInput):
        installs.person(USER_DATA, SIGN, "another")


@pytest.mark.parametrize("data", ["!!!", "eyJpZCI6", "a", "вот"])
def test_what_is_no_base64_is_refused(data):
    with pytest.raises(InvalidInput):
        installs.person(data, SIGN, TOKEN)


def test_a_cabinet_that_sends_no_people_needs_no_signature():
    assert installs.person("", "", TOKEN) == ""


@pytest.mark.parametrize(
    ("one", "many", "found"),
    [
        ("41001", "", (41001,)),
        ("", "41001,41002", (41001, 41002)),
        ("41001", "41002, 41001", (41001, 41002)),
        ("", "x,41002,-3,0", (41002,)),
    ],
)
def test_one_salon_or_several(one, many, found):
    assert installs.salons(one, many) == found


@pytest.mark.parametrize(
    ("one", "many"),
    [("", ""), ("0", ""), ("x", "y"), ("1" * 30, ""), ("", ",".join(map(str, range(1, 300))))],
)
def test_no_salon_or_too_many_is_refused(one, many):
    with pytest.raises(InvalidInput, match=r"yclients\.install_incomplete"):
        installs.salons(one, many)


def event(**changes):
    body = {
        "salon_id": 41001,
        "application_id": 5001,
        "event": "uninstall",
        "partner_token": TOKEN,
        **changes,
    }
    return json.dumps(body).encode()


@pytest.mark.parametrize("name", ["uninstall", "freeze"])
def test_an_end_is_read(name):
    found = installs.life_event(event(event=name), TOKEN, 5001)

    assert (found.salon_id, found.name) == (41001, name)


def test_a_payment_stops_nothing():
    assert installs.life_event(event(event="payment"), TOKEN, 5001) is None


@pytest.mark.parametrize(
    "body",
    [
        event(partner_token="guess"), event(application_id=5002), event(salon_id="x"), b"{}", b"[]", b"null",
        b"", b"\xff", b"[" * 100_000, event(partner_token=None), event(partner_token="\ud800"),
    ],
)  # fmt: skip
def test_what_does_not_know_our_token_is_refused(body):
    with pytest.raises(InvalidInput, match=r"yclients\.install_unsigned"):
        installs.life_event(body, TOKEN, 5001)
