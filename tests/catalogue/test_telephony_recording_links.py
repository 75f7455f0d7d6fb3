"""A recording that was found becomes mp3 (3d); its link is opened, sought in, counted and forgotten (1d)."""

import pytest

from backend.core.telephony.rules import Recordings
from backend.flows.telephony.recordings import recordings
from backend.integrations.recordings import mpeg
from backend.store.telephony import recording_accesses
from tests.support.call_fixtures import shelf, stand
from tests.support.recordings import NAME, kept, links_of, talked, wav

__all__ = ["shelf", "stand"]

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
