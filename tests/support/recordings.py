"""Recordings in tests: sound as a PBX writes it, a folder of the installation, and a browser that listens."""

import dataclasses
from datetime import timedelta

from backend.core.telephony.rules import Recordings
from backend.flows.telephony.recordings import recording_jobs
from backend.flows.telephony.recordings import recordings as flow
from backend.store import lanes
from backend.store.telephony import pbxes, recordings
from sandbox.cloud_pbx import sound

NAME = "in-79990001122-1768208400.wav"


def wav(seconds=1.0, **how):
    return sound.tone(seconds, **how)


def talked(stand, *names, **more):
    return stand.call("in", talks=["101"], recordings=names or (NAME,), **more)


def links_of(stand, call):
    return flow.links(stand.ctx, stand.account.id, call)


def kept(stand, shelf, data=None):
    """The link of a recording that was found."""
    shelf.put(data=data)
    (link,) = links_of(stand, talked(stand))
    shelf.wait(3)
    return link


class Shelf:
    """Where the PBX of a CallStand leaves its recordings: a folder that this machine sees."""

    def __init__(self, stand, tmp_path, **rules):
        self.stand = stand
        self.root = tmp_path / "monitor"
        self.kept = tmp_path / "kept"
        self.root.mkdir()
        settings = dataclasses.replace(
            stand.ctx.settings, recordings_dir=str(self.kept), recordings_from=str(self.root)
        )
        stand.ctx = dataclasses.replace(stand.ctx, settings=settings)
        stand.app.extensions["mostik"] = stand.ctx
        self.open_to(stand.pbx, folder=".")
        stand.rules(recordings=Recordings(path="{name}", **rules))

    def open_to(self, pbx, **place):
        saved = pbxes.save(dataclasses.replace(pbx, secret="", options={**pbx.options, "recordings": place}))
        if pbx.id == self.stand.pbx.id:
            self.stand.pbx = saved
        return saved

    def put(self, name=NAME, data=None):
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(wav() if data is None else data)
        return place

    def look(self):
        """What the worker of the background queue does when it is rung."""
        recording_jobs.ring_all(self.stand.ctx)
        return recording_jobs.run(self.stand.ctx, lanes.lane_id(self.stand.account.id, recording_jobs.LANE))

    def wait(self, seconds):
        """So much time passes; the worker looks for each when it is due."""
        until = self.stand.now() + timedelta(seconds=seconds)
        while (due := self._next_due()) is not None and due <= until:
            self._pass(max(timedelta(), due - self.stand.now()))
            if not self.look():
                self._pass(timedelta(milliseconds=10))
        self._pass(max(timedelta(), until - self.stand.now()))

    def _next_due(self):
        return min((row.due_at for row in self.rows() if row.state == "waiting"), default=None)

    def _pass(self, span):
        self.stand.world.clock.advance(span.total_seconds())

    def rows(self):
        return recordings.portion(self.stand.account.id, "", None, 100)[::-1]

    def states(self):
        return [row.state for row in self.rows()]

    def open(self, link, method="GET", **headers):
        """Somebody opens a link, without a login."""
        path = link.removeprefix(self.stand.at.public)
        return self.stand.app.test_client().open(path, method=method, headers=headers, buffered=True)
