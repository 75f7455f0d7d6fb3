"""Screens of moving over from another integration: the hub stands in the menu, the others hang below it."""

from __future__ import annotations

from flask import Blueprint

from admin.takeover import counters, discovery, hub, probes, profile, review, rollback, salon, shadow


def add_routes(bp: Blueprint) -> None:
    for screen in (hub, counters, probes, discovery, profile, review, rollback, salon, shadow):
        screen.add_routes(bp)
