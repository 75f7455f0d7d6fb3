"""The shared limiter on the embedded Redis: sliding windows, one queue for all, pauses after complaints."""

import threading
import time

import pytest
import redis

from backend.core.errors import TryLater
from backend.integrations.http import Http, RedisLimiter, Slot, windows_for
from tests.contract import our_clients
from tests.contract.our_clients import DOMAIN, sent

RATE, BURST = 6.5, 7


@pytest.fixture
def client(redis_url):
    client = redis.Redis.from_url(redis_url)
    yield client
    client.close()


def limiter(client, key="amocrm:1", windows=None, **more):
    return RedisLimiter(client, key, windows or windows_for(RATE, BURST), **more)


def test_burst_passes_and_the_next_waits_for_the_window(client):
    one = limiter(client)

    waits = [one.reserve().seconds for _ in range(BURST + 1)]

    assert waits[:BURST] == [0] * BURST
    assert BURST / RATE - 0.1 < waits[BURST] <= BURST / RATE


def test_no_second_ever_holds_more_than_seven(client):
    one, started = limiter(client), time.monotonic()

    grants = [time.monotonic() + one.reserve().seconds - started for _ in range(100)]

    assert all(later - earlier > 1.05 for earlier, later in zip(grants, grants[BURST:], strict=False))
    assert len(grants) / (grants[-1] - grants[0]) == pytest.approx(RATE, rel=0.1)


def test_every_window_is_kept(client):
    one = limiter(client, windows=[(5, 1.0), (20, 60.0)])

    waits = [one.reserve().seconds for _ in range(21)]

    assert waits[19] == pytest.approx(3, abs=0.2)
    assert waits[20] == pytest.approx(60, abs=0.2)


def test_two_processes_share_one_queue_in_turn(client):
    first, second = limiter(client), limiter(client)

    grants = [time.monotonic() + one.reserve().seconds for _ in range(10) for one in (first, second)]

    assert all(later - earlier > 1.05 for earlier, later in zip(grants, grants[BURST:], strict=False))
    assert grants[19] - grants[0] == pytest.approx(2 * BURST / RATE, abs=0.1)


def test_accounts_do_not_wait_for_one_another(client):
    busy, idle = limiter(client, "amocrm:1"), limiter(client, "amocrm:2")
    for _ in range(30):
        busy.reserve()

    assert idle.reserve().seconds == 0


def test_threads_never_get_one_place_twice(client):
    one, found = limiter(client), []

    def work():
        found.extend(one.reserve().number for _ in range(25))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == list(range(1, 101))


def test_too_long_a_queue_is_not_joined(client):
    one = limiter(client, longest_wait=2.0)
    slots = [one.reserve() for _ in range(30)]

    assert slots[-1].number is None
    assert slots[-1].seconds > 2
    assert one.reserve().seconds == pytest.approx(slots[-1].seconds, abs=0.1)


def test_complaints_pause_everybody_longer_each_time(client):
    one, other = limiter(client), limiter(client)

    assert [one.penalise() for _ in range(3)] == [1, 2, 4]
    assert 3.5 < other.reserve().seconds <= 4


def test_pause_that_the_vendor_names_is_kept(client):
    assert limiter(client).penalise(7.5) == 7.5


def test_late_request_moves_its_place(client):
    one = limiter(client, windows=[(1, 0.5)])
    slot = one.reserve()
    time.sleep(0.3)

    one.postpone(slot)

    assert one.reserve().seconds == pytest.approx(0.5, abs=0.05)


def test_forgotten_queue_starts_afresh(client):
    one = limiter(client)
    for _ in range(BURST):
        one.reserve()
    client.flushall()

    assert one.reserve().seconds == 0


def test_redis_that_is_away_stops_new_requests_but_loses_no_answer():
    gone = limiter(redis.Redis.from_url("unix:///nowhere/redis.sock"))

    with pytest.raises(TryLater) as caught:
        gone.reserve()

    gone.postpone(Slot(0, 1))
    assert caught.value.code == "limiter.unreachable"
    assert gone.penalise(3) == 3


def test_keys_do_not_stay_for_ever(client):
    one = limiter(client)
    one.reserve()
    one.penalise()

    assert [client.ttl(key) > 0 for key in client.scan_iter()] == [True] * 4


class Time:
    """A clock that sleeping moves."""

    def __init__(self):
        self.now, self.naps = 0.0, []

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds


def test_long_wait_is_cut_into_naps_with_a_keep_alive_before_each(client):
    one, clock, calls = limiter(client, windows=[(1, 12.0)]), Time(), []
    place = our_clients.amocrm()
    http = Http("amocrm", one, lambda: calls.append(clock.now), place.http.session, sleep=clock.sleep,
                clock=lambda: clock.now)  # fmt: skip
    place.client._http = http

    place.client.account()
    place.client.account()

    assert all(nap <= 5 for nap in clock.naps)
    assert sum(clock.naps) == pytest.approx(12, abs=0.5)
    assert len(calls) == 2 + 2


def test_busy_vendor_is_left_for_later(client):
    place = our_clients.amocrm()
    place.client._http = Http("amocrm", limiter(client, windows=[(1, 50.0)]), session=place.http.session)
    place.client.account()

    with pytest.raises(TryLater) as caught:
        place.client.account()

    assert caught.value.code == "amocrm.busy"
    assert 49 < caught.value.after.total_seconds() <= 50
    assert len(sent(place)) == 1


def test_emulators_limit_is_never_hit_at_our_rate(client):
    place = our_clients.amocrm()
    place.crm.limits(DOMAIN, on=True)
    place.client._http = Http("amocrm", limiter(client), session=place.http.session)
    started = time.monotonic()

    for _ in range(25):
        place.client.lead(1)

    assert {status for _m, _p, status in sent(place)} == {204}
    assert 25 / (time.monotonic() - started) > 0.9 * RATE


def test_a_person_comes_before_work_in_the_background(client):
    background = limiter(client, "yclients", [(4, 1.1), (15, 60.0)], remembered=19)
    desk = limiter(client, "yclients", [(5, 1.1), (19, 60.0)], remembered=19)
    for _ in range(18):
        background.reserve()

    waits = background.reserve().seconds, desk.reserve().seconds

    assert waits[0] > 30  # its own share of the minute is spent
    assert waits[1] < 5
