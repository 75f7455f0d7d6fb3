"""Whatever cuts the reading of both systems short, nothing of them is lost or read twice."""

import dataclasses
import itertools
import os
import signal
from types import SimpleNamespace

import pytest

from backend.core.errors import TryLater
from backend.flows.takeover.reading import discovery
from backend.integrations.amocrm import surroundings
from backend.store import db, long_works, mirror, takeover_pulls
from backend.store.mirror import SyncMark
from backend.store.takeover_pulls import DONE
from tests.support.discovering import discover, everything, go_on, lived, pulls, records, small_pages
from tests.support.stand import DOMAIN

__all__ = ["lived"]

HALF_A_MINUTE = 30
WAYS = ("before", "within", "after")


def test_a_cut_at_any_page_loses_and_doubles_nothing(lived, monkeypatch):
    small_pages(monkeypatch)
    discover(lived)
    whole, counts = everything(lived), {name: pull.found for name, pull in pulls(lived).items()}
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    save, saved = takeover_pulls.save, itertools.count()

    def cut(*args):
        """The worker dies before the page is kept, the next one after it."""
        turn = next(saved) % 3
        if turn == 0:
            raise KeyboardInterrupt
        save(*args)
        if turn == 1:
            raise KeyboardInterrupt

    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    monkeypatch.setattr(takeover_pulls, "save", cut)
    deaths = 0
    while long_works.get(work_id).is_open:
        try:
            go_on(lived, dataclasses.replace(lived.ctx, owner=f"worker {deaths}"))
        except KeyboardInterrupt:
            deaths += 1

    assert deaths > 20
    assert everything(lived) == whole
    assert {name: pull.found for name, pull in pulls(lived).items()} == counts


def test_workers_killed_at_every_page_leave_a_whole_picture(lived):
    """Real processes and SIGKILL: one dies before its first page is kept, the next one in the middle of
    keeping it, the third right after it.
    """
    discovery.start(lived.ctx, lived.account.id, "irina", months=3)
    go_on(lived)
    whole, counts = everything(lived), {name: pull.found for name, pull in pulls(lived).items()}
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    work_id = discovery.start(lived.ctx, lived.account.id, "irina", months=3)
    deaths = 0
    while not all(pull.is_over for pull in pulls(lived).values()):
        assert _killed(lived, WAYS[deaths % 3]) == signal.SIGKILL
        deaths += 1
        assert deaths < 150
    go_on(lived)

    assert long_works.get(work_id).state == "done"
    assert deaths > 40
    assert everything(lived) == whole
    assert {name: pull.found for name, pull in pulls(lived).items()} == counts


def _killed(stand, way):
    """A worker's process that kills itself at its first page; the signal that ended it."""
    child = os.fork()
    if child:
        return os.WTERMSIG(os.waitpid(child, 0)[1])
    save = takeover_pulls.save

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def kept(*args):
        save(*args)
        die()

    try:
        if way == "within":  # the page is written, its place is not
            takeover_pulls.bulk = SimpleNamespace(upsert=die)
        else:
            takeover_pulls.save = die if way == "before" else kept
        go_on(stand, dataclasses.replace(stand.ctx, owner=f"process {os.getpid()}"))
    finally:
        os._exit(1)


def test_after_a_long_pause_pages_that_may_have_moved_are_read_again(lived, monkeypatch):
    small_pages(monkeypatch)
    discover(lived)
    whole = everything(lived)
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    save = takeover_pulls.save

    def dies(*args):
        save(*args)
        raise KeyboardInterrupt

    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    monkeypatch.setattr(takeover_pulls, "save", dies)
    while long_works.get(work_id).is_open:
        with pytest.raises(KeyboardInterrupt):
            go_on(lived)
        if all(pull.is_over for pull in pulls(lived).values()):
            monkeypatch.setattr(takeover_pulls, "save", save)
            go_on(lived)
        lived.world.clock.advance(HALF_A_MINUTE)

    assert everything(lived)[:3] == whole[:3]


def test_too_many_requests_only_take_longer(lived):
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    lived.world.amocrm.faults("429", DOMAIN, next=1)
    go_on(lived)
    work = long_works.get(work_id)
    assert (work.state, work.note) == ("running", "amocrm.too_many_requests")

    lived.world.clock.advance(60)
    lived.ctx.redis.flushdb()
    go_on(lived)
    assert long_works.get(work_id).state == "done"


def test_the_first_full_pass_of_the_mirror_is_waited_for(lived):
    mirror.save_mark(lived.account.id, "leads", SyncMark(None, 1, is_complete=False, total=0))
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    go_on(lived)

    work = long_works.get(work_id)
    assert (work.state, work.note) == ("running", "mirror.building")
    assert not records(lived)


def test_half_of_the_rate_is_asked_for(lived, monkeypatch):
    seen = []
    monkeypatch.setattr(
        discovery.pace, "slowly", lambda _ctx, vendor, keep_alive, *_: seen.append(vendor) or keep_alive
    )
    discover(lived)

    assert set(seen) == {"amocrm", "yclients"}


def test_a_trouble_of_amocrm_stops_it_with_its_place_kept(lived, monkeypatch):
    def busy(*_):
        raise TryLater("amocrm.failing")

    monkeypatch.setattr(surroundings, "notes", busy)
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    go_on(lived)

    assert long_works.get(work_id).note == "amocrm.failing"
    assert pulls(lived)["leads"].state == DONE
