"""Sockets to a PBX: plain or TLS, never blocking; a certificate is verified before a word is said."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from dataclasses import dataclass, field

from backend.core.errors import InvalidInput, TryLater
from backend.integrations import outward

CONNECT_SECONDS = 5.0
PIECE, PIECES = 65_536, 16  # then it is somebody else's turn
KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))


@dataclass(frozen=True, slots=True)
class Address:
    """`fingerprint` (SHA-256 of the certificate, hexadecimal) trusts exactly that certificate; `ca` (PEM)
    trusts what it signed for this host; neither: the authorities of the system.
    """

    host: str
    port: int
    login: str
    secret: str = field(repr=False)
    tls: bool = False
    ca: str = field(default="", repr=False)
    fingerprint: str = ""


class Wire:
    """One connection. `read` and `write` do what can be done now, and never wait."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        opened.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """What has come; None when nothing has, b"" when the peer is gone."""
        pieces: list[bytes] = []
        try:
            while len(pieces) < PIECES and (not pieces or self._is_pending()):
                pieces.append(self._socket.recv(PIECE))
        except (BlockingIOError, ssl.SSLWantReadError):
            return b"".join(pieces) or None
        except OSError:  # what came before counts; the next reading finds the end
            pass
        return b"".join(pieces)

    def _is_pending(self) -> bool:
        """TLS may hold bytes that `select` does not announce."""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def write(self, output: bytearray) -> None:
        """Sends from the beginning of `output` and takes away what was sent."""
        try:
            while output:
                del output[: self._socket.send(output)]
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        except OSError as error:
            raise TryLater("pbx.closed") from error

    def close(self) -> None:
        self._socket.close()


def connect(address: Address) -> Wire:
    """TryLater when it cannot be reached or is not who it should be, InvalidInput when it is closed to us."""
    try:
        opened = outward.connect(address.host, address.port, CONNECT_SECONDS)
    except socket.gaierror as error:
        raise TryLater("pbx.unknown_name", host=address.host[:100]) from error
    except (OSError, ValueError, OverflowError) as error:  # what is no address is nowhere
        raise TryLater("pbx.unreachable", error=_said(error)) from error
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in KEEPALIVE:
        opened.setsockopt(socket.IPPROTO_TCP, option, value)
    try:
        return Wire(_secured(opened, address) if address.tls else opened)
    except BaseException:
        opened.close()
        raise


def _secured(opened: socket.socket, address: Address) -> ssl.SSLSocket:
    try:
        wrapped = _context(address).wrap_socket(opened, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        raise TryLater("pbx.tls_untrusted", error=error.verify_message) from error
    except TimeoutError as error:
        raise TryLater("pbx.silent") from error
    except (OSError, ValueError) as error:
        raise TryLater("pbx.tls_failed", error=_said(error)) from error
    if address.fingerprint and not _is_pinned(wrapped, address.fingerprint):
        wrapped.close()
        raise TryLater("pbx.tls_untrusted", error="fingerprint")
    return wrapped


def _context(address: Address) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=address.ca or None)
    except ssl.SSLError as error:
        raise InvalidInput("pbx.bad_ca") from error
    if address.fingerprint:  # compared below, before anything is said
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_pinned(wrapped: ssl.SSLSocket, fingerprint: str) -> bool:
    certificate = wrapped.getpeercert(binary_form=True) or b""
    wanted = fingerprint.replace(":", "").replace(" ", "").lower()
    return hmac.compare_digest(hashlib.sha256(certificate).hexdigest().encode(), wanted.encode())


def _said(error: Exception) -> str:
    """In the system's words; they hold no secret."""
    return str(getattr(error, "strerror", None) or error)[:200]
