"""Settings of an account, and the facts of the installation."""

import pytest

from admin import option_fields
from backend.core.rules.options import AfterNoShow
from backend.flows.rules import configuration
from backend.store import audit, operators
from tests.admin.conftest import HOME, PASSWORD, Browser
from tests.admin.reading import text_of
from tests.support.stand import EPILATION, OTHER, STAGES, TVERSKAYA

SETTINGS = f"{HOME}/settings"
AS_THEY_ARE = {
    "base": "1", "timezone": "Europe/Moscow", "after_no_show": "continue", "reuse_no_show_days": "60",
    "import_past_days": "3", "reopen_hours": "24", "do_not_attach_tag": "не привязывать",
    "do_not_move_tag": "не двигать", "settle_create": "30", "settle_edit": "10", "settle_arrived": "120",
    "settle_no_show": "300", "settle_delete": "60",
}  # fmt: skip


@pytest.fixture
def options(stand):
    return lambda: configuration.current(stand.account.id).options


def send(browser, **changed):
    return browser.post(SETTINGS, **{**AS_THEY_ARE, **changed})


def test_the_page_shows_what_is_in_force_in_words(owner, options):
    page = text_of(owner.get(SETTINGS))

    assert "Продолжает прежнюю сделку" in page
    assert "Москва, UTC+03:00" in page
    assert "Обычно 60." in page
    assert "Косметология" in page


def test_what_was_chosen_is_saved_and_told_in_the_trail(stand, owner, options):
    answer = send(
        owner, settle_create="45", after_no_show="strict", cancelled_loss_reason="501",
        common_pipelines=str(OTHER), timezone="Asia/Omsk",
    )  # fmt: skip

    assert answer.status_code == 303
    assert options().settle.create == 45
    assert options().after_no_show is AfterNoShow.STRICT
    assert options().cancelled_loss_reason == 501
    assert options().common_pipelines == {OTHER}
    assert configuration.current(stand.account.id).timezone == "Asia/Omsk"
    assert audit.page(stand.account.id)[0].after["options.settle.create"] == 45
    trail = text_of(owner.get(f"{HOME}/audit"))
    assert "Сколько ждать, секунд: Новая запись 30 45" in trail
    assert "Общие воронки Прочее" in trail
    assert "Новая запись после неявки Продолжает прежнюю сделку Открывает новую сделку" in trail


def test_what_the_form_does_not_show_stays(stand, owner, options):
    before = options()

    send(owner, settle_edit="11")

    assert (options().multi_category, options().trigger_wait) == (before.multi_category, before.trigger_wait)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("settle_create", "soon"),
        ("settle_create", "-1"),
        ("settle_create", "90000"),
        ("settle_create", "1e3"),
        ("reopen_hours", "99999999999999999999"),
        ("do_not_move_tag", ""),
        ("do_not_move_tag", "x" * 400),
        ("timezone", "Mars/Olympus"),
        ("cancelled_loss_reason", "999"),
        ("common_pipelines", "999"),
    ],
)
def test_a_bad_value_is_told_and_nothing_is_saved(stand, owner, field, value):
    answer = send(owner, **{field: value})

    assert answer.status_code == 422
    assert 'class="complaint"' in answer.text or 'role="alert"' in answer.text
    assert configuration.number(stand.account.id) == 1


def test_somebody_elses_change_meanwhile_is_told_and_what_was_typed_stays(stand, owner):
    operators.add("olga", PASSWORD, "operator", stand.now())
    olga = Browser(stand)
    olga.sign_in("olga")
    send(olga, settle_create="40")

    answer = send(owner, settle_create="50")

    assert answer.status_code == 422
    assert "olga" in text_of(answer)
    assert 'value="50"' in answer.text
    assert configuration.current(stand.account.id).options.settle.create == 40


def test_a_viewer_looks_only(stand, viewer):
    page = viewer.get(SETTINGS)

    assert page.status_code == 200
    assert "Сохранить настройки" not in page.text
    assert send(viewer).status_code == 403


def test_facts_of_the_installation_hold_no_secret(stand, owner):
    page = owner.get("/admin/settings")

    assert "http://mostik.test" in page.text
    assert "отвечает" in page.text
    for secret in (stand.ctx.settings.secret_key, "sandbox-client-secret", stand.ctx.settings.redis_url):
        assert secret not in page.text


