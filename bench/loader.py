"""A small HTTP loader in a process of its own: keep-alive connections that send one request after another.

`python -m bench.loader PORT PATH SECONDS FIRST < template`: in the template `@@` stands for the request's
number, nine digits from FIRST on, so that no two bodies are equal. Prints one line of JSON.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 8
DRAIN_SECONDS = 10.0


@dataclass(slots=True)
class Line:
    """One connection and the part of an answer that has come."""

    connection: socket.socket
    answer: bytes = b""

    def is_answered(self) -> bool:
        head, gap, body = self.answer.partition(b"\r\n\r\n")
        if not gap:
            return False
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length)


def requests(port: int, path: str, template: bytes, first: int) -> Iterator[bytes]:
    parts = template.split(b"@@")
    length = sum(map(len, parts)) + 9 * (len(parts) - 1)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    start = f"{head}Content-Length: {length}\r\n\r\n".encode()
    number = first
    while True:
        yield start + b"%09d".join(parts) % ((number,) * (len(parts) - 1))
        number += 1


def load(port: int, bodies: Iterator[bytes], seconds: float) -> tuple[int, float]:
    """Answered requests and the time they took; a status other than 200 is an error of the whole run."""
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        line = Line(socket.create_connection(("127.0.0.1", port), timeout=DRAIN_SECONDS))
        line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line.connection, selectors.EVENT_READ, line)
        line.connection.sendall(next(bodies))
    started = time.perf_counter()
    until, count, busy = started + seconds, 0, CONNECTIONS
    while busy:
        ready = selector.select(DRAIN_SECONDS)
        if not ready:
            raise TimeoutError("no answer")
        for key, _ in ready:
            if not _receive(key.data):
                continue
            count += 1
            if time.perf_counter() < until:
                key.data.connection.sendall(next(bodies))
            else:
                busy -= 1
    return count, time.perf_counter() - started


def _receive(line: Line) -> bool:
    """Whether this line's answer is complete now."""
    chunk = line.connection.recv(65536)
    if not chunk:
        raise ConnectionError("closed by the server")
    line.answer += chunk
    if not line.is_answered():
        return False
    if not line.answer.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(line.answer[:200].decode("latin-1"))
    line.answer = b""
    return True


def main() -> None:
    port, path, seconds, first = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    bodies = requests(port, path, sys.stdin.buffer.read().replace(b"%", b"%%"), first)
    count, took = load(port, bodies, seconds)
    print(json.dumps({"requests": count, "seconds": took}))


if __name__ == "__main__":
    main()
