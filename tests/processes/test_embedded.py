import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from backend.embedded import SOCKET_PATH_LIMIT, EmbeddedRedisError, find_redis, redis_server, start_redis

STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from backend.embedded import start_redis
server = start_redis(Path(sys.argv[1]))
print(server.process.pid, flush=True)
time.sleep(600)
"""


def test_the_server_answers_and_leaves_only_its_log(tmp_path):
    with redis_server(tmp_path) as url:
        client = redis.Redis.from_url(url)
        client.set("bell", "rings")
        answer = client.get("bell")
        client.close()

    assert answer == b"rings"
    assert [path.name for path in tmp_path.iterdir()] == ["redis.log"]


def test_other_processes_of_the_directory_find_the_server_while_it_lives(tmp_path):
    before = find_redis(tmp_path)
    with redis_server(tmp_path) as url:
        found = find_redis(tmp_path)
    after = find_redis(tmp_path)

    assert found == url
    assert (before, after) == (None, None)


def test_a_note_left_by_a_dead_server_is_not_believed(tmp_path):
    (tmp_path / "redis.url").write_text(f"unix://{tmp_path}/redis-1-1.sock")

    assert find_redis(tmp_path) is None


def test_a_path_too_long_for_a_socket_moves_to_a_temporary_directory(tmp_path):
    deep = tmp_path / ("d" * SOCKET_PATH_LIMIT)

    server = start_redis(deep)
    socket_path = server.socket_path
    existed = socket_path.is_socket()
    server.stop()

    assert existed
    assert deep not in socket_path.parents
    assert not socket_path.parent.exists()


def test_a_path_with_signs_that_mean_something_in_a_url_works(tmp_path):
    with redis_server(tmp_path / "100% наше?#") as url:
        client = redis.Redis.from_url(url)
        answer = client.ping()
        client.close()

    assert answer is True


def test_two_servers_in_one_directory_do_not_share_a_socket(tmp_path):
    with redis_server(tmp_path) as first, redis_server(tmp_path) as second:
        client = redis.Redis.from_url(first)
        client.set("only", "first")
        other = redis.Redis.from_url(second)
        seen = other.get("only")
        client.close()
        other.close()

    assert seen is None


def test_a_directory_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("not a directory")

    with pytest.raises(EmbeddedRedisError, match=r"cannot start in .*file/var"):
        start_redis(tmp_path / "file" / "var")


def test_the_server_dies_with_a_parent_killed_by_sigkill_and_the_next_start_tidies_up(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS, tmp_path], stdout=subprocess.PIPE)
    server_pid = int(parent.stdout.readline())

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert _ends(server_pid)
    (tmp_path / f"redis-{parent.pid}-1.sock").touch()
    with redis_server(tmp_path):
        names = {path.name for path in tmp_path.glob(f"redis-{parent.pid}-*")}
    assert names == set()


def _ends(pid, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not Path("/proc", str(pid)).exists() or _is_zombie(pid):
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def _is_zombie(pid):
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
