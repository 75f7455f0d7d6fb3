"""Every route × everybody: the answers are written down in expected.yaml, and a new route has to be added."""

from pathlib import Path

import pytest
import yaml

from tests.security.conftest import CSRF
from tests.support.screens import ASKED, given, live_through, samples

TABLE = yaml.safe_load(Path(__file__).with_name("expected.yaml").read_text(encoding="utf-8"))
PEOPLE = ("anonymous", "viewer", "operator", "owner", "admin", "stranger")
LOGIN = ("/admin/sign-in", "/admin/enter/again")
SECRETS = dict.fromkeys(("ticket", "token", "secret", "invitation", "access_id"), "never-given")
# Forms about a thing that must be named, or there is no such thing.
FORMS = {
    "POST /admin/accounts/<domain>/directions/services": {"card": "41001:501"},
    "POST /admin/accounts/<domain>/rules/simulate": {"version": "1", "before": "1"},
    "POST /admin/accounts/<domain>/stages": {"group": "41001/epilation"},
    "POST /admin/accounts/<domain>/takeover/review/adopt": {"salon": "41001"},
}
ODDS = {"source": "yclients", "filename": "admin.css", "picture": "guide.png"}


def written_down():
    """{"GET /path": {person: answer}}; the routes of one kind share one line of answers."""
    found = {}
    for kind in TABLE.values():
        answers = kind["answers"]
        for route in kind["routes"]:
            assert route not in found, f"{route} is written down twice"
            found[route] = {one: answers.get(one, answers.get("all")) for one in PEOPLE}
    return found


def routes(app):
    """{"GET /path": rule} of everything the application answers, apart from what Flask answers by itself."""
    return {
        f"{method} {rule.rule}": rule
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    }


def asked(route):
    """An empty form with its token; JSON for the widget's doors."""
    if route.startswith("GET"):
        return {}
    return {"json": {}} if " /widget/" in route else {"data": {"csrf": CSRF, **FORMS.get(route, {})}}


def answer_of(route, response):
    """`in`: the person got to the view, whatever it then said of an empty form. Machines get a status."""
    if " /admin/" not in route:
        return response.status_code
    if response.status_code == 302 and response.location.startswith(LOGIN):
        return "login"
    if response.status_code in (200, 204, 302, 303, 400, 409, 410, 422):
        return "in"
    return {401: "unknown", 403: "refused", 404: "hidden"}.get(response.status_code, response.status_code)


def dangerous_last(route):
    return (route.startswith("POST"), "leave" in route or "remove" in route or "change" in route, route)


def test_every_route_is_written_down(stand):
    assert set(routes(stand.app)) == set(written_down())


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_the_answer_that_is_written_down(stand, comes, who):
    known = {**SECRETS, **ODDS, **samples(stand, live_through(stand))}
    expected, found = written_down(), routes(stand.app)
    window = comes(who)
    addresses = stand.app.url_map.bind("mostik.test")

    wrong = {}
    for route in sorted(expected, key=dangerous_last):
        method = route.split()[0]
        endpoint = found[route].endpoint
        values = given(found[route], known) | (ASKED.get(endpoint, {}) if method == "GET" else {})
        path = addresses.build(endpoint, values, method=method)
        with window().open(path, method=method, **asked(route)) as response:
            answer = answer_of(route, response)
        if answer != expected[route][who]:
            wrong[route] = f"{answer}, not {expected[route][who]}"

    assert not wrong


def test_the_table_tells_people_apart():
    """A table that lets everybody in everywhere would prove nothing."""
    answers = written_down()
    pages = [line for route, line in answers.items() if "<domain>" in route]

    assert pages
    assert all(line["anonymous"] == "login" and line["stranger"] == "hidden" for line in pages)
