"""Commands about calls are read from the outbox as they were written there."""

from datetime import UTC, datetime

import pytest

from backend.core.crm_values import FieldValue, NewContact
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    Logged,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    Notify,
)
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity
from backend.flows.telephony.after import planned

AT = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
PERSON = NewContact(
    ("+79990000001",), "Мария", "+79990000001", tags=("новый",), fields=(FieldValue(1, None),)
)
TOLD = Logged(Way.IN, "+79990000001", AT, 54, 4, 7, "", "https://rec.example.test/1.mp3", "раз\nдва")
MANY = (FieldValue(1, "call:1:11"), FieldValue(2, ("сайт", "звонок")), FieldValue(3, 17))


@pytest.mark.parametrize(
    "command",
    [
        MakeContact("1:1", PERSON),
        MakeLead("1:1", 5, "Звонок", 8001, 8100, 7),
        MakeLead("1:1", PERSON, "Звонок", 8001, 8100, 0, MANY, ("Москва",)),
        MakeIncoming("1:1", TOLD, PERSON, "Звонок", 8001, MANY, ("Москва",)),
        LogCall("1:1", Logged(Way.OUT, "+79990000001", AT, 0, None, None, "177")),
        NoteCall("1:1", Entity.LEAD, None, TOLD, counts=False),
        GiveContact("1:1", 5, 7, (6, 8)),
        FillFields("1:1", Entity.CONTACT, 5, MANY),
        AddMissedTask("1:1", None, None, "Перезвонить", AT, 0),
        AddMissedTask("1:1", Entity.CONTACT, 5, "Перезвонить", AT, 7),
        CloseMissedTask("1:1", 5, "Поговорили"),
        Notify("1:1", "telephony.no_place", "", (("pipeline", "8001"),)),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_command_is_read_as_it_was_written_down(command):
    assert planned.command(planned.payload(command)) == command
