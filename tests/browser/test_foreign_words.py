"""A network whose every name is an attack, in a real browser: nothing runs, nothing is even tried."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from deploy import build_widget
from sandbox.amocrm.archive import code_of
from tests.support import hostile, screens
from tests.support.hostile import HostileStand, evil
from tests.support.screens import SPARE
from tests.support.stand import CLIENT, DOMAIN

CODE = code_of(CLIENT)
WIDGET = f"#widgets_block [data-code={CODE}]"


@pytest.mark.long
def test_no_name_acts_in_the_panel(open_live, visit):
    live = open_live(network=HostileStand)
    live.add("irina")
    live.add(SPARE)
    known = screens.samples(live.stand, hostile.live_through(live.stand))
    visitor = visit(live)
    visitor.sign_in()

    for endpoint, path in screens.pages(live.stand.app, known):
        visitor.go(path)
        assert visitor.page.locator(".evil").count() == 0, endpoint
        assert visitor.page.title() != "owned", endpoint
        assert not visitor.is_too_wide(), endpoint

    visitor.go(f"/admin/accounts/{DOMAIN}")
    expect(visitor.page.get_by_text(evil("Тверская")).first).to_be_visible()


def test_no_name_acts_in_the_card(open_live, visit, tmp_path):
    live = open_live(network=HostileStand)
    first = hostile.live_through(live.stand)
    build_widget.build(Path(), live.url, tmp_path / "widget.zip")
    amo = live.stand.world.amocrm
    amo.widget(client_id=CLIENT, archive=str(tmp_path / "widget.zip"))
    amo.widget_save(domain=DOMAIN, client_id=CLIENT, fields={})
    visitor = visit(live)

    visitor.go(f"{live.at.amo}/{DOMAIN}/leads/detail/{live.stand.lead_of(first)['id']}")
    visitor.page.click(f"{WIDGET} .card-widgets__widget__caption")

    expect(visitor.page.locator(WIDGET)).to_contain_text(evil("comment"))
    assert visitor.page.locator(f"{WIDGET} .evil").count() == 0
    assert visitor.page.title() != "owned"
