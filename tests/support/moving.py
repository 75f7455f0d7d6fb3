"""A salon on its way from GET8 to us, as people walk it: found, matched, adopted, compared, switched."""

from backend.core.takeover.cutover import OVER, State
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.reading import discovery
from backend.flows.takeover.switching import cutover
from backend.flows.works import long_work
from backend.store import cutovers, lanes, writers
from tests.support.get8 import ROBOT_USER
from tests.support.stand import LASER_LEGS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER, VERA

AUTHOR = "anna"
WEEK = 7 * 86400
MANY = 400
OFFERED = {TVERSKAYA: (LASER_LEGS, VERA), URAL: (URAL_LASER, URAL_MASTER)}


def works(stand):
    """Long work gets its turn, and what it has put on the road is done."""
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    stand.work()


def recognise(stand):
    """What the profiler finds out of a year, in a person's words."""
    place = Place(Kind.FIELD, stand.get8.layout.ids["record"], What.RECORD_ID)
    recognition.correct(stand.ctx, stand.account.id, [place], AUTHOR, writer_ids=[ROBOT_USER])


def find(stand, *companies):
    """Both systems are read, their sides are paired, and what is certain is adopted."""
    discovery.start(stand.ctx, stand.account.id, AUTHOR)
    for _ in range(MANY):
        works(stand)
        if all(pull.is_over for pull in discovery.progress(stand.account.id).pulls):
            break
    matching.start(stand.ctx, stand.account.id, AUTHOR)
    works(stand)
    for company in companies or (TVERSKAYA,):
        adoption.adopt(stand.ctx, stand.account.id, company)


def compare(stand, *companies):
    """A week beside GET8 in which something happens in each salon: the gate opens."""
    for company in companies or (TVERSKAYA,):
        shadow.begin(stand.ctx, stand.account, company, AUTHOR)
    for week_half in range(2):
        for company in companies or (TVERSKAYA,):
            service, staff = OFFERED[company]
            phone = f"+79990001{week_half}{company % 100:02}"
            stand.book(service, company=company, staff=staff, client=("Зоя", phone), at="+20")
        stand.settle()
        stand.pass_time(700)
        shadow.compare(stand.ctx, stand.account.id)
        stand.pass_time(WEEK / 2)
    stand.pass_time(700)
    shadow.compare(stand.ctx, stand.account.id)


def prepare(stand, *companies):
    """Everything up to the button."""
    recognise(stand)
    find(stand, *companies)
    compare(stand, *companies)


def begin(stand, company=TVERSKAYA, **wishes):
    return cutover.start(stand.ctx, stand.account, company, AUTHOR, **wishes)


def now(stand, company=TVERSKAYA):
    return cutovers.newest(stand.account.id, company)


def walk(stand, until=None, company=TVERSKAYA, seconds=20):
    """Time passes and the switch goes on until it has reached this state, or its end."""
    for _ in range(MANY):
        works(stand)
        state = now(stand, company).state
        if state in OVER or (until is not None and state is until):
            return now(stand, company)
        stand.world.clock.advance(60 if state is State.WATCHING else seconds)
    raise AssertionError(f"the switch stands still at {now(stand, company)}")


def writer(stand, company=TVERSKAYA):
    held = writers.of_salon(stand.account.id, company)
    return held.writer.value if held else None
