"""3c, recordings in a folder of the PBX: the link before the file, its path, what is awaited or refused."""

import re
from datetime import timedelta

import pytest

from backend.core.telephony.rules import Recordings
from backend.flows.telephony.recordings import recording_jobs, recordings
from tests.support.call_fixtures import shelf, stand
from tests.support.recordings import NAME, kept, links_of, talked, wav

__all__ = ["shelf", "stand"]


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
