"""The Stand with a cloud PBX instead of an Asterisk: people act on its phones, amoCRM is looked at."""

import dataclasses

from backend.core.telephony.rules import Line, Recordings
from backend.flows.telephony.exchanges import kind_cloud, kinds
from backend.flows.telephony.hearing import cloud_history
from backend.flows.telephony.recordings import recording_jobs
from backend.store import lanes
from backend.store.telephony import calls, pbxes
from backend.store.telephony.pbxes import Pbx
from sandbox.cloud_pbx.app import create_app
from sandbox.cloud_pbx.office import Office
from tests.support.calls import CallStand
from tests.support.wsgi_adapter import WsgiAdapter

CLOUD = "http://cloud.test"
CLIENT, NUMBER = "79990001122", "74951000005"


class CloudStand(CallStand):
    """Anna has extension 101, Olga 102, Pyotr 103; the company's number is NUMBER."""

    is_alike = False

    def __init__(self, database_url, redis_url, kept, **how):
        self.kept = kept
        super().__init__(database_url, redis_url, **how)

    def _context(self, database_url, redis_url):
        ctx = super()._context(database_url, redis_url)
        return dataclasses.replace(
            ctx, settings=dataclasses.replace(ctx.settings, recordings_dir=str(self.kept))
        )

    def _install(self):
        account = super()._install()
        pbxes.remove(self.pbx.id)
        self.office = Office(
            self.world.clock, self.world.sender, address=CLOUD, key="cloud-key", signing="cloud-signing-key"
        )
        self.office.furnish({"101": "Анна", "102": "Ольга", "103": "Пётр"}, {NUMBER: "Москва"})
        self.ctx.outside.mount(CLOUD, WsgiAdapter(create_app(self.office)))
        self.pbx = pbxes.save(
            Pbx(
                account.id, "cloud", "Облако", "cloud", host="", port=0, secret="cloud-signing-key",
                options={"url": CLOUD, "key": "cloud-key"},
            )
        )  # fmt: skip
        kind_cloud.point_here(self.ctx, self.pbx)
        return account

    def rules(self, **changes):
        given = {"lines": (Line(NUMBER, title="Москва"),), "recordings": Recordings(), **changes}
        return super().rules(**given)

    def hear(self, seconds=0):
        """Notices arrive, everything that is due is done; then so much time passes."""
        self.work()
        if seconds:
            self.pass_time(seconds)

    def look(self):
        """The worker of recordings."""
        recording_jobs.ring_all(self.ctx)
        recording_jobs.run(self.ctx, lanes.lane_id(self.account.id, recording_jobs.LANE))

    def catch_up(self):
        found = cloud_history.run(self.ctx, lanes.lane_id(self.account.id, cloud_history.LANE))
        self.work()
        return found

    def row(self, made):
        """The row of a call in the cloud."""
        return calls.by_uniq(self.account.id, f"{self.pbx.id}:{made.id}")

    def test_connection(self):
        return kinds.test(self.ctx, self.pbx)

    def open(self, link, **how):
        path = link.removeprefix(self.at.public)
        return self.app.test_client().open(path, buffered=True, **how)
