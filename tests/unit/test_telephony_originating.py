"""What a PBX is told by a click: filled from the rules, and nothing in it that could be more than a word."""

from dataclasses import replace

import pytest

from backend.core.errors import InvalidInput
from backend.core.telephony import originating
from backend.core.telephony.rules import Dialling, Line, Person, TelephonyRules

PERSON = Person(1, "101")
TOKEN = "ab12"


def order(number="79990001122", person=PERSON, line=None, **rules):
    return originating.order(TOKEN, number, person, line, Dialling(**rules))


def test_the_built_in_order():
    made = order()

    assert (made.channel, made.context, made.extension) == ("PJSIP/101", "from-crm", "79990001122")
    assert (made.caller_id, made.timeout) == ('"79990001122" <101>', 30)
    assert made.variables == {"__CRM_CALL_ID": TOKEN}
    assert made.channel_id == "crm-ab12"


@pytest.mark.parametrize(
    ("channel_id", "token"),
    [("crm-ab12", TOKEN), ("crm-ab12;2", TOKEN), ("1700000000.1", ""), ("pbx-crm-ab12", ""), ("", "")],
)
def test_the_channel_of_a_click_is_known_by_its_id(channel_id, token):
    assert originating.token_of(channel_id) == token


def test_a_person_goes_before_a_line_and_a_line_before_what_holds_for_all():
    line = Line("msk", context="out-msk")
    own = replace(PERSON, channel="SIP/{extension}", context="own", caller_id="<{extension}>")

    assert order(line=line, context="all").context == "out-msk"
    assert order(line=Line("msk"), context="all").context == "all"
    assert (order(person=own, line=line).context, order(person=own).channel) == ("own", "SIP/101")
    assert order(person=own).caller_id == "<101>"


def test_variables_of_the_rules_go_along_and_ours_cannot_be_overwritten():
    made = order(variables={"__CRM_CALL_ID": "stolen", "CRM_LINE": "msk"})

    assert made.variables == {"__CRM_CALL_ID": TOKEN, "CRM_LINE": "msk"}


@pytest.mark.parametrize(("given", "used"), [(1, 5), (45, 45), (9999, 120)])
def test_a_phone_rings_for_a_sensible_time(given, used):
    assert order(timeout=given).timeout == used


BREAKS = ("\r\n", "\n", "\x00")


@pytest.mark.parametrize(
    ("part", "how"),
    [
        *(("number", {"number": f"7999{sign}Action: Originate"}) for sign in BREAKS),
        ("number", {"number": "79990001122&101"}),
        ("number", {"number": "+7999000*11"}),
        ("number", {"number": "٧٩٩٩٠٠٠"}),
        ("extension", {"person": replace(PERSON, extension="101\r\nX: 1"), "channel": "PJSIP/101"}),
        ("extension", {"person": replace(PERSON, extension="")}),
        *(("channel", {"channel": f"PJSIP/101{sign}Application: System"}) for sign in BREAKS),
        ("channel", {"channel": "PJSIP/101&PJSIP/102"}),
        ("channel", {"channel": "PJSIP/{phone}"}),
        ("context", {"context": "from crm"}),
        ("context", {"context": "a\nb"}),
        *(("caller_id", {"caller_id": f"x{sign}y"}) for sign in BREAKS),
        ("caller_id", {"caller_id": "${SHELL(id)}"}),
        ("variables", {"variables": {"A": "1,B=2"}}),
        ("variables", {"variables": {"A": "1\r\nAction: Command"}}),
        ("variables", {"variables": {"SHELL(id)": "1"}}),
    ],
)
def test_a_part_that_is_more_than_a_word_is_refused_by_name(part, how):
    with pytest.raises(InvalidInput) as refused:
        order(**how)

    assert (refused.value.code, refused.value.details["part"]) == ("dial.bad_order", part)


OWN = TelephonyRules(
    lines=(
        Line("plain", default_user_id=1, pipeline_id=8001),
        Line("far", pbx="other", default_user_id=1, timeout=10),
        Line("ads", pipeline_id=8001, variables={"ADS": "1"}),
        Line("anna", default_user_id=1, channel="SIP/{extension}"),
    )
)


@pytest.mark.parametrize(
    ("user", "pipeline", "trunk"),
    [(1, None, "anna"), (1, 8001, "ads"), (1, 8002, "anna"), (2, 8001, "ads"), (2, None, None)],
)
def test_a_click_goes_through_the_line_of_its_lead_or_of_its_person(user, pipeline, trunk):
    found = originating.line_for(OWN, user, "office", pipeline)

    assert (found.trunk if found else None) == trunk
