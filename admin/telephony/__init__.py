"""Screens of telephony: the status stands in the menu, the others hang below it as tabs."""

from __future__ import annotations

from flask import Blueprint

from admin.telephony import (
    added,
    call,
    calls,
    connections,
    formats,
    hub,
    line,
    originate,
    people,
    recording_place,
    recordings,
    rules,
    statistics,
    tabs,
    trying,
)


def add_routes(bp: Blueprint) -> None:
    bp.context_processor(tabs.common)
    for screen in (
        hub,
        connections,
        people,
        rules,
        line,
        formats,
        originate,
        added,
        recordings,
        recording_place,
        trying,
        calls,
        call,
        statistics,
    ):
        screen.add_routes(bp)
