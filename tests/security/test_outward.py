"""Addresses that a customer types lead to the open internet and nowhere else: not to this machine, not to
its neighbours, not to a host's own pages about itself, however they are written and whoever sends us there.
"""

import dataclasses
import os
import socket
import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest
import requests

from backend.core.errors import InvalidInput, TryLater
from backend.flows.telephony.connections import checking
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.recordings import recording_places
from backend.integrations import outward
from backend.integrations.asterisk import tables, wire
from backend.integrations.recordings import sftp
from backend.store.telephony.pbxes import Pbx
from tests.support.calls import CallStand

CLOSED = [
    "127.0.0.1", "localhost", "0.0.0.0",  # noqa: S104 - to be refused
    "127.1", "0x7f000001", "2130706433", "10.1.2.3", "172.16.0.9",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _closed_afterwards():
    outward.permit()
    yield
    outward.permit()


@contextmanager
def listener():
    """A port of this machine, and how many have come to it."""
    came = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def accept():
            while True:
                try:
                    came.append(server.accept()[0].close())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], came


@pytest.fixture
def names(monkeypatch):
    """A name service that anybody may fill: name → its addresses, the next answer at each question."""
    told, real = {}, socket.getaddrinfo

    def look_up(host, port, *args, **how):
        if host not in told:
            return real(host, port, *args, **how)
        answers = told[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return told


@pytest.mark.parametrize("host", CLOSED)
def test_nothing_of_ours_is_reached_however_it_is_written(host):
    with pytest.raises((InvalidInput, OSError)) as caught:
        outward.connect(host, 22, 0.5)
    if isinstance(caught.value, InvalidInput):
        assert caught.value.code == "outward.closed"
    else:
        assert isinstance(caught.value, socket.gaierror)


def test_a_public_address_is_open_and_our_own_public_address_is_not(monkeypatch):
    assert outward.addresses("1.1.1.1", 443) == ["1.1.1.1"]
    monkeypatch.setattr(outward, "_is_ours", lambda address: str(address) == "1.1.1.1")
    with pytest.raises(InvalidInput, match=r"outward\.closed"):
        outward.addresses("1.1.1.1", 443)


def test_our_own_addresses_are_known_as_ours():
    import ipaddress

    assert outward._is_ours(ipaddress.ip_address("127.0.0.1"))
    assert not outward._is_ours(ipaddress.ip_address("192.0.2.7"))


def test_what_the_operator_opens_is_open_and_its_neighbour_is_not():
    with listener() as (port, _):
        outward.permit(["127.0.0.1/32"])
        outward.connect("localhost", port, 1).close()
        with pytest.raises(InvalidInput, match=r"outward\.closed"):
            outward.connect("127.0.0.2", port, 1)


def test_a_name_is_judged_once_and_leads_where_it_was_judged(names, monkeypatch):
    """A name service that says something public to the guard and something of ours to the connection."""
    names["pbx.example"] = ["1.1.1.1", "127.0.0.1"]
    went = []
    monkeypatch.setattr(socket, "create_connection", lambda place, *_: went.append(place))
    outward.connect("pbx.example", 5038, 1)
    assert went == [("1.1.1.1", 5038)]


def test_no_kind_of_connection_reaches_this_machine():
    with listener() as (port, came):
        login = {"login": "a", "secret": "b"}
        asks = [
            lambda: wire.connect(wire.Address("127.0.0.1", port, **login)),
            lambda: wire.connect(wire.Address("localhost", port, **login, tls=True)),
            lambda: tables.opened(f"mysql://a:b@127.0.0.1:{port}/c").__enter__(),
            lambda: tables.opened(f"postgresql://a:b@127.0.0.1:{port}/c").__enter__(),
            lambda: sftp.host_key("127.0.0.1", port),
            lambda: sftp.Sftp("127.0.0.1", port, "a", "b", "", _public_key(), "").check(),
            lambda: outward.new_session().get(f"http://127.0.0.1:{port}/"),
            lambda: outward.new_session().get(f"https://127.0.0.1:{port}/"),
        ]
        for ask in asks:
            with pytest.raises(InvalidInput, match=r"outward\.closed"):
                ask()
        assert came == []


def test_a_redirect_leads_nowhere_either(names):
    """We follow none; and if we did, the next step is judged like the first."""
    with listener() as (port, came):
        outward.permit(["127.0.0.1/32"])
        there = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:%d/\r\n\r\n" % port
        with answering(there) as first, pytest.raises(InvalidInput, match=r"outward\.closed"):
            outward.new_session().get(f"http://127.0.0.1:{first}/")
        assert came == []


def test_an_answer_without_end_is_not_held(monkeypatch):
    outward.permit(["127.0.0.1/32"])
    monkeypatch.setattr(outward, "LARGEST", 200_000)
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000
    with answering(endless) as port, pytest.raises(requests.ConnectionError, match="too much"):
        outward.new_session().get(f"http://127.0.0.1:{port}/")


def test_a_database_that_says_nothing_is_not_waited_for(monkeypatch):
    """libpq would wait for ever, and with it the thread of the panel."""
    from backend.integrations.asterisk import drivers

    outward.permit(["127.0.0.1/32"])
    monkeypatch.setattr(drivers, "CONNECT_SECONDS", 0.3)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        for scheme in ("mysql", "postgresql"):
            with pytest.raises(TryLater, match=r"tables\.unreachable"):
                tables.opened(f"{scheme}://a:b@127.0.0.1:{port}/c").__enter__()


def test_a_database_that_speaks_without_end_is_not_listened_to(monkeypatch):
    from backend.integrations.asterisk import drivers

    outward.permit(["127.0.0.1/32"])
    monkeypatch.setattr(drivers, "LARGEST", 1_000_000)
    endless = b"\xff\xff\xff\x00" + b"\x0a" * 40_000_000
    with answering(endless) as port, pytest.raises(TryLater, match=r"tables\.unreachable"):
        tables.opened(f"mysql://a:b@127.0.0.1:{port}/c").__enter__()


def test_our_own_password_is_never_offered_to_a_database_of_a_customer(monkeypatch, tmp_path):
    """libpq takes a password from a file, or from the environment, when it was given none."""
    ours = tmp_path / "pgpass"
    ours.write_text("*:*:*:*:our-own-password\n")
    ours.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(ours))
    monkeypatch.setenv("PGPASSWORD", "our-own-password")
    outward.permit(["127.0.0.1/32"])
    with asking_for_a_password() as (port, heard), pytest.raises((InvalidInput, TryLater)):
        tables.opened(f"postgresql://reader@127.0.0.1:{port}/calls").__enter__()
    assert heard
    assert b"our-own-password" not in b"".join(heard)


