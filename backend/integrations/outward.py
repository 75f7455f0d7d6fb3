"""The way to addresses that a customer has typed: a PBX, its tables, its recordings. Everybody may name any
address, so what only this machine and its neighbours may reach is closed until the operator opens it.

A name is looked up once and the connection goes to the very address that was judged: one that points
elsewhere a moment later leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from backend.core.errors import InvalidInput

LARGEST = 32 * 1024 * 1024  # bytes of an answer that is held in memory
WHOLE_SECONDS = 60.0
PIECE = 64 * 1024
UNWRAPPED = tuple(map(ipaddress.ip_network, ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32")))
"""Ways of IPv6 that end at an IPv4 address, whichever it is."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_networks: tuple[Network, ...] = ()
_folders: tuple[Path, ...] = ()


def permit(networks: Iterable[str] = (), folders: Iterable[str] = ()) -> None:
    """What of the operator's own may be reached besides the open internet; for the whole process."""
    global _networks, _folders  # set once, by who puts the process together
    _networks = tuple(ipaddress.ip_network(one, strict=False) for one in networks)
    _folders = tuple(Path(one).resolve() for one in folders)


def check_file(path: str) -> Path:
    """The file past every link; InvalidInput when it lies in no folder that is open."""
    found = Path(path).resolve()
    if not any(found.is_relative_to(folder) for folder in _folders):
        raise InvalidInput("outward.file_closed")
    return found


def addresses(host: str, port: int) -> list[str]:
    """Where `host` is, as numbers, without what is closed. InvalidInput when nothing is left, OSError when
    there is no such name.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (UnicodeError, OverflowError, ValueError) as error:  # what is no name at all
        raise OSError("no such address") from error
    found = dict.fromkeys(str(place[0]) for *_, place in answers)
    opened = [one for one in found if _is_open(ipaddress.ip_address(one))]
    if not opened:
        raise InvalidInput("outward.closed", host=host[:100])
    return opened


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """InvalidInput for what is closed, OSError for what does not answer."""
    trouble = OSError("no such address")
    for one in addresses(host, port):
        try:
            return socket.create_connection((one, port), seconds)
        except OSError as error:
            trouble = error
    raise trouble


def _is_open(address: Address) -> bool:
    if any(address in network for network in _networks):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_open(address.ipv4_mapped)
        if any(address in network for network in UNWRAPPED):
            return False
    return address.is_global and not address.is_multicast and not _is_ours(address)


def _is_ours(address: Address) -> bool:
    """An address of this machine itself: what listens there may be hidden from the world by a firewall that
    does not stand between us and ourselves. Nothing is sent by this question.
    """
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as asking:
        asking.connect((str(address), 9))
        return ipaddress.ip_address(asking.getsockname()[0]) == address
    return False


# The same for HTTP


class _Guarded:
    """A connection of urllib3 that goes our way."""

    def _new_conn(self: Any) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else WHOLE_SECONDS
        try:
            return connect(self._dns_host, self.port, seconds)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "timed out") from error
        except OSError as error:
            raise NewConnectionError(self, "not reached") from error


class _Plain(_Guarded, HTTPConnection):
    pass


class _Secure(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Way(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


class _Session(requests.Session):
    """Holds no more of an answer than it may, and waits for it no longer."""

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        wants_stream = how.pop("stream", False)
        answer = super().send(request, stream=True, **how)
        if not wants_stream:
            answer._content = _whole(answer)
        return answer


def new_session() -> requests.Session:
    """Repeats nothing, keeps no cookies, knows no proxy and no password of this machine."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Way())
    return session


def _whole(answer: requests.Response) -> bytes:
    until, size, pieces = time.monotonic() + WHOLE_SECONDS, 0, []
    with closing(answer):
        for piece in answer.iter_content(PIECE):
            size += len(piece)
            if size > LARGEST or time.monotonic() > until:
                raise requests.ConnectionError("too much, or too slow")
            pieces.append(piece)
    return b"".join(pieces)
