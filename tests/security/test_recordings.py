"""Recordings are clients' voices: links cannot be guessed, forged, counted through or reopened, and no name
that a PBX gives brings a file of somebody else.
"""

import dataclasses
import secrets

import pytest

from backend.core.telephony import recordings as core
from backend.flows.telephony.recordings import recordings as flow
from backend.store import audit, db
from backend.store import secrets as store_secrets
from backend.store.telephony import pbxes, recording_accesses, recording_keys, recordings
from backend.store.telephony.pbxes import Pbx
from backend.store.telephony.recordings import Wanted
from tests.support.recordings import NAME, Shelf, wav
from tests.support.wsgi_adapter import WsgiAdapter


@pytest.fixture
def stand(calls):
    return calls


@pytest.fixture
def shelf(stand, tmp_path):
    return Shelf(stand, tmp_path)


@pytest.fixture
def link(stand, shelf):
    shelf.put()
    call = stand.call("in", talks=["101"], recordings=(NAME,))
    (made,) = flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(3)
    return made


def token_of(link):
    return link.rpartition("/")[2].removesuffix(".mp3")


def test_link_tells_nothing_of_call_account_or_file(stand, shelf, link):
    (row,) = shelf.rows()
    token = token_of(link)
    for known in (row.uniq, row.uniq.partition(":")[2], NAME, "79990001122", row.path, stand.account.domain):
        assert known not in link
    assert len(token) == 38


def test_guesses_open_nothing_and_learn_nothing(stand, shelf, link):
    public = token_of(link)[:16]
    guesses = [secrets.token_urlsafe(28)[:38] for _ in range(50)]
    guesses += [public + secrets.token_urlsafe(16)[:22] for _ in range(50)]
    guesses += ["1", "0", "1.mp3", "x" * 500, "%00", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --", "ы" * 38]
    answers = {(a.status_code, a.text) for guess in guesses if (a := shelf.open(f"/r/{guess}.mp3"))}
    statuses = {status for status, _ in answers}
    assert statuses == {404}
    texts = {text for status, text in answers if "Такой записи нет" in text}
    assert len(texts) == 1
    assert recording_accesses.of_recording(stand.account.id, shelf.rows()[0].id) == []


@pytest.mark.parametrize("place", [0, 7, 15, 16, 30, 37])
def test_every_letter_of_a_link_counts(shelf, link, place):
    token = token_of(link)
    other = "A" if token[place] != "A" else "B"
    assert shelf.open(f"/r/{token[:place]}{other}{token[place + 1 :]}.mp3").status_code == 404


def test_signature_of_one_recording_is_none_of_another(stand, shelf, link):
    shelf.put("other.wav")
    call = stand.call("in", talks=["101"], recordings=("other.wav",))
    (other,) = flow.links(stand.ctx, stand.account.id, call)
    mixed = token_of(link)[:16] + token_of(other)[16:]
    assert shelf.open(f"/r/{mixed}.mp3").status_code == 404


def test_key_of_one_account_signs_nothing_of_another(stand, shelf, link):
    """Somebody who knows a key of another account, and even the public part of this link."""
    forged = core.token(token_of(link)[:16], secrets.token_urlsafe(32))
    assert shelf.open(f"/r/{forged}.mp3").status_code == 404


def test_revoked_link_stays_closed_whatever_is_asked(stand, shelf, link):
    (row,) = shelf.rows()
    assert recordings.revoke(stand.account.id, row.id, stand.now())
    assert not recordings.revoke(stand.account.id, row.id, stand.now())
    for headers in ({}, {"Range": "bytes=0-10"}, {"If-None-Match": f'"{row.digest}"'}):
        answer = shelf.open(link, **headers)
        assert answer.status_code == 410
        assert b"ID3" not in answer.data
        assert b"\xff\xf3" not in answer.data
    assert shelf.open(link, method="HEAD").status_code == 410


def test_revoked_link_is_not_given_out_again_by_a_replay(stand, shelf, link):
    (row,) = shelf.rows()
    recordings.revoke(stand.account.id, row.id, stand.now())
    call = dataclasses.replace(
        stand.call("in", talks=["101"], recordings=(NAME,)), uniq=row.uniq, pbx_id=row.pbx_id
    )
    assert flow.links(stand.ctx, stand.account.id, call) == ()


def test_retired_key_closes_every_link_at_once_and_for_good(stand, shelf, link):
    recording_keys.renew(stand.account.id, stand.now(), retires_others=True)
    assert shelf.open(link).status_code == 410
    (row,) = shelf.rows()
    fresh = flow.address(stand.ctx, row)
    assert shelf.open(fresh).status_code == 200
    assert shelf.open(link).status_code == 404


def test_keys_are_unreadable_in_the_database(stand, shelf, link):
    key = recording_keys.current(stand.account.id, stand.now())
    ((stored,),) = db.rows("SELECT secret FROM recording_keys")
    assert key.secret not in stored


def test_key_survives_a_change_of_the_installations_key(stand, shelf, link):
    """Links stand in the CRM for ever: SECRET_KEY may change below them."""
    assert ("recording_keys", "secret") in list(store_secrets._columns())
    store_secrets.rotate()
    assert shelf.open(link).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd", "/etc/passwd", "....//....//etc/passwd", "..%2f..%2fetc%2fpasswd",
        "a/../../b.wav", "\u2025/x.wav", "x.wav\x00.mp3", "|id", "$(id).wav", "-o /tmp/x.wav", "~root/x.wav",
    ],
)  # fmt: skip
def test_no_name_brings_a_file_from_elsewhere(stand, shelf, name):
    outside = shelf.root.parent / "b.wav"
    outside.write_bytes(wav())
    call = stand.call("in", talks=["101"], recordings=(name,))
    flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(90)
    assert "ready" not in shelf.states()
    assert not [place for place in shelf.kept.rglob("*") if place.is_file()]


