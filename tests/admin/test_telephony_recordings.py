"""The screen of recordings: what is kept, what was not found, who listened, and the access to each PBX."""

import dataclasses
import re

import asyncssh
import pytest

from backend.core.telephony.rules import Recordings
from backend.flows.people import sessions
from backend.flows.telephony.recordings import recording_places
from backend.flows.telephony.recordings import recordings as flow
from backend.store import audit
from backend.store.telephony import pbxes, recordings
from backend.store.telephony.pbxes import Pbx
from tests.admin.calling import stand
from tests.admin.conftest import HOME, Browser
from tests.admin.reading import text_of
from tests.support.recordings import NAME, Shelf
from tests.support.sftp_server import sftp_server
from tests.support.stand import ANNA

__all__ = ["stand"]

LIST = f"{HOME}/telephony/recordings"
PLACE = f"{LIST}/places/office"


@pytest.fixture
def shelf(stand, tmp_path):
    return Shelf(stand, tmp_path)


@pytest.fixture
def kept(stand, shelf):
    """The link of a recording that is here."""
    shelf.put()
    return expected(stand, shelf)


def expected(stand, shelf):
    call = stand.call("in", talks=["101"], recordings=(NAME,))
    stand.store(call)
    (link,) = flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(90)
    return link


def one(shelf):
    (row,) = shelf.rows()
    return f"{LIST}/{row.id}"


def last_action(stand):
    return audit.page(stand.account.id)[0].action


def test_before_the_first_recording_the_screen_says_so(stand, shelf, owner):
    page = text_of(owner.get(LIST))
    assert "Пока не сохранено ни одной записи" in page
    assert "Записей пока нет" in page


def test_switched_off_is_said(stand, shelf, owner):
    stand.rules(recordings=Recordings(is_on=False))
    assert "Записи выключены" in owner.get(LIST).text


def test_kept_one_is_listed_with_its_length_and_who_heard_it(kept, shelf, owner):
    shelf.open(kept)
    page = text_of(owner.get(LIST))
    assert "Хранится 1 запись" in page
    assert "Сохранена" in page
    assert "0:01" in page
    assert "1 раз" in page


def test_missing_one_says_why_and_is_looked_for_again(stand, shelf, owner):
    link = expected(stand, shelf)
    page = text_of(owner.get(f"{LIST}?state=missing"))
    assert "Не нашлась" in page
    assert "Файла с таким именем в папке записей нет" in page
    assert NAME in owner.get(one(shelf)).text
    shelf.put()
    assert owner.post(f"{one(shelf)}/again").status_code == 303
    assert last_action(stand) == "recording.looked_again"
    shelf.look()
    assert shelf.open(link).status_code == 200


def test_all_missing_ones_at_once(stand, shelf, owner):
    expected(stand, shelf)
    expected(stand, shelf)
    shelf.put()
    owner.post(f"{LIST}/again")
    shelf.look()
    assert shelf.states() == ["ready", "ready"]


def test_lists_show_only_their_own(kept, shelf, owner):
    assert "Таких записей нет" in owner.get(f"{LIST}?state=failed").text
    assert 'class="goes"' in owner.get(f"{LIST}?state=ready").text


def test_one_is_played_on_its_page_and_the_visit_stays_there(kept, shelf, owner):
    page = owner.get(one(shelf))
    (source,) = re.findall(r'<audio[^>]* src="([^"]+)"', page.text)
    assert kept.endswith(source)
    assert owner.client.get(source, buffered=True).status_code == 200
    assert "127.0.0.1" in owner.get(one(shelf)).text


def test_closed_link_opens_nothing_and_a_new_one_does(stand, kept, shelf, owner):
    owner.post(f"{one(shelf)}/revoke")
    assert last_action(stand) == "recording.revoked"
    closed = shelf.open(kept)
    assert closed.status_code == 410
    assert "закрыта" in closed.text
    assert "<audio" not in owner.get(one(shelf)).text
    owner.post(f"{one(shelf)}/reissue")
    assert last_action(stand) == "recording.reissued"
    (fresh,) = re.findall(r'readonly value="([^"]+)"', owner.get(one(shelf)).text)
    assert fresh != kept
    assert shelf.open(fresh).status_code == 200
    assert shelf.open(kept).status_code == 404


def test_new_key_leaves_old_links_open(stand, kept, shelf, owner):
    owner.post(f"{LIST}/key", way="renew")
    assert shelf.open(kept).status_code == 200
    assert last_action(stand) == "recording.key_renewed"


def test_all_links_closed_at_once(stand, kept, shelf, owner):
    owner.post(f"{LIST}/key", way="retire")
    assert shelf.open(kept).status_code == 410
    assert last_action(stand) == "recording.key_retired"
    call = stand.call("in", talks=["101"], recordings=(NAME,))
    (fresh,) = flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(3)
    assert shelf.open(fresh).status_code == 200


def test_viewer_looks_and_does_nothing(kept, shelf, viewer):
    page = viewer.get(one(shelf)).text
    assert "<audio" in page
    assert "/revoke" not in page
    assert viewer.post(f"{one(shelf)}/revoke").status_code == 403


def test_recording_of_another_account_does_not_exist(kept, shelf, owner):
    (row,) = shelf.rows()
    assert owner.get(f"{LIST}/{row.id + 1}").status_code == 404
    assert recordings.by_id(row.account_id + 1, row.id) is None


# Access to the places


def test_folder_is_opened_by_people_of_the_installation(stand, shelf, owner):
    shelf.put()
    assert owner.post(PLACE, folder="../..").status_code == 422
    page = owner.post(PLACE, folder="../..").text
    assert "за пределы папки записей" in page
    assert owner.post(PLACE, folder=".").status_code == 303
    assert pbxes.by_code(stand.account.id, "office").options["recordings"] == {"folder": "."}
    assert "Место записей доступно" in owner.post(f"{PLACE}/check").text


