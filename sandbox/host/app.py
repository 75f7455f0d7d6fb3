"""Addresses of an account: pages (`/DOMAIN/leads/…`, `/DOMAIN/settings/…`), the widget's files, its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.host.deeds import Deeds
from sandbox.host.looks import Looks

if TYPE_CHECKING:
    from sandbox.world import World


def pages_of(world: World) -> Blueprint:
    pages = Blueprint(
        "host", __name__, template_folder="templates", static_folder="static", static_url_path="/page/host"
    )
    looks, deeds = Looks(world), Deeds(world)
    leads = looks.still(looks.leads)
    for path, view in (
        ("/", looks.home),
        ("/leads/list/", leads),
        ("/leads/list/pipeline/<int:pipeline_id>/", leads),
        ("/leads/detail/<int:lead_id>", looks.still(looks.lead)),
        ("/contacts/detail/<int:contact_id>", looks.still(looks.contact)),
        ("/contacts/list/", looks.still(looks.contacts)),
        ("/contacts/add/", looks.still(looks.new_contact)),
        ("/companies/detail/<int:company_id>", looks.still(looks.company)),
        ("/settings/widgets/", looks.still(looks.widgets)),
        ("/settings/pipeline/leads/<int:pipeline_id>/", looks.still(looks.pipeline)),
        ("/widgetsSettings/<code>/", looks.still(looks.advanced)),
        ("/widgets/<code>/<path:name>", looks.file),
        ("/ajax/account", looks.account),
    ):
        pages.add_url_rule(f"/<domain>{path}", view_func=view)
    for word in ("leads", "contacts", "companies", "settings", "widgetsSettings"):
        pages.add_url_rule(f"/{word}/<path:_rest>", endpoint=f"root_{word}", view_func=looks.to_account)
    for path, deed in (
        ("/ajax/who", deeds.choose),
        ("/ajax/leads/<int:lead_id>/stage", deeds.move),
        ("/ajax/widgets/<code>/token", deeds.token),
        ("/ajax/widgets/<code>/save", deeds.save),
        ("/ajax/widgets/<code>/disable", deeds.disable),
        ("/ajax/triggers", deeds.add_trigger),
        ("/ajax/triggers/<int:trigger_id>/remove", deeds.remove_trigger),
    ):
        pages.add_url_rule(f"/<domain>{path}", view_func=deed, methods=["POST"])
    pages.register_error_handler(404, looks.nothing)
    return pages
