"""The usual caller and talk, a line with words of its own, and the cards in which calls stand."""

from dataclasses import replace

from tests.support import make
from tests.support.calls import LINES
from tests.support.stand import EPILATION, STAGES

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]
FIRST = STAGES[EPILATION]
SPB = "spb"


def line(**changes):
    """The first line with these words of its own; the second stays."""
    return (replace(LINES[0], **changes), *LINES[1:])


def places(stand, call=None):
    """(collection, id) of the cards in which a call stands; of all calls when none is named."""
    notes = [n for n in stand.logged() if call is None or n["params"]["uniq"] == call.uniq]
    return sorted((note["entity_type"], note["entity_id"]) for note in notes)
