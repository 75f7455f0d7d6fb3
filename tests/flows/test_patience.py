"""A person who waits for a page does not hold the web server for as long as a vendor likes."""

import dataclasses

import pytest

from backend.core.errors import TryLater
from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration_edit
from backend.flows.vendors import patience
from backend.store import connections, in_force, offered
from tests.support.stand import TVERSKAYA, URAL


class Watch:
    """A clock that each reading of the salon moves on."""

    def __init__(self, step):
        self.at, self.step = 0.0, step

    def __call__(self):
        self.at += self.step
        return self.at


def waiting(stand, step):
    return dataclasses.replace(stand.ctx, patience=patience.begun(Watch(step)))


def asked(stand):
    return len(stand.world.yclients.journal())


def test_requests_end_when_the_time_is_up(stand):
    client = waiting(stand, patience.SECONDS / 3).yclients(stand.account.id, TVERSKAYA)
    before = asked(stand)

    for _ in range(3):
        client.company(TVERSKAYA)
    with pytest.raises(TryLater) as caught:
        client.company(TVERSKAYA)

    assert caught.value.code == "outside.slow"
    assert asked(stand) == before + 3


def test_amocrm_is_not_waited_for_either(stand):
    client = waiting(stand, patience.SECONDS + 1).amo(stand.account.id)

    with pytest.raises(TryLater) as caught:
        client.account()

    assert caught.value.code == "outside.slow"


def test_a_salon_that_was_too_slow_is_read_later(stand):
    number = configuration_edit.set_mode(stand.ctx, stand.account, URAL, Mode.OFF, "irina").number
    branch = connections.get(stand.account.id, URAL)
    in_force.save_timezone(branch.id, "UTC")
    before = offered.read_at(stand.account.id)[URAL]
    hurried = waiting(stand, patience.SECONDS + 1)

    result = configuration_edit.set_mode(hurried, stand.account, URAL, Mode.OBSERVE, "irina")
    stand.settle()

    assert (result.number, [problem.code for problem in result.problems]) == (number + 1, ["outside.slow"])
    assert offered.read_at(stand.account.id)[URAL] > before
    assert connections.get(stand.account.id, URAL).timezone == "Asia/Yekaterinburg"


def test_a_worker_has_all_the_time(stand):
    assert stand.ctx.patience() is None
