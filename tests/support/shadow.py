"""GET8 at work and Mostik in its shadow: what both sides know of each other, how a test lets time pass."""

import pytest

from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.profile import recognition
from backend.store import takeover_diffs
from backend.store.takeover_diffs import Asked
from tests.support.get8 import ROBOT_USER
from tests.support.stand import CLIENT, TVERSKAYA

DAY = 86_400
SETTLED = 910  # seconds: our own settle time, GET8's, and the ten minutes before both are compared


def begun(stand, *companies):
    """GET8's marks are recognised, and the comparison of these salons has begun."""
    ids = stand.get8.layout.ids
    places = [Place(Kind.FIELD, ids["visit"], What.DATE, share=1.0, count=100)]
    if "record" in ids:
        places.append(Place(Kind.FIELD, ids["record"], What.RECORD_ID, share=1.0, count=100))
    recognition.correct(stand.ctx, stand.account.id, places, "тест", writer_ids=[ROBOT_USER])
    for company in companies or (TVERSKAYA,):
        shadow.begin(stand.ctx, stand.account, company, "ирина")
    return stand


def compared(stand, seconds=SETTLED):
    """Time passes in steps, then one round of the comparison."""
    for _ in range(13):
        stand.pass_time(seconds / 13)
    return shadow.compare(stand.ctx, stand.account.id)


def diffs(stand, record=None):
    """Comparisons, oldest first; of one booking."""
    rows = takeover_diffs.page(Asked(stand.account.id), limit=1000)
    key = f"yclients:{record['company_id']}:{record['id']}" if record else ""
    return [row for row in reversed(rows) if row.key == key or not record]


def newest(stand, record):
    return diffs(stand, record)[-1]


def parts(stand, row):
    """(class, rule) of what differs in a comparison."""
    found = takeover_diffs.parts([row.id]).get(row.id, [])
    return [(part.diff, part.rule) for part in found]


def our_writes(stand):
    """Requests of ours that changed anything in amoCRM, by the emulator's own journal."""
    return stand.writes(CLIENT)


@pytest.fixture
def stand(get8):
    """GET8 at work in the first salon, and the comparison going on."""
    return begun(get8)


def rule(row, stand):
    return [name for _, name in parts(stand, row)]
