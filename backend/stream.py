"""`python -m backend.stream [HOST:PORT]`: call cards for browsers, as server-sent events.

One small process for all accounts: it holds a connection per open tab and reads only Redis. Who sits where is
said by a ticket that works once (flows/telephony/desk/channel.py); a stream shows its own user's calls and
nothing else. Run beside the web server, behind the same public address: the path is /cards.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import redis.asyncio as redis
from aiohttp import web

from backend import logs
from backend.flows.telephony.desk import channel
from backend.flows.telephony.desk.channel import Message, Seat
from backend.settings import Settings

log = logging.getLogger(__name__)

DEFAULT_BIND = "127.0.0.1:8001"
HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 3600.0  # then the browser comes with a new ticket, so rights are looked at again
MOST_OF_USER, MOST = 8, 5000
WAITING_AT_MOST = 100  # messages that a slow browser may be behind
UNREAD_SECONDS = 20.0  # a browser that takes nothing for so long gives its place to others
LONGEST_TICKET = 64
PAUSES = (0.2, 0.5, 1, 2, 5)  # seconds before Redis is asked again
USAGE = 2
ALIVE = b'data: {"type":"alive"}\n\n'

Place = tuple[int, int]


@dataclass(eq=False, slots=True)
class Stream:
    """One open tab. `None` in the queue ends it."""

    seat: Seat
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_AT_MOST))

    def put(self, text: bytes | None) -> None:
        """Who does not read is let go: they come back and see what is shown then."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            text = None
        self.queue.put_nowait(text)


class Hub:
    """All streams of this process, by who sits there."""

    def __init__(self, memory: Any) -> None:
        self.memory = memory
        self.streams: dict[Place, list[Stream]] = defaultdict(list)
        self.count = 0

    @contextlib.contextmanager
    def seated(self, seat: Seat) -> Any:
        stream, place = Stream(seat), (seat.account_id, seat.user_id)
        theirs = self.streams[place]
        for oldest in theirs[: max(0, len(theirs) - MOST_OF_USER + 1)]:
            oldest.put(_event({"type": "full"}))
            oldest.put(None)
        theirs.append(stream)
        self.count += 1
        try:
            yield stream
        finally:
            theirs.remove(stream)
            self.count -= 1
            if not theirs:
                self.streams.pop(place, None)

    async def listen(self) -> None:
        """Hands on what is published, for ever; a Redis that went away is asked again."""
        tried = 0
        while True:
            try:
                async with self.memory.pubsub() as heard:
                    await heard.psubscribe(channel.EVERY_ACCOUNT)
                    if tried:
                        await self.show_again()
                    tried = 0
                    async for message in heard.listen():
                        if message["type"] == "pmessage":
                            self.hand_on(message["channel"], message["data"])
            except (redis.RedisError, OSError) as error:
                log.warning("redis went away error=%s", type(error).__name__)
            await asyncio.sleep(PAUSES[min(tried, len(PAUSES) - 1)])
            tried += 1

    def hand_on(self, name: bytes, text: bytes) -> None:
        account_id = int(name.rpartition(b":")[2])
        message = json.loads(text)
        for user_id in message["users"]:
            if theirs := self.streams.get((account_id, user_id)):
                shown = _event(_own(message, user_id))
                for stream in theirs:
                    stream.put(shown)

    async def show_again(self) -> None:
        """After a time without news everybody gets what is shown now."""
        for (account_id, user_id), theirs in list(self.streams.items()):
            cards = await self.shown(account_id, user_id)
            for stream in theirs:
                stream.put(cards)

    async def shown(self, account_id: int, user_id: int) -> bytes:
        """All cards of this user as one event; what is not among them is over."""
        copies = sorted(await self.memory.smembers(channel.index_key(account_id, user_id)))
        found = await self.memory.mget(copies) if copies else ()
        cards = [_own(json.loads(text), user_id) for text in found if text]
        return _event({"type": "sync", "cards": cards})

    async def tell(self) -> None:
        """Says that this process lives, for the status page."""
        with contextlib.suppress(redis.RedisError, OSError):
            await self.memory.set(channel.ALIVE, json.dumps({"streams": self.count}), ex=channel.ALIVE_FOR)

    def close(self) -> None:
        for theirs in self.streams.values():
            for stream in theirs:
                stream.put(None)


HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)


async def cards(request: web.Request) -> web.StreamResponse:
    """A stream for who brings a ticket from a page that may read it."""
    hub = request.app[HUB]
    try:
        seat = await _seat(hub, request)
        if seat is None:
            return web.Response(status=403, text="ticket\n")
        if hub.count >= MOST:
            return web.Response(status=503, text="full\n", headers={"Retry-After": "30"})
        return await _stream(hub, seat, request)
    except (redis.RedisError, OSError):
        return web.Response(status=503, text="later\n", headers={"Retry-After": "5"})


async def health(request: web.Request) -> web.Response:
    return web.json_response({"streams": request.app[HUB].count})


def application(memory: Any) -> web.Application:
    app = web.Application()
    app[HUB] = Hub(memory)
    app.router.add_get("/cards", cards)
    app.router.add_get("/cards/health", health)
    app.cleanup_ctx.append(_working)
    app.on_shutdown.append(_closed)
    return app


def main(arguments: Iterable[str]) -> int:
    bind = next(iter(arguments), DEFAULT_BIND)
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal():
        print(f"stream: {bind!r} is not HOST:PORT", file=sys.stderr)  # noqa: T201
        return USAGE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    memory = redis.Redis.from_url(settings.redis_url)
    log.info("stream started bind=%s", bind)
    with contextlib.suppress(KeyboardInterrupt):
        web.run_app(
            application(memory), host=host.strip("[]"), port=int(port), print=None, access_log=None,
            shutdown_timeout=2, handler_cancellation=True,
        )  # fmt: skip
    return 0


async def _seat(hub: Hub, request: web.Request) -> Seat | None:
    """Whose stream it is. The ticket is spent by being shown, from whatever page."""
    ticket = request.query.get("ticket", "")
    if not 0 < len(ticket) <= LONGEST_TICKET:
        return None
    found = channel.seat(await hub.memory.getdel(channel.ticket_key(ticket)))
    return found if found is not None and request.headers.get("Origin") == found.origin else None


async def _stream(hub: Hub, seat: Seat, request: web.Request) -> web.StreamResponse:
    headers = {
        "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        "Access-Control-Allow-Origin": seat.origin, "Vary": "Origin", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    response = web.StreamResponse(headers=headers)
    with hub.seated(seat) as stream:  # before the copies are read: nothing falls between the two
        await response.prepare(request)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await response.write(await hub.shown(seat.account_id, seat.user_id))
            async for text in _texts(stream):
                async with asyncio.timeout(UNREAD_SECONDS):
                    await response.write(text)
    return response


async def _texts(stream: Stream) -> AsyncIterator[bytes]:
    """What to write next: news, or a sign of life; until it is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST_SECONDS
    while loop.time() < until:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                text = await stream.queue.get()
        except TimeoutError:
            yield ALIVE
            continue
        if text is None:
            return
        yield text


async def _working(app: web.Application) -> AsyncIterator[None]:
    hub = app[HUB]
    tasks = [asyncio.create_task(hub.listen()), asyncio.create_task(_signs_of_life(hub))]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hub.memory.aclose()


async def _signs_of_life(hub: Hub) -> None:
    while True:
        await hub.tell()
        await asyncio.sleep(channel.ALIVE_FOR.total_seconds() / 3)


async def _closed(app: web.Application) -> None:
    app[HUB].close()


def _own(message: Message, user_id: int) -> Message:
    """Without the names of the others who see it."""
    shown = {name: value for name, value in message.items() if name not in ("users", "opens")}
    return {**shown, "opens": user_id in message.get("opens", ())}


def _event(message: Message) -> bytes:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
