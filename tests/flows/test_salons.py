"""Salons are connected by what opens them, told of, disconnected; the marketplace begins and ends it."""

import dataclasses
import json

import pytest
import redis

from backend.core.errors import InvalidInput, TryLater
from backend.core.rules.configuration import Configuration, Mode
from backend.flows.rules import configuration
from backend.flows.salons import access, installs, looks, salons
from backend.flows.salons.access import Asker
from backend.flows.salons.looks import Told
from backend.integrations.yclients.partner import Company
from backend.store import accounts, alarms, connections
from tests.support.stand import DOMAIN, LASER_ARMPITS, PUBLIC, TVERSKAYA, URAL

KAZAN, OMSK, APP = 41003, 41004, 5001
OTHER = "https://other.example.test/hook"
EVENTS = f"{PUBLIC}/yclients/marketplace/events"


@pytest.fixture
def network(stand):
    """Two more salons, not connected; their owner manages all four; we have an application."""
    yc = stand.world.yclients
    yc.company(KAZAN, title="Тверская", timezone_name="Europe/Samara", city="Казань")
    yc.company(OMSK, title="Омск", timezone_name="Asia/Omsk", city="Омск")
    yc.user("owner-token", login="79000000001", password="secret-example")
    stand.ctx = dataclasses.replace(
        stand.ctx, settings=dataclasses.replace(stand.ctx.settings, yclients_application_id=APP)
    )
    stand.app.extensions["mostik"] = stand.ctx
    return stand


def asker(stand, name="owner:1:irina", invited=()):
    return Asker(stand.account.id, name, invited)


def opened(stand, **more):
    return access.by_login(stand.ctx, asker(stand, **more), "79000000001", "secret-example")


def connect(stand, found, *companies, with_hooks=True):
    base = configuration.number(stand.account.id)
    wish = salons.Wish(frozenset(companies), base, "ирина", with_hooks)
    return salons.connect(stand.ctx, stand.account, found, wish)


def row(stand, company):
    return connections.get(stand.account.id, company)


def urls(stand, company):
    return stand.world.yclients.state(company)["companies"][0]["urls"]


# Access


def test_the_key_waits_where_nobody_reads_it(network):
    found = opened(network)

    kept = [network.ctx.redis.get(key) for key in network.ctx.redis.keys("mostik:access:*")]

    assert len(kept) == 1
    assert b"owner-token" not in kept[0]
    assert b"secret-example" not in kept[0]
    assert "owner-token" not in repr(found)
    assert access.get(network.ctx, asker(network), found.id).token == "owner-token"


@pytest.mark.parametrize("other", [{"name": "operator:2:pyotr"}, {"account_id": 999}])
def test_nobody_else_goes_on_with_it(network, other):
    found = opened(network)
    stranger = dataclasses.replace(asker(network), **other)

    with pytest.raises(InvalidInput, match=r"salons\.access_over"):
        access.get(network.ctx, stranger, found.id)


def test_an_access_that_was_forgotten_is_over(network):
    found = opened(network)
    access.forget(network.ctx, found)

    with pytest.raises(InvalidInput, match=r"salons\.access_over"):
        access.get(network.ctx, asker(network), found.id)


@pytest.mark.parametrize(
    "pasted", ["owner-token", "  owner-token\n", "User owner-token", "Bearer partner, User owner-token"]
)
def test_a_key_is_read_however_it_was_copied(network, pasted):
    assert access.by_token(network.ctx, asker(network), pasted).token == "owner-token"


@pytest.mark.parametrize("pasted", ["", "ключ", "a b", "owner-token\r\nX-Evil: 1", "x" * 300])
def test_what_is_no_key_is_not_sent_anywhere(network, pasted):
    before = network.world.yclients.counts()["requests"]

    with pytest.raises(InvalidInput, match=r"yclients\.token_malformed"):
        access.by_token(network.ctx, asker(network), pasted)

    assert network.world.yclients.counts()["requests"] == before


def test_passwords_cannot_be_guessed_here(network):
    for _ in range(access.TRIES):
        with pytest.raises(InvalidInput):
            access.by_login(network.ctx, asker(network), "79000000001", "guess")

    with pytest.raises(TryLater, match=r"salons\.too_many_tries"):
        opened(network)


# Connecting


def test_new_salons_are_observed_and_known_ones_keep_their_mode(network):
    connect(network, opened(network), KAZAN, TVERSKAYA)

    rules = configuration.current(network.account.id)
    assert (rules.branch(KAZAN).mode, rules.branch(TVERSKAYA).mode) == (Mode.OBSERVE, Mode.ACTIVE)
    assert row(network, KAZAN).timezone == "Europe/Samara"
    assert {row(network, company).user_token for company in (KAZAN, TVERSKAYA)} == {"owner-token"}
    assert row(network, URAL).user_token == "salon-token"


def test_two_salons_of_one_name_are_told_apart(network):
    connect(network, opened(network), KAZAN)

    assert configuration.current(network.account.id).branch(KAZAN).title == "Тверская, Казань"


