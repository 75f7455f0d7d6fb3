"""Our line as a YCLIENTS partner against the emulator: keys by login, salons of a key, the marketplace."""

import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.integrations.yclients.partner import YclientsPartner
from tests.contract import our_clients
from tests.contract.our_clients import COMPANY

BASE = "https://salon.example.test/api/v1"
APP = 5001
HOOK = "https://app.example.test/hooks/yclients/abc"


@pytest.fixture
def place():
    opened = our_clients.yclients()
    opened.journal.user("owner", login="+7 900 000-00-01", password="secret-example")
    opened.partner = YclientsPartner(opened.http, BASE, "partner")
    return opened


@pytest.mark.parametrize("envelope", [True, False])
def test_the_key_of_a_user_with_or_without_an_envelope(place, envelope):
    place.journal.options(auth_envelope=envelope)

    assert place.partner.sign_in("79000000001", "secret-example") == "owner"


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_gives_no_key_and_is_not_repeated_in_the_refusal(place, password):
    with pytest.raises(InvalidInput) as caught:
        place.partner.sign_in("79000000001", password)

    assert caught.value.code == "yclients.sign_in_refused"
    assert caught.value.details == {}


def test_a_second_factor_is_told_apart(place):
    place.journal.options(second_factor=True)

    with pytest.raises(InvalidInput, match=r"yclients\.second_factor"):
        place.partner.sign_in("79000000001", "secret-example")


def test_salons_of_a_key_are_those_of_its_user(place):
    for number in range(1, 4):
        place.journal.company(COMPANY + number, title=f"Салон {number}", city="Омск")
    place.journal.user("some", companies=[COMPANY, COMPANY + 2])

    found = place.partner.companies("some")

    assert [(c.id, c.title, c.city) for c in found] == [
        (COMPANY, "Тверская", "Москва"), (COMPANY + 2, "Салон 2", "Омск")]  # fmt: skip


def test_a_large_network_is_read_to_its_end(place):
    for number in range(1, 260):
        place.journal.company(COMPANY + number, title=f"Салон {number}")

    assert len(place.partner.companies("owner")) == 260


def test_a_key_that_is_not_accepted_is_told_in_words(place):
    with pytest.raises(InvalidInput, match=r"yclients\.token_refused"):
        place.partner.companies("stranger")


@pytest.mark.parametrize("kind", ["429", "500", "timeout"])
def test_a_busy_vendor_is_asked_later(place, kind):
    place.journal.faults(kind, next=1)

    with pytest.raises(TryLater):
        place.partner.companies("owner")


def test_an_installation_goes_from_nowhere_to_active(place):
    seen = [place.partner.installation(COMPANY, APP)]
    place.journal.owner_connect(COMPANY, APP, "partner")
    seen.append(place.partner.installation(COMPANY, APP))
    place.partner.activate(COMPANY, APP, "key", HOOK)
    seen.append(place.partner.installation(COMPANY, APP))

    assert seen == ["", "pending", "active"]


def test_finishing_twice_does_no_harm(place):
    place.journal.owner_connect(COMPANY, APP, "partner")

    place.partner.activate(COMPANY, APP, "key", HOOK)
    place.partner.activate(COMPANY, APP, "key", HOOK)

    assert place.partner.installation(COMPANY, APP) == "active"


def test_a_salon_that_is_not_there_cannot_be_finished(place):
    with pytest.raises(InvalidInput) as caught:
        place.partner.activate(1, APP, "key", HOOK)

    assert (caught.value.code, caught.value.details["status"]) == ("yclients.refused", 422)


def test_a_partner_token_that_is_not_ours_is_told_apart(place):
    stranger = YclientsPartner(place.http, BASE, "another")

    with pytest.raises(InvalidInput, match=r"yclients\.partner_refused"):
        stranger.installation(COMPANY, APP)


# Addresses of hooks


def test_our_address_goes_and_the_others_stay(place):
    other = "https://other.example.test/hook"
    place.journal.hooks_url(COMPANY, [other])
    place.client.set_hooks(COMPANY, HOOK)
    assert place.client.is_told(COMPANY, HOOK) is True

    place.client.drop_hooks(COMPANY, HOOK)

    assert place.client.hooks(COMPANY)["urls"] == [other]
    assert place.client.hooks(COMPANY)["active"] == 1
    assert place.client.is_told(COMPANY, HOOK) is False


def test_the_only_address_is_switched_off(place):
    place.journal.hooks_url(COMPANY, [HOOK])

    place.client.drop_hooks(COMPANY, HOOK)

    assert place.client.is_told(COMPANY, HOOK) is False
    assert place.client.hooks(COMPANY)["active"] == 0


def test_settings_that_cannot_be_read_are_not_written_over(place):
    place.journal.hooks_url(COMPANY, ["https://other.example.test/hook"])
    place.journal.options(hooks_settings="404")

    with pytest.raises(Exception, match=r"yclients\.hooks_unavailable"):
        place.client.set_hooks(COMPANY, HOOK)

    assert place.client.is_told(COMPANY, HOOK) is None
    assert place.journal.state(COMPANY)["companies"][0]["urls"] == ["https://other.example.test/hook"]
