"""Limits, faults, the journal and the sockets of the amoCRM emulator."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from sandbox.amocrm.limits import Bucket
from sandbox.server import PortTaken, Server
from tests.support.amocrm_sandbox import CLIENT, DOMAIN, Api, new_world


@pytest.fixture
def world():
    return new_world()


@pytest.fixture
def api(world):
    return Api(world)


def names(world):
    return [lead["name"] for lead in world.amocrm.state(domain=DOMAIN)["leads"]]


def test_eighth_request_of_a_second_gets_html_and_no_advice(world, api):
    world.amocrm.limits(domain=DOMAIN, on=True)

    answers = [api.get("account") for _ in range(12)]

    statuses = [answer.status_code for answer in answers]
    assert statuses[:7] == [200] * 7
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Content-Type"] == "text/html"
    assert "Retry-After" not in refused.headers
    assert world.amocrm.counts()["429"] == statuses.count(429)


def test_bucket_refills_with_real_time():
    bucket = Bucket(50)
    taken = sum(bucket.take() for _ in range(60))

    time.sleep(0.1)

    assert 50 <= taken <= 52
    assert bucket.take()


def test_integrations_share_the_limit_of_the_account(world):
    world.amocrm.limits(domain=DOMAIN, on=True, per_second=1000, account_per_second=0.01)
    first, second = Api(world), Api(world)
    second.tokens = world.amocrm.token(domain=DOMAIN, client_id="other")

    statuses = [api.get("account").status_code for _ in range(5) for api in (first, second)]

    assert statuses == [200] + [429] * 9


def test_deaf_client_blocks_the_account_until_support_helps(world, api):
    world.amocrm.limits(domain=DOMAIN, on=True, per_second=0.01, violations_until_403=5)

    statuses = [api.get("account").status_code for _ in range(8)]
    blocked = api.get("account")
    tokens = api.session.post(
        f"https://{DOMAIN}/oauth2/access_token", json={**CLIENT, "grant_type": "refresh_token"}
    )
    world.amocrm.unblock(domain=DOMAIN)
    world.amocrm.limits(domain=DOMAIN, on=False)

    assert statuses == [200, 429, 429, 429, 429, 403, 403, 403]
    assert "<h1>403 Forbidden</h1>" in blocked.text
    assert (tokens.status_code, tokens.headers["Content-Type"]) == (403, "text/html")
    assert api.get("account").status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "is_done"),
    [
        ("401", 401, False),
        ("402", 402, False),
        ("429", 429, False),
        ("403", 403, False),
        ("500", 500, False),
        ("504", 504, False),
        ("504_after_commit", 504, True),
    ],
)
def test_fault_strikes_the_next_matching_request_once(world, api, kind, status, is_done):
    world.amocrm.faults(kind=kind, domain=DOMAIN, match="POST /api/v4/leads", next=1)

    assert api.get("account").status_code == 200
    assert api.post("leads", [{"name": "первый"}]).status_code == status
    assert api.post("leads", [{"name": "второй"}]).status_code == 200
    assert names(world) == (["первый", "второй"] if is_done else ["второй"])


def test_connection_may_break_after_the_work_is_done(world, api):
    world.amocrm.faults(kind="reset_after_commit", next=1)

    with pytest.raises(requests.ConnectionError):
        api.post("leads", [{"name": "первый"}])

    assert names(world) == ["первый"]


@pytest.mark.parametrize(("kind", "done"), [("timeout", []), ("slow", ["первый"])])
def test_long_waits_are_time_outs_and_nobody_sleeps(world, api, kind, done):
    world.amocrm.faults(kind=kind, next=1, seconds=30)
    started = time.monotonic()

    with pytest.raises(requests.ReadTimeout):
        api.post("leads", [{"name": "первый"}])

    assert time.monotonic() - started < 5
    assert names(world) == done


def test_slow_answer_within_the_time_out_arrives(world, api):
    world.amocrm.faults(kind="slow", next=1, seconds=3)

    assert api.post("leads", [{"name": "первый"}]).status_code == 200


def test_faults_by_chance_repeat_with_the_seed():
    def statuses():
        world = new_world()
        world.amocrm.faults(kind="500", probability=0.5)
        api = Api(world)
        return [api.get("account").status_code for _ in range(40)]

    first, second = statuses(), statuses()

    assert first == second
    assert {200, 500} == set(first)


def test_faults_of_one_account_spare_the_others_and_can_be_cleared(world, api):
    world.amocrm.faults(kind="500", domain="two.amocrm.ru")
    assert api.get("account").status_code == 200

    world.amocrm.faults(kind="500")
    assert api.get("account").status_code == 500

    world.amocrm.faults_clear()
    assert api.get("account").status_code == 200


def test_unknown_fault_is_refused(world):
    with pytest.raises(ValueError, match="unknown fault"):
        world.amocrm.faults(kind="poem")


def test_journal_tells_who_wrote_how_much(world, api):
    api.post("leads", [{"name": "x"}] * 3)
    lead_id = api.lead()
    api.get(f"leads/{lead_id}", **{"with": "contacts"})

    rows = world.amocrm.journal(domain=DOMAIN)
    assert [(row["method"], row["path"], row["rows"]) for row in rows[:2]] == [
        ("POST", "/api/v4/leads", 3),
        ("POST", "/api/v4/leads", 1),
    ]
    assert (rows[2]["query"], rows[2]["author"], rows[2]["status"]) == (
        "with=contacts",
        CLIENT["client_id"],
        200,
    )
    assert world.amocrm.journal(since=rows[1]["n"]) == rows[2:]
    counts = world.amocrm.counts()
    assert (counts["total"], counts["POST leads"], counts["GET leads/#"], counts["429"]) == (3, 2, 1, 0)
    world.amocrm.journal_clear()
    assert world.amocrm.counts() == {"total": 0, "429": 0}


def test_reset_forgets_everything(world, api):
    api.lead()
    world.amocrm.faults(kind="500")

    world.amocrm.reset()

    assert world.amocrm.state() == {"accounts": []}
    assert api.get("account").status_code == 401


def control(api, method, verb, **asked):
    url = f"https://{DOMAIN}/__control/{verb}"
    return api.session.request(
        method, url, json=asked if method == "POST" else None, params=asked if method == "GET" else None
    )


def test_verbs_are_the_same_over_http(world, api):
    made = control(
        api,
        "POST",
        "ui/lead",
        domain=DOMAIN,
        user_id=7000001,
        name="Рука",
        contact={"name": "И", "phone": "+79990000001"},
    )

    assert made.json()["name"] == "Рука"
    assert control(api, "GET", "state", domain=DOMAIN).json() == json.loads(
        json.dumps(world.amocrm.state(domain=DOMAIN))
    )
    assert control(api, "POST", "clock", advance=60).json()["offset"] == 60
    assert control(api, "GET", "counts").json()["total"] == 0
    control(api, "POST", "faults", kind="500")
    control(api, "DELETE", "faults")
    assert api.get("account").status_code == 200


@pytest.mark.parametrize(
    ("verb", "asked", "status"),
    [
        ("poem", {}, 404),
        ("ui/lead", {"domain": DOMAIN}, 400),
        ("limits", {"domain": "x"}, 400),
        ("options", {"lag": 1}, 400),
    ],
)
def test_wrong_verbs_say_what_is_wrong(api, verb, asked, status):
    answer = control(api, "POST", verb, **asked)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.fixture
def server(world):
    server = Server("127.0.0.1", 0, world.amocrm_wsgi)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote(server, api):
    """The same API over a socket, by path instead of by host."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {api.tokens['access_token']}"
        session.base = f"{server}/{DOMAIN}/api/v4"
        yield session


