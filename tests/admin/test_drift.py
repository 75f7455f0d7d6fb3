"""The drift report and the alerts in the panel."""

import dataclasses
import html

import pytest

from backend.core import money
from backend.core.money import Kopecks
from backend.core.watch.drift import Drift, Kind, Look
from backend.flows.rules import configuration
from backend.flows.works import long_work, night_steps
from backend.store import alarms, audit, drifts, lanes
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import mailbox
from tests.support.stand import CONFIGURATION, DOMAIN, OLGA, TVERSKAYA

DRIFT, ALERTS = f"{HOME}/drift", f"{HOME}/alerts"


def run(stand):
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    stand.work()


def compared(stand):
    long_work.start(
        stand.ctx, stand.account.id, night_steps.JOURNALS, night_steps.wished(stand.now()), "irina"
    )
    run(stand)


def test_before_the_first_night_it_says_so(owner):
    page = text_of(owner.get(DRIFT))

    assert "Сверок ещё не было" in page
    assert "Расхождений нет" not in page


def test_comparison_is_started_by_a_press_and_shows_its_counts(stand, owner, booked):
    answer = owner.post(DRIFT)
    run(stand)

    page = text_of(owner.get(DRIFT))

    assert (answer.status_code, answer.location) == (303, DRIFT)
    assert "Тверская" in page
    assert "журнал" in page
    assert "сделки записей" in page
    assert "Расхождений нет" in page
    assert [line.action for line in audit.page(stand.account.id)[:2]] == ["work.started"] * 2


def test_what_differed_is_told_with_what_became_of_it(stand, owner, booked):
    stand.edit_lead(stand.lead_of(booked), price=9000)
    stand.work()
    stand.world.yclients.hooks(loss=1.0)
    stand.edit(booked, comment="Придёт позже")
    compared(stand)
    stand.settle()
    compared(stand)

    page = text_of(owner.get(DRIFT))

    assert "исправлено" in page
    assert "уведомление потерялось" in page
    assert f"№ {booked['id']}" in page


def test_budget_typed_by_a_person_is_told_in_rubles(stand, owner, booked):
    stand.edit_lead(stand.lead_of(booked), price=9000)
    stand.work()
    compared(stand)

    page = text_of(owner.get(DRIFT))

    assert "нужен человек" in page
    assert money.shown(Kopecks(900_000)) in html.unescape(owner.get(DRIFT).text)
    assert "бюджет меняли руками" in page


@pytest.mark.parametrize(("count", "is_one_line"), [(3, False), (4, True)])
def test_what_was_repaired_alike_many_times_over_is_one_line(stand, owner, count, is_one_line):
    look = drifts.begin(stand.account.id, 1, Look.LINKS, "2026-03-01", stand.now())
    found = [Drift(f"1:2:{n}", Kind.CONTENT, 7000 + n) for n in range(count)]
    drifts.save(look, stand.account.id, count, found, stand.now())

    page = text_of(owner.get(DRIFT))

    assert ("Поля записаны заново в 4 сделках" in page) is is_one_line
    assert ("Поля сделки отстали от записи" in page) is not is_one_line
    assert all(f"№ {7000 + n}" in page for n in range(count))


def test_one_look_is_shown_by_itself(stand, owner, booked):
    stand.edit_lead(stand.lead_of(booked), price=9000)
    stand.work()
    compared(stand)
    looks = {row.left_over: row.id for row in drifts.looks(stand.account.id)}

    with_one = text_of(owner.get(f"{DRIFT}?look={looks[1]}"))
    without = text_of(owner.get(f"{DRIFT}?look={looks[0]}"))

    assert "бюджет меняли руками" in with_one
    assert "Расхождений нет" in without
    assert owner.get(f"{DRIFT}?look=999999").status_code == 404


def test_viewer_sees_the_report_without_the_button(viewer):
    assert "Сверить сейчас" not in viewer.get(DRIFT).text


# Alerts


def test_whom_to_tell_is_saved_as_a_version_with_a_line(stand, owner):
    base = configuration.number(stand.account.id)

    answer = owner.post(ALERTS, base=base, emails="olga@example.test, \nanna@example.test", user=str(OLGA))

    saved = configuration.current(stand.account.id).alerts
    assert (answer.status_code, answer.location) == (303, ALERTS)
    assert (saved.emails, saved.user_id) == (("olga@example.test", "anna@example.test"), OLGA)
    assert audit.page(stand.account.id)[0].action == "configuration.saved"
    assert "olga@example.test" in owner.get(ALERTS).text


@pytest.mark.parametrize(
    ("emails", "sentence"),
    [
        ("olga", "«olga» не похоже на адрес почты."),
        ("olga@example.test <script>", "&lt;script&gt;"),
        (" ".join(f"a{n}@example.test" for n in range(11)), "Не больше 10 адресов."),
    ],
)
def test_wrong_addresses_are_told_beside_the_field(stand, owner, emails, sentence):
    base = configuration.number(stand.account.id)

    answer = owner.post(ALERTS, base=base, emails=emails, user="")

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert configuration.current(stand.account.id).alerts.emails == ()


def test_without_a_mail_server_the_page_says_so_and_offers_no_trial(stand, owner):
    base = configuration.number(stand.account.id)
    owner.post(ALERTS, base=base, emails="olga@example.test", user="")

    page = text_of(owner.get(ALERTS))

    assert "Почтовый сервер у этой установки не задан" in page
    assert "Отправить пробное письмо" not in page


def test_trial_letter_comes(stand, owner):
    with mailbox.opened() as box:
        settings = dataclasses.replace(
            stand.ctx.settings, smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none",
            smtp_from="mostik@example.test",
        )  # fmt: skip
        stand.app.extensions["mostik"] = dataclasses.replace(
            stand.app.extensions["mostik"], settings=settings
        )
        stand.configure(
            CONFIGURATION.read_text(encoding="utf-8") + "\nalerts: {emails: [olga@example.test]}\n"
        )

        page = text_of(owner.get(ALERTS))
        answer = owner.post(f"{ALERTS}/try")

        assert "Отправить пробное письмо" in page
        assert answer.status_code == 303
        assert [letter["To"] for letter in box.letters] == ["olga@example.test"]
        assert audit.page(stand.account.id)[0].action == "alerts.tried"


def test_trial_without_an_address_asks_for_one(owner):
    owner.post(f"{ALERTS}/try")

    assert "Сначала сохраните хотя бы один адрес." in owner.get(ALERTS).text


def test_what_is_open_says_whether_it_was_told(stand, owner):
    alarms.raise_alarm(stand.account.id, "yclients.unauthorized", "branch", str(TVERSKAYA), {}, stand.now())
    before = text_of(owner.get(ALERTS))
    alarms.claim([alarms.open_alarms(stand.account.id)[0].id], stand.now())

    after = text_of(owner.get(ALERTS))

    assert "ещё не сообщали" in before
    assert "сообщили только что" in after


def test_right_that_lacks_is_named_on_the_overview(stand, owner):
    details = {"branch": "Тверская", "topic": "phones"}
    alarms.raise_alarm(
        stand.account.id, "yclients.right_lacks", "notice", f"{TVERSKAYA}:phones", details, stand.now()
    )

    page = text_of(owner.get(f"/admin/accounts/{DOMAIN}"))

    assert "Салон «Тверская»: Телефоны клиентов скрыты." in page
    assert "разрешите видеть телефоны клиентов" in page
