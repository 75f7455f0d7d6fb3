"""Which moves of a lead are a person's «confirmed» (row L4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.rules.configuration import Branch, Configuration, Direction, Mode, Options, Route
from backend.core.salon import Phase
from backend.core.sync.confirming import Awaited, StageMove, confirms
from backend.core.sync.links import Link, Role

NOW = datetime(2030, 3, 10, tzinfo=UTC)
BOOKED, CONFIRMED = 8101, 8102
ROUTE = Route(41001, "epilation", 8001, {Phase.WAITING: BOOKED, Phase.CONFIRMED: CONFIRMED})
ELSEWHERE = Route(41001, "care", 8002, {Phase.WAITING: 8201, Phase.CONFIRMED: 8202})
RULES = Configuration(
    options=Options(attendance_from_stage=True),
    branches=(Branch(41001, "Тверская", Mode.ACTIVE),),
    directions=(Direction("epilation", "Эпиляция"), Direction("care", "Косметология")),
    routes=(ROUTE, ELSEWHERE),
)
LINK = Link("yclients:41001:7", 20000001, direction="epilation", stage_id=BOOKED)
BOOKING = Awaited(LINK, Phase.WAITING, NOW + timedelta(days=1))
MOVE = StageMove(20000001, 8001, CONFIRMED)


def test_a_person_moved_the_lead_to_confirmed():
    assert confirms(MOVE, BOOKING, RULES, NOW)


def test_in_another_pipeline_its_own_mapping_counts():
    assert confirms(StageMove(20000001, 8002, 8202), BOOKING, RULES, NOW)


@pytest.mark.parametrize(
    ("move", "booking", "rules"),
    [
        pytest.param(MOVE, BOOKING, replace(RULES, options=Options()), id="switched off"),
        pytest.param(StageMove(1, 8001, BOOKED), BOOKING, RULES, id="another stage"),
        pytest.param(StageMove(1, 8009, CONFIRMED), BOOKING, RULES, id="a pipeline without a mapping"),
        pytest.param(
            MOVE, replace(BOOKING, link=replace(LINK, stage_id=CONFIRMED)), RULES, id="our own move"
        ),
        pytest.param(MOVE, replace(BOOKING, link=replace(LINK, role=Role.HISTORY)), RULES, id="history"),
        pytest.param(MOVE, replace(BOOKING, phase=Phase.CONFIRMED), RULES, id="confirmed already"),
        pytest.param(MOVE, replace(BOOKING, phase=Phase.NO_SHOW), RULES, id="did not come"),
        pytest.param(MOVE, replace(BOOKING, starts_at=NOW), RULES, id="the visit has begun"),
        pytest.param(MOVE, BOOKING, replace(RULES, branches=()), id="a salon that left"),
        pytest.param(
            MOVE,
            BOOKING,
            replace(RULES, branches=(Branch(41001, "Тверская", Mode.OBSERVE),)),
            id="observed only",
        ),
    ],
)
def test_whatever_else_confirms_nothing(move, booking, rules):
    assert not confirms(move, booking, rules, NOW)