def test_socket_keeps_the_connection_and_links_lead_back_to_it(remote, world):
    remote.post(f"{remote.base}/leads", json=[{"name": str(n)} for n in range(3)])

    page = remote.get(f"{remote.base}/leads", params={"limit": 2}).json()
    last = remote.get(page["_links"]["next"]["href"])

    assert [lead["name"] for lead in last.json()["_embedded"]["leads"]] == ["2"]
    assert last.headers["Connection"] == "keep-alive"
    assert remote.get(f"{remote.base}/leads/1").status_code == 204


def test_socket_is_reset_after_the_commit(remote, world):
    world.amocrm.faults(kind="reset_after_commit", next=1)

    with pytest.raises(requests.ConnectionError, match="reset"):
        remote.post(f"{remote.base}/leads", json=[{"name": "первый"}])

    assert names(world) == ["первый"]
    assert remote.get(f"{remote.base}/leads").status_code == 200


def test_socket_stays_silent_when_told_to(remote, world):
    world.amocrm.faults(kind="timeout", next=1, seconds=0.5)

    with pytest.raises(requests.ReadTimeout):
        remote.get(f"{remote.base}/leads", timeout=0.1)


def test_second_server_on_a_port_is_told_so(server):
    port = int(server.rpartition(":")[2])

    with pytest.raises(PortTaken, match=str(port)):
        Server("127.0.0.1", port, None)


def test_process_serves_both_and_leaves_on_a_signal():
    ports = [free_port(), free_port()]
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--amocrm-port",
        str(ports[0]),
        "--yclients-port",
        str(ports[1]),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith("sandbox: amoCRM on")
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        answer = requests.get(f"http://127.0.0.1:{ports[0]}/__control/clock", timeout=5)
    finally:
        process.send_signal(signal.SIGTERM)
        _out, errors = process.communicate(timeout=10)

    assert answer.json()["offset"] == 0
    assert (second.returncode, second.stderr.count("\n")) == (2, 1)
    assert (process.returncode, errors) == (0, "")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
