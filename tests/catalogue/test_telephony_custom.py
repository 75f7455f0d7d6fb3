"""What an account makes its own: numbers, clicks, lines, the order of ringing, the words of tasks."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.telephony.rules import (
    Dialling,
    Hours,
    Line,
    Missed,
    MissedTo,
    NumberFormat,
    Person,
    RingTo,
)
from backend.flows.rules import configuration
from backend.flows.telephony.after import samples
from backend.flows.telephony.desk import dialling
from tests.support import make
from tests.support.calls import LINES, PEOPLE
from tests.support.card_stand import ANYBODY, stand
from tests.support.stand import AD_FIELD, ANNA, EPILATION, OLGA, PETR, STAGES

__all__ = ["stand"]

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]
MOSCOW = ZoneInfo("Europe/Moscow")
RUSSIAN = NumberFormat("7XXXXXXXXXX", "8{rest}")


# 3a: looks of numbers


@pytest.mark.parametrize(("formats", "shown"), [((), NUMBER), ((RUSSIAN,), "89990001122")])
def test_3a_a_number_in_amocrm(calls, formats, shown):
    calls.rules(formats=formats)

    calls.called("in", talks=TALK)

    contact = calls.contact_of()
    assert calls.phones(contact) == [shown]
    assert contact["name"] == shown
    assert calls.logged()[0]["params"]["phone"] == shown


def test_3a_however_it_looks_it_is_one_client(calls):
    calls.called("in", talks=TALK)
    calls.rules(formats=(RUSSIAN,))

    calls.called("in", talks=TALK, client="8 (999) 000-11-22")

    assert len(calls.contacts()) == len(calls.leads()) == 1
    assert len(calls.logged()) == 2


@pytest.mark.parametrize(
    ("formats", "dialled"),
    [((), ANYBODY), ((RUSSIAN,), "8" + ANYBODY[-10:]), ((NumberFormat("7.", "9{number}"),), None)],
)
def test_3a_a_number_that_is_dialled(stand, formats, dialled):
    stand.rules(dialling=Dialling(formats=formats))

    stand.click(ANYBODY, OLGA)

    extension = dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id)).extension
    assert extension.lstrip("+") == (dialled or "9" + ANYBODY.lstrip("+")).lstrip("+")


def test_3a_samples_show_what_comes_of_formats(calls):
    rules = replace(
        calls.rules(), formats=(RUSSIAN,), dialling=Dialling(formats=(NumberFormat("7.", "9{rest}"),))
    )
    calls.called("in", talks=TALK)

    found = samples.of(calls.ctx, calls.account.id, rules)

    assert [(one.number, one.shown, one.dialled) for one in found.numbers] == [
        (NUMBER, "89990001122", "99990001122")
    ]


# 3b: what a click asks of the PBX


def ordered(stand, user=OLGA):
    answer = stand.click(ANYBODY, user)
    assert answer.status_code < 300, answer.json
    return dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id))


def test_3b_off_a_click_asks_what_everybody_asks(stand):
    order = ordered(stand)

    assert (order.channel, order.context, order.timeout) == ("PJSIP/102", "from-crm", 30)
    assert order.caller_id == f'"{ANYBODY.lstrip("+")}" <102>'


def test_3b_on_the_account_has_its_own_parameters(stand):
    stand.rules(
        dialling=Dialling(
            context="ctx-crm", channel="SIP/{extension}", caller_id="Клиент {number}", timeout=20,
            variables={"FROM": "crm"},
        )
    )  # fmt: skip

    order = ordered(stand)

    assert (order.channel, order.context, order.timeout) == ("SIP/102", "ctx-crm", 20)
    assert order.caller_id == f"Клиент {ANYBODY.lstrip('+')}"
    assert order.variables["FROM"] == "crm"


def test_3b_a_person_has_their_own_and_another_person_has_not(stand):
    olga = Person(
        OLGA, "102", channel="Local/{extension}@desk", context="ctx-olga", caller_id="<{extension}>"
    )
    stand.rules(people=(PEOPLE[0], olga))

    own, other = ordered(stand), ordered(stand, ANNA)

    assert (own.channel, own.context, own.caller_id) == ("Local/102@desk", "ctx-olga", "<102>")
    assert (other.channel, other.context) == ("PJSIP/101", "from-crm")


def test_3b_a_line_has_its_own_context(stand):
    stand.rules(lines=(*LINES, Line("ads", default_user_id=OLGA, context="out-ads")))

    assert ordered(stand).context == "out-ads"


@pytest.mark.parametrize("is_on", [False, True])
def test_3b_a_line_has_its_own_parameters_and_a_person_goes_before(stand, is_on):
    own = {"channel": "Local/{extension}@ads", "caller_id": "<{number}>", "timeout": 15} if is_on else {}
    ads = Line("ads", default_user_id=OLGA, variables={"ADS": "1"} if is_on else {}, **own)
    anna = Line("anna", default_user_id=ANNA, timeout=15, variables={"DESK": "1"})
    person = replace(PEOPLE[0], timeout=40, variables={"DESK": "2"})
    usual = Dialling(variables={"FROM": "crm"})
    stand.rules(lines=(*LINES, ads, anna), people=(person, *PEOPLE[1:]), dialling=usual)

    by_line, by_person = ordered(stand), ordered(stand, ANNA)

    said = by_line.channel, by_line.timeout, by_line.variables.get("ADS"), by_line.variables["FROM"]
    assert said == (("Local/102@ads", 15, "1", "crm") if is_on else ("PJSIP/102", 30, None, "crm"))
    assert by_line.caller_id == (f"<{ANYBODY.lstrip('+')}>" if is_on else f'"{ANYBODY.lstrip("+")}" <102>')
    assert (by_person.timeout, by_person.variables["DESK"]) == (40, "2")


@pytest.mark.parametrize(
    "own", [{"channel": "PJSIP/101;x"}, {"timeout": 200}, {"variables": {"A": "1,B=2"}}, {"caller_id": "a|b"}]
)
@pytest.mark.parametrize("whose", ["lines", "people"])
def test_3b_what_a_line_or_a_person_has_is_checked_as_well(stand, whose, own):
    rules = configuration.current(stand.account.id).telephony
    changed = tuple(replace(one, **own) for one in getattr(rules, whose))

    with pytest.raises(AssertionError):
        stand.save_rules(replace(rules, **{whose: changed}))

    assert ordered(stand).channel == "PJSIP/102"


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "PJSIP/101;System"},
        {"context": "from crm"},
        {"variables": {"A": "1,B=2"}},
        {"timeout": 1},
        {"caller_id": "a|b"},
    ],
)
def test_3b_a_change_is_checked_before_anything_is_rung(stand, changes):
    rules = configuration.current(stand.account.id).telephony
    with pytest.raises(AssertionError):
        stand.save_rules(replace(rules, dialling=Dialling(**changes)))

    assert ordered(stand).channel == "PJSIP/102"


def test_3b_what_each_person_would_ask_is_shown_after_a_change(calls):
    rules = replace(calls.rules(), dialling=Dialling(context="ctx-crm", countries=("49",)))
    allowed = replace(rules, dialling=Dialling(context="ctx-crm"))
    calls.called("in", talks=TALK)

    found = samples.of(calls.ctx, calls.account.id, allowed).clicks
    assert [(one.order.channel, one.order.context) for one in found] == [
        ("PJSIP/101", "ctx-crm"), ("PJSIP/102", "ctx-crm"), ("PJSIP/103", "ctx-crm"),
    ]  # fmt: skip
    assert {one.code for one in samples.of(calls.ctx, calls.account.id, rules).clicks} == {"dial.foreign"}


# 3e: a line's own responsible for missed calls, and what it adds


@pytest.mark.parametrize(("missed_user", "user"), [(None, ANNA), (PETR, PETR)])
def test_3e_missed_calls_of_a_line(calls, missed_user, user):
    calls.rules(lines=(replace(LINES[0], missed_user_id=missed_user), *LINES[1:]))

    calls.called("in")
    calls.called("in", trunk="spb", client="79995550011")

    assert [task["responsible_user_id"] for task in calls.tasks()] == [user, ANNA]


@pytest.mark.parametrize("is_on", [False, True])
def test_3e_data_that_a_line_adds_to_its_leads(calls, is_on):
    added = {"tags": ("реклама",), "fields": {AD_FIELD: "{линия}: {номер линии}"}} if is_on else {}
    calls.rules(lines=(replace(LINES[0], **added), *LINES[1:]))

    calls.called("in", talks=TALK)
    calls.called("in", talks=TALK, trunk="spb", client="79995550011")

    ours, theirs = calls.leads()
    assert calls.value(ours, AD_FIELD) == ([f"Москва: {make.DID}"] if is_on else [])
    assert [tag["name"] for tag in ours["_embedded"]["tags"]] == (["реклама"] if is_on else [])
    assert (calls.value(theirs, AD_FIELD), theirs["_embedded"]["tags"]) == ([], [])


def test_3e_a_number_of_a_line_adds_its_own(calls):
    number = Line(make.TRUNK, did=make.DID, title="Реклама", fields={AD_FIELD: "{линия}"})
    calls.rules(lines=(*LINES, number))

    calls.called("in", talks=TALK)

    assert calls.value(calls.leads()[0], AD_FIELD) == ["Реклама"]


# 3g: whom to ring


@pytest.mark.parametrize(
    ("ring", "named"),
    [
        ((), ""),
        ((RingTo.RESPONSIBLE,), "102"),
        ((RingTo.LAST_TALKER, RingTo.RESPONSIBLE), "103,102"),
        ((RingTo.LINE_DEFAULT, RingTo.FIRST), "102,101"),
        ((RingTo.RESPONSIBLE, RingTo.EVERYBODY), "102,101,103"),
    ],
)
def test_3g_the_order_is_edited_as_a_list(stand, ring, named):
    stand.client(responsible=OLGA)
    stand.called(talks=[("103", 5, 60)])
    stand.rules(ring=ring, lines=(replace(LINES[0], default_user_id=OLGA), *LINES[1:]))

    assert stand.named() == named


# 3h: the task's words, deadline and person


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", f"Перезвонить: {NUMBER}. Пропущенный звонок"),
        (
            "Наберите {телефон}, линия {линия}, ждали {ожидание}",
            f"Наберите {NUMBER}, линия Москва, ждали 5 с",
        ),
    ],
)
def test_3h_the_words_of_the_task(calls, text, shown):
    calls.rules(missed=Missed(text=text))

    calls.called("in")

    assert calls.tasks()[0]["text"].startswith(shown)


@pytest.mark.parametrize("minutes", [15, 90])
def test_3h_its_deadline(calls, minutes):
    calls.rules(missed=Missed(minutes=minutes))

    row = calls.called("in")

    (task,) = calls.tasks()
    assert task["complete_till"] == int((row.ended_at + timedelta(minutes=minutes)).timestamp())


def test_3h_its_deadline_on_a_day_off_is_the_next_working_day(calls):
    tomorrow = calls.now().astimezone(MOSCOW) + timedelta(days=1)
    calls.rules(hours=Hours({tomorrow.weekday(): (time(10), time(12))}), missed=Missed(minutes=30))

    calls.called("in")

    (task,) = calls.tasks()
    assert task["complete_till"] == datetime.combine(tomorrow, time(10, 30), MOSCOW).timestamp()


@pytest.mark.parametrize(("step", "user"), [(MissedTo.FIRST, ANNA), (MissedTo.FIRST_RUNG, PETR)])
def test_3h_whose_it_is(calls, step, user):
    calls.open_lead(EPILATION, STAGES[EPILATION], client=("Мария", NUMBER), user=OLGA)
    calls.rules(missed=Missed(to=(step,)))

    calls.called("in", rings=[("103", 0, 10)])

    (task,) = calls.tasks()
    assert task["responsible_user_id"] == user
