"""One-time tickets: the way into the panel from the widget and from the command line."""

import dataclasses
import time
from datetime import timedelta

import pytest

from backend import cli
from backend.app import create_app
from backend.flows.people import sessions, tickets
from backend.flows.people.tickets import Ticket
from backend.store import accounts, operators
from tests.support.stand import ANNA, DOMAIN

PASSWORD = "a long enough password"
HOME = f"/admin/accounts/{DOMAIN}"
FRAME = f"https://{DOMAIN}"


@pytest.fixture
def admin_ticket(stand):
    """Makes tickets of Anna, an administrator of the account."""

    def make(to=HOME, language="ru", origin="", lives=tickets.FROM_WIDGET):
        contents = sessions.begun_by_admin(stand.account, ANNA, "Анна", stand.now())
        address = tickets.issue(stand.ctx, Ticket(contents, to, language, origin), lives)
        return address.removeprefix(stand.ctx.settings.public_url)

    return make


@pytest.fixture
def public(stand):
    """The application as the internet sees it, over https."""
    settings = dataclasses.replace(stand.ctx.settings, public_url="https://mostik.example")
    return create_app(dataclasses.replace(stand.ctx, settings=settings)).test_client()


@pytest.fixture
def link(stand):
    """Runs `operator link LOGIN`."""
    cli.register(stand.app)
    return lambda login: stand.app.test_cli_runner().invoke(args=["operator", "link", login])


def over_https(client, path):
    return client.get(path, base_url="https://mostik.example")


def test_a_ticket_signs_in_and_leads_to_its_page(client, admin_ticket):
    answer = client.get(admin_ticket(to=f"{HOME}/events"))

    assert (answer.status_code, answer.location) == (303, f"{HOME}/events")
    assert client.get(f"{HOME}/events").status_code == 200


def test_whoever_came_before_the_account_was_read_gets_their_name_later(stand):
    contents = sessions.begun_by_admin(stand.account, ANNA, "№ 7000001 (amoCRM)", stand.now())

    assert sessions.person_of(contents, stand.now()).login == sessions.name_of(stand.account, ANNA)
    assert "7000001" not in sessions.name_of(stand.account, ANNA)
    assert sessions.name_of(stand.account, 4) == "№ 4 (amoCRM)"


def test_a_ticket_works_once(stand, client, admin_ticket):
    path = admin_ticket()
    client.get(path)

    second = stand.app.test_client().get(path)

    assert second.status_code == 410
    assert "Ссылка больше не действует" in second.text
    assert second.headers["Cache-Control"] == "no-store"


def test_an_expired_ticket_says_what_to_do(stand, client, admin_ticket):
    path = admin_ticket()
    assert stand.ctx.redis.ttl(next(iter(stand.ctx.redis.keys("mostik:ticket:*")))) <= 60
    for key in stand.ctx.redis.keys("mostik:ticket:*"):
        stand.ctx.redis.pexpire(key, 1)
    time.sleep(0.01)

    answer = client.get(path)

    assert answer.status_code == 410
    assert "из виджета" in answer.text


def test_what_redis_keeps_opens_nothing(stand, client, admin_ticket):
    path = admin_ticket()
    kept = next(iter(stand.ctx.redis.keys("mostik:ticket:*"))).decode().rpartition(":")[2]

    assert kept not in path
    assert client.get(f"/admin/enter/{kept}").status_code == 410


@pytest.mark.parametrize(
    "ahead", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}]
)
def test_looking_ahead_spends_nothing(client, admin_ticket, ahead):
    path = admin_ticket()

    assert client.head(path).status_code == 204
    assert client.get(path, headers=ahead).status_code == 503
    assert client.get(path).status_code == 303


def test_a_session_of_somebody_else_ends(stand, client, admin_ticket):
    operators.add("irina", PASSWORD, "owner", stand.now())
    with client.session_transaction() as session:
        session.update(sessions.begun_by(operators.by_login("irina")), csrf="planted", oauth_state="planted")

    client.get(admin_ticket())

    with client.session_transaction() as session:
        assert "operator_id" not in session
        assert "oauth_state" not in session
        assert session.get("csrf") != "planted"


def test_the_language_comes_with_the_ticket_or_stays(client, admin_ticket):
    client.get(admin_ticket(language="en"))
    with client.session_transaction() as session:
        assert session["language"] == "en"

    client.get(admin_ticket(language=""))
    with client.session_transaction() as session:
        assert session["language"] == "en"


def test_the_trail_names_who_came_in(stand, client, admin_ticket):
    client.get(admin_ticket())

    line = operators.audit_page(stand.account.id)[0]

    assert (line.action, line.operator, line.subject) == ("signed_in", "Анна", "amoCRM")