def test_the_address_joins_those_of_others(network):
    network.world.yclients.hooks_url(KAZAN, [OTHER])

    done = connect(network, opened(network), KAZAN)

    assert urls(network, KAZAN) == [OTHER, salons.hook_url(network.ctx, row(network, KAZAN))]
    assert done.silent == {}


def test_a_salon_that_does_not_tell_its_news_is_connected_all_the_same(network):
    network.world.yclients.options(hooks_settings="404")

    done = connect(network, opened(network), KAZAN)

    assert done.result.number
    assert {company: error.code for company, error in done.silent.items()} == {
        KAZAN: "yclients.hooks_unavailable"
    }


def test_a_booking_of_a_new_salon_is_only_observed_at_first(network):
    connect(network, opened(network), KAZAN)
    record = network.book(company=KAZAN)
    network.settle()

    assert network.events(record)
    assert network.leads_of(record) == []


def test_the_very_first_salon_brings_the_time_zone_of_the_account():
    after = salons.with_companies(Configuration(), [Company(1, "Омск")], "Asia/Omsk")

    assert (after.timezone, [branch.title for branch in after.branches]) == ("Asia/Omsk", ["Омск"])


def test_nothing_ticked_connects_nothing(network):
    with pytest.raises(InvalidInput, match=r"salons\.none_chosen"):
        connect(network, opened(network), 99999)


def test_a_new_key_mends_what_stopped_for_want_of_one(network, alarm_codes):
    network.world.yclients.change_password("salon-token", "changed")
    network.reconcile()
    assert row(network, TVERSKAYA).paused_code == "yclients.unauthorized"
    network.world.yclients.user(
        "salon-token-2", login="79000000002", password="another", companies=[TVERSKAYA]
    )

    found = access.by_token(network.ctx, asker(network), "salon-token-2")
    connect(network, found, TVERSKAYA)

    assert row(network, TVERSKAYA).paused_code == ""
    assert [alarm.scope_key for alarm in alarms.open_alarms(network.account.id)] == [str(URAL)]
    assert alarm_codes() == ["yclients.unauthorized"]


# Looking


def test_a_look_says_what_lacks_and_whether_news_come(network):
    network.world.yclients.user("salon-token", restricted=True, companies=[TVERSKAYA, URAL])

    look = salons.look(network.ctx, network.account.id, TVERSKAYA)

    assert [str(lack.topic) for lack in look.lacks] == ["phones", "clients", "hooks"]
    assert look.told is Told.UNKNOWN
    assert looks.of(network.ctx, network.account.id, [TVERSKAYA, URAL]) == {TVERSKAYA: look}


@pytest.mark.parametrize(("address", "told"), [(None, Told.SETTINGS), (OTHER, Told.OFF)])
def test_a_look_knows_our_address_among_others(network, address, told):
    ours = salons.hook_url(network.ctx, row(network, TVERSKAYA))
    network.world.yclients.hooks_url(TVERSKAYA, [address or ours])

    assert salons.look(network.ctx, network.account.id, TVERSKAYA).told is told


def test_a_salon_that_lets_nobody_look_says_why(network):
    network.world.yclients.change_password("salon-token", "changed")

    look = salons.look(network.ctx, network.account.id, TVERSKAYA)

    assert (look.trouble.split()[0], look.told, look.lacks) == ("yclients.unauthorized", Told.UNKNOWN, ())


def test_without_redis_the_screens_know_less_and_access_waits(network):
    away = dataclasses.replace(network.ctx, redis=redis.Redis(port=1))
    look = salons.look(network.ctx, network.account.id, TVERSKAYA)
    assert looks.of(network.ctx, network.account.id, [TVERSKAYA]) == {TVERSKAYA: look}

    assert looks.of(away, network.account.id, [TVERSKAYA]) == {}
    with pytest.raises(TryLater, match=r"limiter\.unreachable"):
        access.by_token(away, asker(network), "owner-token")


# Disconnecting


def test_a_salon_leaves_with_its_routes_categories_and_key(network):
    network.world.yclients.hooks_url(
        TVERSKAYA, [OTHER, salons.hook_url(network.ctx, row(network, TVERSKAYA))]
    )
    record = network.book(LASER_ARMPITS)
    network.settle()
    lead = network.lead_of(record)

    base = configuration.number(network.account.id)
    result = salons.disconnect(network.ctx, network.account, TVERSKAYA, base, "ирина")

    rules = configuration.current(network.account.id)
    assert result.number == base + 1
    assert [branch.company_id for branch in rules.branches] == [URAL]
    assert {route.branch_id for route in rules.routes} == {URAL}
    assert all(TVERSKAYA not in direction.categories for direction in rules.directions)
    assert (row(network, TVERSKAYA).mode, row(network, TVERSKAYA).user_token) == ("off", None)
    assert urls(network, TVERSKAYA) == [OTHER]
    assert network.lead_of(record) == lead