def test_pbx_of_one_company_reaches_no_folder_of_another(stand, shelf):
    """Two companies share the machine: each PBX sees what the installation has opened to it."""
    (shelf.root / "ours").mkdir()
    shelf.put("theirs/secret.wav")
    shelf.open_to(stand.pbx, folder="ours")
    for name in ("secret.wav", "../theirs/secret.wav", "theirs/secret.wav"):
        call = stand.call("in", talks=["101"], recordings=(name,))
        flow.links(stand.ctx, stand.account.id, call)
    (shelf.root / "ours" / "link.wav").symlink_to(shelf.root / "theirs" / "secret.wav")
    call = stand.call("in", talks=["101"], recordings=("link.wav",))
    flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(90)
    assert sorted(shelf.states()) == ["failed", "missing", "missing", "missing"]


def test_cloud_key_goes_to_the_clouds_own_address_only(stand, shelf):
    """A notice is believed; an address in it is not, for our key would go there."""
    asked = []

    def listen(environ, start):
        asked.append(environ.get("HTTP_AUTHORIZATION"))
        start("200 OK", [])
        return [wav()]

    for home in ("http://elsewhere.test", "http://cloud.test:8080", "https://cloud.test"):
        stand.ctx.outside.mount(home, WsgiAdapter(listen))
    cloud = pbxes.save(
        Pbx(stand.account.id, "cloud", kind="cloud", options={"url": "http://cloud.test", "key": "cloud-key"})
    )
    names = (
        "http://elsewhere.test/r.wav", "http://cloud.test:8080/r.wav", "https://cloud.test/r.wav",
        "http://cloud.test@elsewhere.test/r.wav", "file:///etc/passwd", "http://cloud.test.elsewhere.test/r.wav",
    )  # fmt: skip
    wanted = [
        Wanted("9:c-1", part, cloud.id, [name], stand.now(), stand.now()) for part, name in enumerate(names)
    ]
    recordings.expect(stand.account.id, wanted, stand.now())
    shelf.wait(90)
    assert asked == []
    assert set(shelf.states()) == {"missing"}


def test_secrets_of_places_stand_in_no_trail_and_no_row(stand, shelf):
    shelf.open_to(stand.pbx, url="http://helper.test", token="helper-secret", password="sftp-secret")
    ((options,),) = db.rows("SELECT options FROM pbxes WHERE id = %s", (stand.pbx.id,))
    assert "secret" not in options
    assert "helper-secret" not in repr(pbxes.by_id(stand.pbx.id))
    assert "helper-secret" not in str([(entry.before, entry.after) for entry in audit.page()])
