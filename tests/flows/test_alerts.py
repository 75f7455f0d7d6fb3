"""Alarms reach people: a task in amoCRM, a letter, once; and the brake that people release."""

import dataclasses

import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.flows.watch import alerts, rounds
from backend.integrations import mail
from backend.integrations.mail import Letter, Server
from backend.store import accounts, alarms, lanes
from tests.support import mailbox
from tests.support.stand import ANNA, CONFIGURATION, LASER_ARMPITS, OLGA, TVERSKAYA

TO = "olga@example.test"
SENDER = "mostik@example.test"


@pytest.fixture
def box():
    with mailbox.opened() as found:
        yield found


@pytest.fixture
def with_mail(stand, box):
    """The installation has a mail server, and the account an address."""
    settings = dataclasses.replace(
        stand.ctx.settings,
        smtp_host="127.0.0.1",
        smtp_port=box.port,
        smtp_security="none",
        smtp_from=SENDER,
    )
    stand.ctx = dataclasses.replace(stand.ctx, settings=settings)
    told(stand, f"{{emails: [{TO}]}}")
    return box


def told(stand, whom):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8") + f"\nalerts: {whom}\n")


def trouble(stand, code="yclients.unauthorized", key=str(TVERSKAYA), kind="branch"):
    alarms.raise_alarm(stand.account.id, code, kind, key, {}, stand.now())


def later(stand, minutes=5):
    stand.world.clock.advance(minutes * 60)
    return alerts.tell(stand.ctx, stand.account.id)


def tasks(stand):
    return [(task["responsible_user_id"], task["text"]) for task in stand.crm()["tasks"]]


def test_trouble_becomes_a_task_of_the_first_administrator_once(stand):
    trouble(stand)

    counts = [later(stand) for _ in range(3)]

    ((who, text),) = tasks(stand)
    assert counts == [1, 0, 0]
    assert who == ANNA
    assert "YCLIENTS не принимает ключ салона" in text
    assert "Дать доступ заново" in text
    assert f"/admin/accounts/{stand.account.domain}" in text


def test_somebody_chosen_gets_the_task(stand):
    told(stand, f"{{user: {OLGA}}}")
    trouble(stand)

    later(stand)

    assert [who for who, _ in tasks(stand)] == [OLGA]


def test_several_troubles_are_one_message(stand, with_mail):
    trouble(stand)
    trouble(stand, key="41002")
    trouble(stand, "amocrm.stage_unknown", "41001:epilation", "route")

    count = later(stand)

    assert count == 3
    assert len(tasks(stand)) == 1
    assert len(with_mail.letters) == 1


def test_flood_is_cut_and_says_how_much_is_left(stand):
    for number in range(14):
        trouble(stand, "inbox.gave_up", str(number), "event")

    later(stand)

    ((_, text),) = tasks(stand)
    assert text.count("Обработать заново") == alerts.MOST
    assert "И ещё 4 вопроса в панели." in text


def test_letter_comes_from_the_installation_in_plain_words(stand, with_mail):
    trouble(stand)

    later(stand)

    (letter,) = with_mail.letters
    assert (letter["From"], letter["To"]) == (SENDER, TO)
    assert letter["Subject"].startswith("Мостик: нужен человек, 1 вопрос")
    assert "YCLIENTS не принимает ключ салона" in letter.get_content()
    assert letter["Auto-Submitted"] == "auto-generated"


def test_what_passes_by_itself_is_not_told(stand, with_mail):
    trouble(stand)
    early = alerts.tell(stand.ctx, stand.account.id)
    alarms.resolve(stand.account.id)

    assert (early, later(stand)) == (0, 0)
    assert with_mail.letters == []
    assert tasks(stand) == []


def test_what_comes_back_is_told_again(stand):
    trouble(stand)
    later(stand)
    alarms.resolve(stand.account.id)
    trouble(stand)

    assert later(stand) == 1
    assert len(tasks(stand)) == 2


@pytest.mark.parametrize(
    ("code", "count"), [("yclients.licence_ends", 1), ("yclients.hooks_restored", 0), ("contacts_alike", 0)]
)
def test_of_notices_only_those_that_grow_into_trouble_are_told(stand, code, count):
    trouble(stand, code, "41001", "notice")

    assert later(stand) == count


def test_crm_that_is_only_observed_gets_no_tasks(stand, with_mail):
    text = CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe")
    stand.configure(text + f"\nalerts: {{emails: [{TO}]}}\n")
    trouble(stand)

    assert later(stand) == 1
    assert tasks(stand) == []
    assert len(with_mail.letters) == 1


def test_letter_goes_out_when_amocrm_is_away(stand, with_mail):
    stand.world.amocrm.faults(kind="403", next=1)
    trouble(stand)

    assert later(stand) == 1
    assert len(with_mail.letters) == 1
    assert tasks(stand) == []


def test_task_is_set_when_the_mail_is_away(stand, with_mail):
    with_mail.refusals["RCPT"] = 550
    trouble(stand)

    assert later(stand) == 1
    assert with_mail.letters == []
    assert len(tasks(stand)) == 1