def test_a_salon_that_does_not_answer_leaves_as_well(network):
    network.world.yclients.change_password("salon-token", "changed")
    network.reconcile()

    salons.disconnect(network.ctx, network.account, TVERSKAYA, configuration.number(network.account.id), "и")

    assert row(network, TVERSKAYA).user_token is None
    assert [alarm.scope_key for alarm in alarms.open_alarms(network.account.id)] == [str(URAL)]


def test_what_still_comes_from_a_salon_that_left_does_nothing(network, post_hook, alarm_codes):
    record = network.book(LASER_ARMPITS)
    network.world.sender.drop("yclients")
    salons.disconnect(network.ctx, network.account, TVERSKAYA, configuration.number(network.account.id), "и")

    hook = {
        "company_id": TVERSKAYA, "resource": "record", "resource_id": record["id"], "status": "create",
        "data": record,
    }  # fmt: skip
    assert post_hook(hook) == 200
    network.settle()

    assert network.leads_of(record) == []
    assert alarm_codes() == []


# The marketplace


def pressed(stand, *companies, partner="partner", broken=False):
    """The owner presses «Подключить»: the query that the browser brings."""
    for company in companies:
        query = stand.world.yclients.owner_connect(company, APP, partner, broken)
    return {
        "user_data": query["user_data"], "sign": query["user_data_sign"], "salon_id": "",
        "salon_ids": ",".join(map(str, companies)),
    }  # fmt: skip


def test_an_owner_comes_from_yclients_and_the_salons_are_finished_there(network):
    sealed = installs.invite(network.ctx, **pressed(network, KAZAN, OMSK))
    invited = installs.invitation(network.ctx, sealed).salons
    found = opened(network, invited=invited)

    done = connect(network, found, *invited, with_hooks=False)

    assert (done.result.number is not None, done.silent) == (True, {})
    application = network.world.yclients.store.companies[KAZAN].application
    assert application["webhook_urls"] == [salons.hook_url(network.ctx, row(network, KAZAN))]
    assert network.world.yclients.installs[(OMSK, APP)]["status"] == "active"
    assert salons.look(network.ctx, network.account.id, KAZAN).told is Told.MARKETPLACE


def test_an_installation_that_yclients_does_not_wait_for_is_not_begun(network):
    found = opened(network, invited=(KAZAN,))
    before = configuration.number(network.account.id)

    with pytest.raises(InvalidInput, match=r"yclients\.not_pending"):
        connect(network, found, KAZAN)

    assert configuration.number(network.account.id) == before
    assert row(network, KAZAN) is None


def test_a_salon_of_somebody_else_cannot_be_slipped_in(network):
    network.world.yclients.user("small", login="79000000003", password="secret-small", companies=[OMSK])
    invited = (KAZAN, OMSK)

    with pytest.raises(InvalidInput, match=r"salons\.invited_not_theirs"):
        access.by_login(network.ctx, asker(network, invited=invited), "79000000003", "secret-small")


def test_a_redirect_with_a_broken_signature_is_refused(network):
    with pytest.raises(InvalidInput, match=r"yclients\.install_unsigned"):
        installs.invite(network.ctx, **pressed(network, KAZAN, broken=True))


def test_an_invitation_is_good_for_an_hour(network):
    sealed = installs.invite(network.ctx, **pressed(network, KAZAN))
    network.world.clock.advance(installs.STANDS.total_seconds() + 1)

    with pytest.raises(InvalidInput, match=r"salons\.invitation_over"):
        installs.invitation(network.ctx, sealed)


@pytest.mark.parametrize("sealed", ["", "forged", "gAAAAA"])
def test_a_made_up_invitation_is_refused(network, sealed):
    with pytest.raises(InvalidInput, match=r"salons\.invitation_over"):
        installs.invitation(network.ctx, sealed)


def test_without_an_application_there_is_no_marketplace(stand):
    with pytest.raises(InvalidInput, match=r"yclients\.no_application"):
        installs.heard(stand.ctx, b"{}")


@pytest.mark.parametrize(
    ("event", "code"), [("uninstall", "yclients.uninstalled"), ("freeze", "yclients.frozen")]
)
def test_the_end_of_an_application_stops_its_salon_only(network, alarm_codes, event, code):
    connect(network, opened(network), KAZAN)
    network.world.yclients.owner_connect(KAZAN, APP, "partner")

    network.world.yclients.owner_remove(KAZAN, APP, "partner", EVENTS, event)
    network.work()

    assert row(network, KAZAN).paused_code == code
    assert (row(network, URAL).paused_code, accounts.by_domain(DOMAIN).state) == ("", "active")
    assert alarm_codes() == [code]


def test_an_end_that_yclients_does_not_confirm_stops_nothing(network, alarm_codes):
    network.world.yclients.owner_connect(TVERSKAYA, APP, "partner")
    forged = {
        "salon_id": TVERSKAYA, "application_id": APP, "event": "uninstall", "partner_token": "partner"
    }  # fmt: skip

    stopped = installs.heard(network.ctx, json.dumps(forged).encode())

    assert (stopped, alarm_codes(), row(network, TVERSKAYA).paused_code) == (0, [], "")
