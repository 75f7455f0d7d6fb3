"""The panel for people: what happened, why, what to press. Screens are modules, fragments are blocks."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect
from werkzeug.wrappers import Response

from admin import (
    accounts,
    accounts_list,
    alerts,
    audit,
    card_rights,
    contact_fields,
    directions,
    drift,
    duplicates,
    enter,
    events,
    fields,
    guard,
    guide,
    handbook,
    health,
    learned,
    masters,
    me,
    operators,
    pages,
    people,
    preview,
    reading,
    reports,
    rerouting,
    routes,
    rules,
    salon_access,
    salons,
    services,
    settings,
    sign_in,
    simulator,
    stages,
    takeover,
    telephony,
    why,
    wording,
    works,
)


def register(app: Flask) -> None:
    """The whole panel on the application."""
    bp = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
    bp.before_request(guard.check)
    bp.context_processor(pages.common)
    for screen in (
        sign_in,
        enter,
        health,
        accounts,
        guide,
        events,
        why,
        reports,
        works,
        preview,
        rules,
        simulator,
        handbook,
        operators,
        me,
        audit,
        accounts_list,
        settings,
        salons,
        salon_access,
        people,
        masters,
        learned,
        directions,
        rerouting,
        reading,
        services,
        routes,
        stages,
        fields,
        contact_fields,
        wording,
        duplicates,
        drift,
        alerts,
        card_rights,
        takeover,
        telephony,
    ):
        screen.add_routes(bp)
    app.register_blueprint(bp)
    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/help", "guide", _guide)  # the address that the marketplace's card names


def _home() -> Response:
    return redirect("/admin/")


def _guide() -> Response:
    return redirect("/admin/help")