def test_an_address_that_the_server_refuses_is_told_in_the_panel_until_it_is_right(stand, with_mail):
    told(stand, f"{{emails: [{TO}, gone@example.test]}}")
    with_mail.refusals["RCPT TO:<GONE"] = 550
    trouble(stand)

    counts = [later(stand), later(stand)]
    (refused,) = [alarm for alarm in stand.open_alarms() if alarm.code == alerts.REFUSED]
    with_mail.refusals.clear()
    trouble(stand, key="41002")
    later(stand)

    assert counts == [1, 0]
    assert (refused.details, refused.is_notice) == ({"to": "gone@example.test"}, True)
    assert len(with_mail.letters) == 2
    assert alerts.REFUSED not in [alarm.code for alarm in stand.open_alarms()]


def test_trial_letter_names_the_addresses_that_did_not_get_it(stand, with_mail):
    with_mail.refusals["RCPT TO:<GONE"] = 550

    with pytest.raises(InvalidInput, match=r"gone@example\.test"):
        alerts.probe(stand.ctx, stand.account, (TO, "gone@example.test"), "ru")

    assert len(with_mail.letters) == 1


def test_nobody_reached_is_tried_again(stand, with_mail):
    with_mail.refusals["RCPT"] = 451
    stand.world.amocrm.faults(kind="429", match="tasks", next=1)
    trouble(stand)
    missed = later(stand)
    with_mail.refusals.clear()

    assert (missed, later(stand)) == (0, 1)
    assert len(with_mail.letters) == 1


def test_answer_that_got_lost_makes_no_second_task(stand):
    stand.world.amocrm.faults(kind="reset_after_commit", match="tasks", next=1)
    trouble(stand)

    assert [later(stand), later(stand)] == [1, 0]
    assert len(tasks(stand)) == 1


SERVERS = {"host": "127.0.0.1", "security": "none", "sender": SENDER}


@pytest.mark.parametrize(
    ("word", "code", "kind"),
    [
        ("MAIL", 550, InvalidInput),
        ("RCPT", 550, InvalidInput),
        ("DATA", 554, InvalidInput),
        ("DATA", 451, TryLater),
        ("EHLO", 421, TryLater),
    ],
)
def test_refusals_of_a_mail_server_are_told_apart(stand, box, word, code, kind):
    box.refusals |= {word: code, **({"HELO": code} if word == "EHLO" else {})}

    with pytest.raises(kind, match=r"mail\."):
        mail.send(Server(port=box.port, **SERVERS), Letter((TO,), "Проба", "Текст"), stand.now())


def test_mail_server_that_is_not_there_is_tried_later(stand, box):
    port = box.port
    box.shutdown()
    box.server_close()

    with pytest.raises(TryLater, match=r"mail\.unreachable"):
        mail.send(Server(port=port, **SERVERS), Letter((TO,), "Проба", "Текст"), stand.now())


def test_subject_cannot_smuggle_headers_in(stand, box):
    letter = Letter((TO,), "Проба\r\nBcc: stranger@example.test", "Текст")

    mail.send(Server(port=box.port, **SERVERS), letter, stand.now())

    (came,) = box.letters
    assert came["Bcc"] is None
    assert came["Subject"] == "Проба Bcc: stranger@example.test"


def test_round_tells_what_the_hourly_look_finds(stand, with_mail):
    stand.world.yclients.company(TVERSKAYA, license_ok=False)
    lane = lanes.lane_id(stand.account.id, rounds.LANE)
    first = rounds.run(stand.ctx, lane)
    stand.world.clock.advance(300)

    second = rounds.run(stand.ctx, lane)

    assert (first, second) == (0, 1)
    assert "не оплачена" in with_mail.letters[0].get_content()
    assert accounts.by_id(stand.account.id).state == "active"


def test_account_that_stopped_is_told_of_by_letter_and_not_asked_any_more(stand, with_mail):
    stand.world.amocrm.faults(kind="403", next=1)
    stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.journal_clear()
    stand.rung.clear()

    rung = rounds.ring_all(stand.ctx)
    told = rounds.run(stand.ctx, lanes.lane_id(stand.account.id, rounds.LANE))

    assert accounts.by_id(stand.account.id).state == "paused"
    assert (rung, told, len(with_mail.letters)) == (1, 1, 1)
    assert stand.world.amocrm.journal() == []


def test_round_looks_outside_once_an_hour(stand):
    lane = lanes.lane_id(stand.account.id, rounds.LANE)
    rounds.run(stand.ctx, lane)
    stand.world.yclients.journal_clear()

    rounds.run(stand.ctx, lane)

    assert stand.world.yclients.journal() == []


def test_every_working_account_has_its_round(stand):
    stand.rung.clear()

    assert rounds.ring_all(stand.ctx) == 1
    assert list(stand.rung) == [lanes.lane_id(stand.account.id, rounds.LANE)]
