"""How the tests of several screens read: events as stored, pages as a person sees them."""

import re

from backend.store import events
from backend.store.inbound import Filters
from tests.admin.conftest import HOME


def stored(stand, **filters):
    return events.page(stand.account.id, Filters(**filters))


def event_path(stand, record):
    return f"{HOME}/events/{stand.events(record)[0].id}"


def text_of(answer):
    """What a person reads: without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
