"""Every page of the panel that a person can open, found in the route map: a new screen joins by itself."""

from dataclasses import replace

from backend.core.rules.options import Options
from backend.core.takeover.pairing import Pair, State, Tier
from backend.core.watch.doubles import Action, Double, Kind
from backend.flows.rules import configuration
from backend.flows.simulation import drafting
from backend.flows.simulation.drafting import Origin
from backend.flows.vendors import figures
from backend.flows.works import long_work
from backend.flows.works.long_steps import CATALOGUE
from backend.store import doubles, takeover_pairs
from backend.store.takeover_pairs import FoundPair
from backend.store.telephony import calls, pbxes, recordings
from backend.store.telephony.pbxes import Pbx
from backend.store.telephony.recordings import Wanted
from tests.support import make
from tests.support.stand import CLEANING, DOMAIN, EPILATION, LASER_ARMPITS, TVERSKAYA, UNMAPPED

SPARE = "spare"  # an operator on whom the forms about operators may work

# Addresses that answer no page of their own: a secret is asked, or a part of a page is sent.
NO_PAGES = {
    "admin.ticket",
    "admin.invitation",
    "admin.marketplace",
    "admin.salon_choice",
    "admin.help_image",
    "admin.report_file",
    "admin.takeover_shadow_file",
    "admin.telephony_statistics_file",
    "admin.telephony_status",
    "admin.takeover_protocol",
    "admin.takeover_rollback_file",
    "admin.rules_file",
    "admin.charts",
    "admin.account_charts",
}

# Addresses about one PBX.
CONNECTION = tuple(
    f"admin.telephony_connection{deed}" for deed in ("", "_save", "_check", "_again", "_token", "_remove")
)

PLACE = tuple(f"admin.telephony_recording_place{deed}" for deed in ("", "_save", "_check"))

# One word in two addresses means two things.
OWN = {
    "admin.help_page": {"chapter": "first-run"},
    "admin.mend_field": {"name": "visit_at"},
    "admin.mend_contact_field": {"name": "visits"},
    "admin.report_file": {"name": "lost", "kind": "csv"},
    "admin.takeover_shadow_file": {"kind": "csv"},
    "admin.takeover_rollback_file": {"kind": "csv"},
    "admin.telephony_statistics_file": {"kind": "csv"},
    "admin.telephony_connection_new": {"kind": "asterisk"},
    "admin.telephony_connection_add": {"kind": "asterisk"},
    "admin.telephony_connection_point": {"code": "cloud"},
    "admin.try_telephony_hook": {"name": "nowhere"},
    **{endpoint: {"code": "office"} for endpoint in (*CONNECTION, *PLACE)},
}

# What a page is asked for beside its address.
ASKED = {
    "admin.category_services": {"card": f"{TVERSKAYA}:501"},
    "admin.takeover_pairs_bulk": {"tier": "D"},
}


class Unknown(Exception):
    """A page needs something that `samples` does not give yet."""


def live_through(stand, who=("Мария", "Елена", "Ольга"), comment="Аллергия на лидокаин"):
    """A day on which a bit of everything happens; the first booking is the one that pages are opened for."""
    first = stand.book(LASER_ARMPITS, client=(who[0], "+79990000001"), comment=comment)
    second = stand.book(CLEANING, client=(who[1], "+79990000002"), comment=comment)
    stand.settle()
    stand.book(UNMAPPED, client=(who[2], "+79990000003"), comment=comment)
    stand.mark(second, 2)
    stand.settle()
    lost = stand.book(LASER_ARMPITS, client=(who[2], "+79990000004"), at="+3")
    stand.settle()
    stand.delete(lost)
    stand.settle()
    figures.roll_up(stand.ctx)
    return first


def samples(stand, record):
    """What stands in the addresses of the pages."""
    return {
        "domain": DOMAIN,
        "event_id": stand.events(record)[0].id,
        "company_id": TVERSKAYA,
        "work_id": long_work.start(stand.ctx, stand.account.id, CATALOGUE, {}, SPARE),
        "draft_id": _draft(stand),
        "double_id": _double(stand, record),
        "login": SPARE,
        "number": 1,
        "row_id": 1,
        "pair_id": _pair(stand, record),
        "call_id": _call(stand),
        "recording_id": _recording(stand),
        "code": "P1",
        "pipeline_id": EPILATION,
        "deed": "off",
        "part": "fields",
        "what": "amocrm",
    }


def _pair(stand, record):
    """A booking and a lead that a search before a move has put side by side."""
    key = f"yclients:{TVERSKAYA}:{record['id']}"
    pair = Pair(key, stand.linked_lead(record), Tier.D, (), State.PROPOSED, is_best=True)
    takeover_pairs.add(stand.account.id, [FoundPair(pair, TVERSKAYA, stand.now())], stand.now())
    return takeover_pairs.of_booking(stand.account.id, [key])[key][0].id


def _double(stand, record):
    """Two contacts that look like one person: what to do about them only a person knows."""
    alike = Double(
        Kind.ONE_PHONE, f"phone/{record['id']}", (), (1, 2), Action.MERGE, None, "bookings_go_there"
    )
    doubles.save(stand.account.id, [alike], stand.now())
    return doubles.page(stand.account.id, Kind.ONE_PHONE)[0].id


def _call(stand):
    """A call that somebody answered, on a PBX of the account; besides one missed, and a click in vain."""
    pbx = pbxes.save(Pbx(stand.account.id, "office", "Офис", host="127.0.0.1", login="crm", secret="unknown"))
    nowhere = {"url": "http://127.0.0.1:1", "key": "unknown"}
    pbxes.save(Pbx(stand.account.id, "cloud", "Облако", kind="cloud", options=nowhere))
    at = {"at": stand.now(), "pbx_id": pbx.id}
    click = {"client": "", "operator": "101", "rings": ["101"], "trunk": "", "request_id": "click-1"}
    for other in (make.call(rings=["101"], **at), make.call("internal", **click, **at)):
        calls.save(stand.account.id, other, now=stand.now(), client_key=other.client and "+79990003344")
    call = make.call(rings=["101"], talks=[("102", 8, 68)], **at)
    return calls.save(stand.account.id, call, now=stand.now(), client_key="+79990001122").id


def _draft(stand):
    """Rules without their options, looked at and not saved."""
    rules = replace(configuration.current(stand.account.id), options=Options())
    origin = Origin(SPARE, place=f"/admin/accounts/{DOMAIN}/settings")
    return drafting.of_rules(stand.ctx, stand.account, rules, 1, origin, action="configuration.saved")


def pages(app, known):
    """(endpoint, path) of everything the panel answers to GET; `known` fills the addresses in."""
    addresses = app.url_map.bind("mostik.test")
    return [
        (rule.endpoint, addresses.build(rule.endpoint, given(rule, known) | ASKED.get(rule.endpoint, {})))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "GET" in rule.methods and rule.endpoint not in NO_PAGES
    ]


def given(rule, known):
    """The values for one address."""
    known = known | OWN.get(rule.endpoint, {})
    if missing := rule.arguments - known.keys():
        raise Unknown(f"{rule.endpoint} wants {', '.join(sorted(missing))}")
    return {name: known[name] for name in rule.arguments}


def _recording(stand):
    """A recording that is looked for."""
    wanted = Wanted("1:0.0", 0, 1, ["in.wav"], stand.now(), stand.now())
    return recordings.expect(stand.account.id, [wanted], stand.now())[0].id