def test_facts_of_the_installation_are_for_owners(viewer):
    assert viewer.get("/admin/settings").status_code == 403


EVERY_OPTION = {
    "multi_category": "split", "direction_change": "task", "repeating": "nearest", "incoming": "accept",
    "attach_days": "90", "close_no_show_days": "30", "incoming_wait": "60",
    "without_services": "create", "without_phone": "skip",
    "older": "final", "do_not_transfer_label": "чужой", "moved_between_salons": "follow",
    "restored_late": "reopen", "next_lead": "ours", "already_booked": "task", "trigger_wait": "60",
    "trigger_window": "900", "technical_loss_reason": "501", "responsible_by": "author",
    "money_abonement": "visit", "money_goods": "field", "money_price_days": "14", "brake_per_person": "5",
    "brake_times_usual": "4",
}  # fmt: skip
EVERY_FLAG = (
    "group_by_visit", "network_wide", "match_by_name", "success_needs_payment", "success_after_start",
    "followup_secondary", "names_from_salon", "money_keep_typed_budget",
)  # fmt: skip


@pytest.fixture
def place_of_next_lead(owner):
    """One route says where a lead for the next visit begins."""
    place = {
        "cell": f"{TVERSKAYA}/epilation",
        "pipeline": "keep",
        "trigger": f"{EPILATION}:{STAGES[EPILATION]}",
    }
    assert owner.post(f"{HOME}/routes", base="1", **place).status_code == 303


def test_leads_of_our_own_for_the_next_visit_need_a_place(owner, options):
    answer = send(owner, next_lead="ours")

    assert answer.status_code == 422
    assert "Выберите этап для неё на странице «Маршруты»" in text_of(answer)
    assert options().next_lead == "crm"


def test_every_option_is_on_the_form_and_is_saved(owner, place_of_next_lead, options):
    page = owner.get(SETTINGS).text
    assert [name for name in (*EVERY_OPTION, *EVERY_FLAG) if f'name="{name}"' not in page] == []
    usual = {*AS_THEY_ARE, "cancelled_loss_reason", "common_pipelines"}
    assert {one.name for one in option_fields.CONTROLS} <= {*usual, *EVERY_OPTION, *EVERY_FLAG}

    send(owner, base="2", **EVERY_OPTION, shown=list(EVERY_FLAG), **dict.fromkeys(EVERY_FLAG, "1"))

    changed = {one.name: str(option_fields.value(options(), one)) for one in option_fields.CONTROLS}
    assert {name: changed[name] for name in EVERY_OPTION} == EVERY_OPTION
    assert {name: changed[name] for name in EVERY_FLAG} == dict.fromkeys(EVERY_FLAG, "True")


def test_a_box_that_was_shown_and_is_not_ticked_is_off(owner, options):
    send(owner, shown=["network_wide"], network_wide="1")
    assert options().network_wide is True

    send(owner, base="2", shown=["network_wide"])

    assert options().network_wide is False


def test_every_option_is_told_in_words_of_the_salon(owner, place_of_next_lead):
    send(owner, base="2", **EVERY_OPTION, shown=list(EVERY_FLAG), **dict.fromkeys(EVERY_FLAG, "1"))

    trail = text_of(owner.get(f"{HOME}/audit"))

    assert "Запись с услугами разных направлений Одна сделка По сделке на каждое направление" in trail
    assert "Только после полной оплаты нет да" in trail
    assert "Визит по абонементу В бюджете полная стоимость В бюджете цена одного визита" in trail
    assert "options." not in trail
    assert "money_" not in trail


@pytest.mark.parametrize(
    ("field", "value"),
    [("multi_category", "both"), ("responsible_by", ""), ("brake_per_person", "0"), ("attach_days", "-1"),
     ("trigger_window", "ten"), ("do_not_transfer_label", "")],
)  # fmt: skip
def test_a_bad_value_of_a_new_option_is_told_beside_its_field(stand, owner, field, value):
    answer = send(owner, **{field: value})

    assert answer.status_code == 422
    assert 'class="complaint"' in answer.text
    assert configuration.number(stand.account.id) == 1
