"""Recordings of calls as the issue letters them: 3c where they lie, 3d mp3; and 1d their links."""

import re
from datetime import timedelta

import pytest

from backend.core.telephony.rules import Recordings
from backend.flows.telephony.recordings import recording_jobs, recordings
from backend.integrations.recordings import mpeg
from backend.store.telephony import recording_accesses
from tests.support.recordings import NAME, Shelf, wav
from tests.support.sftp_server import sftp_server
from tests.support.wsgi_adapter import WsgiAdapter

HELPER = "http://helper.test"


@pytest.fixture
def stand(calls):
    return calls


@pytest.fixture
def shelf(stand, tmp_path):
    return Shelf(stand, tmp_path)


def talked(stand, *names, **more):
    return stand.call("in", talks=["101"], recordings=names or (NAME,), **more)


def links_of(stand, call):
    return recordings.links(stand.ctx, stand.account.id, call)


def kept(stand, shelf, data=None):
    """The link of a recording that was found."""
    shelf.put(data=data)
    (link,) = links_of(stand, talked(stand))
    shelf.wait(3)
    return link


# 3c: where recordings lie


def test_3c_card_in_amocrm_has_the_link_at_once_and_it_plays_later(stand, shelf):
    stand.finish(talked(stand))
    (logged,) = stand.logged()
    link = logged["params"]["link"]
    assert shelf.open(link).status_code == 404
    shelf.put(data=wav(2))
    shelf.wait(60)
    assert shelf.open(link).mimetype == "audio/mpeg"


def test_3c_card_in_amocrm_has_no_link_when_recordings_are_off(stand, shelf):
    stand.rules(recordings=Recordings(is_on=False))
    stand.finish(talked(stand))
    (logged,) = stand.logged()
    assert not logged["params"].get("link")


def test_1d_several_recordings_are_all_in_the_card(stand, shelf):
    """amoCRM plays one; the others stand in its words."""
    shelf.put("first.wav")
    shelf.put("second.wav")
    stand.finish(talked(stand, "first.wav", "second.wav"))
    shelf.wait(3)
    (logged,) = stand.logged()
    (second,) = re.findall(r"http\S+/r/\S+\.mp3", logged["params"]["call_result"])
    assert second != logged["params"]["link"]
    assert shelf.open(second).status_code == shelf.open(logged["params"]["link"]).status_code == 200


def test_3c_link_is_known_before_the_file_and_says_so(stand, shelf):
    (link,) = links_of(stand, talked(stand))
    early = shelf.open(link)
    assert early.status_code == 404
    assert early.headers["Retry-After"] == "30"
    assert early.headers["Cache-Control"] == "no-store"
    assert "ещё готовится" in early.text
    shelf.put()
    shelf.wait(3)
    heard = shelf.open(link)
    assert heard.status_code == 200
    assert heard.mimetype == "audio/mpeg"


def test_3c_nothing_is_promised_when_recordings_are_off(stand, shelf):
    shelf.put()
    stand.rules(recordings=Recordings(is_on=False, path="{name}"))
    assert links_of(stand, talked(stand)) == ()
    shelf.wait(3)
    assert shelf.rows() == []
    stand.rules(recordings=Recordings(path="{name}"))
    assert len(links_of(stand, talked(stand))) == 1


def test_3c_template_of_the_path_follows_the_pbx_own_day(stand, shelf):
    """Half past one in Moscow is the day before in UTC."""
    stand.rules(recordings=Recordings(path="{year}/{month}/{day}/{name}"))
    at = stand.now().replace(hour=22, minute=30) - timedelta(days=1)
    call = talked(stand, "in.wav", at=at)
    local = at + timedelta(hours=3)
    shelf.put(f"{local:%Y/%m/%d}/in.wav")
    links_of(stand, call)
    shelf.look()
    assert shelf.states() == ["ready"]


def test_3c_site_that_names_files_by_the_call_alone(stand, shelf):
    stand.rules(recordings=Recordings(path="{uniq}.wav"))
    call = stand.call("out", talks=["101"])
    shelf.put(f"{call.uniq.partition(':')[2]}.wav")
    links_of(stand, call)
    shelf.wait(3)
    assert shelf.states() == ["ready"]


@pytest.mark.parametrize("ending", ["WAV", "mp3", "wav"])
def test_3c_other_endings_of_the_name_are_tried(stand, shelf, ending):
    """The PBX says `.wav`; a command after the recording may have made something else of it."""
    data = wav(2) if ending != "mp3" else _mp3(stand, shelf)
    (shelf.root / NAME).unlink(missing_ok=True)
    shelf.put(NAME.replace(".wav", f".{ending}"), data)
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert shelf.states()[-1] == "ready"


def _mp3(stand, shelf):
    link = kept(stand, shelf, wav(3))
    return shelf.open(link).data


