"""Carries `requests` into a WSGI application in the same process: no sockets, no sleep."""

from __future__ import annotations

import errno
import io
from http.client import HTTPMessage
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.cookies import extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ProtocolError

from sandbox.faults import ConnectionBroken, Silence


class WsgiAdapter(BaseAdapter):
    """`session.mount("https://sandbox.amocrm.ru", WsgiAdapter(world.amocrm_wsgi))`.

    `prefix` is put before every path, for an application that expects the host there.
    """

    def __init__(self, app, prefix=""):
        super().__init__()
        self.app = app
        self.prefix = prefix

    def send(self, request, timeout=None, **_ignored):
        environ = self._environ(request, _seconds(timeout))
        started = []

        def start_response(status, headers, exc_info=None):
            started[:] = [status, headers]

        try:
            chunks = self.app(environ, start_response)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except ConnectionBroken as broken:
            reset = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            raise requests.ConnectionError(
                ProtocolError("Connection aborted.", reset), request=request
            ) from broken
        except Silence as silence:
            raise requests.ReadTimeout("Read timed out.", request=request) from silence
        return _response(self, request, *started, body)

    def close(self):
        pass

    def _environ(self, request, timeout):
        url = urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(self.prefix + url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "SERVER_NAME": url.hostname,
            "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": url.scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "HTTP_HOST": url.netloc,
            "sandbox.sleep": lambda seconds: _pretend_to_sleep(seconds, timeout),
        }
        for name, value in request.headers.items():
            key = name.upper().replace("-", "_")
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        environ.pop("HTTP_CONTENT_LENGTH", None)
        return environ


def _seconds(timeout):
    """The read time-out of `requests`: a number, a pair, or none."""
    return timeout[1] if isinstance(timeout, tuple) else timeout


def _pretend_to_sleep(seconds, timeout):
    if timeout is not None and seconds > timeout:
        raise Silence(seconds)


def _response(adapter, request, status, headers, body):
    response = requests.Response()
    code, _space, response.reason = status.partition(" ")
    response.status_code = int(code)
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = _raw(headers, body)
    response.url, response.request, response.connection = request.url, request, adapter
    extract_cookies_to_jar(response.cookies, request, response.raw)
    return response


def _raw(headers, body):
    """What `requests` expects underneath a response: a stream, and a message from which cookies are taken."""
    message = HTTPMessage()
    for name, value in headers:
        message[name] = value
    raw = io.BytesIO(body)
    raw._original_response = type("Original", (), {"msg": message})()
    return raw
