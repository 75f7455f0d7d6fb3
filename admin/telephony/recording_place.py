"""Access to the recordings of one PBX: how it is set up, tried, and whose key is trusted."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from backend.core.errors import AppError
from backend.flows.rules import configuration
from backend.flows.telephony.exchanges.kind import Tested
from backend.flows.telephony.recordings import recording_access, recording_places
from backend.store.accounts import Account
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/recordings/places/<code>"
    bp.get(home, endpoint="telephony_recording_place")(show)
    bp.post(home, endpoint="telephony_recording_place_save")(save)
    bp.post(f"{home}/check", endpoint="telephony_recording_place_check")(check)


def show(domain: str, code: str) -> Response:
    account = guard.account(domain)
    return _page(account, _pbx(account, code), Form({}))


def save(domain: str, code: str) -> AnyResponse:
    """With «ask» the server's key is fetched into the form, to be looked at; nothing is saved by that."""
    account, form = guard.account(domain), Form(request.form)
    pbx = _pbx(account, code)
    if form.flag("ask"):
        return _asked(account, pbx, form)
    rules = configuration.current(account.id).telephony.recordings
    found = recording_access.read(
        guard.context(), pbx, rules, form.values, opens_folders=guard.person().is_staff
    )
    for name, (problem, details) in found.problems.items():
        form.complain(name, problem, **details)
    if not form.ok:
        return _page(account, pbx, form, 422)
    if dict(found.pbx.options) != dict(pbx.options):
        pbxes.save(found.pbx)
        source = recording_access.source(pbx, rules)
        facts = {"before": _facts(pbx, source), "after": _facts(found.pbx, source)}
        guard.audit("recording.place_saved", pbx.title or pbx.code, account, **facts)
    pages.say("telephony_recordings.place.saved")
    return redirect(url_for("admin.telephony_recording_place", domain=domain, code=code), 303)


def check(domain: str, code: str) -> Response:
    account = guard.account(domain)
    pbx = _pbx(account, code)
    rules = configuration.current(account.id).telephony.recordings
    return _page(account, pbx, Form({}), tested=recording_places.check(guard.context(), pbx, rules))


def _asked(account: Account, pbx: Pbx, form: Form) -> Response:
    """The form as it was typed, with the key that the server shows."""
    port = form.number("port") or recording_places.SFTP_PORT
    host = form.text("host")
    if not form.ok:
        return _page(account, pbx, form, 422)
    try:
        key, fingerprint = recording_places.shown_key(guard.context(), pbx, host, min(port, 65_535))
    except AppError as error:
        form.complain("host_key", error.code, **error.details)
        return _page(account, pbx, form, 422)
    typed = Form({**form.values.to_dict(), "host_key": key} if hasattr(form.values, "to_dict") else {})
    return _page(account, pbx, typed, shown=fingerprint)


def _facts(pbx: Pbx, source: str) -> dict[str, object]:
    """Without secrets, for the trail."""
    given = recording_places.options(pbx)
    if source == recording_access.CLOUD:
        return {"records": recording_places.records(pbx)}
    hidden = {name: "…" for name in recording_access.HIDDEN[source] if given.get(name)}
    return {name: given.get(name, "") for name in recording_access.SHOWN[source]} | hidden


def _pbx(account: Account, code: str) -> Pbx:
    found = pbxes.by_code(account.id, code)
    if found is None:
        abort(404)
    return found


def _page(  # noqa: PLR0913 - what the page may show besides its form
    account: Account,
    pbx: Pbx,
    form: Form,
    status: int = 200,
    *,
    tested: Tested | None = None,
    shown: str = "",
) -> Response:
    rules = configuration.current(account.id).telephony.recordings
    given = recording_places.options(pbx)
    return page(
        "telephony/recording_place.html", "place", status,
        account=account, pbx=pbx, form=form, source=recording_access.source(pbx, rules), given=given,
        tested=tested, shown=shown, trusted=recording_places.fingerprint(pbx),
        root=guard.context().settings.recordings_from, is_staff=guard.person().is_staff,
        records=recording_places.records(pbx),
    )  # fmt: skip
