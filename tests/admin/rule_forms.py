"""The forms of telephony's rules, lines and formats: as they are drawn, changed and sent."""

from backend.flows.rules import configuration
from tests.admin.conftest import HOME
from tests.support.stand import ANNA, EPILATION, STAGES

RULES, FORMATS = f"{HOME}/telephony/rules", f"{HOME}/telephony/formats"
LINE = f"{RULES}/line"
AS_THEY_ARE = {
    "is_on": "1", "card": "1", "notice": "1", "contact_in": "1", "contact_out": "1", "lead_in": "1",
    "place": f"{EPILATION}:{STAGES[EPILATION]}", "first_responsible": str(ANNA), "log": "call",
    "missed_is_on": "1", "missed_closes": "1", "missed_minutes": "15", "missed_to_1": "responsible",
    "missed_to_2": "line", "missed_to_3": "line_default", "missed_to_4": "first", "ring_1": "responsible",
    "ring_2": "last_talker", "ring_3": "line_default",
}  # fmt: skip
FORMATS_AS_THEY_ARE = {
    "dial_is_on": "1", "dial_context": "from-crm", "dial_channel": "PJSIP/{extension}",
    "dial_caller_id": '"{number}" <{extension}>', "dial_timeout": "30", "dial_per_minute": "10",
    "dial_per_hour": "60", "dial_countries": "7", "records": "1", "source": "folder",
    "record_path": "{year}/{month}/{day}/{name}", "mp3": "1", "keep_days": "1095",
}  # fmt: skip


def rules(stand):
    return configuration.current(stand.account.id).telephony


def base(owner, path=RULES):
    return owner.get(path).text.split('name="base" value="')[1].split('"')[0]


def send(owner, *without, screen=RULES, usual=AS_THEY_ARE, **changed):
    """The form as it is drawn, with these fields changed; boxes in `without` are not ticked."""
    fields = {"base": base(owner), **{k: v for k, v in usual.items() if k not in without}, **changed}
    return owner.post(screen, **fields)


def was(line):
    return {"was_trunk": line.trunk, "was_did": line.did, "was_pbx": line.pbx}
