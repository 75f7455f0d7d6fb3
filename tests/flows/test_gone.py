"""A lead that is deleted as soon as it is made is not made again without end."""

import pytest

from backend.integrations.amocrm.client import AmoClient
from tests.support.stand import ANNA, DOMAIN, LASER_ARMPITS

ATTEMPTS = 8


@pytest.fixture
def made(stand, monkeypatch):
    """Ids of the leads we made; a robot of the account deletes each before its note is written."""
    ids, real = [], AmoClient.write

    def robbed(self, method, path, body):
        answer = real(self, method, path, body)
        new = [row["id"] for row in answer.data if path == "leads/complex"]
        for lead_id in new:
            stand.world.amocrm.ui_delete(DOMAIN, user_id=ANNA, lead_id=lead_id)
        ids.extend(new)
        return answer

    monkeypatch.setattr(AmoClient, "write", robbed)
    return ids


def test_booking_whose_lead_a_robot_deletes_is_tried_with_pauses_and_given_up(stand, made, alarm_codes):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    soon = len(made)
    for _ in range(12):
        stand.pass_time(700)

    assert soon < ATTEMPTS
    assert 1 < len(made) <= ATTEMPTS
    assert [event.status for event in stand.events(record)] == ["failed"]
    assert "inbox.gave_up" in alarm_codes()
