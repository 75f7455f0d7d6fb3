"""Control verbs over HTTP: `POST /__control/ui/lead` with JSON is `crm.ui_lead(**json)`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.amocrm.archive import NoArchive
from sandbox.amocrm.http import JSON, Reply

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm

VERBS = {
    "reset", "clock", "account", "rename", "app", "install", "uninstall", "token", "state", "journal",
    "counts", "faults", "limits", "unblock", "hooks", "hooks/flush", "hooks/pending", "webhook/enable",
    "options", "filters", "trigger", "widget", "widget/token", "widget/save", "widget/trigger",
    "widget/trigger_remove", "ui/lead", "ui/move", "ui/edit", "ui/delete", "ui/contact",
    "ui/company", "ui/delete_contact", "ui/delete_field", "ui/delete_stage",
    "ui/delete_pipeline", "ui/restore", "ui/copy", "ui/link_contact", "ui/merge_contacts", "ui/contact_edit",
    "ui/incoming", "ui/accept", "ui/decline", "ui/rename_stage", "ui/rename_pipeline", "ui/dismiss",
    "ui/salesbot", "find_by", "load", "ui/note",
}  # fmt: skip
CLEARABLE = {"journal", "faults"}


def control(crm: AmoCrm, environ: dict[str, Any], verb: str) -> Reply:
    method = environ["REQUEST_METHOD"]
    if verb not in VERBS or (method == "DELETE" and verb not in CLEARABLE):
        return _json(404, {"error": f"unknown verb {method} {verb}"})
    name = verb.replace("/", "_") + ("_clear" if method == "DELETE" else "")
    try:
        return _json(200, getattr(crm, name)(**_arguments(environ, method)))
    except NoArchive as missing:
        return _json(400, {"error": str(missing)})
    except (KeyError, LookupError, TypeError, ValueError) as error:
        return _json(400, {"error": f"{type(error).__name__}: {error}"})


def _arguments(environ: dict[str, Any], method: str) -> dict[str, Any]:
    if method == "GET":
        return dict(parse_qsl(environ.get("QUERY_STRING", "")))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    data = json.loads(body) if body else {}
    if not isinstance(data, dict):
        raise TypeError("arguments must be an object")
    return data


def _json(status: int, body: Any) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), JSON)
