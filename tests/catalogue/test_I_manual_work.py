"""I. What people do in amoCRM by hand is not overwritten."""

import pytest

from tests.support.stand import LASER_ARMPITS, OLGA

COMPLAINT, CONFIRMED, NEW = 8109, 8102, 8100


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.mark.parametrize("stage", [COMPLAINT, CONFIRMED, NEW])
def test_I1_edit_after_a_manual_move_changes_fields_and_no_stage(stand, booked, stage):
    stand.move(stand.lead_of(booked), stage)
    stand.edit(booked, comment="Просила другой кабинет", staff_id=82)

    stand.settle()

    lead = stand.lead_of(booked)
    assert lead["status_id"] == stage
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Просила другой кабинет"]
    assert stand.value(lead, "MOSTIK_MASTER") == ["Инна"]


def test_I1_edit_keeps_the_name_and_the_responsible_that_a_manager_chose(stand, booked):
    stand.edit_lead(stand.lead_of(booked), name="Мария, важная", responsible_user_id=OLGA)
    stand.edit(booked, datetime=stand.wall("+4"))

    stand.settle()

    lead = stand.lead_of(booked)
    assert (lead["name"], lead["responsible_user_id"]) == ("Мария, важная", OLGA)
    assert len(stand.leads()) == 1


def test_I1_field_that_a_manager_corrected_survives_other_edits(stand, booked, field_id):
    stand.edit_lead(stand.lead_of(booked), fields={field_id("MOSTIK_MASTER"): "Вера Павловна"})
    stand.edit(booked, comment="Придёт позже")

    stand.settle()

    lead = stand.lead_of(booked)
    assert stand.value(lead, "MOSTIK_MASTER") == ["Вера Павловна"]
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Придёт позже"]
