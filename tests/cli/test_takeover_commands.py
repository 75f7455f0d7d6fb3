"""`takeover …`: a whole move typed in a terminal, beside a GET8 that works."""

import json

import pytest

from backend import cli
from backend.flows.works import long_work
from backend.store import db, lanes
from tests.support.get8 import ROBOT_USER, Get8Stand
from tests.support.stand import CLEANING, DOMAIN, LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.stand_fixtures import new_get8

__all__ = ["new_get8"]
WEEK_OF_WORK = 60


@pytest.fixture
def lived(new_get8, request) -> Get8Stand:
    """Enough bookings that GET8's marks can be measured; one will do where nothing is."""
    stand = new_get8()
    for number in range(getattr(request, "param", 1)):
        service = (LASER_ARMPITS, LASER_LEGS, CLEANING)[number % 3]
        stand.book(service, client=(f"Клиентка {number}", f"+7999000{number:04}"), at=f"+{2 + number % 7}")
    stand.settle()
    return stand


@pytest.fixture
def typed(lived):
    """`typed("gate", company)` → what the command printed."""
    cli.register(lived.app)
    runner = lived.app.test_cli_runner()

    def command(verb, *arguments, **how):
        done = runner.invoke(args=["takeover", verb, DOMAIN, *map(str, arguments)], **how)
        assert done.exit_code == 0, f"{done.output} {done.exception}"
        finish(lived)
        return json.loads(done.stdout)

    return command


def finish(stand):
    """The worker of long works does what was asked for."""
    lane = lanes.lane_id(stand.account.id, long_work.LANE)
    db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane,))
    long_work.run(stand.ctx, lane)
    stand.work()


@pytest.mark.parametrize("lived", [WEEK_OF_WORK], indirect=True)
def test_reading_measuring_matching_and_adopting(lived, typed):
    before = lived.world.amocrm.journal(DOMAIN)[-1]["n"]
    typed("discover", "--months", 1)
    typed("profile")
    known = typed("recognised", "--confirm")
    drafted = typed("draft", "--accept")
    typed("match")
    pairs = typed("pairs")
    said = typed("decide", input=json.dumps({"reject": [pairs[0]["id"]]}))
    adopted = typed("adopt", TVERSKAYA)

    assert {work["state"] for work in typed("works").values()} == {"done"}
    assert known["writer_ids"] == [ROBOT_USER]
    assert "record_id" in [place["what"] for place in known["places"]]
    assert "fields" in drafted["parts"]
    assert len(pairs) == WEEK_OF_WORK
    assert said == {"accept": 0, "reject": 1}
    assert adopted["adopted"] == WEEK_OF_WORK - 1
    mine = [row for row in lived.writes(since=before) if "/leads" in row["path"] and row["ids"]]
    assert [row for row in mine if row["author"] != lived.get8.setup.client_id] == []


def test_shadow_gate_and_readiness(lived, typed):
    told = typed("shadow", TVERSKAYA)
    lived.pass_time(3600)
    compared = typed("compare")
    said = typed("say", TVERSKAYA, "explained", "some-rule", "approved")
    gate = typed("gate", TVERSKAYA)
    checks = typed("ready", TVERSKAYA)

    assert told == {"way": "hooks"}
    assert compared["compared"] >= 0
    assert said == {"said": "approved"}
    assert gate["is_open"] is False
    assert "gate" in [check["code"] for check in checks if not check["is_green"]]


def test_a_switch_that_is_not_ready_goes_back_and_says_why(typed):
    typed("switch", TVERSKAYA)
    one = typed("timeline", TVERSKAYA)["cutover"]

    assert one["state"] == "failed_back"
    assert [step["step"] for step in one["steps"]] == ["queued", "preflight"]
    assert len(typed("counters", TVERSKAYA)) == 13


def test_nothing_goes_back_that_is_not_ours(lived):
    cli.register(lived.app)
    done = lived.app.test_cli_runner().invoke(args=["takeover", "back", DOMAIN, str(TVERSKAYA)])

    assert done.exit_code == 1
    assert "Traceback" not in done.output
