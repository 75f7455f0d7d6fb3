"""The stand behind real sockets: what a browser opens is the product and both emulators, as in the demo."""

import contextlib
import threading
from functools import cache

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
                return nobody(environ, start_response)
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


@cache
def servers():
    """The product's, amoCRM's and that of YCLIENTS: for one stand after another, while this process lives."""
    opened = [Server(HOST, 0, nobody) for _ in range(3)]
    for server in opened:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return opened


def nobody(_environ, start_response):
    start_response("503 Service Unavailable", [])
    return [b""]


class Live:
    """`live.stand` is stepped by the test; the pages are served by threads meanwhile."""

    def __init__(self, database_url, redis_url, is_empty=False, network=Stand):
        self.servers = servers()
        self.at = Addresses(*(f"http://{HOST}:{server.server_address[1]}" for server in self.servers))
        self.stand = network(database_url, redis_url, at=self.at, is_empty=is_empty)
        world = self.stand.world
        served = (self.stand.app, world.amocrm_wsgi, world.yclients_wsgi)
        for server, app in zip(self.servers, served, strict=True):
            server.app = Door(app)

    @property
    def url(self):
        return self.at.public

    def add(self, login, role="owner"):
        operators.add(login, PASSWORD, role, self.stand.now())

    def close(self):
        for server in self.servers:
            server.app.close()
        self.stand.close()
