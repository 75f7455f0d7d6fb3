"""The stand behind real sockets: what a browser opens is the product and both emulators, as in the demo."""

import contextlib
import threading

from backend.store import operators
from sandbox.server import Server
from tests.support.stand import Addresses, Stand

HOST = "127.0.0.1"
PASSWORD = "a long enough password"


class Door:
    """Before each application: when the test is over nobody is served any more, and nobody is half served."""

    def __init__(self, app):
        self.app = app
        self.is_open = True
        self.inside = 0
        self.changed = threading.Condition()

    def __call__(self, environ, start_response):
        with self.changed:
            if not self.is_open:
                start_response("503 Service Unavailable", [])
                return [b""]
            self.inside += 1
        try:
            with contextlib.ExitStack() as stack:
                chunks = self.app(environ, start_response)
                stack.callback(getattr(chunks, "close", lambda: None))
                return [b"".join(chunks)]
        finally:
            with self.changed:
                self.inside -= 1
                self.changed.notify_all()

    def close(self):
        with self.changed:
            self.is_open = False
            assert self.changed.wait_for(lambda: not self.inside, timeout=10)


class Live:
    """`live.stand` is stepped by the test; the pages are served by threads meanwhile."""

    def __init__(self, database_url, redis_url, is_empty=False, network=Stand):
        self.servers = [Server(HOST, 0, None) for _ in range(3)]
        public, amo, yc = (f"http://{HOST}:{server.server_address[1]}" for server in self.servers)
        self.at = Addresses(public, amo, yc)
        self.stand = network(database_url, redis_url, at=self.at, is_empty=is_empty)
        world = self.stand.world
        for server, app in zip(
            self.servers, (self.stand.app, world.amocrm_wsgi, world.yclients_wsgi), strict=True
        ):
            server.app = Door(app)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return self.at.public

    def add(self, login, role="owner"):
        operators.add(login, PASSWORD, role, self.stand.now())

    def close(self):
        for server in self.servers:
            server.app.close()
            server.shutdown()
            server.server_close()
        self.stand.close()
