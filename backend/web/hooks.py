"""POST /hooks/<source>/<secret>: take the bytes, store them, say 200; the sender waits for nothing else."""

from __future__ import annotations

from flask import Blueprint, Response

from backend.flows.road import inbox
from backend.web.guard import body, context

bp = Blueprint("hooks", __name__)


@bp.post("/hooks/amocrm/<secret>")
def amocrm(secret: str) -> Response:
    inbox.receive_amocrm(context(), secret, body())
    return Response("ok", mimetype="text/plain")


@bp.post("/hooks/<source>/<secret>")
def receive(source: str, secret: str) -> Response:
    """The event is durable before the answer leaves; a repeated one is answered the same."""
    inbox.receive(context(), source, secret, body())
    return Response("ok", mimetype="text/plain")
