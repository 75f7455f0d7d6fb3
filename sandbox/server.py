"""A small threaded HTTP/1.1 server for WSGI: keep-alive, no delay, connections that can be reset."""

from __future__ import annotations

import contextlib
import errno
import io
import socket
import socketserver
import struct
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from sandbox.faults import ConnectionBroken, Silence

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
IDLE_SECONDS = 120
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST instead of FIN."""


class PortTaken(Exception):
    """Somebody else listens there."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, host: str, port: int, app: Wsgi) -> None:
        self.app = app
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from error
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that went away is not an event."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    connection: socket.socket

    def handle(self) -> None:
        try:
            while self._one():
                pass
        except (ConnectionBroken, Silence) as trouble:
            if isinstance(trouble, Silence):
                time.sleep(trouble.seconds)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.connection.close()
        except (ConnectionError, TimeoutError):
            pass

    def finish(self) -> None:
        """The peer may have gone, or we have reset the connection."""
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def _one(self) -> bool:
        """Serve one request; false when the connection is over."""
        line = self.rfile.readline(65537).decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        method, _space, rest = line.partition(" ")
        target, _space, version = rest.rpartition(" ")
        headers = self._headers()
        body = self._body(headers)
        if body is None or not target:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        keep = headers.get("connection", "").lower() != "close" and version == "HTTP/1.1"
        self._answer(self._environ(method, target, headers, body), keep)
        return keep

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while True:
            line = self.rfile.readline(65537)
            if line in {b"\r\n", b"\n", b""}:
                return headers
            name, _colon, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()

    def _body(self, headers: dict[str, str]) -> bytes | None:
        """None when the length is not said in a way we read."""
        if "transfer-encoding" in headers:
            return None
        length = headers.get("content-length", "0")
        if not length.isdigit():
            return None
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self.rfile.read(int(length)) if length != "0" else b""

    def _environ(self, method: str, target: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        path, _mark, query = target.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
            "sandbox.sleep": time.sleep,
        }
        for name, value in headers.items():
            if name not in {"content-type", "content-length"}:
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _answer(self, environ: dict[str, Any], keep: bool) -> None:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            started[:] = [status, headers]

        chunks = self.server.app(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = started
        head = [f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in headers if k.lower() != "content-length")]
        if not status.startswith(("204", "304")):
            head.append(f"Content-Length: {len(body)}")
        head.append(f"Connection: {'keep-alive' if keep else 'close'}")
        sent = b"" if environ["REQUEST_METHOD"] == "HEAD" else body
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + sent)