def test_folder_is_not_opened_by_an_administrator_of_the_account(stand, shelf):
    admin = Browser(stand)
    with admin.client.session_transaction() as session:
        session.update({**sessions.begun_by_admin(stand.account, ANNA, "Анна", stand.now()), "csrf": "x"})
    page = admin.get(PLACE)
    assert page.status_code == 200
    assert 'name="folder"' not in page.text
    admin.client.post(PLACE, data={"csrf": "x", "folder": "sub"})
    assert pbxes.by_code(stand.account.id, "office").options["recordings"] == {"folder": "."}


def test_administrator_opens_no_folder_here_by_way_of_one_elsewhere(stand, shelf):
    """The folder on an SFTP server is typed by everybody; one of this machine is not, ever."""
    admin = Browser(stand)
    with admin.client.session_transaction() as session:
        session.update({**sessions.begun_by_admin(stand.account, ANNA, "Анна", stand.now()), "csrf": "x"})
    shelf.open_to(stand.pbx, folder="ours")
    stand.rules(recordings=Recordings(source="sftp"))
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
    typed = {"host": "sftp.example", "login": "a", "host_key": key, "folder": ".", "remote_folder": "."}
    admin.client.post(PLACE, data={"csrf": "x", **typed})
    rules = stand.rules(recordings=Recordings(source="folder")).recordings
    pbx = pbxes.by_code(stand.account.id, "office")
    assert pbx.options["recordings"]["host"] == "sftp.example"
    assert recording_places.of(stand.ctx, pbx, rules).root == shelf.root / "ours"


def test_secret_of_a_place_is_not_told_to_another(stand, shelf, owner):
    stand.rules(recordings=Recordings(source="http"))
    owner.post(PLACE, url="http://pbx.example/records", token="helper-token")
    answer = owner.post(PLACE, url="http://elsewhere.example/records", token="")
    assert answer.status_code == 422
    assert "секрет нужно ввести заново" in text_of(answer)
    assert (
        pbxes.by_code(stand.account.id, "office").options["recordings"]["url"] == "http://pbx.example/records"
    )
    assert owner.post(PLACE, url="http://elsewhere.example/records", token="new").status_code == 303
    assert pbxes.by_code(stand.account.id, "office").options["recordings"]["token"] == "new"


def test_helper_with_its_key_which_is_never_shown(stand, shelf, owner):
    stand.rules(recordings=Recordings(source="http"))
    assert "https://имя/путь" in owner.post(PLACE, url="ftp://pbx", token="t").text
    owner.post(PLACE, url="http://127.0.0.1:9199/records", token="helper-token")
    owner.post(PLACE, url="http://127.0.0.1:9199/other", token="")
    saved = pbxes.by_code(stand.account.id, "office").options["recordings"]
    assert (saved["url"], saved["token"]) == ("http://127.0.0.1:9199/other", "helper-token")
    assert "helper-token" not in owner.get(PLACE).text
    assert "helper-token" not in str([(e.before, e.after) for e in audit.page(stand.account.id)])
    assert last_action(stand) == "recording.place_saved"
    assert "не отвечает" in owner.post(f"{PLACE}/check").text


def test_sftp_key_of_the_server_is_asked_compared_and_trusted(stand, shelf, owner):
    stand.rules(recordings=Recordings(source="sftp", path="{name}"))
    with sftp_server(shelf.root) as server:
        typed = {"host": "127.0.0.1", "port": str(server.port), "login": "records", "remote_folder": "/"}
        asked = owner.post(PLACE, **typed, host_key="", ask="1")
        assert asked.status_code == 200
        fingerprint = re.search(r"SHA256:[\w+/]+", asked.text)[0]
        assert fingerprint == server.key.get_fingerprint()
        assert server.host_key.split()[1] in asked.text
        assert owner.post(PLACE, **typed, password="let-me-in", host_key=server.host_key).status_code == 303
        assert fingerprint in owner.get(PLACE).text
        assert "let-me-in" not in owner.get(PLACE).text
        assert "Место записей доступно" in owner.post(f"{PLACE}/check").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"host": ""}, "не хватает значения «host»"),
        ({"port": "99999"}, "Порт — число"),
        ({"host_key": ""}, "не хватает значения «host_key»"),
    ],
)
def test_sftp_what_is_not_complete_is_said_beside_its_field(stand, shelf, owner, typed, said):
    stand.rules(recordings=Recordings(source="sftp"))
    whole = {"host": "127.0.0.1", "port": "22", "login": "records", "host_key": "ssh-ed25519 A"}
    answer = owner.post(PLACE, **{**whole, **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_unknown_pbx_has_no_place(shelf, owner):
    assert owner.get(f"{LIST}/places/nowhere").status_code == 404


def test_cloud_that_does_not_record_promises_no_link(stand, owner):
    saved = pbxes.save(
        Pbx(stand.account.id, "cloud", kind="cloud", options={"url": "http://c.test", "key": "k"})
    )
    call = dataclasses.replace(stand.call("in", talks=["101"], recordings=()), pbx_id=saved.id)
    assert len(flow.links(stand.ctx, stand.account.id, call)) == 1
    owner.post(f"{LIST}/places/cloud")
    (box,) = re.findall(r'<input[^>]*name="records"[^>]*>', owner.get(f"{LIST}/places/cloud").text)
    assert "checked" not in box
    other = dataclasses.replace(call, uniq=f"{saved.id}:c-2")
    assert flow.links(stand.ctx, stand.account.id, other) == ()
    owner.post(f"{LIST}/places/cloud", records="1")
    assert len(flow.links(stand.ctx, stand.account.id, other)) == 1
