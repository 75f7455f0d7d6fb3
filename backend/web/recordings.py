"""GET /r/<token>.mp3: a recording for whoever was given its link. No login: players and phones have none."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, request, send_file

from backend import texts
from backend.flows.telephony.recordings import recordings
from backend.flows.telephony.recordings.recordings import Heard
from backend.web.guard import context

bp = Blueprint("recordings", __name__)

NOT_FOUND, GONE = 404, 410
RETRY_SECONDS = 30
ASKED_EACH_TIME = "private, no-cache"  # a closed link is closed at once, and every opening is written down


@bp.get("/r/<token>.mp3")
def listen(token: str) -> Response:
    """Sound in whole or in part, or a line that says why there is none."""
    heard = recordings.listen(context(), token)
    if heard is None:
        return _line("telephony_recordings.unknown", NOT_FOUND)
    answer = _sound(heard) if heard.path else _silence(heard)
    where, agent = request.remote_addr or "", request.headers.get("User-Agent", "")
    recordings.note_access(context(), heard, where, agent, answer.status_code)
    return answer


def _sound(heard: Heard) -> Response:
    row = heard.recording
    assert heard.path is not None
    answer = send_file(
        heard.path, mimetype=row.mime, conditional=True, etag=row.digest, download_name=heard.name,
        last_modified=row.kept_at or datetime.fromtimestamp(0, UTC),
    )  # fmt: skip
    answer.headers["Cache-Control"] = ASKED_EACH_TIME
    answer.headers["Content-Disposition"] = f'inline; filename="{heard.name}"'
    return _plain(answer)


def _silence(heard: Heard) -> Response:
    answer = _line(heard.code, GONE if heard.is_gone else NOT_FOUND)
    if heard.will_come:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _line(code: str, status: int) -> Response:
    """In both languages: nobody knows who opens a link."""
    said = "\n".join(texts.t(code, language) for language in texts.LANGUAGES)
    answer = Response(f"{said}\n", status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return _plain(answer)


def _plain(answer: Response) -> Response:
    """Not for search engines; and the address is a secret that no other page should learn."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
