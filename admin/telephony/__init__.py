"""Screens of telephony: the status stands in the menu, the others hang below it as tabs."""

from __future__ import annotations

from flask import Blueprint

from admin.telephony import call, calls, connections, hub, statistics, tabs


def add_routes(bp: Blueprint) -> None:
    bp.context_processor(tabs.common)
    for screen in (hub, connections, calls, call, statistics):
        screen.add_routes(bp)
