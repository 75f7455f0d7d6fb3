"""A salon handed over to us by hand, step by step as the switch does it, for tests of what comes after."""

from backend.core.takeover import recognition
from backend.core.takeover.cutover import State
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.flows.takeover.hands import hook_lists, lease
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.returning import rollback
from backend.flows.works import long_work
from backend.store import bookings, cutovers, lanes, rollbacks, takeover_profiles, writers
from backend.store.writers import WriterName
from sandbox.get8.marks import NOTE, URL
from sandbox.get8.settings import Style
from tests.support.get8 import ROBOT_USER
from tests.support.stand import TVERSKAYA

TEMPLATES = {
    Style.URL: URL.replace("{day}", "{date}"),
    Style.NOTE: NOTE.partition(" от ")[0],
}


def places(stand):
    """What a profile would have found of GET8's marks."""
    ids, style = stand.get8.layout.ids, stand.options.style
    if style is Style.FIELD:
        return (Place(Kind.FIELD, ids["record"], What.RECORD_ID, share=1.0, count=100),)
    if style is Style.URL:
        return (Place(Kind.URL, ids["url"], What.RECORD_ID, TEMPLATES[style], 1.0, 100),)
    if style is Style.NOTE:
        return (Place(Kind.NOTE, 0, What.RECORD_ID, TEMPLATES[style], 1.0, 100),)
    return ()


def recognise(stand, writer_ids=(ROBOT_USER,), more=()):
    known = Recognition(frozenset(writer_ids), (*places(stand), *more), is_confirmed=True)
    takeover_profiles.save_corrected(stand.account.id, recognition.written(known), "тест", stand.now())


def take_over(stand, company=TVERSKAYA, adopts=True, removes=True):
    """GET8's address leaves the list, what it has made is adopted, the salon is ours."""
    account_id, client = stand.account.id, stand.ctx.amo(stand.account.id)
    writers.begin(account_id, [company], stand.now())
    listed = hook_lists.read(stand.ctx, account_id, company)
    removed = list(listed.strangers)
    one = cutovers.add(
        account_id, company, "анна", {"urls": list(listed.urls), "removed": removed}, stand.now()
    )
    if removes:
        _, written = hook_lists.remove(stand.ctx, account_id, company, removed)
        cutovers.keep(one.id, written=written)
    writers.move(account_id, company, WriterName.GET8, WriterName.DRAINING, stand.now(), t0=stand.now())
    stand.settle()
    for name in mirror.COLLECTIONS:
        mirror.refresh(account_id, name, client)
    if adopts:
        keys = [row.key for row in bookings.BookingRow.select()]
        found = matching.find(account_id, keys, configuration.load(account_id), stand.now())
        adoption.take(account_id, found, stand.now())
    lease.hand_over(
        stand.ctx, account_id, company, WriterName.DRAINING, WriterName.OURS, author="анна", note="проба"
    )
    cutovers.enter(cutovers.get(one.id), State.DONE, stand.now())
    stand.pass_time(1)


def go_back(stand, company=TVERSKAYA, **wish):
    """The whole return; returns its row."""
    rollback_id = rollback.start(stand.ctx, stand.account, company, "анна", **wish)
    for _ in range(50):
        long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
        found = rollbacks.get(rollback_id)
        if found.is_over:
            return found
    raise AssertionError(f"stays in {found.state}: {found.trouble}")
