"""Commands, decisions and facts as plain JSON."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.errors import InvalidInput, NeedsHuman, Scope, TryLater
from backend.core.money import Kopecks
from backend.core.salon import Label, Phase, ServiceLine, StaffMember
from backend.core.sync import journal
from backend.core.sync.booking import decide
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    CreateLead,
    FieldValue,
    LinkProducts,
    NewContact,
    ProductLine,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate
from tests.support.facts import CONFIGURATION, KEY, LEAD, NOW, RULES, booking, facts, lead, line, link

FIELDS = (FieldValue(1, "текст"), FieldValue(2, ("а", "б")), FieldValue(3, 1773144000), FieldValue(4, None))
MARIA = NewContact(("+79990000001", "yclients:41001:7"), "Мария", "+79990000001", "", ("тег",), 7)
COMMANDS = [
    CreateLead(
        KEY,
        "epilation",
        "Имя",
        8001,
        8101,
        7,
        Kopecks(250000),
        MARIA,
        FIELDS,
        ("тег",),
        (("phase", "waiting"),),
    ),
    CreateLead(KEY, "epilation", "Имя", 8001, 8101, 7, Kopecks(250000), 40000001),
    UpdateLead(
        KEY,
        LEAD,
        "Имя",
        Kopecks(1),
        8001,
        8101,
        501,
        FIELDS,
        "epilation",
        "yclients:41001:1",
        (("price", "1"),),
    ),
    UpdateLead(KEY, LEAD),
    AddNote(KEY, None, "текст", (("noted_comment", ""),)),
    AddTask(KEY, LEAD, "текст", NOW, 7, (("told_closed", "waiting"),)),
    UpdateContact(KEY, 40000001, "Мария", ("+79990000001",), FIELDS, ("тег",), (KEY,), (("visits", "2"),)),
    ReplaceContact(KEY, LEAD, MARIA, 40000001),
    ReplaceContact(KEY, LEAD, 40000002),
    LinkProducts(KEY, LEAD, (ProductLine("41001:90001", "Лазер", Kopecks(250000), 2),), ("41001:90002",)),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_survives_the_outbox(command):
    stored = json.loads(json.dumps(journal.command(command)))

    assert journal.command_from(stored) == command


def test_a_command_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown command: Explode"):
        journal.command_from({"kind": "Explode"})


def test_a_decision_keeps_its_reason_and_the_facts_it_was_made_from():
    holder = Link("yclients:41001:1", LEAD)
    found = facts(
        contact=Contact(40000001), candidates=(Candidate(lead(8101), holder), Candidate(lead(id=5)))
    )

    written = journal.decision(decide(found, RULES), found)

    assert (written["reason"], written["version"]) == ("attached", NOW.isoformat())
    assert written["details"] == {"rank": "5", "lead": "5"}
    assert written["facts"]["contact_id"] == 40000001
    assert [c["holder"] for c in written["facts"]["candidates"]] == ["yclients:41001:1", None]
    assert written["facts"]["lead"] is None


def test_a_decision_about_a_linked_lead_shows_it():
    found = facts(link=link(), lead=lead(8101))

    written = journal.decision(decide(found, RULES), found)

    assert written["facts"]["lead"]["stage_id"] == 8101
    assert written["facts"]["contact_id"] is None


def test_a_decision_alone_is_written_without_facts():
    written = journal.decision(decide(facts(seen=NOW + timedelta(seconds=1)), RULES))

    assert (written["reason"], written["facts"]) == ("stale", {})


def test_a_decision_without_a_version_is_written_too():
    written = journal.decision(replace(decide(facts(), RULES), version=None))

    assert written["version"] is None


def test_the_journal_holds_neither_name_nor_phone_of_the_client():
    written = json.dumps(journal.booking(booking()), ensure_ascii=False)

    assert "Мария" not in written
    assert "9990000001" not in written
    assert "Лазер" in written


def test_mappings_and_sets_are_plain_too():
    direction = CONFIGURATION.directions[0]

    assert journal._plain(direction)["categories"] == {"41001": [501], "41002": [601]}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InvalidInput("bad.input", field="phone"), "bad.input field=phone"),
        (TryLater("later", after=timedelta(seconds=5)), "later"),
        (NeedsHuman("human", Scope("branch", "41001"), why="401"), "human why=401"),
    ],
)
def test_errors_show_their_code_and_details(error, text):
    assert str(error) == text


def test_an_error_for_a_person_stops_the_account_unless_it_says_otherwise():
    assert NeedsHuman("human").scope == Scope("account", "")


def test_a_booking_comes_back_as_it_was_written_down():
    about = booking(
        Phase.CONFIRMED, line(amount=2, full_price=Kopecks(300000)), is_online=True, is_paid=True,
        duration_seconds=3600, visit_id=5, author_id=6, labels=(Label(7, "VIP"),), event_id=8, places=2,
        comment="Позвонить",
    )  # fmt: skip

    read = journal.booking_from(json.loads(json.dumps(journal.booking(about))))

    assert read == replace(about, client=None, comment="")


def test_a_booking_written_down_long_ago_has_what_was_known_then():
    old = {
        "key": KEY, "phase": "waiting", "starts_at": NOW.isoformat(), "changed_at": NOW.isoformat(),
        "is_paid": False, "staff": "Вера", "services": [{"title": "Лазер", "price": 250000, "amount": 1}],
    }  # fmt: skip

    read = journal.booking_from(old)

    assert (read.created_at, read.staff, read.places) == (NOW, StaffMember(0, "Вера"), 1)
    assert read.lines == (ServiceLine(0, "Лазер", Kopecks(250000)),)


@pytest.mark.parametrize(
    ("snapshot", "moment"),
    [
        pytest.param(json.dumps(journal.booking(booking(created_at=NOW))), NOW, id="it says so"),
        pytest.param("{}", None, id="written before that was kept"),
    ],
)
def test_when_a_booking_was_made_is_read_from_its_snapshot(snapshot, moment):
    assert journal.created_at(snapshot) == moment
