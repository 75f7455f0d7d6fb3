"""Recordings: what is kept, what was not found, who listened, and the key that signs the links."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from admin.telephony import players, view
from backend.flows.rules import configuration
from backend.flows.telephony.recordings import recording_access, recording_jobs
from backend.flows.telephony.recordings import recordings as flow
from backend.store.accounts import Account
from backend.store.telephony import calls, pbxes, recording_accesses, recording_keys, recordings
from backend.store.telephony.recordings import Recording

PAGE = 50
LISTS = ("ready", "waiting", "missing", "failed", "revoked")
TONES = {"ready": "good", "waiting": "warn", "missing": "bad", "failed": "bad", "revoked": "", "deleted": ""}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/recordings"
    one = f"{home}/<int:recording_id>"
    bp.get(home, endpoint="telephony_recordings")(show)
    bp.post(f"{home}/again", endpoint="telephony_recordings_again")(again_all)
    bp.post(f"{home}/key", endpoint="telephony_recordings_key")(renew_key)
    bp.get(one, endpoint="telephony_recording")(show_one)
    bp.post(f"{one}/again", endpoint="telephony_recording_again")(again)
    bp.post(f"{one}/revoke", endpoint="telephony_recording_revoke")(revoke)
    bp.post(f"{one}/reissue", endpoint="telephony_recording_reissue")(reissue)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    state, before = asked.choice("state", LISTS) or "", asked.number("before")
    rows = recordings.portion(account.id, state, before, PAGE + 1)
    shown, rules = rows[:PAGE], configuration.current(account.id).telephony
    ctx = guard.context()
    places = [
        (
            pbx,
            recording_access.source(pbx, rules.recordings),
            recording_access.is_set_up(ctx, pbx, rules.recordings),
        )
        for pbx in pbxes.of_account(account.id)
    ]
    found_calls = calls.by_uniqs(account.id, [row.uniq for row in shown])
    return page(
        "telephony/recordings.html", "recordings",
        account=account, rows=[players.of(row) for row in shown], state=state, before=before, lists=LISTS,
        tones=TONES, next_before=rows[PAGE - 1].id if len(rows) > PAGE else None, rules=rules.recordings,
        total=recordings.total(account.id), heard=recording_accesses.counts([row.id for row in shown]),
        calls={one.row.uniq: one for one in view.of(account, found_calls.values())}, ms=sounds,
        places=places, key=next(iter(recording_keys.of_account(account.id)), None), size=size,
    )  # fmt: skip


def show_one(domain: str, recording_id: int) -> Response:
    account = guard.account(domain)
    row = _row(account, recording_id)
    call = calls.by_uniq(account.id, row.uniq)
    return page(
        "telephony/recording.html", "recording",
        account=account, row=row, player=players.of(row), tones=TONES, ms=sounds, size=size,
        link=flow.address(guard.context(), row) if flow.open_token(row) else "",
        call=view.of(account, [call])[0] if call else None,
        accesses=recording_accesses.of_recording(account.id, row.id),
    )  # fmt: skip


def again(domain: str, recording_id: int) -> AnyResponse:
    account = guard.account(domain)
    row = _row(account, recording_id)
    if recording_jobs.look_again(guard.context(), account.id, row.id):
        guard.audit("recording.looked_again", _subject(row), account)
        pages.say("telephony_recordings.looking")
    return _back(account, row)


def again_all(domain: str) -> AnyResponse:
    account = guard.account(domain)
    if found := recording_jobs.look_again_for_all(guard.context(), account.id):
        guard.audit("recording.looked_again", "", account, after={"recordings": found})
        pages.say("telephony_recordings.looking_all", n=found)
    return redirect(url_for("admin.telephony_recordings", domain=domain), 303)


def revoke(domain: str, recording_id: int) -> AnyResponse:
    account = guard.account(domain)
    row = _row(account, recording_id)
    if recordings.revoke(account.id, row.id, guard.context().now()):
        guard.audit("recording.revoked", _subject(row), account)
        pages.say("telephony_recordings.revoked")
    return _back(account, row)


def reissue(domain: str, recording_id: int) -> AnyResponse:
    account = guard.account(domain)
    row = _row(account, recording_id)
    if recordings.reissue(account.id, row.id, guard.context().now()):
        guard.audit("recording.reissued", _subject(row), account)
        pages.say("telephony_recordings.reissued")
    return _back(account, row)


def renew_key(domain: str) -> AnyResponse:
    """For the links to come; with «retire» every link that was given out is dead at once."""
    account = guard.account(domain)
    retires = Form(request.form).choice("way", ("renew", "retire")) == "retire"
    recording_keys.renew(account.id, guard.context().now(), retires_others=retires)
    guard.audit("recording.key_retired" if retires else "recording.key_renewed", "", account)
    pages.say("telephony_recordings.key_retired" if retires else "telephony_recordings.key_renewed")
    return redirect(url_for("admin.telephony_recordings", domain=domain), 303)


def size(count: int) -> str:
    """«3,4 МБ»: as large as people speak of it."""
    value, words = (
        float(count),
        ("Б", "КБ", "МБ", "ГБ") if pages.language() == "ru" else ("B", "KB", "MB", "GB"),
    )
    for word in words[:-1]:
        if value < 1024:
            return f"{_number(value)}\u00a0{word}"
        value /= 1024
    return f"{_number(value)}\u00a0{words[-1]}"


def sounds(milliseconds: int) -> str:
    """How long it sounds."""
    return view.seconds(timedelta(milliseconds=milliseconds))


def _number(value: float) -> str:
    text = f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
    return text.replace(".", ",") if pages.language() == "ru" else text


def _row(account: Account, recording_id: int) -> Recording:
    row = recordings.by_id(account.id, recording_id)
    if row is None:
        abort(404)
    return row


def _subject(row: Recording) -> str:
    return f"№ {row.id}"


def _back(account: Account, row: Recording) -> AnyResponse:
    return redirect(url_for("admin.telephony_recording", domain=account.domain, recording_id=row.id), 303)