def test_3c_several_recordings_of_one_call(stand, shelf):
    shelf.put("first.wav", wav(1))
    shelf.put("second.wav", wav(2))
    links = links_of(stand, talked(stand, "first.wav", "second.wav"))
    assert len(set(links)) == 2
    shelf.wait(3)
    lengths = [row.milliseconds for row in shelf.rows()]
    assert lengths == [1000, 2000]
    assert all(shelf.open(link).status_code == 200 for link in links)


def test_3c_asked_again_the_links_are_the_same(stand, shelf):
    call = talked(stand)
    assert links_of(stand, call) == links_of(stand, call)
    stand.store(call)
    (link,) = links_of(stand, call)
    assert recordings.link(stand.ctx, stand.account.id, call.uniq) == link
    assert recordings.link(stand.ctx, stand.account.id, call.uniq, part=1) == ""
    assert recordings.link(stand.ctx, stand.account.id, "1:none") == ""


def test_3c_call_without_a_talk_has_none(stand, shelf):
    """The PBX names a file before anybody answers; it would hold the ringing."""
    shelf.put()
    assert links_of(stand, stand.call("in", rings=["101"], recordings=(NAME,))) == ()


def test_3c_looked_for_after_2_5_15_and_60_seconds_then_shown_as_missing(stand, shelf):
    (link,) = links_of(stand, talked(stand))
    looks = []
    for second in range(1, 90):
        stand.world.clock.advance(1)
        looks += [second] * shelf.look()
    assert looks == [2, 7, 22, 82]
    (row,) = shelf.rows()
    assert (row.state, row.trouble, row.tries) == ("missing", "telephony_recordings.not_found", 4)
    answer = shelf.open(link)
    assert answer.status_code == 404
    assert "Retry-After" not in answer.headers
    shelf.put()
    assert recording_jobs.look_again(stand.ctx, stand.account.id, row.id)
    shelf.look()
    assert shelf.open(link).status_code == 200


def test_3c_file_that_is_still_written_is_waited_for(stand, shelf):
    """Its head says how long it will be."""
    whole = wav(2)
    shelf.put(data=whole[: len(whole) // 2])
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("waiting", "telephony_recordings.still_written")
    ]
    shelf.put(data=whole)
    shelf.wait(5)
    assert [(row.state, row.milliseconds) for row in shelf.rows()] == [("ready", 2000)]


def test_3c_file_that_stayed_cut_is_kept_as_far_as_it_goes(stand, shelf):
    """The disk of the PBX was full: half a talk is better than none."""
    shelf.put(data=wav(2)[: 44 + 16000])
    links_of(stand, talked(stand))
    shelf.wait(90)
    assert [(row.state, row.milliseconds) for row in shelf.rows()] == [("ready", 1000)]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.wav",
        "a/../../secret.wav",
        "/etc/passwd",
        "..\\secret.wav",
        "sub/./../x.wav",
        "x\x00.wav",
        "..",
    ],
)
def test_3c_name_that_leads_out_is_no_name(stand, shelf, name):
    (shelf.root.parent / "secret.wav").write_bytes(wav())
    links_of(stand, talked(stand, name))
    shelf.wait(90)
    assert set(shelf.states()) <= {"missing"}
    assert not list(shelf.kept.rglob("*.mp3"))


def test_3c_link_of_the_disk_that_leads_out_is_refused(stand, shelf):
    secret = shelf.root.parent / "secret.wav"
    secret.write_bytes(wav())
    (shelf.root / NAME).symlink_to(secret)
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", "telephony_recordings.leads_out")
    ]


def test_3c_folder_is_opened_by_the_installation_alone(stand, shelf):
    shelf.put()
    shelf.open_to(stand.pbx)
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", "telephony_recordings.not_set_up")
    ]


@pytest.mark.parametrize("folder", ["../..", "sub/../..", "a//b"])
def test_3c_opened_folder_cannot_lie_outside(stand, shelf, folder):
    shelf.put()
    shelf.open_to(stand.pbx, folder=folder)
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert shelf.states() == ["failed"]


def test_3c_something_else_in_its_place_is_refused(stand, shelf):
    (shelf.root / NAME).mkdir()
    links_of(stand, talked(stand))
    shelf.wait(3)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [("failed", "telephony_recordings.no_file")]


def test_3c_folder_that_is_not_mounted_is_waited_for_a_day(stand, shelf):
    shelf.put()
    away = shelf.root.rename(shelf.root.parent / "unmounted")
    links_of(stand, talked(stand))
    shelf.wait(90)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("waiting", "telephony_recordings.folder_missing")
    ]
    away.rename(shelf.root)
    stand.world.clock.advance(3600)
    shelf.look()
    assert shelf.states() == ["ready"]


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


# 3d: mp3


def test_3d_wav_becomes_mp3_that_players_can_play(stand, shelf, tmp_path):
    link = kept(stand, shelf, wav(10))
    played = tmp_path / "played.mp3"
    played.write_bytes(shelf.open(link).data)
    assert abs(mpeg.milliseconds(played) - 10_000) < 200
    assert played.stat().st_size < 16_000 * 10 / 4
    assert [row.mime for row in shelf.rows()] == ["audio/mpeg"]


