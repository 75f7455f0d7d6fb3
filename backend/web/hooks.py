"""POST /hooks/<source>/<secret>: take the bytes, store them, say 200; the sender waits for nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, request

from backend.flows.road import inbox
from backend.flows.telephony.hearing import cloud
from backend.web.guard import body, context

bp = Blueprint("hooks", __name__)


@bp.post("/hooks/amocrm/<secret>")
def amocrm(secret: str) -> Response:
    inbox.receive_amocrm(context(), secret, body())
    return Response("ok", mimetype="text/plain")


@bp.post("/hooks/pbx/<secret>")
def pbx(secret: str) -> Response:
    """A cloud PBX tells of a call while a phone rings: what is durable is worked on here and now, for nobody
    should wait for a worker. Another one that holds the lane sees our row.
    """
    lane_id = cloud.receive(context(), secret, body(), request.headers.get("X-Signature", ""))
    if lane_id is not None:
        inbox.drain(context(), lane_id)
    return Response("ok", mimetype="text/plain")


@bp.post("/hooks/<source>/<secret>")
def receive(source: str, secret: str) -> Response:
    """The event is durable before the answer leaves; a repeated one is answered the same."""
    inbox.receive(context(), source, secret, body())
    return Response("ok", mimetype="text/plain")
