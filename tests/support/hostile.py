"""A network that calls everything by a name which would run in a careless page."""

import yaml

from tests.support import screens
from tests.support.stand import Stand

WORDS = ("name", "title")
ENDING = """'"></script></textarea><img src=x onerror="document.title='owned'" class=evil>{{7*7}}"""


def evil(place):
    """Closes whatever it may stand in, then tries to act; `place` tells which title it came from."""
    return place + ENDING


class HostileStand(Stand):
    """Salons, categories, services, staff, users, pipelines, stages, reasons, fields and directions."""

    def worded(self, described):
        return _renamed(described)

    def configure(self, text):
        """Ours are the directions and the salons' own titles."""
        return super().configure(yaml.safe_dump(_renamed(yaml.safe_load(text)), allow_unicode=True))


def live_through(stand):
    """The usual day of clients with such names, who leave such comments; people in amoCRM do the same."""
    people = tuple(evil(f"client-{number}") for number in range(3))
    first = screens.live_through(stand, people, evil("comment"))
    lead = stand.lead_of(first)
    stand.edit_lead(lead, name=evil("lead"), tags=[evil("tag")[:90]])
    stand.settle()
    return first


def _renamed(described):
    if isinstance(described, list):
        return [_renamed(item) for item in described]
    if not isinstance(described, dict):
        return described
    return {
        key: evil(value) if key in WORDS and isinstance(value, str) else _renamed(value)
        for key, value in described.items()
    }
