"""3c, recordings that a PBX gives out by itself: over HTTP with a token, over SFTP with a known key."""

import pytest

from backend.core.telephony.rules import Recordings
from tests.support.call_fixtures import shelf, stand
from tests.support.recordings import NAME, links_of, talked, wav
from tests.support.sftp_server import sftp_server
from tests.support.wsgi_adapter import WsgiAdapter

__all__ = ["shelf", "stand"]

HELPER = "http://helper.test"


class Helper:
    """A small helper on the PBX: files by name for whoever has the token."""

    def __init__(self, stand):
        self.files, self.asked, self.status, self.headers = {}, [], None, []
        stand.ctx.outside.mount(HELPER, WsgiAdapter(self))

    def __call__(self, environ, start):
        path = environ["PATH_INFO"].encode("latin-1").decode()
        self.asked.append((path, environ.get("HTTP_AUTHORIZATION", "")))
        if self.status or environ.get("HTTP_AUTHORIZATION") != "Bearer helper-token":
            start(self.status or "403 Forbidden", self.headers)
            return [b""]
        body = self.files.get(path)
        start("200 OK" if body else "404 Not Found", [("Content-Length", str(len(body or b"")))])
        return [body or b""]


@pytest.fixture
def helper(stand, shelf):
    shelf.open_to(stand.pbx, url=f"{HELPER}/records/", token="helper-token")
    stand.rules(recordings=Recordings(source="http", path="{name}"))
    return Helper(stand)


def test_3c_by_http_with_a_token_of_its_own(stand, shelf, helper):
    helper.files["/records/с пробелом.wav"] = wav(2)
    (link,) = links_of(stand, talked(stand, "с пробелом.wav"))
    shelf.wait(3)
    assert [row.milliseconds for row in shelf.rows()] == [2000]
    assert shelf.open(link).status_code == 200


def test_3c_by_http_names_stay_below_the_address(stand, shelf, helper):
    links_of(stand, talked(stand, "../../other/x.wav", "good.wav"))
    shelf.wait(90)
    assert helper.asked
    assert all(path.startswith("/records/good.") for path, _ in helper.asked)


@pytest.mark.parametrize(
    ("status", "headers", "state", "trouble"),
    [
        ("403 Forbidden", [], "failed", "telephony_recordings.web_refused"),
        ("503 Busy", [], "waiting", "telephony_recordings.web_failing"),
        (
            "302 Found",
            [("Location", "http://169.254.169.254/")],
            "waiting",
            "telephony_recordings.web_failing",
        ),
    ],
)
def test_3c_by_http_what_the_helper_refuses(stand, shelf, helper, status, headers, state, trouble):
    """It is not followed elsewhere."""
    helper.status, helper.headers = status, headers
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [(state, trouble)]


def test_3c_by_http_too_large_a_file_is_not_taken(stand, shelf, helper, monkeypatch):
    monkeypatch.setattr("backend.integrations.recordings.source.LARGEST", 10_000)
    helper.files[f"/records/{NAME}"] = wav(2)
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", "telephony_recordings.too_large")
    ]
    assert not [place for place in shelf.kept.rglob("*") if place.is_file()]


@pytest.fixture
def sftp(stand, shelf):
    stand.rules(recordings=Recordings(source="sftp", path="{name}"))
    with sftp_server(shelf.root) as server:
        shelf.open_to(stand.pbx, **server.place())
        yield server


def test_3c_by_sftp(stand, shelf, sftp):
    shelf.put(data=wav(2))
    (link,) = links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble, row.milliseconds) for row in shelf.rows()] == [("ready", "", 2000)]
    assert shelf.open(link).status_code == 200


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"password": "guessed"}, "telephony_recordings.sftp_refused"),
        ({"host_key": "ssh-ed25519 rubbish"}, "telephony_recordings.bad_key"),
    ],
)
def test_3c_by_sftp_what_does_not_fit(stand, shelf, sftp, changes, trouble):
    shelf.put()
    shelf.open_to(stand.pbx, **sftp.place(**changes))
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [("failed", trouble)]


def test_3c_by_sftp_another_server_in_its_place_is_not_believed(stand, shelf, sftp):
    shelf.put()
    with sftp_server(shelf.root) as stranger:
        shelf.open_to(stand.pbx, **sftp.place(port=stranger.port))
        links_of(stand, talked(stand))
        shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", "telephony_recordings.sftp_host_key")
    ]


def test_3c_by_sftp_link_of_the_server_that_leads_out_of_the_folder(stand, shelf, sftp):
    (shelf.root / "inside").mkdir()
    shelf.put("other.wav")
    (shelf.root / "inside" / NAME).symlink_to("../other.wav")
    shelf.open_to(stand.pbx, **sftp.place(remote_folder="/inside"))
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", "telephony_recordings.leads_out")
    ]


def test_3c_by_sftp_server_that_is_away_is_waited_for(stand, shelf, sftp):
    shelf.put()
    shelf.open_to(stand.pbx, **sftp.place(port=1))
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("waiting", "telephony_recordings.sftp_away")
    ]
