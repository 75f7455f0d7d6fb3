"""One call: what happened as a picture, its recordings, what was done in amoCRM and why, and once more."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.names import Names
from admin.pages import page
from admin.telephony import players, timeline, view
from admin.telephony.view import Shown
from backend import texts
from backend.core.errors import InvalidInput, NeedsHuman
from backend.flows.road import replays
from backend.flows.rules import configuration
from backend.flows.widget import spoken
from backend.store import events, mirror
from backend.store.accounts import Account
from backend.store.telephony import calls, dials, pbxes, recordings
from backend.store.telephony.calls import CallRow
from backend.store.telephony.dials import Dial
from backend.store.telephony.recordings import Recording

FORMER = 10  # calls of the same client


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/calls/<int:call_id>"
    bp.get(home, endpoint="telephony_call")(show)
    bp.post(f"{home}/again", endpoint="telephony_call_again")(again)


def show(domain: str, call_id: int) -> Response:
    account = guard.account(domain)
    row = _row(account, call_id)
    names, rules = Names(account.id), configuration.current(account.id).telephony
    pbx = pbxes.by_id(row.pbx_id)
    call, place = row.call, spoken.zone(account.timezone)
    crm = row.crm or {}
    return page(
        "telephony/call.html", "call",
        account=account, row=row, call=call, shown=view.of(account, [row], names)[0], pbx=pbx, names=names,
        picture=timeline.of(call, guard.context().now()), width=timeline.WIDTH, length=view.seconds,
        whose=lambda phone: view.whose(rules, names, phone, pbx.code),
        at=lambda moment: f"{moment.astimezone(place):%H:%M:%S}",
        crm=crm, entities=_entities(account, crm), crm_address=view.address, became=_became(row),
        why=_why(row), event=_event(account, row), recordings=_recordings(account, row),
        former=_former(account, row, names), click=_click(account, row),
    )  # fmt: skip


def again(domain: str, call_id: int) -> AnyResponse:
    """Decides anew from fresh facts; what was written already is not written twice."""
    account = guard.account(domain)
    row = _row(account, call_id)
    event = _event(account, row)
    if account.state == "removed":
        raise NeedsHuman("amocrm.not_connected")
    if event is None or row.state == calls.OPEN:
        raise InvalidInput("telephony_calls.goes_on")
    replays.replay(guard.context(), event.id)
    guard.audit("call.replayed", f"№ {row.id}", account)
    pages.say("telephony_calls.again_said")
    return redirect(url_for("admin.telephony_call", domain=account.domain, call_id=row.id), 303)


def _row(account: Account, call_id: int) -> CallRow:
    row = calls.by_id(account.id, call_id)
    if row is None:
        abort(404)
    return row


def _event(account: Account, row: CallRow) -> Any:
    """The newest event of the end of this call; None while it goes on."""
    found = events.of_subject(account.id, f"call:{row.uniq}", 20)
    return next((event for event in found if event.kind == "call.ended"), None)


def _former(account: Account, row: CallRow, names: Names) -> list[Shown]:
    """Other calls of the same client, the newest first."""
    found = view.of(account, calls.of_client(account.id, row.client_key, FORMER + 1), names)
    return [one for one in found if one.row.id != row.id][:FORMER]


def _click(account: Account, row: CallRow) -> Dial | None:
    """The press on a number that the call came of."""
    return dials.by_tokens(account.id, [row.request_id]).get(row.request_id) if row.request_id else None


def _recordings(account: Account, row: CallRow) -> list[tuple[Recording, str]]:
    """Each recording of the call, and where it can be heard; "" while it cannot."""
    return [(one, players.of(one).address) for one in recordings.of_call(account.id, row.uniq)]


def _entities(account: Account, crm: Any) -> dict[str, Any]:
    """The contact and the lead of the call, as last seen."""
    contact_id, lead_id = crm.get("contact_id"), crm.get("lead_id")
    contact = mirror.contacts_by_ids(account.id, [contact_id]).get(contact_id) if contact_id else None
    lead = mirror.leads_by_ids(account.id, [lead_id]).get(lead_id) if lead_id else None
    return {"contact": contact, "lead": lead}


def _became(row: CallRow) -> str:
    """The code of the sentence that says what became of it in amoCRM."""
    reason = f"call_reason.{(row.crm or {}).get('reason', '')}"
    if row.is_untaken:
        return "telephony_calls.became_untaken"
    return reason if texts.has(reason) else f"telephony_calls.state.{row.state}"


def _why(row: CallRow) -> list[tuple[str, dict[str, Any]]]:
    """Sentences of the rules that spoke, in their order, with what fills their blanks."""
    if row.is_untaken:
        return [("telephony_calls.why_untaken", {})]
    found = (row.crm or {}).get("why", ())
    return [(f"telephony_why.{rule}.{chosen}", dict(details)) for rule, chosen, details in found]
