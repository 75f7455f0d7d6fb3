"""amoCRM's OAuth doors: begin from the panel, come back with a code, be told of a removal."""

from __future__ import annotations

import hmac
import logging
import secrets
from concurrent.futures import Future, ThreadPoolExecutor

from flask import Blueprint, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from backend.core.errors import InvalidInput
from backend.flows.accounts import accounts
from backend.flows.context import Context
from backend.store import db
from backend.web import guard
from backend.web.errors import message_page

log = logging.getLogger(__name__)

bp = Blueprint("oauth", __name__, url_prefix="/oauth/amocrm")

PATIENCE_SECONDS = 2.5  # the server-side install call waits 3 s and is never repeated

_installers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="install")


@bp.get("/start")
def start() -> AnyResponse:
    if not guard.is_signed_in():
        return redirect("/admin/sign-in?next=/oauth/amocrm/start")
    state = secrets.token_urlsafe(24)
    session["oauth_state"] = state
    return redirect(accounts.authorization_url(guard.context(), state))


@bp.get("/callback")
def callback() -> Response:
    """A browser that began here, or amoCRM's server when a widget is installed from its own pages."""
    if request.args.get("from_widget"):
        return _from_widget()
    _check_state()
    if request.args.get("error"):
        return message_page("oauth.denied", is_good=False)
    author = guard.login() or accounts.PLATFORM
    account = accounts.install(guard.context(), domain=_domain(), code=_code(), author=author)
    return message_page("web.connected", is_good=True, details={"domain": account.domain})


@bp.get("/uninstall")
def uninstall() -> Response:
    """The documentation names the second parameter in two ways; both are accepted, the signature decides."""
    client = request.args.get("client_uuid") or request.args.get("client_id", "")
    crm_id = request.args.get("account_id", "")
    if not (crm_id.isascii() and crm_id.isdigit() and len(crm_id) < 19):
        raise InvalidInput("oauth.bad_signature")
    signature = request.args.get("signature", "")
    accounts.uninstall(guard.context(), crm_id=int(crm_id), client_uuid=client, signature=signature)
    return Response("ok", mimetype="text/plain")


def _from_widget() -> Response:
    """The exchange goes on in its thread when amoCRM is slow: a late answer is not a lost install."""
    done = _installers.submit(_install, guard.context(), _domain(), _code())
    try:
        done.result(PATIENCE_SECONDS)
    except TimeoutError:
        done.add_done_callback(_note)
        return Response("accepted", 202, mimetype="text/plain")
    return Response("ok", mimetype="text/plain")


def _install(ctx: Context, domain: str, code: str) -> None:
    with db.connection():
        accounts.install(ctx, domain=domain, code=code)


def _note(done: Future[None]) -> None:
    if error := done.exception():
        log.error("late install failed error=%s", error)


def _check_state() -> None:
    """Proves that this browser began the connection; a state is good for one answer."""
    expected = session.pop("oauth_state", "")
    if not expected or not hmac.compare_digest(expected, request.args.get("state", "")):
        raise InvalidInput("oauth.state_mismatch")


def _domain() -> str:
    """The flow refuses what is not the platform's: our secret goes to this host."""
    return request.args.get("referer", "").lower()


def _code() -> str:
    code = request.args.get("code", "")
    if not code or len(code) > 4096:
        raise InvalidInput("oauth.code_missing")
    return code
