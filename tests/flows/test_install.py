"""An account's life around the booking road: connect, leave, come back."""

import pytest

from backend.flows.accounts import accounts as account_flow
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.store import accounts, connections, events
from backend.web.oauth import bp
from tests.support.stand import CLIENT, DOMAIN, EPILATION, LASER_ARMPITS, PUBLIC

MARIA = ("Мария", "+79990000001")


@pytest.fixture
def left(stand):
    """An administrator removed the integration; amoCRM told us so."""
    assert stand.world.amocrm.uninstall(DOMAIN, CLIENT)["status"] == 200
    return stand


def come_back(stand):
    assert stand.world.amocrm.install(DOMAIN, CLIENT, "server")["status"] == 200
    stand.work()


def test_the_platforms_own_call_connects_the_account(stand):
    account = accounts.by_domain(DOMAIN)

    (webhook,) = stand.crm()["webhooks"]

    assert account.state == "active"
    assert account.crm_id == stand.crm()["id"]
    assert mirror.is_complete(account.id)
    assert webhook["destination"] == f"{PUBLIC}/hooks/amocrm/{account.hook_secret}"


def test_the_index_knows_what_was_there_before(stand):
    stand.world.amocrm.uninstall(DOMAIN, CLIENT)
    lead = stand.open_lead(EPILATION, 8100, client=MARIA)
    come_back(stand)
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    assert stand.lead_of(record)["id"] == lead["id"]


def test_the_browsers_way_ends_in_the_same_account(stand):
    url = stand.world.amocrm.install(DOMAIN, CLIENT, "browser", state="made by the panel")["url"]
    browser = stand.app.test_client()
    with browser.session_transaction() as session:
        session["oauth_state"] = "made by the panel"

    answer = browser.get(url.removeprefix(PUBLIC))

    assert answer.status_code == 200
    assert [account.domain for account in accounts.all_accounts()] == [DOMAIN]


def test_a_browser_that_did_not_begin_here_connects_nothing(stand):
    before = accounts.tokens(stand.account.id)
    url = stand.world.amocrm.install(DOMAIN, CLIENT, "browser", state="somebody else's")["url"]

    answer = stand.app.test_client().get(url.removeprefix(PUBLIC))

    assert answer.status_code == 403
    assert accounts.tokens(stand.account.id) == before


def test_goodbye_wipes_tokens_and_keeps_the_configuration(left):
    account = accounts.by_domain(DOMAIN)

    exported = configuration.export_yaml(account.id)

    assert account.state == "removed"
    assert accounts.tokens(account.id) is None
    assert "Тверская" in exported


def test_goodbye_with_a_wrong_signature_changes_nothing(stand):
    asked = {"account_id": 30000001, "client_uuid": CLIENT, "signature": "0" * 64}

    answer = stand.app.test_client().get(f"{bp.url_prefix}/uninstall", query_string=asked)

    assert answer.status_code == 403
    assert accounts.by_domain(DOMAIN).state == "active"


def test_bookings_of_an_account_that_left_are_ignored(left):
    record = left.book(LASER_ARMPITS)

    left.settle()

    assert left.leads() == []
    assert left.events(record) == []


def test_who_comes_back_finds_the_configuration_and_goes_on(left):
    secret = connections.of_account(left.account.id)[0].hook_secret
    come_back(left)
    record = left.book(LASER_ARMPITS)

    left.settle()

    assert accounts.by_domain(DOMAIN).state == "active"
    assert connections.of_account(left.account.id)[0].hook_secret == secret
    assert left.lead_of(record)["status_id"] == 8101


def test_what_happened_while_away_is_caught_up(left):
    missed = left.book(LASER_ARMPITS)
    left.settle()
    come_back(left)

    left.reconcile()
    left.settle()

    assert left.lead_of(missed)["status_id"] == 8101


def test_installing_twice_prepares_once(stand):
    come_back(stand)
    come_back(stand)

    prepared = events.of_subject(stand.account.id, account_flow.PREPARATION)

    assert {event.status for event in prepared} == {"done"}
    assert len(stand.crm()["webhooks"]) == 1
    assert len(accounts.all_accounts()) == 1
