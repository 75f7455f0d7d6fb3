"""What the commands of one decision would make of a lead."""

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.sync.commands import AddNote, CreateLead, FieldValue, UpdateLead
from backend.core.takeover import intents
from backend.core.takeover.intents import Action, Intent, State

KEY = "yclients:41001:7"
KNOWN = (500, 501)
FIELDS = (FieldValue(500, "7"), FieldValue(900, "ours alone"))


def create(**more):
    return CreateLead(KEY, "epilation", "Мария", 8001, 8101, 7000001, Kopecks(250_000), 4, **more)


def test_new_lead_is_the_state_that_it_would_begin_with():
    intent = intents.of(KEY, [create(fields=FIELDS), AddNote(KEY, None, "раз")], KNOWN, phase="waiting")

    assert intent.action is Action.OPEN
    assert intent.direction == "epilation"
    assert intent.wanted == State(None, 8001, 8101, 250_000, 7000001, {500: ("7",)})


def test_nobody_responsible_says_nothing():
    intent = intents.of(KEY, [CreateLead(KEY, "", "", 1, 2, 0, Kopecks(0), 4)], ())

    assert intent.wanted.responsible_id is None


def test_attached_lead_is_named():
    update = UpdateLead(KEY, 5, stage_id=8102, pipeline_id=8001, attaches="epilation", fields=FIELDS)

    intent = intents.of(KEY, [update], KNOWN)

    assert (intent.action, intent.direction, intent.wanted.lead_id) == (Action.ATTACH, "epilation", 5)
    assert intent.wanted.price is None


def test_change_says_only_what_changes():
    intent = intents.of(KEY, [UpdateLead(KEY, 5, price=Kopecks(100))], KNOWN, reason="updated")

    assert (intent.action, intent.reason) == (Action.CHANGE, "updated")
    assert intent.wanted == State(5, price=Kopecks(100))


def test_lead_that_is_given_up_before_a_new_one_is_no_change():
    given_up, made = UpdateLead(KEY, 5, fields=(FieldValue(900, None),)), create()

    assert intents.of(KEY, [given_up, made], KNOWN).action is Action.OPEN
    assert intents.of(KEY, [made, given_up], KNOWN).action is Action.OPEN


def test_leads_beside_the_main_one():
    commands = [create(), create(share="cosmetology"), create(share=">epilation")]

    assert intents.of(KEY, commands, KNOWN).shares == ("cosmetology", ">")


def test_leads_of_other_bookings_count_only_when_they_move():
    other = "yclients:41001:8"
    moved = UpdateLead(other, 9, pipeline_id=8001, stage_id=143)

    intent = intents.of(KEY, [UpdateLead(other, 8, price=Kopecks(1)), moved], KNOWN)

    assert intent.action is Action.NOTHING
    assert intent.sides == (State(9, 8001, 143),)


def test_lead_as_it_is_seen():
    lead = Lead(5, 8001, 8101, Kopecks(100), responsible_id=3, fields=((500, "7"), (900, "x")))

    assert intents.seen(lead, KNOWN) == State(5, 8001, 8101, 100, 3, {500: ("7",), 501: ()})


def test_texts_of_a_value():
    assert [intents.texts(value) for value in (None, "", 7, "a", ("a", "b"))] == [
        (), (), ("7",), ("a",), ("a", "b"),
    ]  # fmt: skip


def test_written_and_read_are_inverse():
    state = State(5, 8001, 8101, Kopecks(100), 3, {500: ("7",)})
    intent = Intent(Action.CHANGE, "moved", "no_show", "epilation", state, (">",), (State(9, stage_id=143),))

    assert intents.read(intents.written(intent)) == intent
