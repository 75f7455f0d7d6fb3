"""The product's web application, which may die inside the door: around the row and around the doorbell."""

import dataclasses
import os

from backend import logs, wiring
from backend.app import create_app
from backend.settings import Settings
from backend.store import events
from tests.crash import points
from tests.crash.points import Scaffold

scaffold = Scaffold(os.environ["CRASH_DIRECTORY"])


def reach(point):
    if scaffold.is_due(point):
        points.die()


def recording(name):
    """The door of both hooks ends in one of these; before it nothing is stored, after it everything is."""
    original = getattr(events, name)

    def record(*args, **kwargs):
        reach("door.after")
        reach("insert.before")
        result = original(*args, **kwargs)
        reach("insert.after")
        return result

    setattr(events, name, record)


def ringing(ctx):
    def ring(lane_id):
        reach("ring.before")
        ctx.ring(lane_id)
        reach("ring.after")

    return dataclasses.replace(ctx, ring=ring)


settings = Settings.from_env()
logs.configure(settings.log_level)
recording("record")
recording("record_many")
app = create_app(ringing(wiring.build_context(settings)))