def test_3d_switched_off_the_file_stays_as_the_pbx_wrote_it(stand, shelf):
    stand.rules(recordings=Recordings(path="{name}", mp3=False))
    link = kept(stand, shelf, data := wav(2))
    heard = shelf.open(link)
    assert heard.mimetype == "audio/wav"
    assert heard.data == data
    assert heard.headers["Content-Disposition"].endswith('.wav"')


@pytest.mark.parametrize(("channels", "rate"), [(1, 8000), (2, 8000), (1, 16000), (2, 16000)])
def test_3d_sound_of_every_kind_a_pbx_writes(stand, shelf, tmp_path, channels, rate):
    link = kept(stand, shelf, wav(3, channels=channels, rate=rate))
    played = tmp_path / "played.mp3"
    played.write_bytes(shelf.open(link).data)
    assert abs(mpeg.milliseconds(played) - 3000) < 200


def test_3d_mp3_of_the_pbx_is_not_made_worse_by_a_second_conversion(stand, shelf):
    made = shelf.open(kept(stand, shelf, wav(3))).data
    shelf.put("made.mp3", made)
    (link,) = links_of(stand, talked(stand, "made.mp3"))
    shelf.wait(3)
    assert shelf.open(link).data == made


def test_3d_made_once_and_never_while_somebody_waits(stand, shelf):
    link = kept(stand, shelf)
    (shelf.root / NAME).unlink()
    first, again = shelf.open(link), shelf.open(link)
    assert first.data == again.data
    assert first.headers["ETag"] == again.headers["ETag"]
    assert shelf.look() == 0


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"\x7fELF" + b"\0" * 4000, "not_sound"),
        (b"RIFF\0\0\0\0WAVE", "not_sound"),
        (wav(0), "empty"),
        (b"", "not_sound"),
    ],
)
def test_3d_what_is_no_sound_is_not_given_out(stand, shelf, data, trouble):
    link = kept(stand, shelf, data)
    shelf.wait(90)
    assert [(row.state, row.trouble) for row in shelf.rows()] == [
        ("failed", f"telephony_recordings.{trouble}")
    ]
    assert shelf.open(link).status_code == 404


# 1d: links that players can play


def test_1d_player_may_seek(stand, shelf):
    link = kept(stand, shelf, wav(5))
    whole = shelf.open(link)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert int(whole.headers["Content-Length"]) == len(whole.data)
    part = shelf.open(link, Range="bytes=100-299")
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(whole.data)}"
    assert part.data == whole.data[100:300]
    tail = shelf.open(link, Range="bytes=-50")
    assert tail.data == whole.data[-50:]
    beyond = shelf.open(link, Range="bytes=99999999-")
    assert beyond.status_code == 416


def test_1d_head_and_what_a_browser_has_already(stand, shelf):
    link = kept(stand, shelf)
    whole, head = shelf.open(link), shelf.open(link, method="HEAD")
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert shelf.open(link, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    changed = shelf.open(link, **{"Range": "bytes=0-9", "If-Range": '"another"'})
    assert changed.status_code == 200
    assert changed.data == whole.data


def test_1d_no_login_no_cookie_and_nothing_that_names_the_client(stand, shelf):
    link = kept(stand, shelf)
    answer = shelf.open(link)
    assert "Set-Cookie" not in answer.headers
    assert "79990001122" not in f"{link} {answer.headers}"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_1d_every_visit_is_written_down(stand, shelf):
    link = kept(stand, shelf)
    for _ in range(3):
        shelf.open(link, Range="bytes=0-99", **{"User-Agent": "Player/1"})
    shelf.open(link, **{"User-Agent": "Browser/2"})
    (row,) = shelf.rows()
    seen = recording_accesses.of_recording(stand.account.id, row.id)
    assert [(one.agent, one.status, one.requests) for one in seen] == [
        ("Browser/2", 200, 1), ("Player/1", 206, 3)
    ]  # fmt: skip
    assert seen[0].address == "127.0.0.1"
    stand.world.clock.advance(3600)
    shelf.open(link, **{"User-Agent": "Browser/2"})
    assert len(recording_accesses.of_recording(stand.account.id, row.id)) == 3


def test_1d_kept_for_the_days_of_the_rules_and_no_longer(stand, shelf):
    stand.rules(recordings=Recordings(path="{name}", keep_days=30))
    link = kept(stand, shelf)
    stand.world.clock.advance(29 * 86400)
    assert recordings.forget_old(stand.ctx) == 0
    assert shelf.open(link).status_code == 200
    stand.world.clock.advance(2 * 86400)
    assert recordings.forget_old(stand.ctx) == 1
    gone = shelf.open(link)
    assert gone.status_code == 410
    assert "вышел" in gone.text
    assert not list(shelf.kept.rglob("*.mp3"))
    assert recordings.forget_old(stand.ctx) == 0
