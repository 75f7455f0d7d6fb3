"""The stream of call cards behind a real socket, and browsers that listen to it."""

import asyncio
import contextlib
import http.client
import json
import queue
import socket
import threading
from urllib.parse import urlsplit

import redis.asyncio
from aiohttp import web

from backend import stream
from backend.core.telephony.call import Ring, Stage, Talk
from backend.core.telephony.hearing.fold import Change

ORIGIN = "http://amo.test"
PATIENCE = 10


class Cards:
    """The process of cards, in a thread of the test."""

    def __init__(self, redis_url, port=0):
        self.port = port
        self.loop = asyncio.new_event_loop()
        self.memory = redis.asyncio.Redis.from_url(redis_url)
        self.opened = []
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self.thread.start()
        assert started.wait(PATIENCE)
        self.url = f"http://127.0.0.1:{self.port}"
        self.hub = self.app[stream.HUB]

    def _serve(self, started):
        asyncio.set_event_loop(self.loop)
        self.app = stream.application(self.memory)
        self.runner = web.AppRunner(self.app, shutdown_timeout=0.1)
        self.loop.run_until_complete(self.runner.setup())
        site = web.TCPSite(self.runner, "127.0.0.1", self.port)
        self.loop.run_until_complete(site.start())
        self.port = site._server.sockets[0].getsockname()[1]
        self.loop.run_until_complete(self._subscribed())
        started.set()
        self.loop.run_forever()

    async def _subscribed(self):
        """Nothing that is published from now on is missed."""
        while not await self.memory.pubsub_numpat():
            await asyncio.sleep(0.01)

    def open(self, url, origin=ORIGIN):
        """A tab that listens; `status` tells whether it may."""
        self.opened.append(Tab(self.port, urlsplit(url), origin))
        return self.opened[-1]

    def close(self):
        for tab in self.opened:
            tab.close()
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()


class Tab:
    def __init__(self, port, url, origin):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Origin": origin} if origin else {}
        self.connection.request("GET", f"{url.path}?{url.query}", headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers
        self.heard = queue.Queue()
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while line := self.answer.readline():
                if line.startswith(b"data: "):
                    message = json.loads(line[6:])
                    if message["type"] != "alive":
                        self.heard.put(message)
        except (OSError, ValueError, AttributeError):
            pass
        self.heard.put({"type": "closed"})

    def next(self):
        return self.heard.get(timeout=PATIENCE)

    def until(self, kind):
        """The next message of this type."""
        while (message := self.next())["type"] != kind:
            assert message["type"] != "closed", f"closed before {kind}"
        return message

    def is_quiet(self, seconds=0.4):
        try:
            message = self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        self.heard.put(message)
        return False

    def close(self):
        """First the socket: who reads from it would hold the rest back."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()


def live(call, stage=Stage.RINGING, rings=(), talks=(), **more):
    """A call that goes on: `rings` and `talks` are phones."""
    began = call.began_at
    facts = {"stage": stage, "rings": tuple(Ring(p, began) for p in rings), "ended_at": None, "outcome": None,
             "miss": None, "talks": tuple(Talk(p, began) for p in talks), **more}  # fmt: skip
    return type(call)(**{name: facts.get(name, getattr(call, name)) for name in call.__slots__})


def change(kind, call, phone=""):
    return Change(kind, call, phone)