def test_an_account_that_left_meanwhile_lets_nobody_in(stand, client, admin_ticket):
    path = admin_ticket()
    accounts.remove(stand.account.id, stand.now())

    assert client.get(path).status_code == 410
    assert client.get(HOME).status_code == 302


def test_a_printed_link_signs_an_operator_in(stand, client, link):
    operators.add("irina", PASSWORD, "owner", stand.now())
    printed = link("IRINA")
    path = printed.stdout.strip().removeprefix(stand.ctx.settings.public_url)

    assert printed.exit_code == 0
    assert client.get(path).location == "/admin/"
    assert client.get("/admin/").status_code == 200
    with client.session_transaction() as session:
        assert "operator_id" in session
    assert operators.by_login("irina").last_seen_at is not None


@pytest.mark.parametrize("login", ["nobody", "dismissed"])
def test_no_link_for_who_may_not_enter(stand, link, login):
    operators.set_active(operators.add("dismissed", PASSWORD, "viewer", stand.now()), is_active=False)

    printed = link(login)

    assert printed.exit_code == 1
    assert login in printed.stderr


def test_a_link_dies_with_the_old_password(stand, client):
    operators.add("irina", PASSWORD, "owner", stand.now())
    ticket = Ticket(sessions.begun_by(operators.by_login("irina")), "/admin/")
    path = tickets.issue(stand.ctx, ticket, timedelta(hours=1)).removeprefix(stand.ctx.settings.public_url)

    operators.add("irina", "another long password", "owner", stand.now())

    assert client.get(path).status_code == 410


# In a frame


def test_a_framed_session_is_shown_by_its_account_alone(client, admin_ticket):
    client.get(admin_ticket(origin=FRAME))

    headers = client.get(HOME).headers

    assert f"frame-ancestors {FRAME}" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" not in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


def test_every_other_session_is_shown_by_nobody(client, admin_ticket):
    client.get(admin_ticket())

    headers = client.get(HOME).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_doors_beside_the_panel_stay_unframed(client, admin_ticket):
    client.get(admin_ticket(origin=FRAME))

    assert client.get("/oauth/amocrm/callback").headers["X-Frame-Options"] == "DENY"
    assert client.get("/nowhere").headers["X-Frame-Options"] == "DENY"


def test_a_framed_sessions_cookie_lives_in_a_frame(public, admin_ticket):
    cookie = over_https(public, admin_ticket(origin=FRAME)).headers["Set-Cookie"]

    assert "SameSite=None" in cookie
    assert "Partitioned" in cookie
    assert "Secure" in cookie
    assert "HttpOnly" in cookie


def test_an_ordinary_cookie_stays_in_our_own_site(public, admin_ticket):
    cookie = over_https(public, admin_ticket()).headers["Set-Cookie"]

    assert "SameSite=Lax" in cookie
    assert "Partitioned" not in cookie
    assert "Secure" in cookie


def test_over_http_no_browser_would_take_the_other_kind(client, admin_ticket):
    assert "SameSite=Lax" in client.get(admin_ticket(origin=FRAME)).headers["Set-Cookie"]


def test_a_file_fetched_in_a_frame_does_not_change_the_cookies_kind(public, admin_ticket):
    over_https(public, admin_ticket(origin=FRAME))

    answer = public.get("/static/admin.css", base_url="https://mostik.example", buffered=True)

    assert "SameSite=Lax" not in answer.headers.get("Set-Cookie", "")


def test_a_spent_ticket_says_so_inside_amocrm(stand, client, admin_ticket):
    path = admin_ticket(origin=FRAME)
    client.get(path)

    again = stand.app.test_client().get(path)

    assert again.status_code == 410
    assert f"frame-ancestors {FRAME}" in again.headers["Content-Security-Policy"]


def test_a_made_up_ticket_is_shown_in_no_frame(client):
    assert client.get("/admin/enter/made-up").headers["X-Frame-Options"] == "DENY"


def test_a_framed_session_that_ran_out_sends_back_to_the_widget(stand, client, admin_ticket):
    client.get(admin_ticket(origin=FRAME))
    stand.pass_time(13 * 3600)

    answer = client.get(HOME, follow_redirects=True)

    assert answer.status_code == 401
    assert "Сеанс закончился" in answer.text
    assert "из виджета" in answer.text
    assert f"frame-ancestors {FRAME}" in answer.headers["Content-Security-Policy"]


def test_leaving_in_a_frame_ends_the_session_there(public, admin_ticket):
    over_https(public, admin_ticket(origin=FRAME))
    token = over_https(public, HOME).text.split('name="csrf" value="')[1].split('"')[0]

    left = public.post(
        "/admin/sign-out",
        data={"csrf": token},
        base_url="https://mostik.example",
        headers={"Referer": "https://mostik.example/"},
    )

    assert left.location == "/admin/enter/again"
    assert "Partitioned" in left.headers["Set-Cookie"]
    assert over_https(public, HOME).status_code == 302
