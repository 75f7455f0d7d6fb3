"""The draft of our rules out of what another integration was seen to do."""

from dataclasses import replace
from datetime import timedelta

from backend.core.crm import CrmSchema, CrmUser, CustomField, Pipeline, Stage
from backend.core.rules import configuration_document
from backend.core.rules.configuration import Branch, Configuration, FieldName, Mode
from backend.core.salon import Phase
from backend.core.takeover import draft
from backend.core.takeover.draft import Part, Sources
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from tests.support.facts import COSMETOLOGY, EPILATION, NEW, TVERSKAYA, line
from tests.support.observed import OLGA, URAL, made, record


def pipeline(number, title):
    names = ("Новая", "Записан", "Ждёт")
    first = NEW if number == EPILATION else 8200
    return Pipeline(number, title, tuple(Stage(first + n, number, name, n) for n, name in enumerate(names)))


SCHEMA = CrmSchema(
    1, "x", "x", "UTC", False, (pipeline(EPILATION, "Эпиляция"), pipeline(COSMETOLOGY, "Косметология")),
    (CrmUser(OLGA, "Ольга"),),
    (CustomField(9, "Номер", "text"), CustomField(10, "Дата", "text"), CustomField(11, "Мастер", "text"),
     CustomField(12, "Визит", "date_time")),
)  # fmt: skip


EMPTY = Configuration()


def sources(rules=EMPTY, places=(), count=10):
    found = Profile()
    for number in range(count):
        kept = made(timedelta(seconds=30), number=number, stage=NEW + 2)
        found.behaviour.person([record(number, lines=(line(501),))], [kept], {})
    titles = {TVERSKAYA: "Тверская", URAL: "Урал"}
    return Sources(found, Recognition(places=places), rules, SCHEMA, titles)


def place(what, field_id, **more):
    return Place(Kind.FIELD, field_id, what, share=1.0, count=100, **more)


OBSERVED = Configuration(branches=(Branch(TVERSKAYA, "Тверская"),))


def test_only_salons_with_bookings_are_proposed_and_only_to_be_observed():
    given = sources()
    [one] = draft.lines(given)[Part.BRANCHES]
    after = draft.accepted(given, Part.BRANCHES, [one], given.rules)

    assert (one.key, one.bookings, draft.name(one), draft.is_offered(one)) == (
        f"branch:{TVERSKAYA}", 10, f"branch:{TVERSKAYA}", True,
    )  # fmt: skip
    assert after.branches == (Branch(TVERSKAYA, "Тверская", Mode.OBSERVE),)


def test_a_salon_that_is_off_is_observed_and_one_at_work_is_left():
    off = Configuration(branches=(Branch(URAL, "Урал"), Branch(TVERSKAYA, "Тверская", Mode.OFF)))
    given = sources(off)
    after = draft.accepted(given, Part.BRANCHES, draft.lines(given)[Part.BRANCHES], off)
    at_work = Configuration(branches=(Branch(TVERSKAYA, "Тверская", Mode.ACTIVE),))
    known = sources(at_work)
    [line_] = draft.lines(known)[Part.BRANCHES]

    assert [one.mode for one in after.branches] == [Mode.OBSERVE, Mode.OBSERVE]
    assert not draft.is_offered(line_)
    assert draft.accepted(known, Part.BRANCHES, [line_], at_work) == at_work


def test_directions_stages_and_people_build_upon_one_another():
    given, now = sources(OBSERVED), OBSERVED
    told = draft.lines(given)
    for part in (Part.DIRECTIONS, Part.STAGES, Part.ROUTES):
        assert draft.is_offered(told[part][0])
        now = draft.accepted(given, part, told[part], now)

    [route] = now.routes
    assert (route.pipeline_id, route.stages[Phase.WAITING], route.responsible_id) == (
        EPILATION,
        NEW + 2,
        OLGA,
    )
    assert now.directions[0].categories == {TVERSKAYA: frozenset({501})}
    assert Part.TRIGGERS not in told
    assert draft.name(told[Part.STAGES][0]) == f"stage:{EPILATION}/waiting"


def test_our_fields_go_into_theirs_where_the_type_fits_and_nothing_is_shifted():
    given = sources(OBSERVED, places=(
        place(What.RECORD_ID, 9), place(What.RECORD_ID, 10), place(What.DATE, 10),
        place(What.DATE, 12), place(What.STAFF, 11, entity="contacts"),
        place(What.STATUS, 11), replace(place(What.VISIT_ID, 11), shift=5),
        Place(Kind.URL, 11, What.STAFF, "x"),
    ))  # fmt: skip
    told = draft.lines(given)[Part.FIELDS]
    after = draft.accepted(given, Part.FIELDS, told, OBSERVED)

    assert {one.name: one.place.field_id for one in told} == {FieldName.RECORD_ID: 9, FieldName.VISIT_AT: 12}
    assert after.fields == {FieldName.RECORD_ID: 9, FieldName.VISIT_AT: 12}
    known = draft.lines(replace(given, rules=after))[Part.FIELDS]
    assert [draft.is_offered(one) for one in known] == [False, False]
    assert draft.name(told[0]) == "field:record_id"


def test_the_whole_draft_is_a_document_of_ours_in_which_nobody_writes():
    document = draft.draft(sources(places=(place(What.RECORD_ID, 9),)))

    assert set(document) == {"branches", "directions", "routes", "fields"}
    assert [one["mode"] for one in document["branches"]] == ["observe"]
    assert document["fields"]["record_id"] == 9
    parsed = configuration_document.parse({**document, "account": {"timezone": "Europe/Moscow"}})
    assert parsed.configuration.routes[0].pipeline_id == EPILATION


def test_what_the_rules_say_already_is_not_drafted_again():
    document = draft.draft(sources(OBSERVED, places=(place(What.RECORD_ID, 9),)))

    assert [one["company_id"] for one in document["branches"]] == [TVERSKAYA]


def test_nothing_measured_nothing_drafted():
    assert draft.lines(sources(count=0)) == {}
    assert draft.draft(sources(count=0)) == {"branches": []}