@pytest.mark.parametrize(
    "address",
    ["sqlite:////etc/hosts", "postgresql://postgres@/mostik?host=/var/run/postgresql", "sqlite:///{ours}"],
)
def test_no_file_and_no_socket_of_this_machine_is_opened(tmp_path, address):
    outward.permit(folders=[str(tmp_path / "open")])
    (tmp_path / "open").mkdir()
    os.symlink("/etc/hosts", tmp_path / "open" / "link.db")
    ours = tmp_path / "open" / "link.db"
    with pytest.raises(InvalidInput, match=r"outward\.file_closed"):
        tables.opened(address.format(ours=ours)).__enter__()


def test_what_tables_hold_is_no_more_than_a_call_has(tmp_path):
    """A text that no database of ours keeps, and one without end."""
    outward.permit(folders=[str(tmp_path)])
    with closing(sqlite3.connect(tmp_path / "calls.db")) as made:
        made.execute("CREATE TABLE cel (id INTEGER PRIMARY KEY, linkedid TEXT, uniqueid TEXT)")
        made.execute("INSERT INTO cel (linkedid, uniqueid) VALUES (?, ?)", ("1.1", "a\x00b\n" + "c" * 10**6))
        made.commit()
    with tables.opened(f"sqlite:///{tmp_path / 'calls.db'}") as opened:
        (row,) = opened.whole(tables.CEL, ["1.1"])
    assert row["uniqueid"] == "a b " + "c" * (tables.LONGEST - 4)


def test_several_hosts_in_one_address_are_no_address():
    with pytest.raises(InvalidInput, match=r"tables\.address"):
        tables.parse("postgresql://a@pbx.example,127.0.0.1/calls")


def test_the_screens_say_it_in_words(tmp_path, redis_url):
    stand = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    outward.permit()
    given = {"url": "http://169.254.169.254/latest", "key": "k"}
    cloud = Pbx(stand.account.id, "c", kind="cloud", options=given)
    near = Pbx(stand.account.id, "a", kind="asterisk", host="10.0.0.1", port=5038, login="x", secret="y")
    read = dataclasses.replace(near, options={"tables": "mysql://a:b@192.168.0.1/c"})
    told = dataclasses.replace(near, options={"recordings": {"url": "http://[::1]:6379/"}})
    rules = stand.rules(recordings=dataclasses.replace(_recordings(), source="http")).recordings
    found = [
        kinds.test(stand.ctx, cloud), kinds.test(stand.ctx, near), checking.test(stand.ctx, read),
        recording_places.check(stand.ctx, told, rules),
    ]  # fmt: skip
    stand.close()
    assert [one.checks[-1].code for one in found] == ["outward.closed"] * 4


def _recordings():
    from backend.core.telephony.rules import Recordings

    return Recordings()


def _public_key():
    import asyncssh

    return asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()


@contextmanager
def answering(data):
    """Says the same to everybody who comes."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve():
            while True:
                try:
                    line = server.accept()[0]
                except OSError:
                    return
                try:
                    if data.startswith(b"HTTP"):
                        line.recv(65_536)
                    line.sendall(data)
                except OSError:
                    pass
                finally:
                    line.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@contextmanager
def asking_for_a_password():
    """A PostgreSQL that wants the password in the clear, and what it is told."""
    heard = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve():
            while True:
                try:
                    line = server.accept()[0]
                except OSError:
                    return
                with line:
                    line.settimeout(2)
                    try:
                        first = line.recv(65_536)
                        if first[4:8] == b"\x04\xd2\x16\x2f":  # shall we encrypt? no
                            line.sendall(b"N")
                            first = line.recv(65_536)
                        line.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x03")
                        heard.append(line.recv(65_536))
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], heard
