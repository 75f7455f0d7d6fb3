"""The first-run guide."""

from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration, configuration_edit
from backend.store import audit
from tests.admin.conftest import HOME
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL


def observe(stand, *companies):
    for company in companies:
        configuration_edit.set_mode(stand.ctx, stand.account, company, Mode.OBSERVE, "тест")


def modes(stand):
    return {branch.mode for branch in configuration.current(stand.account.id).branches}


def test_the_next_step_is_pointed_out(stand, owner):
    page = owner.get(f"{HOME}/guide").text

    assert page.count('aria-current="step"') == 1
    assert "Проверить на записи" in page.split('aria-current="step"')[1].split("</li>")[0]


def test_a_booking_that_was_observed_shows_what_would_be_done(stand, owner):
    observe(stand, TVERSKAYA, URAL)
    stand.book(LASER_ARMPITS)
    stand.settle()

    page = owner.get(f"{HOME}/guide").text

    assert "Включить 2 салона" in page
    assert "Пока только наблюдение" in page
    assert "Как это решено" in page
    assert not stand.leads()


def test_switching_on_lets_all_salons_write(stand, owner):
    observe(stand, TVERSKAYA, URAL)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    answer = owner.post(f"{HOME}/guide/switch-on")
    stand.settle()

    assert answer.status_code == 303
    assert modes(stand) == {Mode.ACTIVE}
    assert stand.lead_of(record)
    (line,) = trail_of(stand, "configuration.saved")
    assert line.after == {f"branches[{c}].mode": "active" for c in (TVERSKAYA, URAL)}


def test_a_half_mapped_network_is_not_switched_on(stand, owner):
    text = configuration.export_yaml(stand.account.id).replace("default: true", "default: false")
    stand.configure(text.replace("mode: active", "mode: observe"))

    owner.post(f"{HOME}/guide/switch-on")

    assert modes(stand) == {Mode.OBSERVE}
    assert "Сначала закончите шаги выше" in owner.get(f"{HOME}/guide").text


def test_whoever_only_looks_is_shown_no_buttons(stand, viewer):
    page = viewer.get(f"{HOME}/guide").text

    assert "Включить" not in page.split("<ol")[1].split("</ol>")[0].replace(
        "<h2>\n                Включить", ""
    )
    assert viewer.post(f"{HOME}/guide/switch-on").status_code == 403


def trail_of(stand, action):
    return [line for line in audit.page(stand.account.id) if line.action == action]
